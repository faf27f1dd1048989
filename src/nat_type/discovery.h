/*
 * What is to be asked of a STUN server (RFC 8489, RFC 5780) to learn which NAT stands between, in which order and from
 * which socket: mapping first, then doors, each on a fresh socket, because on some NATs what comes in early changes
 * what goes out later. Pure: it numbers the sockets it wants and the caller opens them, carries the datagrams and tells
 * the time. It collects; verdict.h judges.
 *
 *     survey_start();
 *     until survey_is_done():
 *         open every socket survey_wants_socket() names, survey_opened();
 *         send every datagram of survey_next();
 *         wait for a datagram (survey_receive(), survey_unreachable()) or for survey_deadline()
 */
#ifndef DISCOVERY_H
#define DISCOVERY_H

#include "base/endpoint.h"
#include "nat_type/mapping_lifetime.h"
#include "stun/stun_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SURVEY_PORTS 8  /* sockets that ask for the allocation of ports */
#define SURVEY_INSIDE 6 /* ... bound to ports out of the range that was seen */
#define SURVEY_MORE 24  /* ... to see more of the range where ports are not preserved */
#define SURVEY_SAMPLES (SURVEY_PORTS + SURVEY_INSIDE + SURVEY_MORE)

/* The numbers of the sockets. */
enum survey_socket {
	SURVEY_SOCKET_MAPPING,
	SURVEY_SOCKET_DOOR_BOTH,
	SURVEY_SOCKET_DOOR_PORT,
	SURVEY_SOCKET_TRAP,
	SURVEY_SOCKET_PORTS,
	SURVEY_SOCKET_INSIDE = SURVEY_SOCKET_PORTS + SURVEY_PORTS,
	SURVEY_SOCKET_MORE = SURVEY_SOCKET_INSIDE + SURVEY_INSIDE,
	SURVEY_SOCKET_LIFETIME = SURVEY_SOCKET_MORE + SURVEY_MORE,
	SURVEY_SOCKETS = SURVEY_SOCKET_LIFETIME + LIFETIME_SOCKETS,
};

struct survey_options {
	struct endpoint server;
	struct endpoint local;   /* the address packets to it leave from; the port is not looked at */
	uint32_t rto_ms;         /* of the first question (RFC 8489 §6.2.1: 500); the others' follow from its answer */
	uint32_t rto_floor_ms;   /* theirs is never shorter */
	uint32_t pace_ms;        /* between new questions (RFC 5780 §8.1: 100) */
	uint32_t time_ms;        /* for everything but the lifetime */
	unsigned lifetime_max_s; /* 0: not asked for */
	bool fast;               /* see struct lifetime_plan */
	bool mirrored;           /* packets from this host's own address are seen on the wire (mirror.h) */
};

/* What the server says of a second address. */
enum survey_other {
	SURVEY_OTHER_NONE,     /* nothing: a plain RFC 8489 server */
	SURVEY_OTHER_UNUSABLE, /* not another address *and* port, or one that cannot be public */
	SURVEY_OTHER_SAID,     /* whether it answers there is seen in `mapping` */
};

/* One socket's port, inside and outside. */
struct survey_port {
	uint16_t inside, outside;
	bool wished; /* `inside` was chosen out of the range seen before */
};

/* What was seen. What was not asked, for whatever reason, has the outcome STUN_UNASKED. */
struct survey_findings {
	enum survey_other other;
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
	struct survey_port ports[SURVEY_SAMPLES]; /* in the order of asking */
	size_t port_count;
	size_t ports_asked;
	struct stun_answer hairpin[2];      /* one socket's datagram to another's outside endpoint, both ways */
	struct endpoint hairpin_inside[2];  /* the sender's own endpoint */
	struct endpoint hairpin_outside[2]; /* and its outside one, as the server sees it */
	bool hairpin_mirrored;              /* a hairpin that leaves the source as it is would have been seen */
	bool trap_set;                      /* a stranger's packet was sent to a port not mapped yet */
	uint16_t trap_inside;               /* the port, the same inside and outside unless the packet took it */
	struct stun_answer trap;            /* the plain question from it, afterwards */
	struct lifetime_findings lifetime;
	bool lifetime_wanted,
	    lifetime_asked; /* wanted and not asked: the server cannot help with it, or there is no NAT */
	unsigned malformed; /* datagrams that came in and answer nothing that was asked */
	bool out_of_time;
};

struct survey_slot {
	bool wanted, open;
	uint16_t wish;         /* a port to bind to; 0: any */
	struct endpoint local; /* when open */
};

#define SURVEY_HANDLES 32 /* questions in one step */

struct survey {
	struct survey_options options;
	struct survey_findings findings;
	struct stun_client client;
	struct lifetime lifetime;
	struct survey_slot slots[SURVEY_SOCKETS];
	int handles[SURVEY_HANDLES]; /* of the step's questions, -1 where one was left out */
	size_t handle_count;
	size_t step;
	bool asked; /* the step's questions are under way */
	uint32_t rto_ms;
	uint64_t end_ms;
	bool done;
};

void survey_start(struct survey *s, const struct survey_options *options, const uint8_t key[STUN_CLIENT_KEY_SIZE],
                  uint64_t now_ms);

/* Names a socket to open, and the port to bind it to if that is free (0: any). Returns false if none is wanted. */
bool survey_wants_socket(const struct survey *s, uint16_t *socket, uint16_t *port);

/* That socket is open at `local`: the address packets to the server leave from, and its port. */
void survey_opened(struct survey *s, uint16_t socket, const struct endpoint *local);

void survey_receive(struct survey *s, uint16_t socket, const struct endpoint *from, const uint8_t *bytes, size_t len,
                    uint64_t now_ms);
void survey_unreachable(struct survey *s, uint16_t socket, const struct endpoint *to);

/* Takes the next datagram to send now; with none left it goes on to the next step. Returns false if none is due. */
bool survey_next(struct survey *s, uint64_t now_ms, struct stun_datagram *out);

/* When survey_next() is to be called again at the latest. */
uint64_t survey_deadline(const struct survey *s);

bool survey_is_done(const struct survey *s);

#endif
