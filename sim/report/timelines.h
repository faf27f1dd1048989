/* The NAT boxes' mappings over time for the report's page: the "mappings" of base.js. */
#ifndef TIMELINES_H
#define TIMELINES_H

#include "trace/mapping.h"
#include "trace/trace.h"

#include <jansson.h>

#define TIMELINES_EVENTS 400 /* of one mapping on the page; the rest are counted */

struct timelines {
	const struct trace *trace;
	struct mappings mappings;
	json_t *events; /* for each mapping that was touched, by its place: [[time in ns, word, journey]] */
};

/* Returns 0, or -1 without memory. The trace must outlive it. */
int timelines_begin(struct timelines *t, const struct trace *trace) __attribute__((warn_unused_result));
void timelines_free(struct timelines *t);

/* Takes a journey; to be called in their order. */
void timelines_journey(struct timelines *t, const struct journey *j);

/* Sets "mappings". */
void timelines_put(const struct timelines *t, json_t *detail);

#endif
