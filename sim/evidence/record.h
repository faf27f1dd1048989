/*
 * The world's record: one JSON object a line (record_line.h), beside the capture, with what packets cannot tell.
 * Written with one write(2) per line to a file opened O_APPEND, so that several processes may write: forks of the one
 * that opened it. Lines are sorted by time by the reader.
 */
#ifndef RECORD_H
#define RECORD_H

#include "evidence/record_line.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct record;

/* Opens (appends to, creates) a record. NULL with errno. */
struct record *record_open(const char *path) __attribute__((warn_unused_result));
void record_close(struct record *r);

/* What a fork that writes on must keep open. */
int record_descriptor(const struct record *r);

/* How long the file is in bytes, by all that was written by whoever holds this record: it is shorter if it was cut. */
uint64_t record_length(const struct record *r);

/* Writes one line. A failed write is remembered. NULL for r: nothing is done. */
void record_write(struct record *r, const struct record_line *line);

/* errno of the first failed write, or 0. */
int record_error(const struct record *r);

/*
 * Bytes as text for the record: valid UTF-8 stays, every other byte and zero bytes become \xNN. The caller frees; NULL
 * only without memory.
 */
char *record_text(const char *bytes, size_t len) __attribute__((warn_unused_result));

/* The same as a JSON string, a new reference. NULL without memory, and for NULL. */
json_t *record_string(const char *bytes) __attribute__((warn_unused_result));

#endif
