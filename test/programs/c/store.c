/* A small database: n rows in a B-tree of order 32, looked up, ranged over and deleted in random order. */
#include "out.h"

#define KEYS 31
typedef struct node { int n, leaf; uint32_t key[KEYS]; uint32_t value[KEYS]; struct node *child[KEYS + 1]; } node;

static node *make(int leaf) {
  node *p = calloc(1, sizeof *p);
  if (!p) exit(3);
  p->leaf = leaf;
  return p;
}

static void split(node *parent, int i) {
  node *full = parent->child[i], *right = make(full->leaf);
  int half = KEYS / 2;
  right->n = KEYS - half - 1;
  memcpy(right->key, full->key + half + 1, right->n * 4);
  memcpy(right->value, full->value + half + 1, right->n * 4);
  if (!full->leaf) memcpy(right->child, full->child + half + 1, (right->n + 1) * sizeof(node *));
  full->n = half;
  for (int k = parent->n; k > i; k--) parent->child[k + 1] = parent->child[k], parent->key[k] = parent->key[k - 1], parent->value[k] = parent->value[k - 1];
  parent->child[i + 1] = right, parent->key[i] = full->key[half], parent->value[i] = full->value[half], parent->n++;
}

static int find(node *p, uint32_t key) {
  int low = 0, high = p->n;
  while (low < high) {
    int middle = (low + high) / 2;
    if (p->key[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

static node *root;
static void insert(uint32_t key, uint32_t value) {
  if (root->n == KEYS) {
    node *top = make(0);
    top->child[0] = root, root = top, split(top, 0);
  }
  for (node *p = root;;) {
    int i = find(p, key);
    if (i < p->n && p->key[i] == key) { p->value[i] = value; return; }
    if (p->leaf) {
      for (int k = p->n; k > i; k--) p->key[k] = p->key[k - 1], p->value[k] = p->value[k - 1];
      p->key[i] = key, p->value[i] = value, p->n++;
      return;
    }
    if (p->child[i]->n == KEYS) { split(p, i); continue; }
    p = p->child[i];
  }
}

static uint32_t *lookup(uint32_t key) {
  for (node *p = root;; ) {
    int i = find(p, key);
    if (i < p->n && p->key[i] == key) return &p->value[i];
    if (p->leaf) return 0;
    p = p->child[i];
  }
}

static uint64_t range(node *p, uint32_t from, uint32_t to) {
  uint64_t sum = 0;
  for (int i = find(p, from);; i++) {
    if (!p->leaf) sum += range(p->child[i], from, to);
    if (i >= p->n || p->key[i] >= to) return sum;
    sum += p->value[i];
  }
}

int main(int argc, char **argv) {
  int n = size_or(argc, argv, 60000);
  uint64_t sum = 0;
  root = make(1);
  for (int i = 0; i < n; i++) insert(random_next(), i);
  random_state = 1;
  for (int i = 0; i < n; i++) {
    uint32_t *value = lookup(random_next());
    if (!value) return 1;
    sum += *value;
    if (i % 3 == 0) *value = 0;
  }
  for (int i = 0; i < 200; i++) sum = sum * 31 + range(root, i * 20000000u, i * 20000000u + 30000000u);
  print_hex(sum);
}
