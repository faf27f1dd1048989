/* The verdict on a pair as JSON, for programs and tests: `punchlab trace --why --json`. */
#ifndef WHY_JSON_H
#define WHY_JSON_H

#include "trace/why.h"

#include <jansson.h>

/*
 * One object: a, b, outcome (why_outcome_name()), opened (seconds from the first try, or null), cause (cause_name(), of
 * the one that matters most, or null), box (where that is), because, because_of (a box), directions [from, to, sent,
 * delivered, losses [cause, at, count, before_open, because, because_of]], help [why_help_name()], text [paragraph].
 * NULL without memory.
 */
json_t *why_to_json(const struct why *w, const struct pair_verdict *v);

#endif
