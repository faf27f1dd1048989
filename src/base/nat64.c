#include "base/nat64.h"

#include <stddef.h>
#include <string.h>

#define ZERO_BYTE 8 /* the bits that are zero in any interface identifier (RFC 6052 §2.2) */

struct nat64_prefix nat64_well_known(void)
{
	return (struct nat64_prefix){ .network = { ADDRESS_IPV6, { 0, 0x64, 0xff, 0x9b } }, .bits = NAT64_PREFIX_BITS };
}

/* Where in an address the n-th byte is of the one within. */
static size_t place_of(unsigned bits, size_t n)
{
	size_t place = bits / 8 + n;

	return bits <= 64 && place >= ZERO_BYTE ? place + 1 : place;
}

struct address nat64_embed(const struct nat64_prefix *p, const struct address *ipv4)
{
	struct address a = p->network;

	for (size_t i = 0; i < 4; i++)
		a.bytes[place_of(p->bits, i)] = ipv4->bytes[i];
	return a;
}

bool nat64_extract(const struct nat64_prefix *p, const struct address *ipv6, struct address *ipv4)
{
	struct address network = address_network(ipv6, p->bits);

	if (p->network.family != ADDRESS_IPV6 || ipv6->family != ADDRESS_IPV6 ||
	    !address_equal(&network, &p->network) || ipv6->bytes[ZERO_BYTE] != p->network.bytes[ZERO_BYTE])
		return false;
	*ipv4 = (struct address){ .family = ADDRESS_IPV4 };
	for (size_t i = 0; i < 4; i++)
		ipv4->bytes[i] = ipv6->bytes[place_of(p->bits, i)];
	return true;
}

bool nat64_discover(const struct address *ipv6, struct nat64_prefix *out)
{
	static const unsigned lengths[] = { 96, 64, 56, 48, 40, 32 };
	const struct address first = address_ipv4(NAT64_NAME_FIRST), second = address_ipv4(NAT64_NAME_SECOND);

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		const struct nat64_prefix p = { address_network(ipv6, lengths[i]), lengths[i] };
		struct address ipv4, again;

		if (!nat64_extract(&p, ipv6, &ipv4) ||
		    (!address_equal(&ipv4, &first) && !address_equal(&ipv4, &second)))
			continue;
		again = nat64_embed(&p, &ipv4);
		if (!address_equal(&again, ipv6))
			continue;
		*out = p;
		return true;
	}
	return false;
}
