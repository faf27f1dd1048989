/*
 * What the NAT in front of this client does with a new socket: asked of both of the server's ports, which see the same
 * port of it, or two (RFC 4787 §4.1 in little). From two, one after the other, the next can be told where ports advance
 * steadily. Pure; part of peer.
 */
#ifndef OWN_MAPPING_H
#define OWN_MAPPING_H

#include "chat/peer/effects.h"
#include "chat/peer/socket_set.h"
#include "chat/retry.h"

struct own_mapping {
	bool running;
	uint16_t socket;
	uint8_t nonces[2][WIRE_NONCE_SIZE]; /* of the questions to the first and to the second port */
	uint16_t seen[2];                   /* the port each saw; 0 until it has answered */
	struct retry retry;
	uint64_t deadline_us;
	enum wire_mapping kind; /* what was found last */
	uint16_t port, span;    /* where a mapping made about now is expected: with WIRE_MAPPING_STEADY only */
	uint16_t kept;          /* with WIRE_MAPPING_SAME: the socket that was measured, if it is open still */
	uint64_t found_us;      /* when; 0 for never */
};

/* Measures once more, unless that is under way. */
void own_mapping_start(struct own_mapping *m, struct socket_set *sockets, struct effects *fx, uint64_t now_us);

/* An answer of the server came, to whichever socket. */
void own_mapping_receive(struct own_mapping *m, struct socket_set *sockets, struct effects *fx,
                         const struct wire_message *here, uint64_t now_us);

/*
 * The socket that was measured belongs to `owner` from now on; *port is the one that everybody sees of it. It is kept
 * for a moment, and for one. Returns 0 if there is none.
 */
uint16_t own_mapping_hand_over(struct own_mapping *m, struct socket_set *sockets, const void *owner, uint16_t *port);

void own_mapping_tick(struct own_mapping *m, struct socket_set *sockets, struct effects *fx, uint64_t now_us);
uint64_t own_mapping_deadline(const struct own_mapping *m);

#endif
