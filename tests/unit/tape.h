/* What was sent on the made-up internet of network.h while the tape ran, for whoever replays or changes it. One at a
 * time. */
#ifndef TAPE_H
#define TAPE_H

#include "network.h"

#include <stddef.h>

/* From now on every datagram is kept, up to a limit; what was kept before is forgotten. */
void tape_start(struct network *n);
void tape_stop(struct network *n);

size_t tape_count(void);

/* A copy, to be changed at will. `i` is below tape_count(). */
struct flight tape_flight(size_t i);

#endif
