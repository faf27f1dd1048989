/* A run for whoever looks at a CI's page: Markdown, with the grid and what failed. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "result/verdict_list.h"

#include <stdio.h>

struct summary;

/* NULL without memory. */
struct summary *summary_new(void) __attribute__((warn_unused_result));

void summary_add(struct summary *s, const struct verdict *v);

/* Writes it, with a grid of the cells of each file, and the scenarios whose repeats did not end alike. */
void summary_write(const struct summary *s, const char *title, const struct totals *totals, double seconds,
                   const struct verdict_list *all, FILE *out);

/* NULL is fine. */
void summary_free(struct summary *s);

#endif
