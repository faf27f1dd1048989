/*
 * Scenarios as a grid: each stands where its cell says (outcome.h).
 */
#ifndef GRID_H
#define GRID_H

#include "result/outcome.h"

#include <stddef.h>
#include <stdio.h>

struct grid;

struct grid *grid_new(void);
void grid_free(struct grid *g);

/* Takes a cell; of a scenario without one nothing is taken. `index` orders rows and columns. */
void grid_add(struct grid *g, size_t index, const struct outcome *o);

void grid_print(const struct grid *g, FILE *out);

#endif
