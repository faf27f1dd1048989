/*
 * An endpoint: an address and a UDP port. Pure: text and bytes, no look-ups, no sockets.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

/* Plain data: equal endpoints are equal bytes. */
struct endpoint {
	struct address address;
	uint16_t port; /* host order */
};

/* Longest text endpoint_format() makes, with its final zero: "[" 45 "]:" 5. */
#define ENDPOINT_TEXT_SIZE 56

/*
 * Reads "192.0.2.1:5000" or "[2001:db8::1]:5000". Nothing may stand before or after; the port is 1 to 65535
 * without sign or leading zeros. Returns 0, or -1 and leaves *out alone.
 */
int endpoint_parse(const char *text, struct endpoint *out) __attribute__((warn_unused_result));

/* Reads an address without a port ("192.0.2.1", "2001:db8::1"); the port becomes `port`. Returns 0 or -1. */
int endpoint_parse_address(const char *text, uint16_t port, struct endpoint *out) __attribute__((warn_unused_result));

/* Reads a port, 1 to 65535 in decimal. Returns 0 or -1. */
int endpoint_parse_port(const char *text, uint16_t *port) __attribute__((warn_unused_result));

/* Writes the text endpoint_parse() reads ("none" for no endpoint). Returns `text`. */
const char *endpoint_format(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE]);

/* An IPv4 endpoint: address_ipv4() and a port. */
struct endpoint endpoint_ipv4(uint32_t number, uint16_t port);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool endpoint_same_address(const struct endpoint *a, const struct endpoint *b);

/* True for something one can send a datagram to: an address that is neither unspecified nor multicast, a port. */
bool endpoint_is_sendable(const struct endpoint *e);

/*
 * To and from the socket interface. An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) becomes the IPv4 one.
 * endpoint_from_sockaddr() returns 0, or -1 for another family; endpoint_to_sockaddr() returns the length.
 */
int endpoint_from_sockaddr(const struct sockaddr_storage *sa, struct endpoint *out) __attribute__((warn_unused_result));
size_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *sa);

#endif
