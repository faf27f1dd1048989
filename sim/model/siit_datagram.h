/* The two headers of the Internet Protocol, taken apart and put together. Pure. For siit.c. */
#ifndef SIIT_DATAGRAM_H
#define SIIT_DATAGRAM_H

#include "base/address.h"
#include "base/cursor.h"

enum { SIIT_ICMP = 1, SIIT_TCP = 6, SIIT_UDP = 17, SIIT_ICMPV6 = 58 };

#define SIIT_IPV4_HEADER 20u
#define SIIT_IPV6_HEADER 40u
#define SIIT_FRAGMENT_HEADER 8u
#define SIIT_IPV6_MTU_MIN 1280u

/* Of either version. */
struct siit_datagram {
	struct address src, dst;
	uint8_t traffic_class, hops, protocol;
	bool is_fragment, more, dont_fragment;
	uint16_t offset; /* bytes */
	uint32_t id;
	const uint8_t *body;
	size_t body_len; /* of it that are there */
	size_t told_len; /* as its header says */
};

/*
 * Reads one as far as it is there. False for what is malformed, and for what is not translated: a route is still to be
 * followed, an extension header is in several fragments' datagram, or there are more of them than anybody sends.
 */
bool siit_read(struct reader *r, struct siit_datagram *d);

/* IPv4's, or IPv6's with that of a fragment where it is one. What is behind it is to have `told_len` bytes. */
void siit_write_header(struct writer *w, const struct siit_datagram *d);

/* RFC 1071: a sum of 16-bit words, and what it is when it is folded. */
uint32_t siit_sum(const uint8_t *bytes, size_t len);
uint16_t siit_fold(uint32_t sum);

#endif
