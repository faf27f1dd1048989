/* For programs that test in worlds of their own: which tests are meant, and a sandbox for each. */
#ifndef IN_WORLD_H
#define IN_WORLD_H

#include "nat/measurement.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>

#define CANNOT_RUN 77 /* exit status where the machine allows no sandbox */

/* Reads the command line: [--list | -k TEXT], those tests whose name holds the text. Wrong words end the program. */
void tests_choose(int argc, char **argv);

/* True if the test of that name is to be run. */
bool tests_want(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The end: says "WHAT: N passed, N failed"; with --list, or where none was meant, which tests there are. Returns the
 * exit status.
 */
int tests_end(const char *what, size_t passed, size_t failed, size_t skipped);

/* A line for each part of a box that was measured to be other than asked. */
void tests_print_differences(const struct measurement *m);

/* True if this machine allows a sandbox at all (why not is on the log). */
bool sandbox_works(void);

/* Builds the topology in a sandbox and runs the body there; true if that returned true. */
bool in_world(const struct topology *t, bool (*body)(const struct world *w, const void *argument),
              const void *argument);

#endif
