/*
 * The only fork and exec of the lab's own mechanics: argument lists, never a shell string. What a command says is
 * kept, so that an error names the command, its status and its last words.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>
#include <sys/types.h>

struct command {
	const char *const *argv;  /* ends with NULL; found along PATH and /usr/sbin, /sbin */
	const char *input;        /* written to its standard input; NULL: none */
	int netns_fd;             /* run in this network namespace; -1: in the caller's */
	/* after command_wait(): */
	char output[4096];        /* standard output and error, its first part, zero-ended */
	int status;               /* exit status, or 128 + signal */
	/* private to command.c: */
	pid_t pid;
	int out_fd;
};

/* Starts without waiting, so that several overlap. Returns 0, or -1 with errno (logged). */
int command_start(struct command *c) __attribute__((warn_unused_result));

/* Waits for its end, reading what it says. Returns 0 if it exited 0; else -1, logged with the argument list. */
int command_wait(struct command *c) __attribute__((warn_unused_result));

/* Prints every command to standard error before it is run (for `-v`). */
void command_set_verbose(int on);

#endif
