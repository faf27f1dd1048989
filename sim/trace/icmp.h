/* What an ICMP error (RFC 792, RFC 4443) says of the packet it quotes. Pure. */
#ifndef ICMP_H
#define ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum icmp_says {
	ICMP_SAYS_NOTHING,     /* there is none, or it is no error */
	ICMP_SAYS_TTL,         /* the hop limit ran out on the way */
	ICMP_SAYS_TOO_BIG,     /* too big for the next link, and not to be cut up */
	ICMP_SAYS_UNREACHABLE, /* whoever says so has no way to that net or host */
	ICMP_SAYS_REFUSED,     /* all else: nobody listens, a firewall says no */
};

/* protocol: of IP, PACKET_ICMP or PACKET_ICMPV6. True for a message that quotes the packet it is about. */
bool icmp_is_error(uint8_t protocol, uint8_t type);

/* True for what IPv6 has in ARP's place, and what it says of groups: `bytes` are those of the ICMP message. */
bool icmp_is_of_link(uint8_t protocol, const uint8_t *bytes, size_t len);

enum icmp_says icmp_says(uint8_t protocol, uint8_t type, uint8_t code);

#endif
