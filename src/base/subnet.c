#include "base/subnet.h"

#include "base/endpoint.h"

#include <stdio.h>
#include <string.h>

struct subnet subnet_ipv4(uint32_t number, unsigned prefix)
{
	return (struct subnet){ .network = address_ipv4(number), .prefix = prefix };
}

bool subnet_contains(const struct subnet *s, const struct address *a)
{
	struct address network = address_network(a, s->prefix);

	return address_equal(&network, &s->network);
}

bool subnet_equal(const struct subnet *a, const struct subnet *b)
{
	return a->prefix == b->prefix && address_equal(&a->network, &b->network);
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return a->prefix < b->prefix ? subnet_contains(a, &b->network) : subnet_contains(b, &a->network);
}

struct address subnet_host(const struct subnet *s, uint32_t n)
{
	return address_plus(&s->network, n);
}

uint64_t subnet_size(const struct subnet *s)
{
	return UINT64_C(1) << (32 - s->prefix);
}

static bool is_private(const struct subnet *s)
{
	const struct subnet ranges[] = {
		subnet_ipv4(0x0a000000u, 8),  /* RFC 1918: 10.0.0.0/8 */
		subnet_ipv4(0xac100000u, 12), /* 172.16.0.0/12 */
		subnet_ipv4(0xc0a80000u, 16), /* 192.168.0.0/16 */
		subnet_ipv4(0x64400000u, 10), /* RFC 6598: 100.64.0.0/10 */
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (s->prefix >= ranges[i].prefix && subnet_contains(&ranges[i], &s->network))
			return true;
	return false;
}

/* Splits "192.168.1.1/24", leaving the address whole. */
static int split(const char *text, struct subnet *out)
{
	char address[ADDRESS_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	uint16_t bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof address)
		return -1;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (address_parse(address, &out->network) != 0 ||
	    endpoint_parse_port(slash + 1, &bits) != 0 || /* reads a number without sign or leading zeros */
	    bits > address_bits(&out->network))
		return -1;
	out->prefix = bits;
	return 0;
}

int subnet_parse(const char *text, struct subnet *out)
{
	struct subnet s;

	if (split(text, &s) != 0)
		return -1;
	s.network = address_network(&s.network, s.prefix);
	*out = s;
	return 0;
}

bool subnet_is_written(const char *text, const struct subnet *s)
{
	struct subnet given;

	return split(text, &given) == 0 && address_equal(&given.network, &s->network);
}

int subnet_parse_private(const char *text, struct subnet *out, char error[SUBNET_ERROR_SIZE])
{
	char right[SUBNET_TEXT_SIZE];
	struct subnet s;

	if (subnet_parse(text, &s) != 0 || s.network.family != ADDRESS_IPV4 || s.prefix < SUBNET_PREFIX_MIN ||
	    s.prefix > SUBNET_PREFIX_MAX) {
		snprintf(error, SUBNET_ERROR_SIZE, "'%.40s' is no network such as 192.168.1.0/24 (/%d to /%d)", text,
		         SUBNET_PREFIX_MIN, SUBNET_PREFIX_MAX);
		return -1;
	}
	if (!subnet_is_written(text, &s)) {
		snprintf(error, SUBNET_ERROR_SIZE, "'%s' is not a network's own address, which is %s", text,
		         subnet_format(&s, right));
		return -1;
	}
	if (!is_private(&s)) {
		snprintf(error, SUBNET_ERROR_SIZE,
		         "'%s' is not private: take it from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
		         text);
		return -1;
	}
	*out = s;
	return 0;
}

const char *subnet_format(const struct subnet *s, char text[SUBNET_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];

	snprintf(text, SUBNET_TEXT_SIZE, "%s/%u", address_format(&s->network, address), s->prefix);
	return text;
}
