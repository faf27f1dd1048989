/* What would help a pair, in one line: for explain.c. */
#ifndef EXPLAIN_HELP_H
#define EXPLAIN_HELP_H

#include "trace/verdict.h"

#include <stdio.h>

/* "What would help: a relay." as a line of its own, or nothing where no help is known. */
void explain_help(FILE *f, const struct why *w, const struct pair_verdict *v);

/* The words that help_list.h may use. */
const struct sentence_words *explain_help_words(void);

#endif
