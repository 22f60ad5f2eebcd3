/* An interpreter: a stack machine that counts the steps of Collatz sequences up to n. */
#include "out.h"

enum { PUSH, LOAD, STORE, ADD, MUL, HALF, ODD, LESS, EQUAL, JUMP, JUMP_IF, HALT };

static uint64_t run(int n) {
  /* i = 1; do { for (x = i; x != 1; steps++) x = x odd ? 3 x + 1 : x / 2; i++; } while (i < n) */
  int code[64], length = 0, odd, next;
  int head[] = {PUSH, 1, STORE, 0};
  memcpy(code, head, sizeof head), length = 4;
  int outer = length;
  int body[] = {LOAD, 0, STORE, 1};
  memcpy(code + length, body, sizeof body), length += 4;
  int inner = length;
  int test[] = {LOAD, 1, PUSH, 1, EQUAL, JUMP_IF, 0, LOAD, 2, PUSH, 1, ADD, STORE, 2, LOAD, 1, ODD, JUMP_IF, 0, LOAD, 1, HALF, STORE, 1, JUMP, inner};
  memcpy(code + length, test, sizeof test);
  int done_at = length + 6, odd_at = length + 18;
  length += sizeof test / sizeof *test;
  odd = length;
  int triple[] = {LOAD, 1, PUSH, 3, MUL, PUSH, 1, ADD, STORE, 1, JUMP, inner};
  memcpy(code + length, triple, sizeof triple), length += sizeof triple / sizeof *triple;
  next = length;
  int tail[] = {LOAD, 0, PUSH, 1, ADD, STORE, 0};
  memcpy(code + length, tail, sizeof tail), length += 7;
  int loop[] = {LOAD, 0, PUSH, n, LESS, JUMP_IF, outer, HALT};
  memcpy(code + length, loop, sizeof loop);
  code[done_at] = next, code[odd_at] = odd;

  uint64_t stack[16], slot[4] = {0}, *top = stack;
  for (const int *pc = code;;) switch (*pc++) {
      case PUSH: *top++ = *pc++; break;
      case LOAD: *top++ = slot[*pc++]; break;
      case STORE: slot[*pc++] = *--top; break;
      case ADD: top--, top[-1] += *top; break;
      case MUL: top--, top[-1] *= *top; break;
      case HALF: top[-1] >>= 1; break;
      case ODD: top[-1] &= 1; break;
      case LESS: top--, top[-1] = top[-1] < *top; break;
      case EQUAL: top--, top[-1] = top[-1] == *top; break;
      case JUMP: pc = code + *pc; break;
      case JUMP_IF: pc = *--top ? code + *pc : pc + 1; break;
      default: return slot[2];
    }
}

int main(int argc, char **argv) { print_hex(run(size_or(argc, argv, 30000))); }
