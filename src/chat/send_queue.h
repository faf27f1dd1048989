/*
 * Datagrams waiting to be sent: a ring of fixed size between a state machine, which fills it, and the program, which
 * empties it after every call. A full ring refuses and counts; everything that matters is sent again anyway. Pure.
 */
#ifndef SEND_QUEUE_H
#define SEND_QUEUE_H

#include "base/endpoint.h"
#include "chat/wire.h"

#define SENDQ_SLOTS 128 /* more than any one call to a state machine makes */

struct datagram {
	struct endpoint to;
	struct endpoint local; /* the local address and port to send from; ENDPOINT_NONE leaves it to the socket */
	size_t len;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
};

struct sendq {
	size_t first;
	size_t count;
	uint64_t refused; /* datagrams that found the ring full */
	struct datagram slots[SENDQ_SLOTS];
};

/* Encodes `m` into the ring; under a key (which may be NULL) its mac is stamped too. */
void sendq_put(struct sendq *q, const struct endpoint *local, const struct endpoint *to, const struct wire_message *m,
               const uint8_t *key);

/* Takes the oldest datagram out. Returns false if there is none. */
bool sendq_take(struct sendq *q, struct datagram *out);

#endif
