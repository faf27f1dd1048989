/* How a box gave out its ports, and how many it had left, as far as the trace shows. */
#ifndef PORTS_H
#define PORTS_H

#include "trace/mapping.h"

enum ports_pattern {
	PORTS_UNKNOWN,
	PORTS_PRESERVED,
	PORTS_FIRST_PRESERVED, /* kept for a new socket's first destination, others for the next ones */
	PORTS_SEQUENTIAL,
	PORTS_RANDOM,
};

/* How a box gave out ports, as far as the trace shows. */
struct ports_seen {
	enum ports_pattern pattern;
	int step;
	unsigned samples;
	uint16_t last[3]; /* the newest, in order */
};

/* A box's range of ports, and how many of them were mapped at one time. */
struct pool_seen {
	unsigned size; /* 0: the box has no range, or it is not told */
	unsigned used;
};

struct ports_seen ports_seen(const struct mappings *m, int box, uint8_t protocol);

/* By the spec the box was built from: for words, never for verdicts. */
struct pool_seen ports_pool(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                            uint64_t time_ns);

/* True if what a socket inside sent to an end found no port left in the box's range. */
bool ports_were_used_up(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                        const struct endpoint *inside, const struct endpoint *remote, uint64_t time_ns);

#endif
