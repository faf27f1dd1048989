/*
 * A program as a scenario sees it: all it has said, and how far the scenario has read.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "observe/process.h"

#include <stdbool.h>
#include <stddef.h>

struct program_line {
	int stream; /* 1: standard output, 2: standard error */
	char *text;
};

struct program {
	struct process *process;
	struct program_line *lines;
	size_t count, room;
	size_t position; /* the first line the scenario has not read */
};

/* Takes over the lines the process has said since the last call. */
void program_update(struct program *p);

/* The next line not yet read, or NULL. Moves on. */
const struct program_line *program_next(struct program *p);

/* "alice client" */
const char *program_name(const struct program *p, const struct topology *t, char text[64]);

/* Its last words for a person: name, state, the last lines, indented. The caller frees. */
char *program_last_words(const struct program *p, const struct topology *t, size_t lines);

/* Frees the lines; the process is its group's. */
void program_clear(struct program *p);

#endif
