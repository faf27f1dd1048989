/* A run for whoever looks at a CI's page: Markdown, with the grid and what failed. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "result/grid.h"
#include "result/scenario_verdict.h"

#include <stdio.h>

struct summary;

/* NULL without memory. */
struct summary *summary_new(void) __attribute__((warn_unused_result));

void summary_add(struct summary *s, const struct verdict *v);

/* Writes it; `grid` is NULL where there is none. */
void summary_write(const struct summary *s, const char *title, const struct totals *totals, double seconds,
                   const struct grid *grid, FILE *out);

/* NULL is fine. */
void summary_free(struct summary *s);

#endif
