/*
 * IPv4 packets into IPv6 ones and back: RFC 7915's translator, which keeps nothing in mind. Pure. Who is inside has one
 * IPv4 address for each of IPv6; everybody outside is known by RFC 6052's.
 *
 *   2444:0:3::4 --> 64:ff9b::1616:1602      becomes      10.0.1.2 --> 22.22.22.2      and the other way round
 *
 * Mapping and filtering are for a NAT behind it (RFC 6146 is both together). It sends no errors of its own: too big, or
 * too far, a packet is for those that forward it. As these are two where RFC 7915 §4.1 counts one hop, one is given
 * back.
 *
 * Not translated: fragments of ICMP (§4.2), IPv4's options and IPv6's extension headers (left out, §4.1, §5.1; where a
 * route is still to be followed, or they are in what was fragmented, the packet is dropped), what RFC 6052 §3.1 forbids
 * the well-known prefix.
 */
#ifndef SIIT_H
#define SIIT_H

#include "base/nat64.h"

#include <stdbool.h>
#include <stddef.h>

#define SIIT_HOSTS 256
#define SIIT_PIECES 2
#define SIIT_PACKET_SIZE 2000

/* What a packet of IPv4 may grow to: another header, and that of a fragment. */
#define SIIT_MTU (1500 + 20 + 8)

struct siit_host {
	struct address ipv6, ipv4;
};

struct siit {
	struct nat64_prefix prefix;
	struct address own_ipv6, own_ipv4; /* of whoever reports an error and has no address of that family */
	struct siit_host hosts[SIIT_HOSTS];
	size_t host_count;
	bool is_client;   /* the other way round (464XLAT): inside is IPv4, and everybody outside is reached by IPv6 */
	uint16_t next_id; /* identification of the next packet that may be cut up on its way */
};

struct siit_packet {
	size_t len;
	uint8_t bytes[SIIT_PACKET_SIZE];
};

/* The same host's address in the other family; ADDRESS_NONE where it has none. */
struct address siit_address(const struct siit *s, const struct address *a);

/*
 * Translates an IP packet of whichever version. Returns how many packets it became: 0 where it is dropped, 2 where the
 * one it became had to be cut up.
 */
size_t siit_translate(struct siit *s, const uint8_t *packet, size_t len, struct siit_packet out[SIIT_PIECES]);

#endif
