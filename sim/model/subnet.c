#include "model/subnet.h"

#include "base/endpoint.h"

#include <stdio.h>
#include <string.h>

const char *subnet_format_address(uint32_t address, char text[SUBNET_ADDRESS_TEXT_SIZE])
{
	snprintf(text, SUBNET_ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", address >> 24, (address >> 16) & 0xff,
	         (address >> 8) & 0xff, address & 0xff);
	return text;
}

uint32_t subnet_mask(unsigned prefix)
{
	return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

bool subnet_contains(struct subnet s, uint32_t address)
{
	return (address & subnet_mask(s.prefix)) == s.network;
}

bool subnet_overlaps(struct subnet a, struct subnet b)
{
	return a.prefix < b.prefix ? subnet_contains(a, b.network) : subnet_contains(b, a.network);
}

static bool is_private(struct subnet s)
{
	static const struct subnet ranges[] = {
		{ 0x0a000000u, 8 },  /* RFC 1918: 10.0.0.0/8 */
		{ 0xac100000u, 12 }, /* 172.16.0.0/12 */
		{ 0xc0a80000u, 16 }, /* 192.168.0.0/16 */
		{ 0x64400000u, 10 }, /* RFC 6598: 100.64.0.0/10 */
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (s.prefix >= ranges[i].prefix && subnet_contains(ranges[i], s.network))
			return true;
	return false;
}

/* Splits "192.168.1.0/24". Returns 0, or -1 for anything else. */
static int split(const char *text, struct subnet *out)
{
	char address[SUBNET_ADDRESS_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	struct endpoint e;
	uint16_t bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof address)
		return -1;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (endpoint_parse_address(address, 0, &e) != 0 || e.family != ENDPOINT_IPV4 ||
	    endpoint_parse_port(slash + 1, &bits) != 0) /* reads a number without sign or leading zeros */
		return -1;
	out->network = (uint32_t)e.addr[0] << 24 | (uint32_t)e.addr[1] << 16 | (uint32_t)e.addr[2] << 8 | e.addr[3];
	out->prefix = bits;
	return 0;
}

int subnet_parse_private(const char *text, struct subnet *out, char error[SUBNET_ERROR_SIZE])
{
	char network[SUBNET_ADDRESS_TEXT_SIZE];
	struct subnet s;

	if (split(text, &s) != 0 || s.prefix < SUBNET_PREFIX_MIN || s.prefix > SUBNET_PREFIX_MAX) {
		snprintf(error, SUBNET_ERROR_SIZE, "'%.40s' is no network such as 192.168.1.0/24 (/%d to /%d)", text,
		         SUBNET_PREFIX_MIN, SUBNET_PREFIX_MAX);
		return -1;
	}
	if ((s.network & ~subnet_mask(s.prefix)) != 0) {
		subnet_format_address(s.network & subnet_mask(s.prefix), network);
		snprintf(error, SUBNET_ERROR_SIZE, "'%s' is not a network's own address, which is %s/%u", text, network,
		         s.prefix);
		return -1;
	}
	if (!is_private(s)) {
		snprintf(error, SUBNET_ERROR_SIZE,
		         "'%s' is not private: take it from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
		         text);
		return -1;
	}
	*out = s;
	return 0;
}
