/*
 * Scenarios as a grid. A scenario becomes a cell by its facts: `row` and `column` (texts), `opened` and `expected`
 * (booleans), `ms` (how long opening took), `note` (why it may be either way).
 */
#ifndef GRID_H
#define GRID_H

#include "result/outcome.h"

#include <stddef.h>
#include <stdio.h>

struct grid;

struct grid *grid_new(void);
void grid_free(struct grid *g);

/* Takes a cell; of a scenario without the facts nothing is taken. `index` orders rows and columns. */
void grid_add(struct grid *g, size_t index, const struct outcome *o);

void grid_print(const struct grid *g, FILE *out);

#endif
