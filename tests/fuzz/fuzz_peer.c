/*
 * Any datagrams and commands, in any order and at any time, at a client that is logged in and has one open path.
 * Whatever comes: nothing is sent but to the server, to who it introduced, and to where a datagram with a right mac
 * came from; no ring overflows; no line holds a control character; and it never asks to be woken at once again.
 *
 * The input is a sequence of records: a byte that says what, a byte that says how much later, a byte of length, and the
 * bytes of a datagram or a text. Datagrams get a right header, session, token, nonces and mac, as the first byte says.
 */
#include "chat/peer/peer.h"
#include "chat/seal.h"

#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000)

enum { COMMAND = 7, FIX_HEADER = 0x10, FIX_NAME = 0x20, FIX_NONCES = 0x40, FIX_MAC = 0x80 };
enum { TO_AT = WIRE_HEADER_SIZE + WIRE_TOKEN_SIZE, FROM_AT = TO_AT + WIRE_NONCE_SIZE };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct peer peer;
static uint64_t now;
static struct endpoint introduced[512]; /* the first is source(1), at the start */
static size_t introduced_count;
static const struct endpoint server = { .address.family = ADDRESS_IPV4,
	                                .address.bytes = { 203, 0, 113, 1 },
	                                .port = 5000 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct endpoint source(unsigned i)
{
	return i == 0 ? server : endpoint_ipv4(0xc6336401 + i, 1000);
}

/* An offer that was sealed rightly may have named it; ports are guessed at the peer's own address. */
static bool is_a_candidate(const struct endpoint *to)
{
	for (unsigned i = 0; i < PATHS_MAX; i++)
		for (unsigned k = 0; k < peer.paths.list[i].candidates.count; k++)
			if (endpoint_same_address(to, &peer.paths.list[i].candidates.list[k].route.where))
				return true;
	return false;
}

static bool may_send_to(const struct endpoint *to)
{
	struct endpoint own;

	if (endpoint_same_address(to, &server) && (to->port == server.port || to->port == server.port + 1))
		return true;
	if (is_a_candidate(to))
		return true;
	for (unsigned i = 1; i < COMMAND; i++) {
		own = source(i);
		if (endpoint_equal(to, &own))
			return true;
	}
	for (size_t i = 0; i < introduced_count; i++)
		if (endpoint_equal(to, &introduced[i]))
			return true;
	return false;
}

/* Takes everything out. Returns the last datagram's message, for the start. */
static struct wire_message drain(void)
{
	static char line[EVENT_LINE_SIZE];
	static struct wire_message m;
	static struct datagram d;
	static struct event e;

	m.type = 0;
	while (peer_next_datagram(&peer, &d)) {
		require(wire_decode(d.bytes, d.len, &m) == WIRE_OK);
		require(may_send_to(&d.to));
	}
	while (peer_next_event(&peer, &e))
		for (const char *c = event_format(&e, EVENT_FOR_PROGRAMS, line); *c != '\0'; c++)
			require((uint8_t)*c >= 0x20 && *c != 0x7f);
	require(peer.fx.out.refused == 0 && peer.fx.events.refused == 0);
	return m;
}

/* What the server introduces may be probed: remembers it, if the datagram is such. */
static void note_introduction(const uint8_t *bytes, size_t len)
{
	static struct wire_message m;

	if (wire_decode(bytes, len, &m) == WIRE_OK && m.type == WIRE_INTRODUCE &&
	    introduced_count < sizeof introduced / sizeof introduced[0])
		introduced[introduced_count++] = m.who;
}

static void receive(unsigned from, const uint8_t *bytes, size_t len)
{
	struct endpoint where = source(from);

	note_introduction(bytes, len);
	peer_receive(&peer, 0, &where, bytes, len, now);
}

static struct wire_message exchange(unsigned from, const struct wire_message *m, const uint8_t *key)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(m, bytes, sizeof bytes);

	require(len > 0);
	if (key != NULL)
		seal_stamp(key, bytes, len);
	receive(from, bytes, len);
	return drain();
}

/* The other side of every path. */
static const uint8_t other_seed[CARD_SEED_SIZE] = { 7 }, other_secret[CARD_SECRET_SIZE] = { 8 };
static struct card other;

