/*
 * IPv4 addresses and networks in host order, as text and compared. Pure.
 */
#ifndef SUBNET_H
#define SUBNET_H

#include <stdbool.h>
#include <stdint.h>

#define SUBNET_ADDRESS_TEXT_SIZE 16
#define SUBNET_PREFIX_MIN 8
#define SUBNET_PREFIX_MAX 30 /* room for the box, one host, network and broadcast */
#define SUBNET_ERROR_SIZE 192

struct subnet {
	uint32_t network; /* host order, no bit set behind the prefix */
	unsigned prefix;  /* bits */
};

uint32_t subnet_mask(unsigned prefix);
bool subnet_contains(struct subnet s, uint32_t address);
bool subnet_overlaps(struct subnet a, struct subnet b);

/*
 * Reads a lan's network, "192.168.1.0/24": wholly within RFC 1918 or RFC 6598 (it may not hide the lab's internet),
 * /8 to /30. Returns 0, or -1 with what is wrong and what is allowed in `error`.
 */
int subnet_parse_private(const char *text, struct subnet *out, char error[SUBNET_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Writes an address. Returns `text`. */
const char *subnet_format_address(uint32_t address, char text[SUBNET_ADDRESS_TEXT_SIZE]);

#endif
