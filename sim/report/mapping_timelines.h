/* The NAT boxes' mappings over time for the report's page: the "mappings" of base.js. */
#ifndef MAPPING_TIMELINES_H
#define MAPPING_TIMELINES_H

#include "trace/why.h"

#include <jansson.h>

#define MAPPING_TIMELINES_EVENTS 400 /* of one mapping on the page; the rest are counted */

struct mapping_timelines {
	struct why *why;
	json_t *events; /* for each mapping that was touched, by its place: [[time in ns, word, journey]] */
};

/* `why` was read and must outlive it. */
void mapping_timelines_begin(struct mapping_timelines *t, struct why *why);
void mapping_timelines_free(struct mapping_timelines *t);

/* For why_read_again(): a packet touched a mapping. */
void timelines_touch(struct mapping_timelines *t, const struct mapping *m, const struct journey *j, uint64_t time_ns,
                     bool born);

/* Sets "mappings". */
void mapping_timelines_put(const struct mapping_timelines *t, json_t *detail);

#endif
