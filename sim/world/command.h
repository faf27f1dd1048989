/*
 * The only fork and exec of the lab's own mechanics: argument lists, never a shell string. What a command says is
 * kept, so that an error names the command, its status and its last words. A command that does not end within
 * COMMAND_TIMEOUT_MS is killed and has failed.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define COMMAND_OUTPUT_SIZE 4096
#define COMMAND_TIMEOUT_MS 60000

/* To be initialised with netns_fd = -1 (or COMMAND()) where the caller's network namespace is meant. */
struct command {
	const char *const *argv; /* ends with NULL; found along PATH, /usr/sbin and /sbin */
	const char *input;       /* its standard input, of any length; NULL: empty */
	int netns_fd;            /* run in this network namespace; -1: in the caller's */
	/* after command_wait(): */
	char output[COMMAND_OUTPUT_SIZE]; /* standard output and error, its first part, zero-ended */
	int status;                       /* exit status, or 128 + signal */
	/* private to command.c: */
	pid_t pid;
	int out_fd;
	size_t output_len;
};

/* An initializer: struct command c = COMMAND("ip", "link", "show"); */
#define COMMAND(...)                                                                                                   \
	{                                                                                                              \
		.argv = (const char *const[]){ __VA_ARGS__, NULL }, .netns_fd = -1                                     \
	}

/* Starts without waiting, so that several overlap. Returns 0, or -1 with errno (logged; nothing to wait for then). */
int command_start(struct command *c) __attribute__((warn_unused_result));

/* Waits for its end, reading what it says. Returns 0 if it exited 0; else -1, logged with the argument list. */
int command_wait(struct command *c) __attribute__((warn_unused_result));

/*
 * Waits for its end as command_wait() does, or until `is_done(data)`, which is asked whenever `fd` is readable (-1:
 * never). A command that is done but still runs is left alone: it is reaped by whoever reaps the caller.
 */
int command_wait_until(struct command *c, int fd, bool (*is_done)(void *data), void *data)
    __attribute__((warn_unused_result));

/* command_wait() without a word on the log, for a command whose failure is an answer. */
int command_wait_quietly(struct command *c) __attribute__((warn_unused_result));

/* command_start() and command_wait(). */
int command_run(struct command *c) __attribute__((warn_unused_result));

/* Prints every command to standard error before it is run (for run's -v). */
void command_set_verbose(bool on);

/* Prints a line of what is about to be done by other means than a command; nothing unless verbose. */
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
