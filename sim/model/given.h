/*
 * What a node of a world on paper is given instead of what it would have by itself: an address, names. Pure.
 *
 * All return 0, or -1 with a one-line message in `error`; the topology is then unchanged.
 */
#ifndef GIVEN_H
#define GIVEN_H

#include "model/topology.h"

/*
 * Gives a link of a node that address, as text, in place of the first that it has: any that can stand on the internet,
 * or, behind a box, one of its lan, which then keeps its network. Refused are addresses that somebody else has.
 */
int given_address(struct topology *t, int node, int link, const char *address, char error[TOPOLOGY_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Gives a node one more name, "stun.example.org": a DNS name in small letters (RFC 1123 §2.1) that nobody else has. */
int given_name(struct topology *t, int node, const char *name, char error[TOPOLOGY_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* True of such a name: labels of a-z, 0-9 and -, each perhaps with a "_" before it, with dots between them. */
bool given_is_name(const char *name);

#endif
