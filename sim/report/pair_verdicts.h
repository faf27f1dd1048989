/* What became of each pair of hosts, in words that can be compared from one run to another: the "pairs" of base.js. */
#ifndef PAIR_VERDICTS_H
#define PAIR_VERDICTS_H

#include "trace/why.h"

#include <jansson.h>

/* A list of objects: a, b (or null), protocol, outcome, cause, box, because (or null). A new reference. */
json_t *pair_verdicts(const struct why *w);

#endif
