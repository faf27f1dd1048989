#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct address address_ipv4(uint32_t number)
{
	return (struct address){
		.family = ADDRESS_IPV4,
		.bytes = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number },
	};
}

int address_parse(const char *text, struct address *out)
{
	struct address a = { 0 };

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = ADDRESS_IPV4;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = ADDRESS_IPV6;
	else
		return -1;
	*out = a;
	return 0;
}

const char *address_format(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
	if (a->family == ADDRESS_NONE)
		snprintf(text, ADDRESS_TEXT_SIZE, "none");
	else
		inet_ntop(a->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET, a->bytes, text, ADDRESS_TEXT_SIZE);
	return text;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

unsigned address_size(const struct address *a)
{
	return a->family == ADDRESS_IPV4 ? 4 : a->family == ADDRESS_IPV6 ? 16 : 0;
}

unsigned address_bits(const struct address *a)
{
	return 8 * address_size(a);
}

/* --- networks -------------------------------------------------------------------------------- */

/* The bits of byte `i` that a prefix of that length holds. */
static uint8_t mask_byte(unsigned i, unsigned prefix)
{
	unsigned bits = prefix > 8 * i ? prefix - 8 * i : 0;

	return bits >= 8 ? 0xff : (uint8_t)(0xff00u >> bits);
}

struct address address_network(const struct address *a, unsigned prefix)
{
	struct address network = { .family = a->family };
	unsigned whole = prefix / 8 < sizeof network.bytes ? prefix / 8 : sizeof network.bytes;

	memcpy(network.bytes, a->bytes, whole);
	if (whole < sizeof network.bytes)
		network.bytes[whole] = a->bytes[whole] & mask_byte(whole, prefix);
	return network;
}

struct address address_host_part(const struct address *a, unsigned prefix)
{
	struct address host = *a;

	for (unsigned i = 0; i < sizeof host.bytes; i++)
		host.bytes[i] &= (uint8_t)~mask_byte(i, prefix);
	return host;
}

struct address address_plus(const struct address *a, uint32_t n)
{
	struct address sum = *a;
	uint64_t carry = n;

	for (unsigned i = address_size(a), last = i < 4 ? 0 : i - 4; i > last; i--) {
		carry += sum.bytes[i - 1];
		sum.bytes[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
	return sum;
}

/* --- scopes ---------------------------------------------------------------------------------- */

static enum address_scope scope_ipv4(const uint8_t *a)
{
	static const uint8_t zeros[4], ones[4] = { 0xff, 0xff, 0xff, 0xff };

	if (memcmp(a, zeros, sizeof zeros) == 0)
		return ADDRESS_UNSPECIFIED;
	if (a[0] == 127)
		return ADDRESS_LOOPBACK;
	if (a[0] == 169 && a[1] == 254)
		return ADDRESS_LINK_LOCAL;
	if (a[0] >= 224 && (a[0] < 240 || memcmp(a, ones, sizeof ones) == 0))
		return ADDRESS_MULTICAST;
	if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
	    (a[0] == 100 && (a[1] & 0xc0) == 64))
		return ADDRESS_PRIVATE;
	return ADDRESS_GLOBAL;
}

static enum address_scope scope_ipv6(const uint8_t *a)
{
	static const uint8_t zeros[15];
	bool high_zero = memcmp(a, zeros, sizeof zeros) == 0;

	if (high_zero && a[15] == 0)
		return ADDRESS_UNSPECIFIED;
	if (high_zero && a[15] == 1)
		return ADDRESS_LOOPBACK;
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
		return ADDRESS_LINK_LOCAL;
	if (a[0] == 0xff)
		return ADDRESS_MULTICAST;
	if ((a[0] & 0xfe) == 0xfc)
		return ADDRESS_PRIVATE;
	return ADDRESS_GLOBAL;
}

enum address_scope address_scope(const struct address *a)
{
	switch (a->family) {
	case ADDRESS_IPV4: return scope_ipv4(a->bytes);
	case ADDRESS_IPV6: return scope_ipv6(a->bytes);
	default: return ADDRESS_UNSPECIFIED;
	}
}
