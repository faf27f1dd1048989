/*
 * When the cable's process runs: before everybody else while a frame waits for its time, so that none is late by the
 * turns of others, but for moments that it leaves to them. For the files of the cable alone.
 */
#ifndef CABLE_TURN_H
#define CABLE_TURN_H

#include "cable/frames.h"

#include <poll.h>
#include <stdbool.h>

struct cable_turn {
	bool may_be_first, is_first;   /* before everybody else; it runs so now */
	uint64_t rested_ns, waited_ns; /* when it last rested, and how long it waited since */
};

/* Of the process that calls it, from now on. */
void cable_turn_begin(struct cable_turn *t);

/* Returns as ppoll(2) does, when something came or the frame that is due next (NULL: none waits) is. */
int cable_turn_wait(struct cable_turn *t, const struct frame *first, struct pollfd *polled, nfds_t count);

#endif
