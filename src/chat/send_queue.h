/*
 * Datagrams waiting to be sent: a ring of fixed size between a state machine, which fills it, and the program, which
 * empties it after every call. A full ring refuses and counts; everything that matters is sent again anyway. Pure.
 */
#ifndef SEND_QUEUE_H
#define SEND_QUEUE_H

#include "base/endpoint.h"
#include "chat/wire.h"

#define SEND_QUEUE_SLOTS 128 /* more than any one call to a state machine makes */

struct datagram {
	struct endpoint to;
	struct endpoint local; /* the local address and port to send from; ADDRESS_NONE leaves it to the socket */
	uint16_t socket;       /* of a client that has several; 0 is the first */
	uint8_t hops;          /* how far it goes, its TTL or hop limit; 0 for as far as usual */
	size_t len;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
};

struct send_queue {
	size_t first;
	size_t count;
	uint64_t refused; /* datagrams that found the ring full */
	struct datagram slots[SEND_QUEUE_SLOTS];
};

/*
 * Encodes `m` into the ring. Returns the datagram, which may still be sealed and given a socket; NULL if it was
 * refused.
 */
struct datagram *send_queue_put(struct send_queue *q, const struct endpoint *local, const struct endpoint *to,
                                const struct wire_message *m);

/* Takes the oldest datagram out. Returns false if there is none. */
bool send_queue_take(struct send_queue *q, struct datagram *out);

#endif
