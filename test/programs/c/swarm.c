/* n bodies pull at each other for ten steps: forces in f32 lanes, four bodies at a time; energy summed in f64 lanes. */
#include <wasm_simd128.h>
#include "out.h"

#define MAX 4096
#define STEPS 10
static float x[MAX], y[MAX], z[MAX], vx[MAX], vy[MAX], vz[MAX], mass[MAX];

static float sum(v128_t v) {
  v = wasm_f32x4_add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1);
}

static v128_t square3(v128_t a, v128_t b, v128_t c) {
  return wasm_f32x4_add(wasm_f32x4_add(wasm_f32x4_mul(a, a), wasm_f32x4_mul(b, b)), wasm_f32x4_mul(c, c));
}

static void pull(int i, int n) {
  v128_t ax = wasm_f32x4_const_splat(0), ay = ax, az = ax;
  v128_t xi = wasm_f32x4_splat(x[i]), yi = wasm_f32x4_splat(y[i]), zi = wasm_f32x4_splat(z[i]);
  for (int j = 0; j < n; j += 4) {
    v128_t dx = wasm_f32x4_sub(wasm_v128_load(x + j), xi), dy = wasm_f32x4_sub(wasm_v128_load(y + j), yi), dz = wasm_f32x4_sub(wasm_v128_load(z + j), zi);
    v128_t square = wasm_f32x4_add(square3(dx, dy, dz), wasm_f32x4_const_splat(.01f));
    v128_t pull = wasm_f32x4_div(wasm_v128_load(mass + j), wasm_f32x4_mul(square, wasm_f32x4_sqrt(square)));
    ax = wasm_f32x4_add(ax, wasm_f32x4_mul(dx, pull));
    ay = wasm_f32x4_add(ay, wasm_f32x4_mul(dy, pull));
    az = wasm_f32x4_add(az, wasm_f32x4_mul(dz, pull));
  }
  vx[i] += .001f * sum(ax), vy[i] += .001f * sum(ay), vz[i] += .001f * sum(az);
}

static double energy(int n) {
  v128_t total = wasm_f64x2_const_splat(0);
  for (int i = 0; i < n; i += 4) {
    v128_t v = wasm_f32x4_mul(square3(wasm_v128_load(vx + i), wasm_v128_load(vy + i), wasm_v128_load(vz + i)), wasm_v128_load(mass + i));
    total = wasm_f64x2_add(total, wasm_f64x2_promote_low_f32x4(v));
    total = wasm_f64x2_add(total, wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(v, v, 2, 3, 0, 1)));
  }
  return wasm_f64x2_extract_lane(total, 0) + wasm_f64x2_extract_lane(total, 1);
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 1024) & ~3;
  if (n > MAX) return 2;
  float *const all[] = {x, y, z, vx, vy, vz, mass};
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 7; k++) all[k][i] = (random_next() & 0xffff) / 65536.f - (k < 6 ? .5f : 0);
  for (int step = 0; step < STEPS; step++) {
    for (int i = 0; i < n; i++) pull(i, n);
    for (int i = 0; i < n; i++) x[i] += .001f * vx[i], y[i] += .001f * vy[i], z[i] += .001f * vz[i];
  }
  print_double(energy(n));
}
