/*
 * What is to be asked of a STUN server (RFC 8489, RFC 5780) to learn which NAT stands between, in which order and from
 * which socket: mapping first, then doors, each on a fresh socket, because on some NATs what comes in early changes
 * what goes out later. Both in several rounds, because a port may be another flow's by chance (round.h). Pure: it
 * numbers the sockets it wants and the caller opens them, carries the datagrams and tells the time. It collects;
 * conclusion.h judges.
 *
 *     discovery_start();
 *     until discovery_is_done():
 *         open every socket discovery_wants_socket() names, discovery_opened();
 *         send every datagram of discovery_next();
 *         wait for a datagram (discovery_receive(), discovery_unreachable()) or for discovery_deadline()
 */
#ifndef DISCOVERY_H
#define DISCOVERY_H

#include "nat_type/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers of the sockets. */
enum discovery_socket {
	DISCOVERY_SOCKET_CONTACT,
	DISCOVERY_SOCKET_ROUND, /* each round has those of enum discovery_round_socket */
	DISCOVERY_ROUND_SOCKETS = 4,
	DISCOVERY_SOCKET_PORTS = DISCOVERY_SOCKET_ROUND + DISCOVERY_ROUNDS * DISCOVERY_ROUND_SOCKETS,
	DISCOVERY_SOCKET_INSIDE = DISCOVERY_SOCKET_PORTS + DISCOVERY_PORTS,
	DISCOVERY_SOCKET_MORE = DISCOVERY_SOCKET_INSIDE + DISCOVERY_INSIDE,
	DISCOVERY_SOCKET_LIFETIME = DISCOVERY_SOCKET_MORE + DISCOVERY_MORE,
	DISCOVERY_SOCKETS = DISCOVERY_SOCKET_LIFETIME + MAPPING_LIFETIME_SOCKETS,
};

enum discovery_round_socket {
	DISCOVERY_ROUND_MAPPING,
	DISCOVERY_ROUND_DOOR_BOTH,
	DISCOVERY_ROUND_DOOR_PORT,
	DISCOVERY_ROUND_TRAP,
};

struct discovery_options {
	struct endpoint server;
	struct endpoint others[DISCOVERY_OTHERS]; /* ordinary servers, which stand in for its second address */
	size_t other_count;
	struct endpoint local; /* the address packets to it leave from; the port is not looked at */
	uint32_t rto_ms;       /* of the first question (RFC 8489 §6.2.1: 500); the others' follow from its answer */
	uint32_t rto_floor_ms; /* theirs is never shorter */
	uint32_t pace_ms;      /* between new questions (RFC 5780 §8.1: 100) */
	uint32_t time_ms;      /* for everything but the lifetime */
	unsigned mapping_lifetime_max_s; /* 0: not asked for */
	bool fast;                       /* see struct mapping_lifetime_plan */
	bool mirrored; /* packets from this host's own address are seen on the wire (hairpin_sniffer.h) */
};

struct discovery_slot {
	bool wanted, open;
	uint16_t wish;         /* a port to bind to; 0: any */
	struct endpoint local; /* when open */
};

#define DISCOVERY_HANDLES 32 /* questions in one step */

struct discovery {
	struct discovery_options options;
	struct discovery_findings findings;
	struct stun_client client;
	struct mapping_lifetime lifetime;
	struct discovery_slot slots[DISCOVERY_SOCKETS];
	int handles[DISCOVERY_HANDLES]; /* of the step's questions, -1 where one was left out */
	size_t handle_count;
	size_t step;
	size_t round; /* the first of those the step is about; the last is the last there is */
	bool another; /* round is to follow */
	bool asked;   /* the step's questions are under way */
	uint32_t rto_ms;
	uint64_t end_ms;
	bool done;
};

void discovery_start(struct discovery *s, const struct discovery_options *options,
                     const uint8_t key[STUN_CLIENT_KEY_SIZE], uint64_t now_ms);

/* Names a socket to open, and the port to bind it to if that is free (0: any). Returns false if none is wanted. */
bool discovery_wants_socket(const struct discovery *s, uint16_t *socket, uint16_t *port);

/* That socket is open at `local`: the address packets to the server leave from, and its port. */
void discovery_opened(struct discovery *s, uint16_t socket, const struct endpoint *local);

void discovery_receive(struct discovery *s, uint16_t socket, const struct endpoint *from, const uint8_t *bytes,
                       size_t len, uint64_t now_ms);
void discovery_unreachable(struct discovery *s, uint16_t socket, const struct endpoint *to);

/* Takes the next datagram to send now; with none left it goes on to the next step. Returns false if none is due. */
bool discovery_next(struct discovery *s, uint64_t now_ms, struct stun_datagram *out);

/* When discovery_next() is to be called again at the latest. */
uint64_t discovery_deadline(const struct discovery *s);

bool discovery_is_done(const struct discovery *s);

#endif
