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
	if (address_parse(text, &out->address) != 0)
		return -1;
	out->port = port;
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
	if (endpoint_parse_address(address, port, &e) != 0 || bracketed != (e.address.family == ADDRESS_IPV6))
		return -1;
	*out = e;
	return 0;
}

const char *endpoint_format(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];

	address_format(&e->address, address);
	if (e->address.family == ADDRESS_NONE)
		memcpy(text, address, sizeof address);
	else
		snprintf(text, ENDPOINT_TEXT_SIZE, e->address.family == ADDRESS_IPV6 ? "[%.45s]:%u" : "%.45s:%u",
		         address, (unsigned)e->port);
	return text;
}

struct endpoint endpoint_ipv4(uint32_t number, uint16_t port)
{
	return (struct endpoint){ .address = address_ipv4(number), .port = port };
}

bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b)
{
	return address_equal(&a->address, &b->address);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return endpoint_same_address(a, b) && a->port == b->port;
}

bool endpoint_is_sendable(const struct endpoint *e)
{
	enum address_scope scope = address_scope(&e->address);

	return e->port != 0 && scope != ADDRESS_UNSPECIFIED && scope != ADDRESS_MULTICAST;
}

int endpoint_from_sockaddr(const struct sockaddr_storage *sa, struct endpoint *out)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct endpoint e = { 0 };

	if (sa->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		e.address.family = ADDRESS_IPV4;
		memcpy(e.address.bytes, &in.sin_addr, 4);
		e.port = ntohs(in.sin_port);
	} else if (sa->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		e.port = ntohs(in6.sin6_port);
		if (memcmp(&in6.sin6_addr, mapped, sizeof mapped) == 0) {
			e.address.family = ADDRESS_IPV4;
			memcpy(e.address.bytes, (const uint8_t *)&in6.sin6_addr + sizeof mapped, 4);
		} else {
			e.address.family = ADDRESS_IPV6;
			memcpy(e.address.bytes, &in6.sin6_addr, 16);
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
	if (e->address.family == ADDRESS_IPV6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

		memcpy(&in6.sin6_addr, e->address.bytes, 16);
		memcpy(sa, &in6, sizeof in6);
		return sizeof in6;
	}
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(e->port) };

	memcpy(&in.sin_addr, e->address.bytes, 4);
	memcpy(sa, &in, sizeof in);
	return sizeof in;
}
