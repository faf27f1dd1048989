/* What one program said: cut into lines, kept, recorded with their times, and kept plain in a file. */
#ifndef PROCESS_OUTPUT_H
#define PROCESS_OUTPUT_H

#include "evidence/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A longer line becomes several, each but the last recorded with "continues". */
#define PROCESS_LINE_MAX ((size_t)64 * 1024)
/* Of a program that says more than this only the file keeps the rest, and a line says so. Bytes. */
#define PROCESS_KEPT_MAX ((size_t)16 * 1024 * 1024)
/* Of the file. What comes after is lost, and the file says so. Bytes. */
#define PROCESS_FILE_MAX ((size_t)64 * 1024 * 1024)

struct process_line {
	int stream; /* 1, 2 */
	char *text; /* valid UTF-8 (record_text()) */
};

struct process_output {
	struct record *record;
	const char *host;
	unsigned id;
	int fds[2];      /* where streams 1 and 2 are read; -1: ended */
	int file;        /* descriptor, -1: none */
	char *path;      /* of the file */
	size_t file_len; /* what was for it; more than PROCESS_FILE_MAX: it is full */
	size_t written;  /* bytes that it got */
	bool file_failed, full;
	struct process_line *lines;
	size_t count;
	size_t kept; /* bytes of all lines */
	struct {
		char *bytes;
		size_t len;
	} unfinished[2]; /* of streams 1 and 2; bytes[len] is zero */
};

/* Makes `path`, an existing file is overwritten. 0, or -1 with errno. */
int process_output_open(struct process_output *o, const char *path) __attribute__((warn_unused_result));
void process_output_close(struct process_output *o);

/* Reads once from a stream. False when nothing is to be had, now or ever. */
bool process_output_read(struct process_output *o, int stream);
/* What has no line end yet is a line too. */
void process_output_finish(struct process_output *o, int stream);

/* The last `lines` lines for a person: indented, with a mark for the stream. */
void process_output_print_last(const struct process_output *o, size_t lines, FILE *out);

#endif
