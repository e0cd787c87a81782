/* A slow disk, for one process and its children: preloaded, every fsync and fdatasync takes SLOW_FSYNC_US microseconds
 * longer, and leaves one byte in the file SLOW_FSYNC_DIR/<pid>, so that it can be seen that it was called and how often. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int slowly(long call, int fd) {
    const char *us = getenv("SLOW_FSYNC_US"), *dir = getenv("SLOW_FSYNC_DIR");
    struct timespec pause = {0, us ? atol(us) * 1000 : 0};
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", dir ? dir : ".", (int)getpid());
    int counter = open(path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    if (counter < 0 || write(counter, ".", 1) != 1 || close(counter) != 0) abort();
    nanosleep(&pause, 0);
    return (int)syscall(call, fd);
}

int fsync(int fd) { return slowly(SYS_fsync, fd); }
int fdatasync(int fd) { return slowly(SYS_fdatasync, fd); }
