// Test vectors of an independent implementation: Intel's ISA-L as Debian packs it.
//   apt-get install libisal-dev gcc && gcc -O1 isal.c -lisal -o /tmp/isal && /tmp/isal > isal.json
#include <isa-l/erasure_code.h>
#include <stdio.h>
#include <stdlib.h>

static const int CODES[][2] = {{3, 10}, {10, 40}, {16, 64}, {1, 4}, {100, 255}};
enum { LENGTH = 67 };

int main(void) {
  printf("[\n");
  for (unsigned c = 0; c < sizeof CODES / sizeof *CODES; c++) {
    const int k = CODES[c][0], n = CODES[c][1];
    unsigned char *matrix = malloc(n * k), *tables = malloc(32 * k * (n - k)), *pieces[255];
    for (int i = 0; i < n; i++) pieces[i] = calloc(1, LENGTH);
    // Any bytes that a test can make again: a linear congruence, its high byte.
    unsigned state = 1;
    for (int i = 0; i < k; i++)
      for (int x = 0; x < LENGTH; x++) pieces[i][x] = (state = state * 1103515245u + 12345u) >> 24;
    gf_gen_cauchy1_matrix(matrix, n, k);
    ec_init_tables(k, n - k, matrix + k * k, tables);
    ec_encode_data(LENGTH, k, n - k, tables, pieces, pieces + k);
    printf("  { \"k\": %d, \"n\": %d, \"parity\": [", k, n);
    for (int i = k; i < n; i++) {
      printf("%s\n    \"", i > k ? "," : "");
      for (int x = 0; x < LENGTH; x++) printf("%02x", pieces[i][x]);
      printf("\"");
    }
    printf("] }%s\n", c + 1 < sizeof CODES / sizeof *CODES ? "," : "");
  }
  printf("]\n");
}
