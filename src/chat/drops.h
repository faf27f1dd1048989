/* Why datagrams were dropped, counted. One list for server and client, so that their reports use the same words. Pure.
 */
#ifndef DROPS_H
#define DROPS_H

#include "chat/wire.h"

enum drop {
	/* enum wire_error up to here: what is no datagram of ours */
	DROP_SOURCE = WIRE_ERRORS, /* from an address nobody can answer to */
	DROP_NOT_FOR_US,           /* a type that only the other kind of program takes */
	DROP_COOKIE,               /* login with a wrong or old cookie (answered with a new one) */
	DROP_SESSION,              /* wrong session */
	DROP_TOKEN,                /* no path has that token */
	DROP_MAC,                  /* right token, wrong mac */
	DROP_REFLECTED,            /* our own datagram came back */
	DROP_RATE,                 /* more than one peer may ask */
	DROP_LATE,                 /* right, but for a life, request or state that is over */
	DROP_FULL,                 /* no place for what it needs */
	DROP_CARD,                 /* a card that is not signed by whom it names, or whose key is no good */
	DROP_CANDIDATE,            /* an address of its own that a peer may not name */
	DROPS,
};

struct drops {
	uint64_t count[DROPS];
};

/* "bad magic", "wrong token" and so on. */
const char *drop_name(enum drop reason);

/* The sum of all. */
uint64_t drops_total(const struct drops *d);

#endif
