/* A STUN question over TCP (RFC 8489 §6.2.2), for a program that has nothing else to do meanwhile. */
#ifndef STUN_TCP_H
#define STUN_TCP_H

#include "stun/stun_message.h"

enum stun_tcp_outcome {
	STUN_TCP_ANSWERED,
	STUN_TCP_REFUSED, /* nobody listens there, or a firewall says so */
	STUN_TCP_SILENT,  /* no answer in time */
	STUN_TCP_NO_STUN, /* what was said is none, or no success */
	STUN_TCP_NO_SOCKET,
};

/*
 * Dials from `local` (port 0: any), which is then the address and port that it was; several may be dialed from one.
 * Asks with the id of `answer`, and fills that in. *fd is the connection, to be closed by the caller, or -1.
 */
enum stun_tcp_outcome stun_tcp_ask(struct endpoint *local, const struct endpoint *server, unsigned timeout_ms, int *fd,
                                   struct stun_message *answer);

#endif
