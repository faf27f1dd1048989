/*
 * The sockets a server listens on: for each address one, and a second port, by which clients see what their NAT does
 * (and which RFC 5780 needs). Knows where datagrams come in and leave, not what they mean.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "base/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

#define LISTENERS_BINDS_MAX 16
#define LISTENERS_MAX (2 * LISTENERS_BINDS_MAX)

struct listener {
	int fd;
	struct endpoint local; /* as bound; the address may be unspecified */
	unsigned stun;         /* its number for stun_service */
	bool is_second;        /* the second port: STUN, and which address one comes from */
};

/* Where the user wants it to listen. */
struct listeners_binds {
	struct endpoint list[LISTENERS_BINDS_MAX]; /* addresses; none: all of this host's */
	unsigned count;
	uint16_t port;
};

struct listeners {
	struct listener list[LISTENERS_MAX];
	unsigned count;
};

/*
 * How many pairs of addresses are to be bound, each of one family, that one can tell a client: what RFC 5780 needs. 0
 * or 1; with two addresses of each family 2.
 */
unsigned listeners_count_pairs(const struct listeners_binds *binds);

/*
 * Opens all of them. One that cannot be opened ends the program; but not a second port where RFC 5780 does not need it.
 */
void listeners_open(struct listeners *l, const struct listeners_binds *binds);

/* Says where it listens, a line for each, by way of output.h. */
void listeners_announce(const struct listeners *l);

/* How many datagrams came that their sockets could not hold. */
uint64_t listeners_overruns(const struct listeners *l);

void listeners_close(struct listeners *l);

/* The one that can send from that local address; NULL if none can. */
const struct listener *listeners_find(const struct listeners *l, const struct endpoint *local);

#endif
