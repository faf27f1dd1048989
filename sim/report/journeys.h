/*
 * The journeys of a trace for the report's page, why they ended, and the boxes' mappings they passed: the "journeys"
 * and "mappings" of base.js.
 */
#ifndef JOURNEYS_H
#define JOURNEYS_H

#include "trace/why.h"

#include <jansson.h>

#define JOURNEYS_MAX 3000 /* on the page; a trace may have more, and the page then says how many */

struct journeys;

/* `why` must outlive it. NULL without memory. */
struct journeys *journeys_new(struct why *why) __attribute__((warn_unused_result));
void journeys_free(struct journeys *j);

/* Reads the trace again. Returns 0, or -1 with one line in `error`. */
int journeys_read(struct journeys *j, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Sets "journeys", "mappings", "left_out" (too many) and "link_only" (ARP and the like, which go no further than their
 * link). */
void journeys_put(const struct journeys *j, json_t *detail);

#endif
