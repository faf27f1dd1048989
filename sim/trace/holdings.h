/*
 * What a box holds for the outside port that a packet came to, as it was then: which of its mappings let it in, and if
 * none does, what comes nearest. Places in the list of mappings, or -1.
 */
#ifndef HOLDINGS_H
#define HOLDINGS_H

#include "trace/mapping.h"

/* A packet that came to a box from outside. */
struct arrival {
	int box;
	uint8_t protocol;
	uint64_t time_ns;
	struct endpoint src, dst;
};

struct holdings {
	long local; /* the box's own entry for exactly this sender */
	long exact; /* alive, and made for this sender */
	long exact_dead;
	long exact_later;
	long address; /* alive, made for the sender's address */
	long address_later;
	long any; /* alive, made for somebody */
	long any_dead;
	long elsewhere; /* alive, made for the sender's address by the same host inside, with another port outside */
	struct endpoint inside; /* who uses the port */
};

struct holdings holdings_of(const struct mappings *m, const struct arrival *a);

/*
 * What is alive at the port that the packet came to, but at another outside address of the box: made for this sender
 * if there is such a one, else the newest; or -1.
 */
long holdings_at_other_address(const struct mappings *m, const struct scene *s, const struct arrival *a);

/*
 * Of a box that keeps parity: the way that was opened for the sender's address, then or later, where it is an even port
 * and the packet came to an odd one, or the other way round; the newest, or -1.
 */
long holdings_of_other_parity(const struct mappings *m, const struct arrival *a);

/* The flow of another host inside that used the outside endpoint of `first` after it, up to then; or -1. */
long holdings_taker(const struct mappings *m, const struct mapping *first, uint64_t time_ns);

/* The newest: puts mapping `i` into the slot if that has none (-1), or an older one. */
void holdings_keep_newest(long *slot, const struct mappings *m, size_t i);

#endif
