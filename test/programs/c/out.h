/* What every program here needs: a size from its first argument, and hexadecimal output without printf. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int size_or(int argc, char **argv, int otherwise) { return argc > 1 ? atoi(argv[1]) : otherwise; }

static void print_hex(uint64_t value) {
  char text[17];
  for (int i = 15; i >= 0; i--, value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  text[16] = '\n';
  write(1, text, 17);
}

static void print_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  print_hex(bits);
}

static uint32_t random_state = 1;
static uint32_t random_next(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}
