/*
 * meddler: a rendezvous server that means harm, and stands on every way between its peers.
 *
 *     meddler HOW LISTEN:PORT SERVER:PORT
 *
 * Clients take it for the server. It passes what they say on to a real one, each from a socket of its own, so that the
 * server tells peers these sockets as each other's addresses, and all they say to each other comes by here too. HOW it
 * meddles with what peers say to each other:
 *
 *     pass       not at all
 *     forge      makes up texts, goodbyes, probes and replies under the token that it sees
 *     replay     sends each datagram once more, and an old one behind it
 *     elsewhere  sends each once more from another address
 *     reflect    sends each back to where it came from as well
 *     reorder    sends each before the one that came before it
 *     truncate   sends each cut short first, its header put right
 *     alter      sends each with another bit turned first
 *     swap       deals each of two peers a card of its own in the other's place, and translates
 *
 * Says "meddling" when it listens, and with `swap` each text that it can read.
 */
#include "chat/peer/text_keys.h"
#include "chat/seal.h"
#include "io/udp.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDES 8
#define KEPT 256

/* One client, and, with `swap`, what is shown of it to the other: a card and an ephemeral key of ours. */
struct side {
	struct endpoint client;
	int face; /* what the server, and peers, take for it */
	struct card card, shown;
	uint8_t exchange[CARD_SECRET_SIZE];
	uint8_t ephemeral[WIRE_EPHEMERAL_SIZE]; /* the client's */
	uint8_t secret[CARD_SECRET_SIZE], shown_ephemeral[WIRE_EPHEMERAL_SIZE];
	uint8_t path_key[SECRETS_KEY_SIZE]; /* between the client and what we show it of the other */
	struct text_keys text_keys;
};

struct kept {
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;
};

static const char *how;
static int front, stranger;
static struct endpoint listen_at, server;
static struct side sides[SIDES];
static unsigned side_count;
static struct kept kept[KEPT];
static unsigned kept_count;
static uint32_t dice = 1;

static uint32_t roll(uint32_t below)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % below;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "meddler: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_by(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	if (udp_send(fd, to, bytes, len) != 0 && errno != ECONNREFUSED && errno != EAGAIN)
		must(false, "send");
}

static int any_port(void)
{
	struct endpoint at = listen_at;
	int fd;

	at.port = 0;
	fd = udp_open(&at);
	must(fd >= 0, "socket");
	return fd;
}

static struct side *side_of(const struct endpoint *client)
{
	for (unsigned i = 0; i < side_count; i++)
		if (endpoint_equal(&sides[i].client, client))
			return &sides[i];
	return NULL;
}

static struct side *new_side(const struct endpoint *client)
{
	struct side *s = &sides[side_count];

	must(side_count < SIDES, "too many clients");
	side_count++;
	s->client = *client;
	s->face = any_port();
	return s;
}

/* --- swap: between two peers ----------------------------------------------------------------------------------------
 */

static void show_card(struct side *s, const struct card *card)
{
	uint8_t seed[CARD_SEED_SIZE];
	char name[NAME_TEXT_SIZE] = "";

	s->card = *card;
	memcpy(name, card->name, NAME_SIZE);
	memset(seed, 0x40 + (int)(s - sides), sizeof seed);
	memset(s->exchange, 0x50 + (int)(s - sides), sizeof s->exchange);
	card_make(&s->shown, seed, s->exchange, name);
}

/* An introduction on its way to `to`: the other's card becomes the one we show of it. */
static size_t swap_card(struct side *to, struct side *other, struct wire_message *m, uint8_t *bytes, size_t room)
{
	m->card = other->shown;
	must(secrets_path_key(other->exchange, &other->shown, &to->card, m->token, to->path_key), "path key");
	return wire_encode(m, bytes, room);
}

static void renew(struct side *s, const uint8_t ephemeral[WIRE_EPHEMERAL_SIZE])
{
	if (memcmp(s->ephemeral, ephemeral, sizeof s->ephemeral) == 0)
		return;
	memcpy(s->ephemeral, ephemeral, sizeof s->ephemeral);
	randombytes_buf(s->secret, sizeof s->secret);
	secrets_public(s->secret, s->shown_ephemeral);
}

