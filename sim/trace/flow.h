/*
 * Flows: what one socket sent to one address, as its host sent it, and what became of it. Memory is per flow, not per
 * packet.
 */
#ifndef FLOW_H
#define FLOW_H

#include "trace/admission.h"
#include "trace/cause.h"

#define FLOW_CAUSES 6
#define FLOWS_MAX 65536 /* beyond these they are counted, not kept */

/* One way packets of a flow went wrong, and how often. */
struct flow_loss {
	struct cause first;
	uint64_t count;
	bool after;        /* lost after the first one had arrived */
	uint64_t last_ns;  /* when the last of them was lost */
	uint32_t smallest; /* bytes of the smallest of them */
	uint64_t passed,
	    passed_ns;     /* sent the same way and arrived between the first and the last of them, in that time */
	unsigned turns;    /* how often those that arrived and those that were lost took turns, as they were sent */
	bool is_turn;      /* since the last one that arrived */
	bool passed_later; /* a packet sent the same way after the first of them arrived; settled by flows_settle() */
	bool never;        /* none of its flow arrived at all; settled by flows_settle() */
};

struct flow {
	int origin; /* the host or box that sent it; -1: nobody known; settled by flows_settle() */
	int target; /* whom it was for, -1: nobody known; settled by flows_settle() */
	uint8_t protocol;
	struct endpoint src, dst; /* as the host sent it */
	uint64_t sent, delivered, lost;
	uint64_t vanished; /* came in at the box `vanished_at` and was not seen to leave it, which is not all */
	int vanished_at;   /* that is known of it; -1: none did */
	bool answered;     /* TCP: something other than a refusal came back, */
	bool acknowledged; /* ... and says that what was sent arrived */
	uint32_t largest;  /* bytes of the largest that arrived */
	uint64_t first_ns, last_ns;  /* of sending */
	uint64_t arrived_ns;         /* the first arrival; 0: none */
	uint64_t arrived_last_ns;    /* the last arrival */
	uint64_t arrived_by;         /* the first one's journey */
	uint64_t sent_before;        /* packets sent before that */
	bool arrived_syn;            /* it asked for a connection of TCP */
	struct endpoint arrived_src; /* the source it showed there */
	struct admission admitted;   /* how it got in */
	char arrived_what[48];       /* what it was, safe to print */
	int path[JOURNEY_LEGS];      /* the nodes it passed */
	unsigned path_len;
	struct flow_loss losses[FLOW_CAUSES]; /* the most frequent kinds come as they were met first */
	unsigned loss_count;
	uint64_t other_losses;       /* of further kinds */
	struct link_changes changes; /* what links did to those that arrived */
	uint64_t clobbered;          /* of those, in which a box rewrote the payload, */
	int clobberer;               /* ... and which */
	int seen_from;               /* journey_origin() of its journeys */
	bool passing;                /* it was seen first where it came in, not where it was sent */
	uint32_t next;               /* private to flow.c */
};

struct flows {
	struct flow *list;
	size_t count;
	uint32_t *buckets;
	uint64_t left_out, left_out_lost; /* packets of flows beyond FLOWS_MAX; of them, those that were lost */
};

int flows_begin(struct flows *f) __attribute__((warn_unused_result));
void flows_free(struct flows *f);

/* Notes a journey of one host or box to another; what goes to many is passed over. `c` is its cause;
 * `m` must have been told of it. */
void flows_journey(struct flows *f, const struct scene *s, const struct mappings *m, const struct journey *j,
                   const struct cause *c);

/* With the whole trace told: whom each flow was for, and causes settled. */
void flows_settle(struct flows *f, const struct scene *s, const struct mappings *m, const struct passed *p);

/* The node a journey was meant for, as far as the whole trace tells; -1: not known. After flows_settle(). */
int flows_target(const struct flows *f, const struct scene *s, const struct journey *j);

/* True for a loss that is of the same kind at the same place for the same reason. */
bool flow_loss_is_like(const struct cause *a, const struct cause *b);

#endif
