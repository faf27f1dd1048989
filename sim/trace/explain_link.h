/* What links, and boxes, did to packets that arrived all the same, in sentences: for explain.c. */
#ifndef EXPLAIN_LINK_H
#define EXPLAIN_LINK_H

#include "trace/verdict.h"

/*
 * Writes a line about what was sent that way: which were held up, came twice or overtook; how long its links take;
 * which a box rewrote.
 */
void explain_link(FILE *f, const struct why *w, const struct direction *d);

#endif
