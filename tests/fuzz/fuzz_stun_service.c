/*
 * stun_service: whatever comes in on whichever socket, the answer is a well-formed message to the asker's address, with
 * a port it may have, from a socket there is, and not larger than what RFC 5780 needs; to who has had enough of that,
 * no more than an IPv6 address longer than the request.
 */
#include "stun/stun_service.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_WITHOUT_PADDING (STUN_HEADER_SIZE + 4 * 24 + 8) /* four IPv6 addresses and FINGERPRINT */

static void must(int true_of_every_input)
{
	if (!true_of_every_input)
		abort();
}

static void check_answer(const struct stun_reply *r, const struct endpoint *from, size_t asked_len, size_t sockets,
                         bool more)
{
	struct stun_message m;

	must(stun_decode(r->bytes, r->len, &m) == 0);
	must(m.class == STUN_SUCCESS || m.class == STUN_ERROR);
	must(endpoint_same_address(&r->to, from));
	must(r->to.port == from->port || r->to.port >= 1024);
	must(r->socket < sockets);
	must(r->len <= asked_len + (more ? MOST_WITHOUT_PADDING : 24));
	must(m.has_padding || r->len <= MOST_WITHOUT_PADDING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stun_service s;
	static struct stun_reply reply;
	struct endpoint first = endpoint_ipv4(0xcb007101, 3478);
	struct endpoint second = endpoint_ipv4(0xcb007102, 3478);
	struct endpoint from = endpoint_ipv4(0xc6336407, 5000);
	size_t sockets;

	if (size == 0)
		return 0;
	sockets = (data[0] & 4) != 0 ? 4 : 1;
	memset(&s, 0, sizeof s);
	stun_service_init(&s, (const uint8_t *)"0123456789abcdef", &first, sockets == 4 ? &second : NULL);
	if ((data[0] & 8) != 0)
		s.told.pace_of_all.room_ns = 0;
	if (stun_service_receive(&s, data[0] % sockets, &from, data + 1, size - 1, 1000, &reply))
		check_answer(&reply, &from, size - 1, sockets, (data[0] & 8) == 0);
	return 0;
}
