/*
 * The server's address of the other family than the one that it is talked to by. Where a family stops working in the
 * middle of a login, that is asked whether it answers, and so it is known when to move over: when it does, and nothing
 * is heard by the first for a while after that, which then is no matter of the server, nor of the socket alone. Pure;
 * part of peer.
 */
#ifndef OTHER_FAMILY_H
#define OTHER_FAMILY_H

#include "chat/peer/login.h"

struct other_family {
	struct endpoint server; /* of no family if it has none */
	bool asking;
	bool heard; /* it has answered */
	uint64_t heard_us;
	uint8_t nonce[WIRE_NONCE_SIZE];
	struct retry retry;
};

/* An answer that came from its address. */
void other_family_receive(struct other_family *o, struct effects *fx, const struct wire_message *here, uint64_t now_us);

/* Asks, as long as the login waits in vain. */
void other_family_tick(struct other_family *o, struct effects *fx, const struct login *l, uint64_t now_us);
uint64_t other_family_deadline(const struct other_family *o, const struct login *l);

/* True if the client is to move over. */
bool other_family_wins(const struct other_family *o, uint64_t now_us);

#endif
