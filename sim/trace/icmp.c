#include "trace/icmp.h"

#include "trace/protocol.h"

bool icmp_is_error(uint8_t protocol, uint8_t type)
{
	if (protocol == PACKET_ICMPV6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* Listeners of groups (RFC 2710, RFC 3810), routers and neighbours (RFC 4861). */
bool icmp_is_of_link(uint8_t protocol, const uint8_t *bytes, size_t len)
{
	if (protocol != PACKET_ICMPV6 || len == 0)
		return false;
	return (bytes[0] >= 130 && bytes[0] <= 137) || bytes[0] == 143;
}

static enum icmp_says says_v6(uint8_t type, uint8_t code)
{
	if (type == 2)
		return ICMP_SAYS_TOO_BIG;
	if (type == 3 && code == 0)
		return ICMP_SAYS_TTL;
	return type == 1 && (code == 0 || code == 3) ? ICMP_SAYS_UNREACHABLE : ICMP_SAYS_REFUSED;
}

/* Time exceeded with code 1 is a host's: pieces of a datagram did not come in time. */
static enum icmp_says says_v4(uint8_t type, uint8_t code)
{
	if (type == 11 && code == 0)
		return ICMP_SAYS_TTL;
	if (type == 3 && code == 4)
		return ICMP_SAYS_TOO_BIG;
	return type == 3 && code <= 1 ? ICMP_SAYS_UNREACHABLE : ICMP_SAYS_REFUSED;
}

enum icmp_says icmp_says(uint8_t protocol, uint8_t type, uint8_t code)
{
	if (!icmp_is_error(protocol, type))
		return ICMP_SAYS_NOTHING;
	return protocol == PACKET_ICMPV6 ? says_v6(type, code) : says_v4(type, code);
}
