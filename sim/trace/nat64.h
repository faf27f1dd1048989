/*
 * Packets in the lan of a NAT64, which are IPv6's there and IPv4's outside: told of as IPv4's everywhere, so that one
 * packet is one journey, whose mapping and fate are those of any other box. The record says which boxes are such, and
 * by which IPv4 addresses they know their hosts.
 */
#ifndef TRACE_NAT64_H
#define TRACE_NAT64_H

#include "trace/journey.h"
#include "trace/packet.h"
#include "trace/scene.h"

/* True if there is such a box. */
bool nat64_is_about(const struct scene *s);

/*
 * Makes a packet of IPv6 that goes to or comes from IPv4 what it is outside: addresses, what ICMP says, what it quotes;
 * `is_nat64` is true of it then. The keys of all packets are as they are in both families: without the identification,
 * which is another one in each.
 */
void nat64_unify(const struct scene *s, unsigned interface, uint64_t time_ns, struct packet *p);

/* The leg with the addresses that were on the wire. */
struct leg nat64_as_seen(const struct scene *s, const struct leg *l);

#endif
