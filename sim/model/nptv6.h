/*
 * Network prefix translation of IPv6 (RFC 6296): an address outside for each inside, and nothing remembered. Pure.
 *
 * The prefix is another one, and the 16 bits behind it (§3.4, §3.5), the subnet's, are such that the sum of all words
 * stays the same: so do the checksums of what is in the packet. The rest of an address stays.
 */
#ifndef NPTV6_H
#define NPTV6_H

#include "base/subnet.h"

#define NPTV6_PREFIX 48

struct nptv6 {
	struct subnet inside, outside; /* prefixes of NPTV6_PREFIX bits; of no bits: there is no such translation */
};

/* An inside address as it is outside. The subnet ffff cannot be told from 0 (§3.4): it is nobody's. */
struct address nptv6_outside(const struct nptv6 *n, const struct address *inside);

/* True if the sums of the words of both are the same (RFC 1071). */
bool nptv6_is_neutral(const struct address *a, const struct address *b);

#endif
