/*
 * The facts of why.h in sentences a user can act on. Each paragraph is one line, the first of each pair its heading;
 * an empty line parts the pairs. All text is safe to print.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "trace/verdict.h"

/* Writes what became of a pair and what would help. Returns how many lost packets the sentences told of. */
uint64_t explain_verdict(FILE *f, const struct why *w, const struct pair_verdict *v);

/* What explain_all() told. */
struct explain_tally {
	uint64_t verdicts;
	uint64_t losses; /* packets; each lost one is told of once */
};

/* Explains all pairs that had to do with each other, those in trouble first. */
struct explain_tally explain_all(FILE *f, const struct why *w);

/* A host's or box's node by its name, or -1 with a one-line message in `error` that says which there are. */
int explain_host(const struct why *w, const char *host, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Explains two hosts by name, or (NULL, NULL) all pairs that had to do with each other, those in trouble first. Returns
 * 0, or -1 with a one-line message in `error` (no such host; it says which there are).
 */
int explain(FILE *f, const struct why *w, const char *a, const char *b, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Opens a trace and explains all pairs, wrapped for reading. The caller frees; NULL if there is nothing to say (no such
 * trace, no packet in it, no memory).
 */
char *explain_file(const char *path) __attribute__((warn_unused_result));

#endif
