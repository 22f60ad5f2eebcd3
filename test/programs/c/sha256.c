/* A hash: SHA-256 (FIPS 180-4) over n blocks of 64 KiB. */
#include <math.h>
#include "out.h"

#define ROR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
static uint32_t k[64], h[8];

static void constants(void) {
  int n = 0;
  for (int p = 2; n < 64; p++) {
    int prime = 1;
    for (int d = 2; d * d <= p; d++) prime &= p % d != 0;
    if (!prime) continue;
    double c = cbrt(p), s = sqrt(p);
    k[n] = (uint32_t)((c - floor(c)) * 4294967296.0);
    if (n < 8) h[n] = (uint32_t)((s - floor(s)) * 4294967296.0);
    n++;
  }
}

static void block(const uint8_t *p) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + w[i - 7] + (ROR(w[i - 15], 7) ^ ROR(w[i - 15], 18) ^ w[i - 15] >> 3) +
           (ROR(w[i - 2], 17) ^ ROR(w[i - 2], 19) ^ w[i - 2] >> 10);
  memcpy(s, h, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t a = s[0], e = s[4];
    uint32_t t1 = s[7] + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
    uint32_t t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t1, s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}

static uint8_t data[1 << 16];
int main(int argc, char **argv) {
  constants();
  for (int i = 0; i < (int)sizeof data; i++) data[i] = (uint8_t)random_next();
  for (int n = size_or(argc, argv, 60); n > 0; n--)
    for (int i = 0; i < (int)sizeof data; i += 64) block(data + i);
  for (int i = 0; i < 8; i++) print_hex(h[i]);
}
