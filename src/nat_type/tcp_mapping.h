/*
 * What a NAT does with TCP, as far as one host can see by asking servers where they see it (RFC 8489 over connections):
 * its mapping (RFC 5382 REQ-1) and its ports. What strangers' SYNs get, nobody sees whom no server dials. Pure.
 */
#ifndef TCP_MAPPING_H
#define TCP_MAPPING_H

#include "base/endpoint.h"
#include "nat/nat.h"

#include <stdbool.h>
#include <stddef.h>

#define TCP_MAPPING_SOCKETS 8

/* Family ADDRESS_NONE: not seen. */
struct tcp_mapping_findings {
	struct endpoint local;         /* of the one socket that asked three of the server's ports */
	struct endpoint seen;          /* where the server saw it, */
	struct endpoint by_other_port; /* by its other port, */
	struct endpoint by_other_address;
	uint16_t inside[TCP_MAPPING_SOCKETS], outside[TCP_MAPPING_SOCKETS]; /* ports of other sockets, one server's */
	size_t sockets;
};

struct tcp_mapping {
	bool translated;
	bool mapping_known; /* `mapping` holds */
	enum nat_behaviour mapping;
	bool ports_known; /* `ports` holds: PRESERVE, RANDOM or SEQUENTIAL */
	enum nat_ports ports;
	size_t preserved;
};

struct tcp_mapping tcp_mapping_of(const struct tcp_mapping_findings *f);

/* What was found out, for people; as one JSON object, a line. Return `text`. */
#define TCP_MAPPING_TEXT_SIZE 1024
const char *tcp_mapping_text(const struct tcp_mapping_findings *f, char text[TCP_MAPPING_TEXT_SIZE]);
const char *tcp_mapping_json(const struct tcp_mapping_findings *f, char text[TCP_MAPPING_TEXT_SIZE]);

#endif
