/*
 * By which family two hosts and the server between them speak, and what their addresses are then. Pure, of a world on
 * paper. A host behind a NAT64 has IPv4, too: its own socket is one of IPv6, and others' addresses are embedded ones.
 */
#ifndef PUNCH_FAMILY_H
#define PUNCH_FAMILY_H

#include "base/endpoint.h"
#include "model/topology.h"

/*
 * The family that two hosts and their server have in common: the one that is asked for, or (ADDRESS_NONE) IPv4 where
 * that is one, else IPv6. Returns 0, or -1 with one line that says who has which.
 */
int punch_family_choose(const struct topology *t, const int hosts[2], int server, enum address_family asked,
                        enum address_family *out, char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/* What a socket of that node is bound to that speaks it; family ADDRESS_NONE: it does not. */
struct address punch_family_address(const struct topology *t, int node, enum address_family family);

/* An endpoint of that family as that node's socket knows it. */
struct endpoint punch_family_endpoint(const struct topology *t, int node, const struct endpoint *e);

#endif
