/*
 * A network: the addresses that begin with the same bits. Pure.
 */
#ifndef SUBNET_H
#define SUBNET_H

#include "base/address.h"

#define SUBNET_TEXT_SIZE (ADDRESS_TEXT_SIZE + 4)
#define SUBNET_PREFIX_MIN 8
#define SUBNET_PREFIX_MAX 30 /* room for the box, one host, network and broadcast */
#define SUBNET_ERROR_SIZE 192

struct subnet {
	struct address network; /* no bit set behind the prefix */
	unsigned prefix;        /* bits; 0: no network */
};

/* An IPv4 network: address_ipv4() and a prefix. */
struct subnet subnet_ipv4(uint32_t number, unsigned prefix);

bool subnet_contains(const struct subnet *s, const struct address *a);
/* Of both: true if they are the same one; if they have an address in common. */
bool subnet_equal(const struct subnet *a, const struct subnet *b);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);

/* Its `n`th address; 0 is the network's own. */
struct address subnet_host(const struct subnet *s, uint32_t n);

/* How many addresses an IPv4 network has, its own and the broadcast address included. */
uint64_t subnet_size(const struct subnet *s);

/* Reads "192.168.1.0/24" (bits behind the prefix are ignored). Returns 0, or -1 for anything else. */
int subnet_parse(const char *text, struct subnet *out) __attribute__((warn_unused_result));

/* True if such a text has nothing behind the prefix of the network that subnet_parse() made of it. */
bool subnet_is_written(const char *text, const struct subnet *s);

/*
 * Reads a lan's network, "192.168.1.0/24": wholly within RFC 1918 or RFC 6598 (it may not hide the lab's internet),
 * /8 to /30. Returns 0, or -1 with what is wrong and what is allowed in `error`.
 */
int subnet_parse_private(const char *text, struct subnet *out, char error[SUBNET_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Writes the text subnet_parse() reads. Returns `text`. */
const char *subnet_format(const struct subnet *s, char text[SUBNET_TEXT_SIZE]);

#endif
