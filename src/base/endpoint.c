#include "base/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int endpoint_parse_port(const char *text, uint16_t *port)
{
	uint32_t value = 0;
	size_t digits = 0;

	for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
		if (digits == 5)
			return -1;
		value = value * 10 + (uint32_t)(text[digits] - '0');
	}
	if (digits == 0 || text[digits] != '\0' || text[0] == '0' || value > UINT16_MAX)
		return -1;
	*port = (uint16_t)value;
	return 0;
}

int endpoint_parse_address(const char *text, uint16_t port, struct endpoint *out)
{
	struct endpoint e = { .port = port };

	if (inet_pton(AF_INET, text, e.addr) == 1)
		e.family = ENDPOINT_IPV4;
	else if (inet_pton(AF_INET6, text, e.addr) == 1)
		e.family = ENDPOINT_IPV6;
	else
		return -1;
	*out = e;
	return 0;
}

int endpoint_parse(const char *text, struct endpoint *out)
{
	char address[ENDPOINT_TEXT_SIZE];
	const char *colon = strrchr(text, ':');
	const char *start = text;
	size_t len;
	uint16_t port;
	struct endpoint e;
	bool bracketed = text[0] == '[';

	if (colon == NULL || endpoint_parse_port(colon + 1, &port) != 0)
		return -1;
	len = (size_t)(colon - text);
	if (bracketed) {
		if (len < 2 || text[len - 1] != ']')
			return -1;
		start++;
		len -= 2;
	}
	if (len >= sizeof address)
		return -1;
	memcpy(address, start, len);
	address[len] = '\0';
	if (endpoint_parse_address(address, port, &e) != 0 || bracketed != (e.family == ENDPOINT_IPV6))
		return -1;
	*out = e;
	return 0;
}

const char *endpoint_format_address(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	int family = e->family == ENDPOINT_IPV6 ? AF_INET6 : AF_INET;

	if (e->family == ENDPOINT_NONE)
		snprintf(text, ENDPOINT_TEXT_SIZE, "none");
	else
		inet_ntop(family, e->addr, text, ENDPOINT_TEXT_SIZE);
	return text;
}

const char *endpoint_format(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	char address[ENDPOINT_TEXT_SIZE];

	endpoint_format_address(e, address);
	if (e->family == ENDPOINT_NONE)
		memcpy(text, address, sizeof address);
	else
		snprintf(text, ENDPOINT_TEXT_SIZE, e->family == ENDPOINT_IPV6 ? "[%.45s]:%u" : "%.45s:%u", address,
		         (unsigned)e->port);
	return text;
}

struct endpoint endpoint_ipv4(uint32_t address, uint16_t port)
{
	return (struct endpoint){
		.family = ENDPOINT_IPV4,
		.addr = { (uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
		          (uint8_t)address },
		.port = port,
	};
}

bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return endpoint_same_address(a, b) && a->port == b->port;
}

static enum endpoint_scope scope_ipv4(const uint8_t *a)
{
	uint32_t v = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];

	if (v == 0)
		return ENDPOINT_UNSPECIFIED;
	if (a[0] == 127)
		return ENDPOINT_LOOPBACK;
	if (a[0] == 169 && a[1] == 254)
		return ENDPOINT_LINK_LOCAL;
	if (a[0] >= 224 && (a[0] < 240 || v == UINT32_MAX))
		return ENDPOINT_MULTICAST;
	if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
	    (a[0] == 100 && (a[1] & 0xc0) == 64))
		return ENDPOINT_PRIVATE;
	return ENDPOINT_GLOBAL;
}

static enum endpoint_scope scope_ipv6(const uint8_t *a)
{
	static const uint8_t zeros[15];
	bool high_zero = memcmp(a, zeros, sizeof zeros) == 0;

	if (high_zero && a[15] == 0)
		return ENDPOINT_UNSPECIFIED;
	if (high_zero && a[15] == 1)
		return ENDPOINT_LOOPBACK;
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
		return ENDPOINT_LINK_LOCAL;
	if (a[0] == 0xff)
		return ENDPOINT_MULTICAST;
	if ((a[0] & 0xfe) == 0xfc)
		return ENDPOINT_PRIVATE;
	return ENDPOINT_GLOBAL;
}

enum endpoint_scope endpoint_scope(const struct endpoint *e)
{
	switch (e->family) {
	case ENDPOINT_IPV4: return scope_ipv4(e->addr);
	case ENDPOINT_IPV6: return scope_ipv6(e->addr);
	default: return ENDPOINT_UNSPECIFIED;
	}
}

bool endpoint_is_sendable(const struct endpoint *e)
{
	enum endpoint_scope scope = endpoint_scope(e);

	return e->port != 0 && scope != ENDPOINT_UNSPECIFIED && scope != ENDPOINT_MULTICAST;
}

int endpoint_from_sockaddr(const struct sockaddr_storage *sa, struct endpoint *out)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct endpoint e = { 0 };

	if (sa->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		e.family = ENDPOINT_IPV4;
		memcpy(e.addr, &in.sin_addr, 4);
		e.port = ntohs(in.sin_port);
	} else if (sa->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		e.port = ntohs(in6.sin6_port);
		if (memcmp(&in6.sin6_addr, mapped, sizeof mapped) == 0) {
			e.family = ENDPOINT_IPV4;
			memcpy(e.addr, (const uint8_t *)&in6.sin6_addr + sizeof mapped, 4);
		} else {
			e.family = ENDPOINT_IPV6;
			memcpy(e.addr, &in6.sin6_addr, 16);
		}
	} else {
		return -1;
	}
	*out = e;
	return 0;
}

size_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof *sa);
	if (e->family == ENDPOINT_IPV6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

		memcpy(&in6.sin6_addr, e->addr, 16);
		memcpy(sa, &in6, sizeof in6);
		return sizeof in6;
	}
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(e->port) };

	memcpy(&in.sin_addr, e->addr, 4);
	memcpy(sa, &in, sizeof in);
	return sizeof in;
}
