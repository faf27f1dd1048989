/*
 * The keeper: a process of the world that puts routes back. The kernel forgets those of an interface that goes down,
 * and on a real host something (DHCP, a network manager) brings them back with it; here that is the keeper. It also
 * plugs interfaces in elsewhere.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include "world/wiring.h"

/*
 * Starts it for a world that is connected; the wiring is copied. It is reaped by the world's first process, and ends
 * when the returned socket is closed. -1 with the reason on the log.
 */
int keeper_start(struct wiring *w) __attribute__((warn_unused_result));

/* Returns when all that came up before the call has its routes. 0, or -1 (logged). */
int keeper_settle(int socket) __attribute__((warn_unused_result));

/* Returns when the kernel has taken notice of the carriers of the node's links: wiring_wait(). 0, or -1 (logged). */
int keeper_await(int socket, int node) __attribute__((warn_unused_result));

/* The node's links become these: wiring_change(). 0, or -1 (logged). */
int keeper_change(int socket, int node, const struct link links[TOPOLOGY_LINKS]) __attribute__((warn_unused_result));

#endif
