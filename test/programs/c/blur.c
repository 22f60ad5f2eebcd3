/* An image of n x n pixels blurred three times with a 5-tap binomial kernel in f32 lanes, then rounded to bytes; some pixels are 0/0 and 1/0. */
#include <wasm_simd128.h>
#include "out.h"

#define MAX 1024
static float image[MAX * MAX + 8], other[MAX * MAX + 8];
static uint8_t bytes[MAX * MAX];

static v128_t taps(const float *p, int step) {
  v128_t outer = wasm_f32x4_add(wasm_v128_load(p - 2 * step), wasm_v128_load(p + 2 * step));
  v128_t inner = wasm_f32x4_add(wasm_v128_load(p - step), wasm_v128_load(p + step));
  v128_t middle = wasm_f32x4_mul(wasm_v128_load(p), wasm_f32x4_const_splat(.375f));
  return wasm_f32x4_add(wasm_f32x4_mul(outer, wasm_f32x4_const_splat(.0625f)), wasm_f32x4_add(wasm_f32x4_mul(inner, wasm_f32x4_const_splat(.25f)), middle));
}

static void pass(float *to, const float *from, int n, int step) {
  memcpy(to, from, n * n * sizeof *to);
  for (int y = 2; y < n - 2; y++)
    for (int x = 4; x < n - 4; x += 4) wasm_v128_store(to + y * n + x, taps(from + y * n + x, step));
}

/* Four vectors of lanes between 0 and 255 to sixteen bytes; what is no number becomes 0. */
static void round_to_bytes(uint8_t *to, const float *from) {
  v128_t v[4];
  for (int i = 0; i < 4; i++) {
    v128_t x = wasm_v128_load(from + 4 * i);
    x = wasm_f32x4_pmin(wasm_f32x4_pmax(wasm_f32x4_const_splat(0), x), wasm_f32x4_const_splat(255));
    v[i] = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(x));
  }
  wasm_v128_store(to, wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(v[0], v[1]), wasm_i16x8_narrow_i32x4(v[2], v[3])));
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 768) & ~15;
  if (n < 16 || n > MAX) return 2;
  for (int i = 0; i < n * n; i++) image[i] = (random_next() & 255) * 1.f;
  float zero = (random_state & 0) * 1.f;
  image[n * (n / 2) + n / 2] = zero / zero;
  image[n * (n / 3) + n / 3] = 1 / zero;
  for (int k = 0; k < 3; k++) pass(other, image, n, 1), pass(image, other, n, n);
  for (int i = 0; i < n * n; i += 16) round_to_bytes(bytes + i, image + i);
  uint64_t sum = 0, bits = 0;
  for (int i = 0; i < n * n; i++) sum = sum * 31 + bytes[i];
  for (int i = 0; i < n * n; i++) {
    uint32_t word;
    memcpy(&word, image + i, 4);
    bits = bits * 31 + word;
  }
  print_hex(sum);
  print_hex(bits);
}
