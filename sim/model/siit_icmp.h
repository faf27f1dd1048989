/* What ICMP says in the words of ICMPv6, and the other way round (RFC 7915 §4.2, §4.4, §5.2). Pure. For siit.c. */
#ifndef SIIT_ICMP_H
#define SIIT_ICMP_H

#include <stdbool.h>
#include <stdint.h>

struct siit_icmp {
	uint8_t type, code;
	uint32_t rest;       /* of its header: an echo's identifier, a pointer, an MTU */
	uint16_t quoted_len; /* an error's: of the packet it quotes, as that one's IPv4 header says */
};

/* Puts the other family's in its place; false where there is none. */
bool siit_icmp_translate(bool is_ipv6, struct siit_icmp *m);

/* True for a message that quotes a packet. */
bool siit_icmp_is_error(bool is_ipv6, uint8_t type);

/* The type of an echo in the other family; of anything else as it is. */
uint8_t siit_icmp_echo(bool is_ipv6, uint8_t type);

#endif
