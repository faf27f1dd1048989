/*
 * The end of mappings that have a lifetime: a process in the box's namespace that follows conntrack's events and
 * removes each mapping, with all flows that it has, when it is that old. Its rules forget by themselves what they hold,
 * at the same age (model/nat_rules_nft.c).
 */
#ifndef REAPER_H
#define REAPER_H

#include "nat/nat.h"

#include <stdbool.h>

/*
 * Starts one for the box of that name, whose NAT has a lifetime, in the network namespace of the descriptor. It ends
 * when the socket returned is closed. Returns when it listens, or -1 (logged). To be called while nothing is tracked.
 */
int reaper_start(const char *box, const struct nat *nat, int netns_fd) __attribute__((warn_unused_result));

/* True as long as it is at work; it has said on the log why it is not. */
bool reaper_lives(int socket);

#endif
