/* Recursion: Fibonacci's n-th number the slow way. */
#include "out.h"

__attribute__((noinline)) static uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(int argc, char **argv) { print_hex(fib(size_or(argc, argv, 32))); }
