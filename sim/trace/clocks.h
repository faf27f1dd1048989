/*
 * The clocks of captures from several machines, put right by the packets that two of them saw. A packet takes some time
 * from one to the other, and another the other way: the clocks differ by what lies in the middle.
 */
#ifndef CLOCKS_H
#define CLOCKS_H

#include "trace/sights.h"

struct clock_found {
	bool common;        /* it has packets in common with the others, or is the first one */
	bool aligned;       /* its times can be held against the others': else these run at different speeds */
	int64_t ahead_ns;   /* against the first one */
	uint64_t within_ns; /* at most so far off: half of what the way to and fro took; 0: one way only was seen */
};

/* Of each of `count` sources; the first is what the others are held against. */
void clocks_find(const struct sights *s, const struct source *list, size_t count, struct clock_found out[SOURCES_MAX]);

#endif
