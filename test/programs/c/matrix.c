/* The product of two n x n matrices of doubles. */
#include "out.h"

#define MAX 487
static double a[MAX][MAX], b[MAX][MAX], c[MAX][MAX];
int main(int argc, char **argv) {
  int n = size_or(argc, argv, 300);
  if (n > MAX) return 2;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) a[i][j] = i * 0.5 + j, b[i][j] = i - j * 0.25;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  double trace = 0;
  for (int i = 0; i < n; i++) trace += c[i][n - 1 - i];
  print_double(trace);
}
