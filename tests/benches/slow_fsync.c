/* A slow disk, for one process and its children: preloaded, every fsync and fdatasync takes SLOW_FSYNC_US microseconds
 * (longer only where the disk itself does), and leaves one byte in the file SLOW_FSYNC_DIR/<pid>, so that it can be seen that it was called and how often. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int slowly(long call, int fd) {
    const char *us = getenv("SLOW_FSYNC_US"), *dir = getenv("SLOW_FSYNC_DIR");
    struct timespec until;
    /* To the microsecond: by default a sleep may be 50 too long. */
    prctl(PR_SET_TIMERSLACK, 1);
    if (clock_gettime(CLOCK_MONOTONIC, &until) != 0) abort();
    until.tv_nsec += us ? atol(us) * 1000 : 0;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", dir ? dir : ".", (int)getpid());
    int counter = open(path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    if (counter < 0 || write(counter, ".", 1) != 1 || close(counter) != 0) abort();
    int done = (int)syscall(call, fd);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0);
    return done;
}

int fsync(int fd) { return slowly(SYS_fsync, fd); }
int fdatasync(int fd) { return slowly(SYS_fdatasync, fd); }
