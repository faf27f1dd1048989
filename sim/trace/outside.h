/*
 * What one place tells of a NAT that stands elsewhere: the outside addresses that STUN answers name, and peers that
 * answer from another port than they were asked at. For captures without a record.
 */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include "trace/flow.h"

#include <stdio.h>

#define OUTSIDE_MAX 64

/* One socket, and what one server said that it looks like. */
struct outside_sight {
	struct endpoint inside, server, mapped;
	uint64_t journey; /* the answer */
};

struct outside {
	struct outside_sight list[OUTSIDE_MAX];
	size_t count;
};

/* Notes a journey if it is a STUN answer that names another address than the one it came to. */
void outside_journey(struct outside *o, const struct journey *j);

/*
 * Says it, a line each: how each socket's NAT maps, as far as two servers tell; whose NAT gave it another port than was
 * known. Returns how many lines.
 */
unsigned outside_explain(FILE *f, const struct outside *o, const struct flows *flows, const struct scene *s);

#endif
