/* The verdict on a pair as JSON, for programs and tests: `punchlab trace --why --json`. */
#ifndef EXPLAIN_JSON_H
#define EXPLAIN_JSON_H

#include "trace/verdict.h"

#include <jansson.h>

/*
 * One object: a, b (null: addresses that no host has), protocol ("udp", "tcp", "icmp", "ip N"), outcome
 * (verdict_outcome_name()), opened (seconds from the first try, or null), said (by programs of a and of b: that they
 * failed all the same; or nulls), cause (cause_list.h, of the one that matters most, or null), box (where it is to be
 * looked for), because, because_of (a box), directions
 * [from, to, sent, delivered, losses [cause, at, count, before_open, because, because_of]], help [help_list.h],
 * text [paragraph]. NULL without memory.
 */
json_t *explain_to_json(const struct why *w, const struct pair_verdict *v);

#endif
