/*
 * The journeys of a trace for the report's page, why they ended, and the boxes' mappings they passed: the "journeys",
 * "payloads" and "mappings" of base.js.
 */
#ifndef JOURNEYS_H
#define JOURNEYS_H

#include "trace/why.h"

#include <jansson.h>
#include <stdbool.h>

#define JOURNEYS_MAX 250000 /* on the page; a trace may have more, and the page then says how many */

/* Which journeys are wanted. */
struct journeys_choice {
	void *context;
	/* Each packet as it comes, as in trace.h; or NULL. */
	void (*packet)(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j);
	bool (*wanted)(void *context, const struct journey *j);
};

struct journeys;

/* `why` must outlive it; so must `choice` (NULL: all). NULL without memory. */
struct journeys *journeys_new(struct why *why, const struct journeys_choice *choice)
    __attribute__((warn_unused_result));
void journeys_free(struct journeys *j);

/* Reads the trace again. Returns 0, or -1 with one line in `error`. */
int journeys_read(struct journeys *j, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Sets "journeys", "close" and "payloads" of `scenario`, packed; and of `detail` "mappings", "until" (when the last
 * packet was seen), "left_out" (too many), "not_wanted" and "link_only" (ARP and the like, which go no further than
 * their link). Returns 0, or -1 without memory.
 */
int journeys_put(struct journeys *j, json_t *scenario, json_t *detail) __attribute__((warn_unused_result));

#endif
