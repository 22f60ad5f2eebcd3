/* Five bodies under gravity for n steps. */
#include <math.h>
#include "out.h"

static struct { double x[3], v[3], m; } b[5] = {
    {{0, 0, 0}, {0, 0, 0}, 39.47}, {{4.84, -1.16, -.10}, {.606, 2.81, -.02}, .037}, {{8.34, 4.12, -.4}, {-1.01, 1.82, .008}, .011},
    {{12.8, -15.1, -.22}, {1.08, .868, -.01}, .0017}, {{15.3, -25.9, .179}, {.979, .594, -.034}, .002}};

int main(int argc, char **argv) {
  for (int n = size_or(argc, argv, 300000); n > 0; n--) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double d[3], square = 0;
        for (int k = 0; k < 3; k++) d[k] = b[i].x[k] - b[j].x[k], square += d[k] * d[k];
        double pull = .001 / (square * sqrt(square));
        for (int k = 0; k < 3; k++) b[i].v[k] -= d[k] * b[j].m * pull, b[j].v[k] += d[k] * b[i].m * pull;
      }
    for (int i = 0; i < 5; i++)
      for (int k = 0; k < 3; k++) b[i].x[k] += .001 * b[i].v[k];
  }
  for (int k = 0; k < 3; k++) print_double(b[0].x[k]);
}