/* Logged in, and a path to source(1) is open. */
static void get_in(void)
{
	struct peer_config config = { .server = server,
		                      .punch_timeout_us = 10 * SECOND,
		                      .keepalive_us = 15 * SECOND,
		                      .strategies = STRATEGY_AUTO };
	struct wire_message m;
	struct wire_message got;

	now = 1000 * SECOND;
	card_make(&other, other_seed, other_secret, "");
	peer_init(&peer, &config);
	peer_login(&peer, "", now);
	got = drain();
	m = (struct wire_message){ .type = WIRE_WELCOME, .who = endpoint_ipv4(0xc6336401, 7) };
	memcpy(m.nonce, got.nonce, sizeof m.nonce);
	memset(m.session, 5, sizeof m.session);
	exchange(0, &m, NULL);
	m = (struct wire_message){ .type = WIRE_INTRODUCE, .serial = 1, .role = WIRE_YOU_ARE_ASKED, .who = source(1) };
	memset(m.session, 5, sizeof m.session);
	memset(m.token, 6, sizeof m.token);
	m.card = other;
	got = exchange(0, &m, NULL);
	m.type = WIRE_REPLY;
	m.serial = got.serial;
	memcpy(m.to, got.from, sizeof m.to);
	secrets_public(other_secret, m.ephemeral);
	exchange(1, &m, peer.paths.list[0].key);
	require(peer.paths.list[0].state == PATH_OPEN);
}

/* That takes keys, and so a fifth of the time of an input: it is done once, and every input begins where it led to. */
static void start(void)
{
	static struct peer at_start;
	static uint64_t then;

	if (then == 0) {
		get_in();
		at_start = peer;
		then = now;
	}
	peer = at_start; /* its pointers lead into itself, which stands where it stood */
	now = then;
	introduced_count = 1;
}

static void fix(uint8_t how, uint8_t *bytes, size_t len)
{
	static const uint8_t magic[] = { 'P', '2', 'P', 'C', WIRE_VERSION };
	const struct path *path = &peer.paths.list[bytes[len - 1] % 2];
	bool between_peers = (how & 7) != 0;

	if ((how & FIX_HEADER) != 0) {
		memcpy(bytes, magic, sizeof magic);
		bytes[6] = (uint8_t)((len - WIRE_HEADER_SIZE) >> 8);
		bytes[7] = (uint8_t)(len - WIRE_HEADER_SIZE);
	}
	if ((how & FIX_NAME) != 0)
		memcpy(bytes + WIRE_HEADER_SIZE, between_peers ? path->token : peer.login.session, WIRE_TOKEN_SIZE);
	if (!between_peers && (how & FIX_NONCES) != 0 && bytes[5] < WIRE_PONG)
		memcpy(bytes + WIRE_HEADER_SIZE, peer.login.nonce, WIRE_NONCE_SIZE);
	if (between_peers && (how & FIX_NONCES) != 0) {
		memcpy(bytes + TO_AT, path->mine, WIRE_NONCE_SIZE);
		memcpy(bytes + FROM_AT, path->theirs, WIRE_NONCE_SIZE);
	}
	if (between_peers && (how & FIX_MAC) != 0)
		seal_stamp(path->key, bytes, len);
}

static void command(const uint8_t *bytes, size_t len)
{
	struct endpoint who = source(len > 1 ? bytes[1] % 8 : 0);

	if (len == 0 || peer_is_leaving(&peer))
		return;
	switch (bytes[0] % 6) {
	case 0: peer_login(&peer, "", now); break;
	case 1: peer_list(&peer, "", now); break;
	case 2:
	case 3: peer_punch(&peer, &who, NULL, now); break;
	case 4: peer_send(&peer, &who, NULL, bytes, len, now); break;
	default: peer_logout(&peer, now); break;
	}
}

/* 0 to 109 s, in every order of magnitude as often: each 11 more are twice as long. */
static uint64_t time_in(uint8_t later)
{
	return later == 0 ? 0 : (UINT64_C(11) + later % 11) << (later / 11);
}

/* Steps through the time, as a program would. */
static void pass_time(uint8_t later)
{
	uint64_t end = now + time_in(later);

	for (uint64_t deadline = peer_deadline(&peer), at_once = 0; deadline <= end; deadline = peer_deadline(&peer)) {
		at_once = deadline <= now ? at_once + 1 : 0;
		require(at_once < 200);
		now = deadline > now ? deadline : now;
		peer_tick(&peer, now);
		drain();
	}
	now = end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start();
	for (size_t at = 0; at + 3 <= size;) {
		uint8_t how = data[at];
		uint8_t bytes[UINT8_MAX];
		size_t len = data[at + 2];

		pass_time(data[at + 1]);
		at += 3;
		len = len < size - at ? len : size - at;
		memcpy(bytes, data + at, len);
		at += len;
		if ((how & 7) == COMMAND) {
			command(bytes, len);
		} else {
			if (len >= FROM_AT + WIRE_NONCE_SIZE + WIRE_MAC_SIZE || (len >= 24 && (how & 7) == 0))
				fix(how, bytes, len);
			receive(how & 7, bytes, len);
		}
		drain();
	}
	pass_time(UINT8_MAX);
	return 0;
}
