/*
 * Is everything accounted for? Every packet in one journey, every loss in one sentence, and box by box: what came in =
 * what went out + what ended there, and the capture's counts = the boxes' own counters.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "trace/why.h"

#include <stdio.h>

/*
 * Reads a trace twice and prints its balance to `f`. *agrees tells whether all of it agrees. Returns 0, or -1 with a
 * one-line message in `error` if it could not be read.
 */
int audit_trace(struct trace *t, FILE *f, bool *agrees, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * The same for a finished scenario's capture. Returns 0 if all agrees; -1 with what does not, or why it cannot be read,
 * in *report, which the caller frees (NULL without memory).
 */
int audit_file(const char *path, char **report) __attribute__((warn_unused_result));

#endif
