/* What every process of the lab is that works beside the one a scenario runs in: its own session, with nothing open but
 * what it needs. */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Makes this process (a fork) one: out of reach of Ctrl-C and the like, standard input and output nowhere, standard
 * error as it is. Of the other descriptors only those of `keep` stay open, with their numbers (the list is sorted on
 * the way): a pipe of the caller's that lived on here would keep whoever reads it from seeing its end.
 */
void background_become(int *keep, size_t count);

/*
 * As fork(), but the child is the caller's sibling, a child of the world's first process, which reaps it: it ends when
 * it may, and is no news to the caller.
 */
pid_t background_fork(void) __attribute__((warn_unused_result));

#endif
