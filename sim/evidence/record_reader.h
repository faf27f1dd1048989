/* The world's record (record.h) read back, line by line. What a line says wrong is skipped and counted, never trusted.
 */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "evidence/record_line.h"

/* Lines that could not be used. */
struct record_flaws {
	unsigned count;
	unsigned first; /* the number of the first of them, from 1 */
};

/*
 * Reads a record and tells of each line, as the file has them: several processes write it, so times may go back. `take`
 * returns false for a line it has no use for because it contradicts another. Returns 0, or -1 with errno: the file
 * cannot be read.
 */
int record_read(const char *path, bool (*take)(void *context, const struct record_line *line), void *context,
                struct record_flaws *flaws) __attribute__((warn_unused_result));

#endif
