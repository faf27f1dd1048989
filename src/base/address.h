/*
 * An IPv4 or IPv6 address. Pure: text and bytes.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum address_family { ADDRESS_NONE = 0, ADDRESS_IPV4 = 4, ADDRESS_IPV6 = 6 };

/* Plain data. Unused bytes are zero, so that equal addresses are equal bytes. */
struct address {
	uint8_t family;    /* enum address_family */
	uint8_t bytes[16]; /* network order; an IPv4 address fills the first four */
};

/* What an address is good for (RFC 6890). */
enum address_scope {
	ADDRESS_UNSPECIFIED, /* 0.0.0.0, :: */
	ADDRESS_LOOPBACK,    /* 127.0.0.0/8, ::1 */
	ADDRESS_LINK_LOCAL,  /* 169.254.0.0/16, fe80::/10 */
	ADDRESS_PRIVATE,     /* RFC 1918, 100.64.0.0/10 (RFC 6598), fc00::/7 */
	ADDRESS_MULTICAST,   /* 224.0.0.0/4, ff00::/8, and the IPv4 broadcast address */
	ADDRESS_GLOBAL,      /* everything else, the documentation ranges included */
};

/* Longest text address_format() makes, with its final zero. */
#define ADDRESS_TEXT_SIZE 46

/* From a number: 0xc0000201 is 192.0.2.1. */
struct address address_ipv4(uint32_t number);

/* Reads "192.0.2.1" or "2001:db8::1", and nothing else. Returns 0, or -1 and leaves *out alone. */
int address_parse(const char *text, struct address *out) __attribute__((warn_unused_result));

/* Writes the text address_parse() reads ("none" for no address). Returns `text`. */
const char *address_format(const struct address *a, char text[ADDRESS_TEXT_SIZE]);

bool address_equal(const struct address *a, const struct address *b);
enum address_scope address_scope(const struct address *a);

/* How long it is: 32 or 128; 0 for none. In bytes: 4, 16; 0. */
unsigned address_bits(const struct address *a);
unsigned address_size(const struct address *a);

/* The address with all bits behind the first `prefix` zero: its network's own; and its other half, those bits alone. */
struct address address_network(const struct address *a, unsigned prefix);
struct address address_host_part(const struct address *a, unsigned prefix);

/* The `n`th address after it, within its last 32 bits. */
struct address address_plus(const struct address *a, uint32_t n);

#endif
