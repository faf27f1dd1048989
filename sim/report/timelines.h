/* The NAT boxes' mappings over time for the report's page: the "mappings" of base.js. */
#ifndef TIMELINES_H
#define TIMELINES_H

#include "trace/why.h"

#include <jansson.h>

#define TIMELINES_EVENTS 400 /* of one mapping on the page; the rest are counted */

struct timelines {
	struct why *why;
	json_t *events; /* for each mapping that was touched, by its place: [[time in ns, word, journey]] */
};

/* `why` stands at the start of a second run (why_rewind()) and must outlive it. */
void timelines_begin(struct timelines *t, struct why *why);
void timelines_free(struct timelines *t);

/* Takes a journey, in their order, and brings the boxes of `why` to the time of it. */
void timelines_journey(struct timelines *t, const struct journey *j);

/* Sets "mappings". */
void timelines_put(const struct timelines *t, json_t *detail);

#endif
