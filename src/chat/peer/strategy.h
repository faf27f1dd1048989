/*
 * The ways in which two peers may find a path to each other, and which of them a client uses. Pure.
 */
#ifndef STRATEGY_H
#define STRATEGY_H

#include <stdbool.h>

/* One bit each; enum way below tells what came of it. */
enum strategy {
	STRATEGY_HOST = 1,      /* the addresses the peer has itself: on one LAN nothing else may do */
	STRATEGY_PLAIN = 2,     /* the address the server sees, and where the peer's probes come from */
	STRATEGY_FRESH = 4,     /* a socket that has sent nothing yet, whose port is told before it does */
	STRATEGY_PREDICT = 8,   /* the next ports of a NAT that hands them out in order */
	STRATEGY_BIRTHDAY = 16, /* many sockets on one side, many guesses on the other */
	STRATEGY_LOW_TTL = 32,  /* first probes that end before the other's box, which would take them for its own */
	STRATEGY_RELAY = 64,    /* by way of the server */
};

#define STRATEGY_BASIC (STRATEGY_HOST | STRATEGY_PLAIN)
#define STRATEGY_AUTO (2 * STRATEGY_RELAY - 1)

/* Reads "auto", "basic", or names separated by commas: "host,plain,relay". Returns 0, or -1. */
int strategy_parse(const char *text, unsigned *out) __attribute__((warn_unused_result));

/* How a path goes: the kinds of candidates of RFC 8445 §5.1.1, and the finds of the strategies beyond it. */
enum way {
	WAY_HOST,
	WAY_SERVER_REFLEXIVE,
	WAY_PEER_REFLEXIVE,
	WAY_FRESH,
	WAY_PREDICTED,
	WAY_BIRTHDAY,
	WAY_LOW_TTL,
	WAY_RELAYED,
	WAYS
};

/* "server-reflexive", "predicted" and so on. */
const char *way_name(enum way way);

#endif
