/*
 * What is to be asked of a STUN server (RFC 8489, RFC 5780) to learn which NAT stands between, in which order and from
 * which socket: mapping first, then doors, each on a fresh socket, because on some NATs what comes in early changes
 * what goes out later. Pure: it numbers the sockets it wants and the caller opens them, carries the datagrams and tells
 * the time. It collects; verdict.h judges.
 *
 *     discovery_start();
 *     until discovery_is_done():
 *         open every socket discovery_wants_socket() names, discovery_opened();
 *         send every datagram of discovery_next();
 *         wait for a datagram (discovery_receive(), discovery_unreachable()) or for discovery_deadline()
 */
#ifndef DISCOVERY_H
#define DISCOVERY_H

#include "base/endpoint.h"
#include "nat_type/mapping_lifetime.h"
#include "stun/stun_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISCOVERY_PORTS 8  /* sockets that ask for the allocation of ports */
#define DISCOVERY_INSIDE 6 /* ... bound to ports out of the range that was seen */
#define DISCOVERY_MORE 24  /* ... to see more of the range where ports are not preserved */
#define DISCOVERY_SAMPLES (DISCOVERY_PORTS + DISCOVERY_INSIDE + DISCOVERY_MORE)

/* The numbers of the sockets. */
enum discovery_socket {
	DISCOVERY_SOCKET_MAPPING,
	DISCOVERY_SOCKET_DOOR_BOTH,
	DISCOVERY_SOCKET_DOOR_PORT,
	DISCOVERY_SOCKET_TRAP,
	DISCOVERY_SOCKET_PORTS,
	DISCOVERY_SOCKET_INSIDE = DISCOVERY_SOCKET_PORTS + DISCOVERY_PORTS,
	DISCOVERY_SOCKET_MORE = DISCOVERY_SOCKET_INSIDE + DISCOVERY_INSIDE,
	DISCOVERY_SOCKET_LIFETIME = DISCOVERY_SOCKET_MORE + DISCOVERY_MORE,
	DISCOVERY_SOCKETS = DISCOVERY_SOCKET_LIFETIME + MAPPING_LIFETIME_SOCKETS,
};

struct discovery_options {
	struct endpoint server;
	struct endpoint local; /* the address packets to it leave from; the port is not looked at */
	uint32_t rto_ms;       /* of the first question (RFC 8489 §6.2.1: 500); the others' follow from its answer */
	uint32_t rto_floor_ms; /* theirs is never shorter */
	uint32_t pace_ms;      /* between new questions (RFC 5780 §8.1: 100) */
	uint32_t time_ms;      /* for everything but the lifetime */
	unsigned mapping_lifetime_max_s; /* 0: not asked for */
	bool fast;                       /* see struct mapping_lifetime_plan */
	bool mirrored;                   /* packets from this host's own address are seen on the wire (mirror.h) */
};

/* What the server says of a second address. */
enum discovery_other {
	DISCOVERY_OTHER_NONE,     /* nothing: a plain RFC 8489 server */
	DISCOVERY_OTHER_UNUSABLE, /* not another address *and* port, or one that cannot be public */
	DISCOVERY_OTHER_SAID,     /* whether it answers there is seen in `mapping` */
};

/* One socket's port, inside and outside. */
struct discovery_port {
	uint16_t inside, outside;
	bool wished; /* `inside` was chosen out of the range seen before */
};

/* What was seen. What was not asked, for whatever reason, has the outcome STUN_UNASKED. */
struct discovery_findings {
	enum discovery_other other;
	struct endpoint other_said;         /* OTHER-ADDRESS as it came */
	struct endpoint server[2][2];       /* [other address][other port]; [0][0] is the one asked for */
	struct endpoint inside;             /* the mapping socket's own endpoint */
	struct stun_answer mapping[2][2];   /* of one socket, asked in the order 00 10 11 01 */
	struct stun_answer door_both;       /* asked of 00 by a fresh socket, to answer from 11 */
	struct stun_answer door_port;       /* ... from 01 */
	struct stun_answer door_both_after; /* was `door_both` silent: the same socket asks 00 plainly */
	struct stun_answer door_port_after;
	struct stun_answer change_control; /* like door_both by the mapping socket, which 11 may answer if its mapping
	                                      is endpoint-independent */
	struct stun_answer port_control;   /* by another socket, to be answered to the mapping socket */
	struct discovery_port ports[DISCOVERY_SAMPLES]; /* in the order of asking */
	size_t port_count;
	size_t ports_asked;
	struct stun_answer hairpin[2];      /* one socket's datagram to another's outside endpoint, both ways */
	struct endpoint hairpin_inside[2];  /* the sender's own endpoint */
	struct endpoint hairpin_outside[2]; /* and its outside one, as the server sees it */
	bool hairpin_mirrored;              /* a hairpin that leaves the source as it is would have been seen */
	bool trap_set;                      /* a stranger's packet was sent to a port not mapped yet */
	uint16_t trap_inside;               /* the port, the same inside and outside unless the packet took it */
	struct stun_answer trap;            /* the plain question from it, afterwards */
	struct mapping_lifetime_findings lifetime;
	bool mapping_lifetime_wanted,
	    mapping_lifetime_asked; /* wanted and not asked: the server cannot help with it, or there is no NAT */
	unsigned malformed;         /* datagrams that came in and answer nothing that was asked */
	bool out_of_time;
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
	bool asked; /* the step's questions are under way */
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
