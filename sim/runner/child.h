/*
 * A child process that says something through a pipe and ends: the runner's way of doing several things at once.
 * The child dies with its parent, whatever kills that.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: none runs */
	int fd;     /* readable when it said something, will say no more, or is gone */
	int log_fd; /* what it wrote to standard output and error */
	char *text; /* what it has said so far, zero-ended; NULL: nothing */
	size_t len;
	int status;      /* once it ended (exit_status.h) */
	bool is_leaving; /* it will say no more, and its world is being taken down; fd is then its pidfd */
};

/*
 * Starts a child in a private world of its own (sandbox.h) that calls body(fd, argument) and exits 0; what it writes to
 * `fd` becomes `text`. Its standard input is empty, its standard output and error go to the log, signals are as before
 * signals_hold() (signals.h), it leads a session of its own. Returns 0, or -1 with errno (a message is on the log).
 */
int child_start(struct child *w, void (*body)(int fd, void *argument), void *argument)
    __attribute__((warn_unused_result));

/*
 * Reads what there is without waiting. True once the child has ended and is reaped, and so is what it left. That takes
 * the kernel a while after the last word (is_leaving), in which others can be started.
 */
bool child_read(struct child *w);

/*
 * Kills the child and all that lives in its world without waiting for their end. It takes the kernel a while, and of
 * many, most of it passes at the same time: doom them all before the first child_kill().
 */
void child_doom(const struct child *w);

/* The same, and returns when they are gone and reaped. */
void child_kill(struct child *w);

/* What the child logged, as log_file_text(). */
char *child_log(const struct child *w);

/* Frees what an ended child holds. */
void child_clear(struct child *w);

#endif
