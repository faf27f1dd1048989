/*
 * Writes a capture with every kind of p2pchat datagram, made by the encoder the programs use, and prints for each what
 * a dissector has to find in it, in the order of fields.txt: "type|length|nonce|...". `messages FILE`.
 */
#include "base/cursor.h"
#include "evidence/pcapng.h"
#include "chat/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_HEAD 42 /* Ethernet, IPv4, UDP */
#define PORT 40000    /* of no known service: only the heuristic can find these */

/* Fields hold different bytes everywhere, so that none can be taken for another. */
static void fill(uint8_t *bytes, size_t len, uint8_t first)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(first + i);
}

static struct endpoint address(bool six)
{
	struct endpoint e;

	if (endpoint_parse(six ? "[2001:db8::7]:6007" : "203.0.113.7:5007", &e) != 0)
		abort();
	return e;
}

static struct wire_message message(enum wire_type type, bool six)
{
	struct wire_message m = { .type = type,
		                  .serial = 0x01020304,
		                  .start = 70000,
		                  .next = 70060,
		                  .role = WIRE_YOU_ARE_ASKED,
		                  .reason = WIRE_PEER_IS_YOU,
		                  .peer_count = 2 };

	fill(m.nonce, sizeof m.nonce, 0x10);
	fill(m.cookie, sizeof m.cookie, 0x20);
	fill(m.session, sizeof m.session, 0x30);
	fill(m.token, sizeof m.token, 0x40);
	fill(m.card.identity, sizeof m.card.identity, 0x50);
	fill(m.card.exchange, sizeof m.card.exchange, 0x60);
	fill(m.card.signature, sizeof m.card.signature, 0x70);
	name_pad("Zoe", m.card.name);
	name_pad("Bob", m.name);
	fill(m.proof, sizeof m.proof, 0xa0);
	m.presence = WIRE_HAS_GONE;
	m.crowded = 1;
	m.names[0] = (const uint8_t *)"Ann";
	m.name_lens[0] = 3;
	fill(m.ephemeral, sizeof m.ephemeral, 0x90);
	fill(m.to, sizeof m.to, 0x80);
	fill(m.from, sizeof m.from, 0x90);
	m.who = address(six);
	m.peers[0] = address(false);
	m.peers[1] = address(true);
	m.text = (const uint8_t *)"hello, peer";
	m.text_len = strlen("hello, peer");
	m.data = (const uint8_t *)"passed on";
	m.data_len = strlen("passed on");
	m.passes = WIRE_PASSES_ALL;
	m.mapping = WIRE_MAPPING_STEADY;
	m.port = 40000;
	m.span = 17;
	return m;
}

static void print_bytes(const uint8_t *bytes, size_t len)
{
	putchar('|');
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

static void print_absent(void)
{
	putchar('|');
}

/* What each type carries is said here anew, from the table in wire.h: an expectation must not be computed by what it
 * checks. */
static bool carries(enum wire_type type, const char *field)
{
	static const struct {
		enum wire_type type;
		const char *fields;
	} table[] = {
		{ WIRE_LOGIN, " nonce cookie identity exchange signature card-name proof " },
		{ WIRE_PING, " session serial " },
		{ WIRE_LIST, " session serial start " },
		{ WIRE_PUNCH, " session serial who " },
		{ WIRE_LOGOUT, " session " },
		{ WIRE_CHALLENGE, " nonce cookie " },
		{ WIRE_WELCOME, " nonce session who " },
		{ WIRE_DENIED, " nonce reason " },
		{ WIRE_PONG, " session serial " },
		{ WIRE_PEERS, " session serial start next peers peer-name " },
		{ WIRE_INTRODUCE, " session serial role passes who token identity exchange signature card-name " },
		{ WIRE_REFUSED, " session serial reason " },
		{ WIRE_LOGGED_OUT, " session " },
		{ WIRE_UNKNOWN, " session " },
		{ WIRE_SHUTDOWN, " session " },
		{ WIRE_RELAY, " session who data " },
		{ WIRE_WHERE, " nonce spare " },
		{ WIRE_RELAYED, " session who data " },
		{ WIRE_HERE, " nonce who " },
		{ WIRE_FIND, " session serial name " },
		{ WIRE_SEEK, " session serial exchange " },
		{ WIRE_FOUND, " session serial who name " },
		{ WIRE_NOTICE, " session presence who name " },
		{ WIRE_CROWDED, " session crowded " },
		{ WIRE_OFFER, " token to from serial mapping first span hosts mac " },
		{ WIRE_PROBE, " token to ephemeral serial mac " },
		{ WIRE_REPLY, " token to ephemeral serial who mac " },
		{ WIRE_TEXT, " token to from serial text mac " },
		{ WIRE_TEXT_ACK, " token to from serial mac " },
		{ WIRE_BYE, " token to from serial mac " },
		{ WIRE_BYE_ACK, " token to from serial mac " },
	};
	char word[32];

	snprintf(word, sizeof word, " %s ", field);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].type == type)
			return strstr(table[i].fields, word) != NULL;
	return false;
}

