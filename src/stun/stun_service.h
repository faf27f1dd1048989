/*
 * The server's side of STUN: answers Binding requests (RFC 8489), with a second address also those of NAT behaviour
 * discovery (RFC 5780 §6), and RFC 3489 clients in their own terms. Pure: bytes and the socket they came in on go in,
 * bytes and the socket they are to leave from come out; the caller owns sockets and clock.
 *
 * It answers nothing but well-formed Binding requests, each with one datagram, to the address the request came from,
 * and of its ports only to those from 1024 if RESPONSE-PORT asks for one. That address may be forged, and has no cookie
 * to give back: so what an address, a network and all together can make it send is limited, and an answer is as short
 * as can be, XOR-MAPPED-ADDRESS alone: 12 bytes longer than the shortest request, 24 with IPv6. What else RFC 5780 has
 * a server say, of its other address, it says only as often as people look for it.
 */
#ifndef STUN_SERVICE_H
#define STUN_SERVICE_H

#include "base/allowance.h"
#include "base/endpoint.h"
#include "stun/stun_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_SERVICE_KEY_SIZE CROWD_KEY_SIZE
#define STUN_SERVICE_PAIRS 2    /* one of each family */
#define STUN_SERVICE_BURST 300u /* answers to one address at once: two whole discoveries of a NAT without pauses */
#define STUN_SERVICE_RATE 100u  /* ... and then a second; to its network four times as many */
#define STUN_SERVICE_RATE_IN_ALL 50000u /* a second, unless another is set: 1.2 MB more than came in, with IPv6 */
#define STUN_SERVICE_RATE_MOST 100000000u

#define STUN_SERVICE_TOLD_BURST                                                                                        \
	200u                       /* of them with more than the mapped address, to one address: discoveries in a row */
#define STUN_SERVICE_TOLD_RATE 50u /* ... and then a second */

/* The second port of a server on PORT with two addresses: PORT + 1, or PORT - 1 if that is none. */
uint16_t stun_service_other_port(uint16_t port);

/* What became of the datagrams. */
struct stun_service_counts {
	uint64_t answered;
	uint64_t refused;   /* answered with an error: 420, 400 */
	uint64_t malformed; /* dropped: no STUN */
	uint64_t ignored;   /* dropped: STUN, but no Binding request, or from nowhere one can answer to */
	uint64_t limited;   /* dropped: too many for that address, its network, or in all */
};

struct stun_service {
	struct endpoint at[STUN_SERVICE_PAIRS][2][2]; /* [pair][address][port]; see stun_service_init() */
	unsigned pairs; /* of addresses, with both ports each; 0: there is only socket 0, wherever it is bound */
	struct allowance answers;
	struct allowance told; /* of these, with more than the mapped address */
	struct stun_service_counts counts;
};

/* Sockets of a pair: number 2 * address + port is bound there, in the second pair 4 more. */
#define STUN_SERVICE_PAIR_SOCKETS 4

struct stun_reply {
	size_t socket; /* to send from */
	struct endpoint to;
	size_t len;
	uint8_t bytes[STUN_MESSAGE_ROOM];
};

/*
 * `s` is all zero, as fresh memory is; `key` is random. With `first` and `second` two addresses of one family (their
 * ports: the same main one) it serves RFC 5780 on sockets 0 to 3: first, first with the other port, second, second with
 * the other port; with `second` NULL it serves RFC 8489 on socket 0, and `first` does not matter.
 */
void stun_service_init(struct stun_service *s, const uint8_t key[STUN_SERVICE_KEY_SIZE], const struct endpoint *first,
                       const struct endpoint *second);

/* The same with two addresses of the other family, on sockets 4 to 7. */
void stun_service_add_pair(struct stun_service *s, const struct endpoint *first, const struct endpoint *second);

/* From now on it gives at most so many answers a second in all; 1 to STUN_SERVICE_RATE_MOST. */
void stun_service_limit(struct stun_service *s, uint32_t answers_a_second);

/*
 * The same of a request on a connection to that socket's address, whose answer goes back on it: it can leave from
 * nowhere else, so CHANGE-REQUEST and RESPONSE-PORT are refused.
 */
bool stun_service_receive_stream(struct stun_service *s, size_t socket, const struct endpoint *from,
                                 const uint8_t *bytes, size_t len, uint64_t now_ms, struct stun_reply *out);

/* A datagram came in. Returns true if *out is to be sent. */
bool stun_service_receive(struct stun_service *s, size_t socket, const struct endpoint *from, const uint8_t *bytes,
                          size_t len, uint64_t now_ms, struct stun_reply *out);

#endif
