/* Checksums of n MiB in integer lanes: a four-lane multiply-and-rotate hash, the sum of bytes and of their running sums, bits set, letters found. */
#include <wasm_simd128.h>
#include "out.h"

#define CHUNK (1 << 20)
static uint8_t data[CHUNK];

static v128_t rotate(v128_t x, int by) { return wasm_v128_or(wasm_i32x4_shl(x, by), wasm_u32x4_shr(x, 32 - by)); }

static uint64_t hash(uint64_t seed) {
  v128_t a = wasm_i64x2_splat(seed), b = wasm_i32x4_const(0x1234567, 0x89abcde, 0x2468ace, 0x13579bd);
  for (int i = 0; i < CHUNK; i += 16) {
    v128_t x = wasm_v128_load(data + i);
    a = rotate(wasm_i32x4_add(wasm_i32x4_mul(a, wasm_i32x4_const_splat(0x2c1b3c6d)), x), 13);
    b = wasm_v128_xor(wasm_i32x4_add(b, wasm_i32x4_shuffle(a, x, 1, 4, 3, 6)), wasm_u64x2_extmul_low_u32x4(a, x));
  }
  v128_t both = wasm_i64x2_mul(a, wasm_v128_or(b, wasm_i64x2_const_splat(1)));
  return wasm_i64x2_extract_lane(both, 0) ^ wasm_i64x2_extract_lane(both, 1);
}

static uint32_t lanes_sum(v128_t x) {
  return wasm_i32x4_extract_lane(x, 0) + wasm_i32x4_extract_lane(x, 1) + wasm_i32x4_extract_lane(x, 2) + wasm_i32x4_extract_lane(x, 3);
}

static uint64_t sums(void) {
  v128_t sum = wasm_i32x4_const_splat(0), running = sum, weighted = sum, ones = sum;
  const v128_t weights = wasm_i8x16_const(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
  for (int i = 0; i < CHUNK; i += 16) {
    v128_t x = wasm_v128_load(data + i);
    running = wasm_i32x4_add(running, sum);
    sum = wasm_i32x4_add(sum, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(x)));
    v128_t low = wasm_u16x8_extmul_low_u8x16(x, weights), high = wasm_u16x8_extmul_high_u8x16(x, weights);
    weighted = wasm_i32x4_add(weighted, wasm_u32x4_extadd_pairwise_u16x8(wasm_i16x8_add(low, high)));
    ones = wasm_i32x4_add(ones, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(wasm_i8x16_popcnt(x))));
  }
  return (uint64_t)lanes_sum(sum) << 32 ^ (uint64_t)(lanes_sum(running) * 16 + lanes_sum(weighted)) << 8 ^ lanes_sum(ones);
}

static uint64_t letters(void) {
  uint64_t found = 0;
  for (int i = 0; i < CHUNK; i += 16) {
    v128_t x = wasm_v128_or(wasm_v128_load(data + i), wasm_i8x16_const_splat(0x20));
    v128_t is_letter = wasm_v128_and(wasm_u8x16_ge(x, wasm_i8x16_const_splat('a')), wasm_u8x16_le(x, wasm_i8x16_const_splat('z')));
    if (wasm_v128_any_true(is_letter)) found += __builtin_popcount(wasm_i8x16_bitmask(is_letter)) * (i / 16 + 1);
  }
  return found;
}

int main(int argc, char **argv) {
  uint64_t result = 1;
  for (int i = 0; i < CHUNK; i += 4) {
    uint32_t word = random_next();
    memcpy(data + i, &word, 4);
  }
  for (int n = size_or(argc, argv, 24); n > 0; n--) {
    result = hash(result) ^ sums() ^ letters();
    memcpy(data + (result & (CHUNK - 8)), &result, 8);
  }
  print_hex(result);
}
