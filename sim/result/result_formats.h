/* The formats for machines: one verdict as TAP, or as a JSON line. */
#ifndef RESULT_FORMATS_H
#define RESULT_FORMATS_H

#include "result/scenario_verdict.h"

#include <stdio.h>

#define VERDICT_AGAIN_SIZE 8192

/* A verdict's full name: the scenario's, and which repeat. */
const char *verdict_name(const struct verdict *v, char text[512]);

/* The command that runs its scenario alone, to be pasted where the run was started. */
const char *verdict_again(const struct verdict *v, char text[VERDICT_AGAIN_SIZE]);

/* TAP 13: the test line, for a failure a YAML block. `number` counts from 1. */
void result_tap(FILE *out, size_t number, const struct verdict *v);

/* One object: scenario, file, line, result, seconds, trace; place, repeat, message, at, details, why, facts, cell,
 * punches where there are any. */
void result_json(FILE *out, const struct verdict *v);

#endif
