/* A journey as JSON, for other programs: `punchlab trace --json`. */
#ifndef DESCRIBE_JSON_H
#define DESCRIBE_JSON_H

#include "trace/journey.h"

#include <jansson.h>

/*
 * One object: journey (its number), t (seconds since start_ns), protocol, what, length, from and to (names or null),
 * fate, at (the node where it ended, or null), toward (lost: where it should have come in, or null), caused_by,
 * refused_by, part_of, repeats (journeys, or null), meets (of a SYN that made a simultaneous open: the
 * journey of the other SYN; only then), clobbered_by (a box that rewrote the payload; only then),
 * and legs: interface, t, direction "in"|"out"|null, src, dst, ttl.
 * NULL without memory.
 */
json_t *journey_to_json(const struct scene *s, const struct journey *j, uint64_t start_ns);

/* Seconds between two times. */
double journey_seconds(uint64_t start_ns, uint64_t time_ns);

#endif
