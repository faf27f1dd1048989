/* What is to be known before a trace without a record is read: trace_prepare(). For trace.c. */
#ifndef TRACE_PREPARE_H
#define TRACE_PREPARE_H

#include "trace/trace.h"

/*
 * Keeps standard input, which passes once only; and where no record tells of the world, looks through the captures
 * once: how far they are out of order, how their clocks stand, who stands where. 0, or -1 with a message.
 */
int trace_prepare(struct trace *t, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Notes which interface of which capture the scene's interface `at` is; -1: there was no room. */
void trace_place_interface(struct trace *t, int at, const struct source_interface *i);

#endif
