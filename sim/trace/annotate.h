/*
 * A capture written again so that Wireshark alone tells the story: each packet with its journey's number as packet id,
 * its direction, and a comment where it was translated or died. Names and statistics are kept.
 */
#ifndef ANNOTATE_H
#define ANNOTATE_H

#include "trace/trace.h"

/*
 * Reads `t` (not standard input) and writes `path`, which must not be the same file; it appears when it is complete
 * ("-": to standard output, as it is made). Returns 0, or -1 with a one-line message in `error`. Memory: a few bytes
 * per journey that died, beside what trace_run() needs.
 */
int annotate(struct trace *t, const char *path, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * The same with a capture that a scenario has just finished, in its own place. One larger than ANNOTATE_IN_PLACE_MAX
 * bytes is left as it is. Returns as annotate().
 */
#define ANNOTATE_IN_PLACE_MAX (256L << 20)
int annotate_in_place(const char *path, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
