// Folders: made, listed in a stable order, changed while they are listed, removed.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void list(const char *path) {
  DIR *d = opendir(path);
  if (!d) { printf("%s: %s\n", path, strerror(errno)); return; }
  printf("%s:", path);
  for (struct dirent *e; (e = readdir(d));) printf(" %s%s", e->d_name, e->d_type == DT_DIR ? "/" : "");
  printf("\n");
  closedir(d);
}

static const char *said(int result) { return result == 0 ? "ok" : strerror(errno); }

int main(void) {
  list("/");
  list("data");
  list("/data/words.txt");
  printf("mkdir: %s\n", said(mkdir("/tmp/a", 0700)));
  printf("again: %s\n", said(mkdir("/tmp/a", 0700)));
  printf("deep: %s\n", said(mkdir("/tmp/none/b", 0700)));
  printf("read-only: %s\n", said(mkdir("/data/b", 0700)));
  for (int i = 0; i < 300; i++) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/a/file-with-a-rather-long-name-%d", i);
    FILE *f = fopen(path, "w");
    if (!f) { printf("file %d: %s\n", i, strerror(errno)); break; }
    fclose(f);
  }
  int seen = 0, removed = 0;
  DIR *d = opendir("/tmp/a");
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    char path[300];
    snprintf(path, sizeof path, "/tmp/a/%s", e->d_name);
    seen++;
    removed += unlink(path) == 0;
  }
  closedir(d);
  printf("seen %d, removed %d\n", seen, removed);
  list("/tmp/a");

  struct stat s;
  printf("stat: %s", said(stat("/data/words.txt", &s)));
  printf(", %lld bytes, %s, inode %llu, %lld s\n", (long long)s.st_size, S_ISREG(s.st_mode) ? "file" : "?", (unsigned long long)s.st_ino,
         (long long)s.st_mtim.tv_sec);
  printf("link: %s\n", said(symlink("/data", "/tmp/link")));
  printf("into itself: %s\n", said(rename("/tmp/a", "/tmp/a/b")));
  printf("not empty: %s\n", said(rmdir("/tmp")));
  printf("rmdir: %s\n", said(rmdir("/tmp/a")));
  list("/tmp");
  return 0;
}
