/* Every view that there is of a trace, one after the other. */
#ifndef VIEWS_H
#define VIEWS_H

#include "trace/trace.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes them to `f`; also those that --annotate writes into a capture, which takes a file. */
void views_tell(FILE *f, struct trace *trace, bool with_comments);

#endif
