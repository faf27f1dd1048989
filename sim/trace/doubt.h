/*
 * Whether what went no further here may have gone on where nobody looked: by a side of a box that was not captured, or
 * past a capture that was taken with a filter. For captures without a record: a record knows where everybody looked.
 */
#ifndef DOUBT_H
#define DOUBT_H

#include "trace/mapping.h"

/* A packet as some interface of a node would have seen it. */
struct doubt_sight {
	int node;
	uint64_t time_ns;
	uint8_t protocol;
	const struct endpoint *src, *dst; /* src NULL: not known */
};

/* True if an interface of the node other than `except` (-1: none) would have shown it, whatever its filter. */
bool doubt_would_show(const struct scene *s, const struct doubt_sight *sight, int except);

/*
 * True of a journey that seems to have been dropped or lost if that is not sure. `m` must have been told of all
 * journeys up to this one.
 */
bool doubt_journey(const struct scene *s, const struct mappings *m, const struct journey *j);

#endif
