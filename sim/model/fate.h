/*
 * What becomes of the packets on one way of a link. Pure: what becomes of the n-th depends on the seed, the link's
 * name, the direction, the weather and n, and on nothing else; when it arrives depends on the clock and its length
 * besides.
 */
#ifndef FATE_H
#define FATE_H

#include "model/weather.h"

/* Of one way. To be initialised by fate_begin(). */
struct fate_source {
	uint64_t key;
	uint64_t n;          /* packets so far */
	bool in_burst;       /* the last one was lost, and so may this be */
	uint64_t free_ns;    /* when the way has sent all that waits */
	uint64_t arrived_ns; /* when the last one arrives that does not overtake */
};

enum fate_kind {
	FATE_ARRIVES,
	FATE_LOST, /* by the weather's loss */
	FATE_FULL, /* too many wait for their turn */
};

struct fate {
	enum fate_kind kind;
	uint64_t n; /* which packet of this way it was, from 1 */
	bool is_duplicated;
	bool overtakes;
	uint64_t due_ns; /* when it arrives */
};

void fate_begin(struct fate_source *s, uint64_t seed, const char *link, enum weather_direction direction);

/* The fate of the next packet, of `len` bytes, that is sent at `now_ns`. */
struct fate fate_next(struct fate_source *s, const struct weather_way *w, size_t len, uint64_t now_ns);

#endif
