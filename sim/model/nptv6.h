/*
 * Network prefix translation of IPv6 (RFC 6296): an address outside for each inside, and nothing remembered. Pure.
 *
 * The prefix is another one, of as many bits, at most 64, and 16 bits behind it are such that the sum of all words
 * stays the same: so do the checksums of what is in the packet. The rest of an address stays. Behind a prefix of at
 * most 48 bits these 16 are the subnet's (§3.4), else the first of the identifier's that are not all ones (§3.5).
 */
#ifndef NPTV6_H
#define NPTV6_H

#include "base/subnet.h"

#define NPTV6_PREFIX 48 /* where none is chosen */

struct nptv6 {
	struct subnet inside, outside; /* prefixes of equal length; of no bits: there is no such translation */
};

/* True if the prefixes leave the identifier (the last 64 bits) as it is. */
bool nptv6_keeps_identifier(const struct nptv6 *n);

/* An inside address as it is outside. The subnet ffff cannot be told from 0 (§3.4): it is nobody's. */
struct address nptv6_outside(const struct nptv6 *n, const struct address *inside);

/* True if the sums of the words of both are the same (RFC 1071). */
bool nptv6_is_neutral(const struct address *a, const struct address *b);

#endif
