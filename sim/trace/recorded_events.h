/*
 * What a trace takes from the world's record: the nodes into the scene, the boxes' conntrack events, counters and what
 * the scenario did, each in the order of time.
 */
#ifndef RECORDED_EVENTS_H
#define RECORDED_EVENTS_H

#include "evidence/record_reader.h"
#include "trace/link_fates.h"
#include "trace/scene.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One conntrack event of a box. `orig` is the flow as its first packet came in, `reply` as answers come in. */
struct recorded_mapping_event {
	uint64_t time_ns;
	int box;
	enum record_event kind;
	uint8_t protocol;
	bool replied, assured;
	uint32_t timeout_s; /* idle life left when it was written; 0: not told */
	struct endpoint orig_src, orig_dst, reply_src, reply_dst;
};

struct recorded_counter {
	uint64_t time_ns;
	int node;
	enum record_counted counted;
	char interface[RECORD_INTERFACE_SIZE]; /* "": none; not to be shown as it is */
	uint64_t packets, bytes;
};

/* A "step": something the scenario did. */
struct recorded_step {
	uint64_t time_ns;
	char *text; /* escaped */
};

/* What a program said that speaks of failure (complaint.h), before it was told to end: told as its words. */
struct recorded_complaint {
	uint64_t time_ns;
	int node;
	char *text; /* escaped */
};

/* Something that happened to a node. */
struct recorded_change {
	uint64_t time_ns;
	int node;
	enum record_change what;
};

/* A port that a host had asked a box for. */
struct recorded_lease {
	uint64_t time_ns, ended_ns; /* 0: it had it to the end */
	int box;
	struct lease lease;
};

struct recorded_events {
	struct recorded_mapping_event *mapping_events;
	size_t mapping_event_count;
	struct recorded_lease *leases; /* as they came */
	size_t lease_count;
	struct recorded_counter *counters;
	size_t counter_count;
	struct recorded_step *steps;
	size_t step_count;
	struct recorded_complaint *complaints;
	size_t complaint_count;
	unsigned *stopped; /* programs that were told to end */
	size_t stopped_count;
	struct recorded_change *changes;
	size_t change_count;
	struct link_fates links;
	struct record_flaws flaws;
};

/*
 * Reads a record; its nodes go into the scene. Returns 0, or -1 with errno: the file cannot be read, or memory is
 * short. *out is then empty. Free it with recorded_events_free().
 */
int recorded_events_read(const char *path, struct scene *s, struct recorded_events *out)
    __attribute__((warn_unused_result));

/* One line of a record, without its end; what recorded_events_read() does for each. 0, or -1 if the line is bad. */
int recorded_events_take_line(const char *line, size_t len, struct scene *s, struct recorded_events *out)
    __attribute__((warn_unused_result));

/* True if that happened to the node between these times. */
bool recorded_events_has_change(const struct recorded_events *r, int node, enum record_change what, uint64_t from_ns,
                                uint64_t to_ns);

/* True for a box whose link outward was down then. */
bool recorded_events_is_link_down(const struct recorded_events *r, int box, uint64_t time_ns);

/* For qsort() of a list whose elements begin with their time. */
int recorded_by_time(const void *a, const void *b);

/* Puts everything in the order of time. recorded_events_read() does it. */
void recorded_events_sort(struct recorded_events *r);

void recorded_events_free(struct recorded_events *r);

#endif
