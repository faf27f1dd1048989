/* What the programs of a trace were told and said, out of its record, in the order of time: for the ladder. */
#ifndef SPOKEN_H
#define SPOKEN_H

#include "trace/trace.h"

struct spoken_line {
	uint64_t time_ns;
	int node;
	char *text; /* "client: logged in", of what was typed "client> login"; safe to print */
};

struct spoken {
	struct spoken_line *lines;
	size_t count;
};

/* Reads it; a trace without a record has none. Returns 0, or -1 with a message. Free it with spoken_free(). */
int spoken_read(const struct trace *t, struct spoken *out, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));
void spoken_free(struct spoken *s);

#endif
