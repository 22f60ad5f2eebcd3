/* A parser: writes a JSON document of n records and parses it by recursive descent. */
#include "out.h"

static char text[1 << 22];
static const char *at;
static uint64_t sum;

static void blank(void) { while (*at == ' ' || *at == '\n') at++; }
static void string(void) {
  for (at++; *at != '"'; at++) {
    if (*at == '\\') at++;
    sum = sum * 31 + (uint8_t)*at;
  }
  at++;
}
static void value(void) {
  blank();
  switch (*at) {
    case '{': case '[': {
      char close = *at == '{' ? '}' : ']';
      at++, blank();
      while (*at != close) {
        if (close == '}') string(), blank(), at++;
        value(), blank();
        if (*at == ',') at++, blank();
      }
      at++;
      return;
    }
    case '"': string(); return;
    case 't': at += 4, sum += 1; return;
    case 'f': at += 5, sum += 2; return;
    case 'n': at += 4, sum += 3; return;
    default: {
      double number = strtod(at, (char **)&at);
      uint64_t bits;
      memcpy(&bits, &number, 8);
      sum = sum * 1099511628211u ^ bits;
    }
  }
}

static char *put(char *to, const char *from) { while (*from) *to++ = *from++; return to; }
static char *put_number(char *to, uint32_t n) {
  char digits[12];
  int i = 0;
  do digits[i++] = '0' + n % 10; while (n /= 10);
  while (i) *to++ = digits[--i];
  return to;
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 12000);
  if (n > 40000) return 2;
  char *to = put(text, "[");
  for (int i = 0; i < n; i++) {
    to = put(put_number(put(to, i ? ",\n{\"id\": " : "{\"id\": "), i), ", \"name\": \"node \\\"");
    to = put(put_number(to, random_next()), "\\\"\", \"speed\": ");
    to = put(put_number(put(put_number(to, random_next() % 1000), "."), random_next() % 100000), ", \"tags\": [true, null, {\"a\": []}]}");
  }
  put(to, "]");
  at = text, value();
  print_hex(sum), print_hex(at - text);
}
