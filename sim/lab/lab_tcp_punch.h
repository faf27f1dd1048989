/*
 * A punch by TCP with sockets of the lab's own (RFC 5128 §3.4): both hosts connect to a server from the port they
 * punch from, and by a word of the server, which goes to both at the same time, learn where the other was seen. Each
 * listens at its port and dials the other from it, anew where that is refused. A connection counts once each end has
 * heard the other on it. By IPv4 or IPv6, whichever all three have; across a NAT64 by IPv4 (punch_family.h).
 */
#ifndef LAB_TCP_PUNCH_H
#define LAB_TCP_PUNCH_H

#include "lab/lab_tcp.h"

struct lab_tcp_puncher {
	int host;
	uint16_t port; /* that it punches from; 0: any */
	double late_s; /* it dials so much later than the word has come; it listens from the beginning */
	bool once;     /* what is refused is not dialed again */
};

struct lab_tcp_punch {
	struct lab_tcp_puncher sides[2];
	int server;                 /* a host that both reach */
	enum address_family family; /* ADDRESS_NONE: IPv4 where all three have it, else IPv6 */
	double timeout_s;           /* of each to reach the server; and from its word, until the punch is given up */
};

/* What came of it for each. */
struct lab_tcp_end {
	struct endpoint seen; /* where the server saw it; family ADDRESS_NONE: it did not reach the server */
	struct endpoint peer; /* whom it is connected to */
	int fd;               /* the connection, the caller's to close; -1: none */
	bool dialed;          /* it is one that this side dialed; of both ends: a simultaneous open */
	unsigned refused;     /* so many SYNs were answered by a RST or by ICMP */
};

/*
 * Returns 1 if a connection stands, with the milliseconds from the first word that came to it, 0 if none came to stand
 * in time, -1 with the reason: such as that the three have no family in common.
 */
int lab_tcp_punch(struct lab *l, const struct lab_tcp_punch *how, struct lab_tcp_end ends[2], unsigned *ms,
                  char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
