/*
 * Any datagrams, in any order and at any time, at a server with two peers logged in. Whatever comes: it sends only to
 * who asked or is logged in, a stranger gets no more bytes than it sent, and it never asks to be woken at once again.
 *
 * The input is a sequence of records: a byte that says from whom, a byte that says how much later, a byte of length,
 * and the datagram. One that would only be refused for its header or its session gets the right ones, if the first byte
 * says so.
 */
#include "chat/rendezvous/rendezvous.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PEERS 3u /* small, so that it gets full */
#define SECOND UINT64_C(1000000)
#define FIX_HEADER 0x10
#define FIX_SESSION 0x20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rendezvous server;
static struct roster_peer memory[MAX_PEERS + 4];
static uint64_t now;
static uint8_t sessions[4][WIRE_SESSION_SIZE];
static const struct endpoint local = { .address.family = ADDRESS_IPV4,
	                               .address.bytes = { 203, 0, 113, 1 },
	                               .port = 5000 };

static struct endpoint source(unsigned i)
{
	return endpoint_ipv4(0xc6336401 + i, 1000);
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool is_here(const struct endpoint *where)
{
	const struct roster_peer *p = roster_find(&server.roster, where);

	return p != NULL && p->state != ROSTER_FREE;
}

/* Takes everything out; returns how many bytes went to `from`. */
static size_t drain(const struct endpoint *from, unsigned who)
{
	struct rendezvous_event event;
	struct wire_message m;
	struct datagram d;
	size_t bytes = 0;

	while (rendezvous_next_datagram(&server, &d)) {
		require(wire_decode(d.bytes, d.len, &m) == WIRE_OK);
		require(endpoint_equal(&d.to, from) || is_here(&d.to));
		bytes += endpoint_equal(&d.to, from) ? d.len : 0;
		if (m.type == WIRE_WELCOME)
			memcpy(sessions[who], m.session, sizeof sessions[who]);
	}
	while (rendezvous_next_event(&server, &event))
		require(event.peers <= MAX_PEERS);
	require(server.out.refused == 0);
	return bytes;
}

static void receive(unsigned who, uint8_t *bytes, size_t len)
{
	struct endpoint from = source(who);
	bool proved = is_here(&from);
	size_t back;

	rendezvous_expect(&server, &from, bytes, len);
	rendezvous_receive(&server, &local, &from, bytes, len, now);
	back = drain(&from, who);
	require(back <= len || proved || is_here(&from)); /* a welcome goes to who proved it just now */
}

static void log_in(unsigned who)
{
	struct wire_message m = { .type = WIRE_LOGIN };
	struct endpoint from = source(who);
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct datagram d;

	rendezvous_receive(&server, &local, &from, bytes, wire_encode(&m, bytes, sizeof bytes), now);
	require(rendezvous_next_datagram(&server, &d) && wire_decode(d.bytes, d.len, &m) == WIRE_OK);
	m.type = WIRE_LOGIN;
	receive(who, bytes, wire_encode(&m, bytes, sizeof bytes));
	require(is_here(&from));
}

static void fix(uint8_t how, uint8_t *bytes, size_t len)
{
	static const uint8_t magic[] = { 'P', '2', 'P', 'C', WIRE_VERSION };

	if ((how & FIX_HEADER) != 0 && len >= WIRE_HEADER_SIZE) {
		memcpy(bytes, magic, sizeof magic);
		bytes[6] = (uint8_t)((len - WIRE_HEADER_SIZE) >> 8);
		bytes[7] = (uint8_t)(len - WIRE_HEADER_SIZE);
	}
	if ((how & FIX_SESSION) != 0 && len >= WIRE_HEADER_SIZE + WIRE_SESSION_SIZE)
		memcpy(bytes + WIRE_HEADER_SIZE, sessions[how & 3], WIRE_SESSION_SIZE);
}

static void pass_time(uint8_t later)
{
	now += ((uint64_t)later * later * later) * 10; /* up to 165 s */
	for (unsigned i = 0; rendezvous_deadline(&server) <= now; i++) {
		struct endpoint nobody = { 0 };

		require(i < 10);
		rendezvous_tick(&server, now);
		drain(&nobody, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 1, 2, 3 };

	if (roster_memory_size(MAX_PEERS) > sizeof memory)
		abort();
	now = 1000 * SECOND;
	memset(&server, 0, sizeof server);
	memset(memory, 0, sizeof memory);
	rendezvous_init(&server, memory, MAX_PEERS, 60 * SECOND, secret);
	log_in(0);
	log_in(1);
	for (size_t at = 0; at + 3 <= size;) {
		uint8_t how = data[at];
		uint8_t bytes[UINT8_MAX];
		size_t len = data[at + 2];

		pass_time(data[at + 1]);
		at += 3;
		len = len < size - at ? len : size - at;
		memcpy(bytes, data + at, len);
		at += len;
		fix(how, bytes, len);
		receive(how & 3, bytes, len);
	}
	rendezvous_stop(&server);
	drain(&local, 0);
	return 0;
}
