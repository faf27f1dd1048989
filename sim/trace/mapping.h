/*
 * The mappings of the NAT boxes over time: what conntrack told (recorded_events.h) and what journeys show, put
 * together. One mapping is one conntrack entry: lifetime and permission are per remote end, on a cone too; which port
 * it has tells the kind of NAT.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include "trace/recorded_events.h"
#include "trace/journey.h"

enum mapping_kind {
	MAPPING_OUT,     /* opened by a host inside */
	MAPPING_IN,      /* opened by a stranger outside who was let in */
	MAPPING_HAIRPIN, /* from the inside to the inside */
	MAPPING_LOCAL,   /* ends or begins at the box itself: it took the packet for its own (the INPUT trap) */
};

enum mapping_end {
	MAPPING_ALIVE,   /* as far as the trace goes */
	MAPPING_EXPIRED, /* its time ran out */
	MAPPING_OLD,     /* it was as old as its box lets one become, used or not */
	MAPPING_RESET,   /* all that ever answered was a RST */
	MAPPING_DELETED, /* removed before that: flushed, the box rebooted */
};

/* What mappings are looked up by, besides the box and the protocol: one end, and the remote end's address or not. */
enum mapping_key {
	MAPPING_BY_EXTERNAL,
	MAPPING_BY_EXTERNAL_AND_REMOTE,
	MAPPING_BY_INSIDE,
	MAPPING_BY_INSIDE_AND_REMOTE,
	MAPPING_KEYS,
};

struct mapping {
	int box;
	uint8_t protocol;
	enum mapping_kind kind;
	enum mapping_end end;
	bool recorded;            /* conntrack told of it; else it is seen in the packets alone */
	struct endpoint inside;   /* the host's own, as the box sees it */
	struct endpoint external; /* what the outside sees of it; without translation the same */
	struct endpoint remote; /* the other end as seen from the box's outside (hairpin: as the sender addressed it) */
	struct endpoint other;  /* hairpin: the other host inside */
	uint64_t born_ns, ended_ns;            /* ended_ns is 0 as long as it is alive */
	uint64_t last_ns;                      /* last packet that refreshed it */
	uint64_t replied_ns;                   /* first packet the other way; 0: none */
	uint32_t timeout_s;                    /* the idle life it was last given; 0: not told */
	uint64_t born_by, last_by, replied_by; /* journeys; 0: not seen */
	uint64_t refreshes;                    /* packets after the first, either way */
	uint64_t survived_ns;                  /* the longest that it was idle and let one in after that */
	uint32_t next[MAPPING_KEYS];           /* mappings_next() */
};

struct mappings {
	struct mapping *list; /* those of conntrack by time first, then those seen in packets alone */
	size_t count;
	uint32_t *buckets; /* of each key in turn */
	size_t bucket_count;
	bool short_of_memory;                 /* some could not be kept */
	const struct recorded_events *events; /* what they were made of, which outlives them */
};

/* Called for each packet that touched a mapping: m was born by it, or refreshed. */
typedef void mapping_touched(void *context, const struct mapping *m, const struct journey *j, uint64_t time_ns,
                             bool born);

/* Makes the mappings of those events. 0, or -1 without memory. */
int mappings_begin(struct mappings *m, const struct scene *s, const struct recorded_events *r)
    __attribute__((warn_unused_result));
void mappings_free(struct mappings *m);

/*
 * A journey's passages through boxes refresh their mappings, or make one known that conntrack did not tell of. To be
 * called in the order of the journeys. `touched` may be NULL.
 */
void mappings_journey(struct mappings *m, const struct scene *s, const struct journey *j, mapping_touched *touched,
                      void *context);

/* Which mappings are looked for. */
struct mapping_search {
	enum mapping_key key;
	int box;
	uint8_t protocol;              /* 0: whichever */
	const struct endpoint *end;    /* the outside or inside one */
	const struct endpoint *remote; /* of keys that have it: its address, the port aside; else NULL */
};

/* The places of those that are looked for, the one made last first; -1 after the last. */
long mappings_first(const struct mappings *m, const struct mapping_search *q);
long mappings_next(const struct mappings *m, const struct mapping_search *q, long place);

/* For qsort_r() of places, with the list as context: the oldest first. */
int mapping_by_birth(const void *a, const void *b, void *list);

/* True if it could carry a packet at that time, as far as is known from the journeys told so far. */
bool mapping_is_alive(const struct mapping *m, uint64_t time_ns);

/*
 * True of one of which packets alone tell, if it had been idle for longer than is sure to be survived: than boxes keep
 * one at the least, and than it is seen to have been before it let one in.
 */
bool mapping_may_have_timed_out(const struct mapping *m, uint64_t idle_ns);

/* When it died or must have died by its timeout before `time_ns`; 0 if it is alive. */
uint64_t mapping_died_ns(const struct mapping *m, uint64_t time_ns);

#endif