/* Reads what the client said to us, whom it takes for the other. */
static bool open_sealed(struct side *from, struct side *to, struct wire_message *m, const uint8_t *bytes, size_t len,
                        uint8_t text[WIRE_TEXT_MAX])
{
	if (m->type != WIRE_TEXT)
		return seal_holds(from->path_key, bytes, len);
	text_keys_agree(&from->text_keys, from->path_key, to->secret, to->shown_ephemeral, from->ephemeral);
	if (!text_keys_read(&from->text_keys, m, bytes, len, text))
		return false;
	printf("read: %.*s\n", (int)m->text_len, (const char *)text);
	m->text = text;
	if (m->text_len >= 3 && memcmp(text, "100", 3) == 0)
		memcpy(text, "999", 3);
	return true;
}

static size_t translate(struct side *from, struct side *to, uint8_t *bytes, size_t len)
{
	uint8_t text[WIRE_TEXT_MAX];
	struct wire_message m;

	must(wire_decode(bytes, len, &m) == WIRE_OK, "decode");
	if (!open_sealed(from, to, &m, bytes, len, text))
		return 0;
	if (m.type == WIRE_PROBE || m.type == WIRE_REPLY)
		renew(from, m.ephemeral);
	memcpy(m.ephemeral, from->shown_ephemeral, sizeof m.ephemeral);
	memcpy(m.from, from->shown_ephemeral, sizeof m.from);
	if (!sodium_is_zero(m.to, sizeof m.to))
		memcpy(m.to, to->ephemeral, sizeof m.to);
	len = wire_encode(&m, bytes, WIRE_MAX_DATAGRAM);
	if (m.type == WIRE_TEXT) {
		text_keys_agree(&to->text_keys, to->path_key, from->secret, from->shown_ephemeral, to->ephemeral);
		seal_text(text_keys_to_send(&to->text_keys, m.serial), m.serial, bytes, len);
	} else {
		seal_stamp(to->path_key, bytes, len);
	}
	return len;
}

/* --- the other ways to meddle ---------------------------------------------------------------------------------------
 */

static bool does(const char *what)
{
	return strcmp(how, what) == 0;
}

/* What is sealed by nobody, under the token and the nonces that were seen. */
static void forge(struct side *from, struct side *to, const uint8_t *seen)
{
	static const enum wire_type types[] = {
		WIRE_TEXT, WIRE_TEXT_ACK, WIRE_BYE, WIRE_BYE_ACK, WIRE_PROBE, WIRE_REPLY
	};
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct wire_message m = { .serial = 1 + roll(1u << (1 + roll(31))),
		                  .text = (const uint8_t *)"999 euro",
		                  .text_len = 8 };
	size_t len;

	m.type = types[roll(sizeof types / sizeof types[0])];
	memcpy(m.token, seen + WIRE_HEADER_SIZE, sizeof m.token);
	memcpy(m.to, seen + WIRE_HEADER_SIZE + WIRE_TOKEN_SIZE, sizeof m.to);
	memcpy(m.from, seen + WIRE_HEADER_SIZE + WIRE_TOKEN_SIZE + WIRE_NONCE_SIZE, sizeof m.from);
	memcpy(m.ephemeral, m.from, sizeof m.from);
	m.who = to->client;
	len = wire_encode(&m, bytes, sizeof bytes);
	must(len > WIRE_MAC_SIZE, "encode");
	randombytes_buf(bytes + len - WIRE_MAC_SIZE, WIRE_MAC_SIZE);
	send_by(from->face, &to->client, bytes, len);
}

static void replay(struct side *from, struct side *to, const uint8_t *bytes, size_t len)
{
	struct kept *k = &kept[kept_count++ % KEPT];
	const struct kept *old;

	memcpy(k->bytes, bytes, len);
	k->len = len;
	old = &kept[roll(kept_count < KEPT ? kept_count : KEPT)];
	send_by(from->face, &to->client, bytes, len);
	send_by(from->face, &to->client, old->bytes, old->len);
}

/* Each goes before the one that came before it: it is held until the next has passed. */
static void reorder(struct side *from, struct side *to, const uint8_t *bytes, size_t len)
{
	static struct kept held[SIDES];
	struct kept *h = &held[from - sides];

	if (h->len == 0) {
		memcpy(h->bytes, bytes, len);
		h->len = len;
		return;
	}
	send_by(from->face, &to->client, bytes, len);
	send_by(from->face, &to->client, h->bytes, h->len);
	h->len = 0;
}

