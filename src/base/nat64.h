/*
 * IPv4 addresses within IPv6 ones, as NAT64 has them (RFC 6052). Pure. Prefixes are of 32, 40, 48, 56, 64 or 96 bits;
 * bits 64 to 71 of an address stay zero whichever it is (§2.2).
 */
#ifndef NAT64_H
#define NAT64_H

#include "base/address.h"

#define NAT64_PREFIX_BITS 96 /* of the well-known one */

/* A name that has these two IPv4 addresses alone, so that its IPv6 ones tell a network's prefix (RFC 7050). */
#define NAT64_NAME "ipv4only.arpa"
#define NAT64_NAME_FIRST 0xc00000aau  /* 192.0.0.170 */
#define NAT64_NAME_SECOND 0xc00000abu /* 192.0.0.171 */

struct nat64_prefix {
	struct address network; /* family ADDRESS_NONE: there is none */
	unsigned bits;
};

/* 64:ff9b::/96. */
struct nat64_prefix nat64_well_known(void);

struct address nat64_embed(const struct nat64_prefix *p, const struct address *ipv4);

/* The IPv4 address within; false if it is none of that prefix. */
bool nat64_extract(const struct nat64_prefix *p, const struct address *ipv6, struct address *ipv4);

/* The prefix of an IPv6 address of NAT64_NAME; false if there is none of its two addresses in it. */
bool nat64_discover(const struct address *ipv6, struct nat64_prefix *out);

#endif
