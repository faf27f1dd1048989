/* The machine formats of report.h: one verdict as TAP, or as a JSON line. */
#ifndef RESULT_FORMATS_H
#define RESULT_FORMATS_H

#include "result/run_output.h"

#include <stdio.h>

/* A verdict's full name: the scenario's, and which repeat. */
const char *verdict_name(const struct verdict *v, char text[512]);

/* TAP 13: the test line, for a failure a YAML block. `number` counts from 1. */
void run_output_tap(FILE *out, size_t number, const struct verdict *v);

/* One object: scenario, file, line, result, seconds, trace; repeat, message, at, details, why, facts, cell, punches where
 * there are any. */
void run_output_json(FILE *out, const struct verdict *v);

#endif
