/* How a connection of TCP between two hosts came to stand: who called whom, or which SYNs met. */
#ifndef EXPLAIN_TCP_H
#define EXPLAIN_TCP_H

#include "trace/verdict.h"

enum tcp_meeting {
	TCP_NO_MEETING,   /* not of TCP, or its beginning was not seen */
	TCP_CALL,         /* a SYN came to a listener */
	TCP_SIMULTANEOUS, /* a SYN came to one whose own was on its way (RFC 5382 REQ-2) */
};

/* How it was between two that are open. */
enum tcp_meeting explain_tcp_meeting(const struct pair_verdict *v);

/* The same as a line of its own, between two behind boxes; or nothing. */
void explain_tcp(FILE *f, const struct why *w, const struct pair_verdict *v);

#endif
