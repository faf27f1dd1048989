/* A program's birth on a host: descriptors, session, pseudo-terminal, exec, and why it failed. */
#ifndef PROCESS_LAUNCH_H
#define PROCESS_LAUNCH_H

#include "observe/process.h"

/* The parent's ends, all non-blocking and close-on-exec. With a terminal `out` is it, `in` a duplicate, `err` -1. */
struct process_launched {
	pid_t pid;
	int pid_fd; /* readable once it ended */
	int in, out, err;
};

/* Returns when the program runs: 0; or -1 with a one-line message, and nothing is left. */
int process_launch(const struct world *w, int node, const struct process_options *o, struct process_launched *l,
                   char error[PROCESS_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
