/* For programs that test in worlds of their own: each test in a sandbox, one after the other. */
#ifndef IN_WORLD_H
#define IN_WORLD_H

#include "world/world.h"

#include <stdbool.h>

#define CANNOT_RUN 77 /* exit status where the machine allows no sandbox */

/* True if this machine allows a sandbox at all (why not is on the log). */
bool sandbox_works(void);

/* Builds the topology in a sandbox and runs the body there; true if that returned true. */
bool in_world(const struct topology *t, bool (*body)(const struct world *w, const void *argument),
              const void *argument);

#endif
