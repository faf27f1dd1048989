/*
 * Programs on hosts: type to them, wait for their output, signal them, reap them. All programs of a world are
 * pumped together, so none blocks on a full pipe while another is waited for. Every line is recorded with its time.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "observe/record.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

struct process_group; /* the programs of one world */
struct process;

/* `folder` gets each program's output, plain, as HOST-ID-PROGRAM.out (stdout and stderr in the order read). */
struct process_group *process_group_new(const struct world *w, struct record *r, const char *folder);
/* Ends what still runs (SIGTERM, then SIGKILL after a deadline), reaps, frees. */
void process_group_free(struct process_group *g);

struct process_options {
	const char *const *argv;      /* ends with NULL */
	const char *const *env;       /* "NAME=value" to add; NULL: none */
	const char *cwd;              /* NULL: the caller's */
	bool terminal;                /* give it a pseudo-terminal (for prompts) */
};

/* Starts a program on node. NULL with a one-line message in `error` (not found, not executable). */
struct process *process_start(struct process_group *g, int node, const struct process_options *o, char error[256])
	__attribute__((warn_unused_result));

/* Types a line (a line end is added). 0, or -1 if it no longer reads. */
int process_type(struct process *p, const char *line) __attribute__((warn_unused_result));
/* Ends its standard input. */
void process_end_input(struct process *p);
int process_signal(struct process *p, int signal_number) __attribute__((warn_unused_result));

/*
 * The next line of output (stdout or stderr, without its end) after the program's reading position, or NULL when there is
 * none yet. Moves the position past it. `stream` (may be NULL) becomes 1 or 2.
 */
const char *process_next_line(struct process *p, int *stream);
/* Puts the reading position back to the start / the current end. */
void process_rewind(struct process *p);

/* Pumps all programs until something came, a program ended, or the deadline (clock_now_ms()). 0, or -1 at the deadline. */
int process_pump(struct process_group *g, uint64_t deadline_ms);

/* True once it ended; *status is then its exit status or 128 + signal. Its output is complete. */
bool process_ended(const struct process *p, int *status);

/* Host's node index, "client" (base name of argv[0]), the id that names it in the record, its pid. */
int process_node(const struct process *p);
const char *process_program(const struct process *p);
unsigned process_id(const struct process *p);
pid_t process_pid(const struct process *p);

/* The last `lines` lines of output, joined by line ends, for error messages. The caller frees. */
char *process_tail(const struct process *p, unsigned lines);

#endif
