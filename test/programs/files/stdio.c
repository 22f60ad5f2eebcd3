// The C library's files: what the job gives is read, what the task writes is read back.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show(const char *what, const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) { printf("%s: %s\n", what, strerror(errno)); return; }
  char text[256];
  size_t n = fread(text, 1, sizeof text - 1, f);
  text[n] = 0;
  fseek(f, 0, SEEK_END);
  printf("%s: %ld bytes, \"%s\"%s\n", what, ftell(f), text, ferror(f) ? " (error)" : "");
  fclose(f);
}

int main(void) {
  show("absolute", "/data/words.txt");
  show("relative", "data/words.txt");
  show("dotted", "./data/../data/words.txt");
  show("above", "../etc/passwd");
  show("missing", "/data/none");
  printf("writing what is given: %s\n", fopen("/data/words.txt", "r+") ? "open" : strerror(errno));
  printf("making beside it: %s\n", fopen("/data/new", "w") ? "open" : strerror(errno));

  FILE *f = fopen("/tmp/log", "w+");
  for (int i = 0; i < 5; i++) fprintf(f, "line %d\n", i);
  rewind(f);
  char line[64];
  while (fgets(line, sizeof line, f)) fputs(line, stdout);
  fseek(f, 5, SEEK_SET);
  fputc('X', f);
  fclose(f);
  f = fopen("/tmp/log", "a");
  fputs("added", f);
  fclose(f);
  show("log", "/tmp/log");
  printf("rename: %d\n", rename("/tmp/log", "/tmp/renamed"));
  show("old name", "/tmp/log");
  printf("truncate: %d\n", truncate("/tmp/renamed", 6));
  show("new name", "/tmp/renamed");

  f = fopen("/tmp/renamed", "r");
  printf("remove: %d\n", remove("/tmp/renamed"));
  printf("still open: %s", fgets(line, sizeof line, f));
  fclose(f);

  int fd = open("/tmp/sparse", O_CREAT | O_RDWR | O_EXCL, 0600);
  printf("sparse: %zd at %lld\n", pwrite(fd, "end", 3, 1000), (long long)lseek(fd, 0, SEEK_CUR));
  printf("again: %s\n", open("/tmp/sparse", O_CREAT | O_EXCL | O_WRONLY, 0600) < 0 ? strerror(errno) : "open");
  char *large = calloc(1, 1 << 20);
  size_t written = 0;
  for (ssize_t n; (n = write(fd, large, 1 << 14)) > 0;) written += n;
  printf("until the room ends: %zu, %s\n", written, strerror(errno));
  return 0;
}
