/* Pattern matching: sets of states in a bit mask step over n lines of random text. */
#include "out.h"

typedef struct { char c; int repeats; } item;
typedef struct { item items[32]; int n, from_start, to_end; } pattern;

static pattern parse(const char *text) {
  pattern p = {.n = 0};
  if (*text == '^') p.from_start = 1, text++;
  for (; *text; text++) {
    if (*text == '*') p.items[p.n - 1].repeats = 1;
    else if (*text == '$' && !text[1]) p.to_end = 1;
    else p.items[p.n++].c = *text;
  }
  return p;
}

/* States reachable without reading: a repeated item may be skipped. */
static uint32_t skip(const pattern *p, uint32_t states) {
  for (int i = 0; i < p->n; i++)
    if ((states >> i & 1) && p->items[i].repeats) states |= 2u << i;
  return states;
}

static int matches(const pattern *p, const char *text) {
  uint32_t states = skip(p, 1), last = 1u << p->n;
  for (; *text; text++) {
    if ((states & last) && !p->to_end) return 1;
    uint32_t next = p->from_start ? 0 : 1;
    for (int i = 0; i < p->n; i++) {
      if (!(states >> i & 1)) continue;
      if (p->items[i].c != '.' && p->items[i].c != *text) continue;
      next |= p->items[i].repeats ? 1u << i : 2u << i;
    }
    states = skip(p, next);
  }
  return (states & last) != 0;
}

int main(int argc, char **argv) {
  static const char *texts[] = {"abcabc", "^a.*b.*c$", "a*b*cd*a", "d.d.d.d", "x.*y"};
  uint64_t found = 0;
  char line[81];
  for (int n = size_or(argc, argv, 3000); n > 0; n--) {
    for (int i = 0; i < 80; i++) line[i] = "abcd"[random_next() >> 13 & 3];
    line[80] = 0;
    for (int k = 0; k < 5; k++) {
      pattern p = parse(texts[k]);
      found = found * 3 + matches(&p, line);
    }
  }
  print_hex(found);
}
