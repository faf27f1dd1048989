/*
 * The file in which miniupnpd keeps what it has mapped, a line each:
 *
 *   UDP:4001:10.0.1.2:4001:1795720059:NAT-PMP 4001 udp
 *
 * protocol, port outside, host and port inside, when the lease ends (seconds since 1970; 0: never), and what the
 * mapping is called: by the host that asked by UPnP, else by miniupnpd. Pure.
 */
#ifndef LEASE_FILE_H
#define LEASE_FILE_H

#include "base/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a host asked by. */
enum mapper_protocol { MAPPER_UPNP, MAPPER_NAT_PMP, MAPPER_PCP };

struct lease {
	uint8_t protocol; /* IP's number: UDP, TCP */
	uint16_t outside;
	struct endpoint inside;
	uint32_t ends_s; /* since 1970; 0: never */
	enum mapper_protocol by;
};

#define LEASE_FILE_MAX 256 /* lines; more are not read */

/* Reads a file's text. Returns how many leases there are; lines that are none are passed over. */
size_t lease_file_read(const char *text, struct lease out[LEASE_FILE_MAX]);

/* True if both are about one port outside; and if one is the other, be it renewed. */
bool lease_same_port(const struct lease *a, const struct lease *b);
bool lease_same(const struct lease *a, const struct lease *b);

#endif
