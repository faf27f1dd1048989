/*
 * Where one peer may be reached: the address the server gave, first, and those its probes came from (peer-reflexive
 * candidates, RFC 8445 §7.3.1.3). A candidate is confirmed when a probe sent to it was answered from it: that shows
 * both directions. Pure; part of path.
 */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include "base/endpoint.h"
#include "chat/peer/strategy.h"

#include <stdint.h>

#define CANDIDATES_MAX 8     /* NAT-side churn and forged sources alike; RFC 8445 §19.5.1 asks for a bound */
#define CANDIDATE_BITS 3     /* the low bits of a probe's serial tell the candidate it went to */
#define CANDIDATES_TIMED 64u /* probes: of so many at the end it is known when they were sent */

/* How datagrams go to a peer and come from it. */
struct route {
	struct endpoint where; /* the peer's address; when relayed, the one the server knows it by */
	uint16_t socket;       /* of ours; 0 is the first, see socket_set.h */
	bool relayed;          /* by way of the server */
	uint8_t hops;          /* of what is sent; 0 for as usual. Does not tell one route from another */
};

struct candidate {
	struct route route;
	enum way way;
	uint32_t first_serial; /* of the probes sent to it; older ones went to who had this place before */
	uint32_t last_serial;
	uint32_t answered;      /* serial of the latest probe that was answered; 0 for none */
	uint64_t sent_us;       /* the last probe */
	uint64_t round_trip_us; /* as the latest probe took that was answered; 0 if that is not known */
	uint64_t shortest_us;   /* the shortest of them */
	bool heard;             /* a probe came from it */
};

struct candidates {
	struct candidate list[CANDIDATES_MAX];
	uint32_t count;
	uint32_t counter;                   /* probes sent, over all of them */
	uint32_t turn;                      /* which learned one makes room next */
	uint64_t sent_us[CANDIDATES_TIMED]; /* by the probe's number */
};

/* Starts with the address the server gave. */
void candidates_init(struct candidates *c, const struct endpoint *given);

/* The candidate with that route, or NULL. */
struct candidate *candidates_find(struct candidates *c, const struct route *route);

/*
 * A new candidate for a route that is none yet. When all places are taken a learned one makes room: not `keep`
 * (which may be NULL), one that never answered before one that did, and of those the one that answered longest ago.
 */
struct candidate *candidates_add(struct candidates *c, const struct route *route, enum way way,
                                 const struct candidate *keep);

/* The serial for one more probe to `to`, sent now. */
uint32_t candidates_next_serial(struct candidates *c, struct candidate *to, uint64_t now_us);

/*
 * The candidate that an answer with that serial from that source confirms, or NULL if no probe with that serial was
 * sent there, or a later one was answered already.
 */
struct candidate *candidates_confirm(struct candidates *c, uint32_t serial, const struct route *from);

/* What went by socket `a` goes by `b` from now on, and the other way round. */
void candidates_swap_sockets(struct candidates *c, uint16_t a, uint16_t b);

/* Notes how long the probe with that serial took, whose answer has just confirmed `to`. */
void candidates_time(const struct candidates *c, struct candidate *to, uint32_t serial, uint64_t now_us);

#endif