static void expect_bytes(const struct wire_message *m, const char *field, const uint8_t *bytes, size_t len)
{
	if (carries(m->type, field))
		print_bytes(bytes, len);
	else
		print_absent();
}

static void expect_number(const struct wire_message *m, const char *field, unsigned value)
{
	if (carries(m->type, field))
		printf("|%u", value);
	else
		print_absent();
}

static void expect_address(const struct wire_message *m, bool six)
{
	bool who = carries(m->type, "who"), peers = carries(m->type, "peers") || carries(m->type, "hosts");

	printf("|%s", peers ? "5007,6007" : !who ? "" : six ? "6007" : "5007");
	printf("|%s", peers || (who && !six) ? "203.0.113.7" : "");
	printf("|%s", peers || (who && six) ? "2001:db8::7" : "");
}

static void expect_name(const struct wire_message *m)
{
	bool card = carries(m->type, "card-name"), name = carries(m->type, "name"),
	     peer = carries(m->type, "peer-name");

	printf("|%s", card ? "Zoe" : name ? "Bob" : peer ? "Ann" : "");
}

static void print_expected(const struct wire_message *m, bool six, size_t len)
{
	static const uint8_t no_mac[WIRE_MAC_SIZE]; /* the encoder leaves it to seal_stamp() */

	printf("0x%02x|%zu", (unsigned)m->type, len - WIRE_HEADER_SIZE);
	expect_bytes(m, "nonce", m->nonce, sizeof m->nonce);
	expect_bytes(m, "cookie", m->cookie, sizeof m->cookie);
	expect_bytes(m, "session", m->session, sizeof m->session);
	expect_bytes(m, "token", m->token, sizeof m->token);
	expect_bytes(m, "identity", m->card.identity, sizeof m->card.identity);
	expect_bytes(m, "exchange", m->card.exchange, sizeof m->card.exchange);
	expect_bytes(m, "signature", m->card.signature, sizeof m->card.signature);
	expect_bytes(m, "ephemeral", m->ephemeral, sizeof m->ephemeral);
	expect_bytes(m, "to", m->to, sizeof m->to);
	expect_bytes(m, "from", m->from, sizeof m->from);
	expect_bytes(m, "mac", no_mac, sizeof no_mac);
	expect_number(m, "serial", m->serial);
	expect_number(m, "start", m->start);
	expect_number(m, "next", m->next);
	expect_number(m, "role", m->role);
	expect_number(m, "reason", m->reason);
	expect_address(m, six);
	expect_number(m, "peers", m->peer_count);
	expect_number(m, "hosts", m->peer_count);
	expect_number(m, "passes", m->passes);
	expect_number(m, "mapping", m->mapping);
	expect_number(m, "first", m->port);
	expect_number(m, "span", m->span);
	expect_bytes(m, "data", m->data, m->data_len);
	expect_bytes(m, "text", m->text, m->text_len);
	expect_bytes(m, "proof", m->proof, sizeof m->proof);
	expect_number(m, "presence", m->presence);
	expect_number(m, "crowded", m->crowded);
	expect_name(m);
	putchar('\n');
}

static int write_frame(FILE *f, const uint8_t *datagram, size_t len, uint64_t time_ns)
{
	uint8_t bytes[FRAME_HEAD + WIRE_MAX_DATAGRAM];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct pcapng_packet p = { .time_ns = time_ns, .bytes = bytes };

	write_zeros(&w, 12);
	write_u16(&w, 0x0800);
	write_u16(&w, 0x4500);
	write_u16(&w, (uint16_t)(28 + len));
	write_u32(&w, 0);
	write_u16(&w, 64 << 8 | 17);
	write_u16(&w, 0);
	write_u32(&w, 0xcb007101); /* 203.0.113.1 */
	write_u32(&w, 0xcb007102);
	write_u16(&w, PORT);
	write_u16(&w, PORT + 1);
	write_u16(&w, (uint16_t)(8 + len));
	write_u16(&w, 0); /* no checksum (RFC 768) */
	write_bytes(&w, datagram, len);
	p.captured = p.length = (uint32_t)w.len;
	return w.failed ? -1 : pcapng_write_packet(f, &p);
}

static int write_message(FILE *f, enum wire_type type, bool six, uint64_t time_ns)
{
	struct wire_message m = message(type, six);
	uint8_t datagram[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(&m, datagram, sizeof datagram);

	if (len == 0)
		return -1;
	print_expected(&m, six, len);
	return write_frame(f, datagram, len, time_ns);
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "wb") : NULL;
	uint64_t time_ns = UINT64_C(1700000000000000000);
	int status;

	if (f == NULL) {
		fprintf(stderr, "usage: messages FILE\n");
		return 2;
	}
	status = pcapng_write_section(f, "messages");
	status |= pcapng_write_interface(f, "test eth0", "", 1, 65535);
	for (int type = 0; type < 256; type++)
		for (int six = 0; six < 2 && strcmp(wire_type_name((enum wire_type)type), "?") != 0; six++)
			status |= write_message(f, (enum wire_type)type, six == 1, time_ns++);
	status |= fclose(f);
	return status != 0;
}
