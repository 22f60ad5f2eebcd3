/* Sorting n records by the library's qsort: every comparison is an indirect call. */
#include "out.h"

typedef struct { uint32_t key, value; } record;
static int by_key(const void *a, const void *b) {
  uint32_t x = ((const record *)a)->key, y = ((const record *)b)->key;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 60000);
  record *records = malloc(n * sizeof *records);
  if (!records) return 3;
  for (int i = 0; i < n; i++) records[i] = (record){random_next(), i};
  qsort(records, n, sizeof *records, by_key);
  uint64_t sum = 0;
  for (int i = 0; i < n; i++) sum = sum * 31 + records[i].value;
  print_hex(sum);
}
