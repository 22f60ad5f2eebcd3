/* How many primes there are up to n, by Eratosthenes. */
#include "out.h"

static uint8_t prime[8000001];
int main(int argc, char **argv) {
  int n = size_or(argc, argv, 4000000), count = 0;
  if (n > 8000000) return 2;
  memset(prime, 1, n + 1);
  for (int i = 2; i <= n; i++) {
    if (!prime[i]) continue;
    count++;
    for (int j = 2 * i; j <= n; j += i) prime[j] = 0;
  }
  print_hex(count);
}
