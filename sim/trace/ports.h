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

/* A box's range of ports, or how many mappings it keeps; and how many of them there were at one time. */
struct pool_seen {
	unsigned size; /* 0: there is no such limit, or it is not told */
	unsigned used;
	bool of_host; /* what is limited are the mappings of one host */
};

struct ports_seen ports_seen(const struct mappings *m, int box, uint8_t protocol);

/* By the spec the box was built from (manners.h has what may rest on that). */
struct pool_seen ports_pool(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                            uint64_t time_ns);

/* The limit of mappings that the host of that inside address meets first. The same. */
struct pool_seen ports_limit(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                             const struct endpoint *inside, uint64_t time_ns);

/* True if what a socket inside sent to an end found as many mappings as the box keeps. */
bool ports_met_a_limit(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                       const struct endpoint *inside, const struct endpoint *remote, uint64_t time_ns);

/* True if what a socket inside sent to an end found no port left in the box's range. */
bool ports_were_used_up(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                        const struct endpoint *inside, const struct endpoint *remote, uint64_t time_ns);

#endif
