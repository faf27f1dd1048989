/*
 * Writing to a descriptor without ever waiting for whoever reads it. Other processes may share its open file, so it is
 * not simply made non-blocking: that would make theirs so too.
 */
#ifndef NONBLOCKING_WRITE_H
#define NONBLOCKING_WRITE_H

#include <stddef.h>
#include <sys/types.h>

/* A descriptor of this process' own for the same pipe or terminal, non-blocking; `fd` where there is none to be had. */
int nonblocking_open(int fd) __attribute__((warn_unused_result));

/*
 * Writes what goes at once, PIPE_BUF bytes at most; a pipe takes so much wholly or not at all. Returns how many, or -1
 * and errno: EAGAIN if it would have to wait.
 */
ssize_t nonblocking_write(int fd, const char *bytes, size_t len) __attribute__((warn_unused_result));

#endif
