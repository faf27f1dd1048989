/*
 * All verdicts of a run in the order of their indices, whatever the order in which they come; and which scenarios'
 * repeats did not end alike.
 */
#ifndef VERDICT_LIST_H
#define VERDICT_LIST_H

#include "result/scenario_verdict.h"

#include <stdbool.h>

struct verdict_list {
	struct verdict *all; /* at their indices; without a scenario where none has come */
	size_t total, taken;
};

/* For so many. Returns 0, or -1 without memory. */
int verdict_list_init(struct verdict_list *l, size_t total) __attribute__((warn_unused_result));
void verdict_list_clear(struct verdict_list *l);

/* Keeps it at its index. Its traces are copied; what else it points to must outlive the list, but its folder. */
void verdict_list_add(struct verdict_list *l, const struct verdict *v);

/* The next in order, once it has come; with `skip` those that have not come are passed over. NULL: there is none. */
const struct verdict *verdict_list_next(struct verdict_list *l, bool skip);

/* A scenario that did not give the same verdict each time: how often it failed, and a trace of each kind (or NULL). */
struct wavering {
	const struct scenario *scenario;
	size_t failed, ended;
	const char *passed_trace, *failed_trace;
};

/* The first from *at on, which is 0 at first and moves behind it. False: there is none. */
bool verdict_list_wavers(const struct verdict_list *l, size_t *at, struct wavering *out);

#endif
