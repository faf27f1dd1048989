/*
 * Programs on hosts: type to them, wait for their output, signal them, reap them. All programs of a world are
 * pumped together, so none blocks on a full pipe while another is waited for. Every line is recorded with its time.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "evidence/record.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

struct process_group; /* the programs of one world */
struct process;

#define PROCESS_ERROR_SIZE 256
#define PROCESS_NAME_SIZE 96

/*
 * `folder` gets each program's output, plain, as HOST-ID-PROGRAM.out (stdout and stderr in the order read,
 * the first 64 MiB). Record and
 * world must outlive the group. SIGPIPE is ignored from then on. NULL with errno.
 */
struct process_group *process_group_new(const struct world *w, struct record *r, const char *folder)
    __attribute__((warn_unused_result));
/* The programs in the order they were started, from 0; NULL behind the last. */
struct process *process_of(const struct process_group *g, size_t index);
/* Ends what still runs and reaps it: SIGTERM, and SIGKILL to what is left of it after so many milliseconds. */
void process_group_end(struct process_group *g, unsigned patience_ms);
/* The same with a second's patience; frees. */
void process_group_free(struct process_group *g);

struct process_options {
	const char *const *argv; /* ends with NULL; found along PATH, /usr/local/sbin, /usr/sbin, /sbin */
	const char *const *env;  /* "NAME=value" to add, ends with NULL; NULL: none */
	const char *cwd;         /* NULL: the caller's */
	bool terminal;           /* give it a pseudo-terminal (for prompts), which does not echo */
};

/*
 * Starts a program on node, in a session and process group of its own, with no descriptors but standard input, output
 * and error. NULL with a one-line message in `error` (not found, not executable). Lives as long as its group.
 */
struct process *process_start(struct process_group *g, int node, const struct process_options *o,
                              char error[PROCESS_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Types a line of `len` bytes (a line end is added); what it does not read at once is kept for it. 0, or -1 if it no
 * longer reads.
 */
int process_type(struct process *p, const char *line, size_t len) __attribute__((warn_unused_result));
/* Ends its standard input once it has read what was typed (on a terminal: types Ctrl-D). */
void process_end_input(struct process *p);
/* Signals the program and what it started: its process group. 0, or -1 with errno (ESRCH: nothing of it is left). */
int process_signal(struct process *p, int signal_number) __attribute__((warn_unused_result));

/*
 * A line it said, of both streams in the order they were read, counted from 0; without its end. NULL behind the last.
 * `stream` (may be NULL) becomes 1 or 2. Bytes that are not UTF-8 are \xNN.
 */
const char *process_line(const struct process *p, size_t index, int *stream);
/* The line at the program's reading position, which moves past it; or NULL when there is none yet. */
const char *process_next_line(struct process *p, int *stream);

/* Pumps all programs until something came, a program ended, or the deadline (clock_now_ms()). 0, or -1 at the deadline.
 */
int process_pump(struct process_group *g, uint64_t deadline_ms) __attribute__((warn_unused_result));

/*
 * True once it ended; *status is then its exit status or 128 + signal. All it wrote is among its lines (what it left
 * running may still add some).
 */
bool process_ended(const struct process *p, int *status);

/* "alice client". */
const char *process_name(const struct process *p, char text[PROCESS_NAME_SIZE]);
/* The file with what it said, and how many bytes it got. */
const char *process_file(const struct process *p, uint64_t *size);
/* False if not all it said could be written to its file. */
bool process_output_is_whole(const struct process *p);
/* For a person: its name, what became of it, and its last lines, indented. The caller frees; NULL without memory. */
char *process_last_words(const struct process *p, size_t lines);

pid_t process_pid(const struct process *p);

#endif
