/*
 * One tile of a Mandelbrot image. Standard input: ten numbers separated by blanks,
 *
 *   x y w h  width height  cx cy  scale  maxiter
 *
 * the tile's left, top, width and height in pixels, the whole image's size, the centre in the complex plane, the width
 * of the view in it, and the largest number of iterations. Standard output: w * h pixels, row by row, red green blue.
 * Errors go to standard error and end with code 2.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_BYTES_MAX (32 * 1024)

static char spec[256];
static unsigned char pixels[OUTPUT_BYTES_MAX];

static void fail(const char *why) {
  write(2, why, strlen(why));
  write(2, "\n", 1);
  exit(2);
}

/* The next number of the spec; the cursor moves behind it. */
static double number(char **cursor) {
  char *end;
  double value = strtod(*cursor, &end);
  if (end == *cursor) fail("expected ten numbers: x y w h width height cx cy scale maxiter");
  *cursor = end;
  return value;
}

/* Iterations until |z| > 16, with the fraction that makes colours flow; negative inside the set. */
static double escape(double cx, double cy, int maxiter) {
  double x = 0, y = 0, xx = 0, yy = 0;
  double p = (cx - 0.25) * (cx - 0.25) + cy * cy;
  if (p * (p + (cx - 0.25)) <= 0.25 * cy * cy || (cx + 1) * (cx + 1) + cy * cy <= 0.0625) return -1; /* the two largest bulbs */
  for (int i = 0; i < maxiter; i++) {
    y = 2 * x * y + cy;
    x = xx - yy + cx;
    xx = x * x;
    yy = y * y;
    if (xx + yy > 256) return i + 1 - log2(log2(xx + yy) / 2);
  }
  return -1;
}

static unsigned char channel(double level) {
  return level <= 0 ? 0 : level >= 1 ? 255 : (unsigned char)(level * 255 + 0.5);
}

int main(void) {
  size_t length = 0;
  for (ssize_t n; length < sizeof spec - 1 && (n = read(0, spec + length, sizeof spec - 1 - length)) > 0;) length += n;
  char *cursor = spec;
  int x = number(&cursor), y = number(&cursor), w = number(&cursor), h = number(&cursor);
  int width = number(&cursor), height = number(&cursor);
  double cx = number(&cursor), cy = number(&cursor), scale = number(&cursor);
  int maxiter = number(&cursor);
  if (w < 1 || h < 1 || w > 4096 || h > 4096 || w * h * 3 > OUTPUT_BYTES_MAX) fail("a tile holds 1 to 10922 pixels");
  if (width < 1 || height < 1) fail("the image has no pixels");
  if (maxiter < 1 || maxiter > 1000000) fail("maxiter is between 1 and 1000000");

  double step = scale / width;
  unsigned char *out = pixels;
  for (int row = y; row < y + h; row++) {
    for (int column = x; column < x + w; column++) {
      double n = escape(cx + (column - width / 2.0 + 0.5) * step, cy + (row - height / 2.0 + 0.5) * step, maxiter);
      double t = n < 0 ? 0 : 0.5 - 0.5 * cos(0.25 * sqrt(n < 0 ? 0 : n) * 3.14159265358979);
      *out++ = n < 0 ? 0 : channel(0.1 + 0.9 * t * t);
      *out++ = n < 0 ? 0 : channel(0.05 + 0.8 * t);
      *out++ = n < 0 ? 0 : channel(0.3 + 0.6 * sqrt(t) * (1.2 - t));
    }
  }
  size_t total = (size_t)(out - pixels), written = 0;
  for (ssize_t n; written < total && (n = write(1, pixels + written, total - written)) > 0;) written += n;
  return written == total ? 0 : 1;
}
