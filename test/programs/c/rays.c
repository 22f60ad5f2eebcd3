/* A renderer: spheres with shadows and mirrors, n x n pixels, as a checksum of the image. */
#include <math.h>
#include "out.h"

typedef struct { double x, y, z; } vec;
static vec add(vec a, vec b) { return (vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static vec scaled(vec a, double s) { return (vec){a.x * s, a.y * s, a.z * s}; }
static double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vec unit(vec a) { return scaled(a, 1 / sqrt(dot(a, a))); }
static struct { vec at; double r, mirror; vec colour; } balls[9];

static int hit(vec from, vec way, double *distance) {
  int found = -1;
  for (int i = 0; i < 9; i++) {
    vec to = add(from, scaled(balls[i].at, -1));
    double b = dot(to, way), c = dot(to, to) - balls[i].r * balls[i].r, d = b * b - c;
    if (d < 0) continue;
    double t = -b - sqrt(d);
    if (t > 1e-6 && t < *distance) *distance = t, found = i;
  }
  return found;
}

static vec trace(vec from, vec way, int depth) {
  double t = 1e30;
  int i = hit(from, way, &t);
  if (i < 0) return scaled((vec){0.5, 0.7, 1}, 0.5 + 0.5 * way.y);
  vec at = add(from, scaled(way, t)), n = unit(add(at, scaled(balls[i].at, -1))), sun = unit((vec){1, 2, -1});
  double far = 1e30, light = fmax(0, dot(n, sun));
  if (hit(at, sun, &far) >= 0) light = 0;
  vec own = scaled(balls[i].colour, 0.15 + 0.85 * light);
  if (depth == 0) return own;
  vec back = trace(at, unit(add(way, scaled(n, -2 * dot(n, way)))), depth - 1);
  return add(scaled(own, 1 - balls[i].mirror), scaled(back, balls[i].mirror));
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 220);
  uint64_t sum = 0;
  for (int i = 0; i < 8; i++) {
    balls[i].at = (vec){cos(i * 0.785) * 2, sin(i * 1.3) * 0.5, 6 + sin(i * 0.785) * 2};
    balls[i].r = 0.6, balls[i].mirror = 0.1 * i, balls[i].colour = (vec){i / 8.0, 1 - i / 8.0, 0.5};
  }
  balls[8].at = (vec){0, -1001, 6}, balls[8].r = 1000, balls[8].mirror = 0.2, balls[8].colour = (vec){0.8, 0.8, 0.8};
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) {
      vec c = trace((vec){0, 0.5, 0}, unit((vec){(x - n / 2.0) / n, (n / 2.0 - y) / n, 1}), 4);
      sum = sum * 31 + (int)(c.x * 255) + (int)(c.y * 255) * 3 + (int)(c.z * 255) * 7;
    }
  print_hex(sum);
}
