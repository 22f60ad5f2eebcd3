/* A compressor: LZ77 with a hash table, and back again, over n KiB of repetitive text. */
#include "out.h"

#define MAX (1 << 21)
static uint8_t plain[MAX], packed[MAX + MAX / 8], again[MAX];
static int32_t seen[1 << 14];

static int compress(int n) {
  int out = 0, i = 0;
  memset(seen, -1, sizeof seen);
  while (i < n) {
    int length = 0, from = -1;
    if (i + 4 <= n) {
      uint32_t word;
      memcpy(&word, plain + i, 4);
      uint32_t slot = (word * 2654435761u) >> 18;
      from = seen[slot];
      seen[slot] = i;
      if (from >= 0 && i - from < 65536)
        while (i + length < n && length < 255 && plain[from + length] == plain[i + length]) length++;
    }
    if (length >= 5) {
      packed[out++] = 255, packed[out++] = (uint8_t)length, packed[out++] = (uint8_t)(i - from), packed[out++] = (uint8_t)((i - from) >> 8);
      i += length;
    } else {
      if (plain[i] == 255) packed[out++] = 255, packed[out++] = 0;
      else packed[out++] = plain[i];
      i++;
    }
  }
  return out;
}

static int expand(int n) {
  int out = 0;
  for (int i = 0; i < n;) {
    if (packed[i] != 255) again[out++] = packed[i++];
    else if (packed[i + 1] == 0) again[out++] = 255, i += 2;
    else {
      int length = packed[i + 1], back = packed[i + 2] | packed[i + 3] << 8;
      for (int k = 0; k < length; k++, out++) again[out] = again[out - back];
      i += 4;
    }
  }
  return out;
}

int main(int argc, char **argv) {
  static const char *words[] = {"heap ", "node ", "lease ", "order ", "fuel ", "offer ", "round ", "task "};
  int n = size_or(argc, argv, 1024) * 1024;
  if (n > MAX) return 2;
  for (int i = 0; i < n;) {
    const char *word = words[random_next() & 7];
    for (; *word && i < n; word++) plain[i++] = (uint8_t)*word;
    if ((random_next() & 15) == 0 && i < n) plain[i++] = (uint8_t)random_next();
  }
  int size = compress(n);
  if (expand(size) != n || memcmp(plain, again, n) != 0) return 1;
  print_hex(size);
}
