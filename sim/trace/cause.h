/*
 * Why a packet went no further: one cause out of a closed list, with the facts it rests on. It is found from what the
 * box held at that moment (mapping.h) and what the packet bore; from its spec only where that alone tells (manners.h).
 */
#ifndef CAUSE_H
#define CAUSE_H

#include "trace/cause_list.h"
#include "trace/journey.h"
#include "trace/mapping.h"
#include "trace/sentence.h"

#define CAUSE_CONSTANT(kind, ...) CAUSE_##kind,
enum cause_kind { CAUSE_LIST(CAUSE_CONSTANT) CAUSES };

/* Why the same socket shows another port to one peer than to others. */
#define BECAUSE_CONSTANT(kind, ...) BECAUSE_##kind,
enum because { BECAUSE_LIST(BECAUSE_CONSTANT) BECAUSES };

/* It had arrived, and was answered by a RST. */
static inline bool cause_is_reset(enum cause_kind kind)
{
	return kind == CAUSE_RESET || kind == CAUSE_BOX_RESET;
}

/* A row of cause_list.h; what helps is verdict_help.c's. */
struct cause_row {
	const char *name;
	unsigned weight;
	const char *brief, *sentence;
};

struct because_row {
	const char *name, *sentence;
};

extern const struct cause_row cause_table[CAUSES];
extern const struct because_row because_table[BECAUSES];

/* Mappings are named by their place in mappings.list; -1: none. */
struct cause {
	enum cause_kind kind;
	int node;    /* where it died; -1: on a wire */
	bool beyond; /* not there, but somewhere after it had left there */
	uint64_t journey;
	uint64_t time_ns;
	int origin; /* the host that sent it, or -1 */
	uint8_t protocol;
	struct endpoint src, dst; /* as it bore them there */
	long mapping;             /* the one that nearly fitted: the permission, the expired one, the one elsewhere */
	enum because because;     /* where a port was not the one expected */
	int because_node;         /* the box that chose the port */
	struct endpoint usual;    /* what the same socket showed to others; family ADDRESS_NONE: not known */
	struct endpoint seer;     /* to whom: who sent an answer there; or ADDRESS_NONE */
	int source_box; /* CAUSE_MAPPED_ELSEWHERE: the box that gave its source, too, a port of its own; or -1 */
	int holder;     /* BECAUSE_TAKEN, CAUSE_TAKEN_OVER: the other host inside */
	long later;     /* CAUSE_FILTERED_ADDRESS: a way for that address, opened afterwards; or -1 */
	const struct link_event
	    *on_link;            /* CAUSE_LINK, CAUSE_NONE: what the record says that a link did to it; NULL: nothing */
	bool rebound;            /* CAUSE_DELETED: the box had given its mappings other ports */
	uint64_t idle_ns;        /* CAUSE_IDLE: for how long the mapping had been */
	uint32_t path_mtu;       /* CAUSE_TOO_BIG: what would fit; 0: not told */
	struct endpoint refuser; /* who sent the ICMP error about it, port 0; or ADDRESS_NONE */
};

/* How many packets of each host passed each box outwards, over the whole trace. */
#define PASSED_PROTOCOLS 2
struct passed {
	uint32_t counts[PASSED_PROTOCOLS][SCENE_NODES][SCENE_NODES]; /* [UDP or TCP][box][host] */
};

void passed_journey(struct passed *p, const struct scene *s, const struct journey *j);

/*
 * Finds the cause. `m` must have been told of all journeys up to this one. kind is CAUSE_NONE if the journey did not go
 * wrong. A drop from the inside is CAUSE_RULE_OUT until cause_settle().
 */
void cause_find(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *out);

/*
 * With the whole trace told, CAUSE_RULE_OUT becomes CAUSE_BLOCKED where nothing else got out either. CAUSE_TOO_EARLY
 * becomes CAUSE_RULE_IN where the packet that opened the way had left before: conntrack's word of it comes later.
 * CAUSE_IDLE does where the mapping is seen to have survived more.
 */
void cause_settle(struct cause *c, const struct mappings *m, const struct passed *p);

/* CAUSE_NO_ROUTE: whose inside address it was for, that means nothing outside; or -1. */
int cause_inside_owner(const struct scene *s, const struct cause *c);

/* What the words of a short form speak of; the sentences' words, which are more, begin with it. */
struct cause_tale {
	const struct scene *scene;
	const struct mappings *mappings;
	const struct cause *c;
};

extern const struct sentence_words cause_words;

#define CAUSE_TEXT_SIZE 256

/* A few words for a ladder or a comment: "only server:5000 may use it". "" for CAUSE_NONE. Returns `text`. */
const char *cause_format(const struct scene *s, const struct mappings *m, const struct cause *c,
                         char text[CAUSE_TEXT_SIZE]);

#endif
