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

/* `why` was read and must outlive it. */
void timelines_begin(struct timelines *t, struct why *why);
void timelines_free(struct timelines *t);

/* For why_read_again(): a packet touched a mapping. */
void timelines_touch(struct timelines *t, const struct mapping *m, const struct journey *j, uint64_t time_ns,
                     bool born);

/* Sets "mappings". */
void timelines_put(const struct timelines *t, json_t *detail);

#endif
