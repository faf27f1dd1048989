/*
 * The server's side of STUN: answers Binding requests (RFC 8489), with a second address also those of NAT behaviour
 * discovery (RFC 5780 §6), and RFC 3489 clients in their own terms. Pure: bytes and the socket they came in on go in,
 * bytes and the socket they are to leave from come out; the caller owns sockets and clock.
 *
 * It answers nothing but well-formed Binding requests, each with one datagram that has no attribute the asker has no
 * use for; only to the address the request came from, and of its ports only to those from 1024 if RESPONSE-PORT asks
 * for one. What one address can make it send is limited, since that address may be forged.
 */
#ifndef STUN_SERVICE_H
#define STUN_SERVICE_H

#include "base/endpoint.h"
#include "stun/stun_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_SERVICE_KEY_SIZE 16
#define STUN_SERVICE_BUCKETS 1024
#define STUN_SERVICE_BURST 300 /* answers to one address at once: two whole surveys of a NAT without pauses */
#define STUN_SERVICE_RATE 100  /* ... and then a second */

/* The second port of a server on PORT with two addresses: PORT + 1, or PORT - 1 if that is none. */
uint16_t stun_service_other_port(uint16_t port);

/* What became of the datagrams. */
struct stun_service_counts {
	uint64_t answered;
	uint64_t refused;   /* answered with an error: 420, 400 */
	uint64_t malformed; /* dropped: no STUN */
	uint64_t ignored;   /* dropped: STUN, but no Binding request, or from nowhere one can answer to */
	uint64_t limited;   /* dropped: too many for that address */
};

struct stun_service {
	uint8_t key[STUN_SERVICE_KEY_SIZE];
	struct endpoint at[2][2]; /* [address][port]; socket number 2 * address + port is bound there */
	bool has_other; /* both addresses and both ports are there; else only socket 0, wherever it is bound */
	struct {
		uint32_t spent_ms; /* how far ahead of the clock this bucket is */
		uint64_t seen_ms;
	} buckets[STUN_SERVICE_BUCKETS];
	struct stun_service_counts counts;
};

struct stun_reply {
	size_t socket; /* to send from */
	struct endpoint to;
	size_t len;
	uint8_t bytes[STUN_MESSAGE_ROOM];
};

/*
 * `key` is random. With `first` and `second` two addresses of one family (their ports: the same main one) it serves RFC
 * 5780 on sockets 0 to 3: first, first with the other port, second, second with the other port; with `second` NULL it
 * serves RFC 8489 on socket 0, and `first` does not matter.
 */
void stun_service_init(struct stun_service *s, const uint8_t key[STUN_SERVICE_KEY_SIZE], const struct endpoint *first,
                       const struct endpoint *second);

/* A datagram came in. Returns true if *out is to be sent. */
bool stun_service_receive(struct stun_service *s, size_t socket, const struct endpoint *from, const uint8_t *bytes,
                          size_t len, uint64_t now_ms, struct stun_reply *out);

#endif
