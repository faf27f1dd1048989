/*
 * Several servers, asked one after the other until one suffices: what came of each, and what all of it shows. Pure.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "nat_type/conclusion.h"

/* What came of asking one server. */
struct attempt {
	struct endpoint server;
	struct discovery_findings findings;
	enum conclusion_host host;
};

/* What the i-th attempt shows, by the light of the `count` made so far. */
struct conclusion attempt_conclusion(const struct attempt attempts[], size_t count, size_t i);

/* The attempt that shows most: a complete one, else the first of those that know most. `count` is above 0. */
size_t attempt_best(const struct attempt attempts[], size_t count);

#endif