static void truncate_first(struct side *from, struct side *to, const uint8_t *bytes, size_t len)
{
	uint8_t cut[WIRE_MAX_DATAGRAM];
	size_t left = len - 1 - roll((uint32_t)(len - WIRE_HEADER_SIZE));

	memcpy(cut, bytes, left);
	if (left >= WIRE_HEADER_SIZE) {
		cut[6] = (uint8_t)((left - WIRE_HEADER_SIZE) >> 8);
		cut[7] = (uint8_t)(left - WIRE_HEADER_SIZE);
	}
	send_by(from->face, &to->client, cut, left);
	send_by(from->face, &to->client, bytes, len);
}

static void alter_first(struct side *from, struct side *to, uint8_t *bytes, size_t len)
{
	uint32_t bit = roll((uint32_t)(8 * len));

	bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	send_by(from->face, &to->client, bytes, len);
	bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	send_by(from->face, &to->client, bytes, len);
}

static void meddle(struct side *from, struct side *to, uint8_t *bytes, size_t len)
{
	if (does("reorder")) {
		reorder(from, to, bytes, len);
		return;
	}
	if (does("truncate")) {
		truncate_first(from, to, bytes, len);
		return;
	}
	if (does("alter")) {
		alter_first(from, to, bytes, len);
		return;
	}
	if (does("swap"))
		len = translate(from, to, bytes, len);
	if (len > 0)
		send_by(from->face, &to->client, bytes, len);
	if (does("forge"))
		forge(from, to, bytes);
	else if (does("replay"))
		replay(from, to, bytes, len);
	else if (does("elsewhere"))
		send_by(stranger, &to->client, bytes, len);
	else if (does("reflect"))
		send_by(to->face, &from->client, bytes, len);
}

/* --- passing on -----------------------------------------------------------------------------------------------------
 */

/* A client speaks to what it takes for the server. */
static void from_client(const struct endpoint *client, const uint8_t *bytes, size_t len)
{
	struct side *s = side_of(client);
	struct wire_message m;

	if (s == NULL)
		s = new_side(client);
	if (wire_decode(bytes, len, &m) == WIRE_OK && m.type == WIRE_LOGIN)
		show_card(s, &m.card);
	send_by(s->face, &server, bytes, len);
}

static void from_server(struct side *to, uint8_t *bytes, size_t len)
{
	struct wire_message m;

	if (does("swap") && side_count == 2 && wire_decode(bytes, len, &m) == WIRE_OK && m.type == WIRE_INTRODUCE)
		len = swap_card(to, &sides[to == sides], &m, bytes, WIRE_MAX_DATAGRAM);
	send_by(front, &to->client, bytes, len);
}

static void from_peer(struct side *from, struct side *to, uint8_t *bytes, size_t len)
{
	struct wire_message m;

	if (wire_decode(bytes, len, &m) == WIRE_OK && wire_is_between_peers(m.type))
		meddle(from, to, bytes, len);
}

static void hear(int fd, struct side *face)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM + 1];
	struct endpoint from;
	ssize_t len = udp_receive(fd, bytes, sizeof bytes, &from);
	struct side *peer;

	if (len < 0 || (size_t)len > WIRE_MAX_DATAGRAM)
		return;
	peer = side_of(&from);
	if (fd == front)
		from_client(&from, bytes, (size_t)len);
	else if (face != NULL && endpoint_equal(&from, &server))
		from_server(face, bytes, (size_t)len);
	else if (face != NULL && peer != NULL)
		from_peer(peer, face, bytes, (size_t)len);
}

int main(int argc, char **argv)
{
	must(argc == 4 && sodium_init() >= 0, "usage: meddler HOW LISTEN:PORT SERVER:PORT");
	how = argv[1];
	must(endpoint_parse(argv[2], &listen_at) == 0 && endpoint_parse(argv[3], &server) == 0, "ADDRESS:PORT");
	front = udp_open(&listen_at);
	must(front >= 0, argv[2]);
	stranger = any_port();
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("meddling");
	for (;;) {
		struct pollfd fds[1 + SIDES] = { { .fd = front, .events = POLLIN } };

		for (unsigned i = 0; i < side_count; i++)
			fds[1 + i] = (struct pollfd){ .fd = sides[i].face, .events = POLLIN };
		must(poll(fds, 1 + side_count, -1) > 0, "poll");
		for (unsigned i = side_count + 1; i-- > 0;)
			if (fds[i].revents != 0)
				hear(fds[i].fd, i > 0 ? &sides[i - 1] : NULL);
	}
}
