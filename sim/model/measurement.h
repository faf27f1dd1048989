/*
 * What was seen of a NAT box, and how it differs from what was asked. Pure.
 */
#ifndef MEASUREMENT_H
#define MEASUREMENT_H

#include "model/nat.h"

#define MEASUREMENT_ROWS 32
#define MEASUREMENT_TEXT_SIZE 96

/* One behaviour: what was asked, what was measured, in the words of NAT specs. */
struct measurement_row {
	const char *behaviour;                  /* "mapping", "filtering", "hairpin", ... */
	char asked[MEASUREMENT_TEXT_SIZE];
	char measured[MEASUREMENT_TEXT_SIZE];
	const char *requirement;                /* "RFC 4787 REQ-1", or NULL */
	bool differs;                           /* from what was asked */
	bool requirement_met;                   /* where `requirement` is not NULL */
};

struct measurement {
	struct nat measured;                    /* as far as it was measured; the rest as asked */
	struct measurement_row rows[MEASUREMENT_ROWS];
	size_t count;
};

/* True if no row differs. */
bool measurement_agrees(const struct measurement *m);

#endif
