/* JUnit's XML, which most CI systems read: one testsuite, a testcase per scenario, classname its file. */
#ifndef JUNIT_H
#define JUNIT_H

#include "result/scenario_verdict.h"

#include <stdio.h>

struct junit;

/* NULL without memory. */
struct junit *junit_new(void) __attribute__((warn_unused_result));

void junit_add(struct junit *j, const struct verdict *v);

/* Writes the document. */
void junit_write(struct junit *j, const struct totals *totals, double seconds, FILE *out);

/* NULL is fine. */
void junit_free(struct junit *j);

#endif
