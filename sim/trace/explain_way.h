/* How packets got through, where that is not plain: in a sentence each. */
#ifndef EXPLAIN_WAY_H
#define EXPLAIN_WAY_H

#include "trace/verdict.h"

/* Why a box let the first one in though it answered nothing; led by a space, or nothing. */
void explain_admission(FILE *f, const struct why *w, const struct direction *d);

/* The same, of what a rule let in alone: that is worth a word even where all is well. */
void explain_rule(FILE *f, const struct why *w, const struct direction *d);

/* Through whom the two talk, as a line of its own; or nothing. */
void explain_relay(FILE *f, const struct why *w, const struct pair_verdict *v);

#endif
