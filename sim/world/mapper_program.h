/*
 * A box's miniupnpd (model/port_mapper.h): it runs there as long as the world stands. What it has mapped stands in a
 * file (lease_watch.h), which outlives it.
 */
#ifndef MAPPER_PROGRAM_H
#define MAPPER_PROGRAM_H

#include "model/topology.h"

#include <stdbool.h>

enum mapper_build { MAPPER_NFTABLES, MAPPER_IPTABLES };

/*
 * Which miniupnpd is installed. Returns 0, or -1: none that can be run, and `what` is one line that says so, `fix` the
 * command that mends it.
 */
#define MAPPER_PROBLEM_SIZE 200
int mapper_find(enum mapper_build *build, char what[MAPPER_PROBLEM_SIZE], char fix[MAPPER_PROBLEM_SIZE])
    __attribute__((warn_unused_result));

/*
 * Loads the rules and starts it, in the network namespace that the thread is in, and returns when it answers. A box
 * whose spec asks for none gets none. 0, or -1 (logged).
 */
int mapper_start(const struct topology *t, int box) __attribute__((warn_unused_result));

/*
 * Ends it and starts it anew, in the network namespace of the descriptor: after a reboot of the box, in which it
 * `forgets` what the spec says is forgotten, or as its interfaces are others. 0, or -1 (logged).
 */
int mapper_restart(const struct topology *t, int box, int netns_fd, bool forgets) __attribute__((warn_unused_result));

#endif
