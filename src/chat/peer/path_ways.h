/*
 * Ways to a peer beyond plain punching: what each side tells the other of itself by way of the server, and what each
 * then tries. Pure; part of path.
 *
 *     my NAT   the peer's   what I do
 *     same     steady       guess the ports around the one the peer was told
 *     same     fresh        guess the one port it names: it sends from there once it knows of me
 *     same     random       guess ports anywhere, while the peer's many sockets hold many open
 *     same     same         if plain punching fails, a box has taken the first probe for its own, and its place in the
 *                           table: again, from new sockets, as path_low_ttl.h has it
 *     random   same         open many sockets, each of which sends to the peer
 *     fresh    any          open one socket, name its port, send from it to where the peer is, or will be
 *     else                  nothing helps but the relay
 *
 * (enum wire_mapping has the words.) Each is given its turn only while the path is not open, or leads by the server.
 */
#ifndef PATH_WAYS_H
#define PATH_WAYS_H

#include "base/allowance.h"
#include "chat/peer/candidates.h"
#include "chat/peer/own_mapping.h"
#include "chat/peer/path_low_ttl.h"
#include "chat/peer/port_guesses.h"

#define PATH_WAYS_FAN 256 /* sockets: with so many, 256 guesses among 64,512 ports hit with 64 %, 1,024 with 98.4 % */

struct path;

/* What a client has to find paths with; one for all of its paths. */
struct means {
	unsigned strategies;
	struct own_mapping mapping;
	struct socket_set sockets;
	struct bucket
	    asked[2]; /* for by strangers, and by those the user has to do with: guesses, and what many sockets send */
	struct endpoint
	    hosts[WIRE_HOSTS_MAX]; /* its own addresses, with the port of the first socket of their family */
	uint8_t host_count;
};

struct path_ways {
	bool begun;
	bool trimmed; /* the path is found: sockets it does not go by are given back */
	uint64_t begun_us;
	struct retry offer;  /* when to repeat ours */
	bool told;           /* ours has said what we know of our mapping */
	bool heard;          /* theirs has come */
	bool open_told;      /* the same, when the path was open: see tick_rivals() */
	uint8_t mapping;     /* theirs, enum wire_mapping */
	uint16_t port, span; /* theirs */
	bool planned;        /* both mappings are known, and what to do is decided */
	uint16_t fresh;      /* the socket that has sent nothing yet; 0 for none */
	struct port_guesses guesses;
	enum way guessed;   /* what a hit is */
	uint64_t next_us;   /* the next guess, or the next socket of the fan */
	bool wants_fan;     /* its sockets are taken when the first of them sends */
	uint16_t fan_count; /* sockets */
	uint16_t fan_sent;  /* probes they have sent, in turn */
	uint16_t fan[PATH_WAYS_FAN];
	struct low_ttl low_ttl;
	uint64_t relay_us; /* when the relay's turn comes */
};

/* An offer of the peer came by way of the server. */
void path_ways_receive(struct path *p, struct means *means, struct effects *fx, const struct wire_message *m,
                       uint64_t now_us);

/* Which way a route is that a probe came by. */
enum way path_ways_of(const struct path *p, const struct route *route);

/* Does what is due; frees the sockets of a path that needs them no longer. */
void path_ways_tick(struct path *p, struct means *means, struct effects *fx, uint64_t now_us);
uint64_t path_ways_deadline(const struct path *p, const struct means *means, const struct effects *fx);

#endif
