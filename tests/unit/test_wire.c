#include "suite.h"
#include "chat/wire.h"

#include <string.h>

static const enum wire_type every_type[] = {
	WIRE_LOGIN,    WIRE_PING,   WIRE_LIST,          WIRE_PUNCH,     WIRE_LOGOUT,   WIRE_CHALLENGE,  WIRE_WELCOME,
	WIRE_DENIED,   WIRE_PONG,   WIRE_PEERS,         WIRE_INTRODUCE, WIRE_REFUSED,  WIRE_LOGGED_OUT, WIRE_UNKNOWN,
	WIRE_SHUTDOWN, WIRE_PROBE,  WIRE_REPLY,         WIRE_TEXT,      WIRE_TEXT_ACK, WIRE_BYE,        WIRE_BYE_ACK,
	WIRE_RELAY,    WIRE_WHERE,  WIRE_RELAYED,       WIRE_HERE,      WIRE_OFFER,    WIRE_FIND,       WIRE_SEEK,
	WIRE_FOUND,    WIRE_NOTICE, WIRE_OTHER_VERSION, WIRE_CROWDED,
};

#define TYPES (sizeof every_type / sizeof every_type[0])

static struct endpoint ipv6_endpoint(uint8_t last, uint16_t port)
{
	struct endpoint e = { .address.family = ADDRESS_IPV6,
		              .address.bytes = { 0x20, 0x01, 0x0d, 0xb8 },
		              .port = port };

	e.address.bytes[15] = last;
	return e;
}

/* A message with every field set to something of its own. */
static struct wire_message sample(enum wire_type type)
{
	struct wire_message m = {
		.type = type,
		.serial = 0x01020304,
		.start = 60,
		.next = 120,
		.role = WIRE_YOU_ARE_ASKED,
		.reason = WIRE_PEER_IS_YOU,
		.who = endpoint_ipv4(0xcb007114, 5000),
		.peer_count = 2,
		.text = (const uint8_t *)"hello",
		.text_len = 5,
		.data = (const uint8_t *)"another",
		.data_len = 7,
		.passes = WIRE_PASSES_ALL,
		.mapping = WIRE_MAPPING_STEADY,
		.port = 65000,
		.span = 536,
	};

	m.peers[0] = endpoint_ipv4(0xcb00710a, 5000);
	m.peers[1] = ipv6_endpoint(7, 65535);
	memset(m.nonce, 0x11, sizeof m.nonce);
	memset(m.cookie, 0x22, sizeof m.cookie);
	memset(m.session, 0x33, sizeof m.session);
	memset(m.token, 0x44, sizeof m.token);
	memset(&m.card, 0x55, sizeof m.card);
	memset(m.proof, 0x99, sizeof m.proof);
	name_pad("Zo\xc3\xab", m.name);
	name_pad("Zo\xc3\xab", m.card.name);
	m.presence = WIRE_HAS_GONE;
	m.crowded = 1;
	m.names[0] = (const uint8_t *)"Bob";
	m.name_lens[0] = 3;
	memset(m.ephemeral, 0x77, sizeof m.ephemeral);
	memset(m.to, 0x66, sizeof m.to);
	memset(m.from, 0x77, sizeof m.from);
	return m;
}

static size_t encoded(enum wire_type type, uint8_t bytes[WIRE_MAX_DATAGRAM])
{
	struct wire_message m = sample(type);

	return wire_encode(&m, bytes, WIRE_MAX_DATAGRAM);
}

static void every_message_comes_back(void)
{
	for (size_t i = 0; i < TYPES; i++) {
		uint8_t bytes[WIRE_MAX_DATAGRAM];
		uint8_t again[WIRE_MAX_DATAGRAM];
		size_t len = encoded(every_type[i], bytes);
		struct wire_message m;

		CU_ASSERT_EQUAL_FATAL(len > WIRE_HEADER_SIZE, every_type[i] != WIRE_OTHER_VERSION);
		CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &m), WIRE_OK);
		CU_ASSERT_EQUAL(m.type, every_type[i]);
		CU_ASSERT_EQUAL_FATAL(wire_encode(&m, again, sizeof again), len);
		CU_ASSERT_EQUAL(memcmp(bytes, again, len), 0);
	}
}

static void fields_keep_their_values(void)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct wire_message want = sample(WIRE_INTRODUCE);
	struct wire_message got;
	size_t len = wire_encode(&want, bytes, sizeof bytes);

	CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &got), WIRE_OK);
	CU_ASSERT_EQUAL(got.serial, want.serial);
	CU_ASSERT_EQUAL(got.role, want.role);
	CU_ASSERT_TRUE(endpoint_equal(&got.who, &want.who));
	CU_ASSERT_EQUAL(memcmp(got.token, want.token, sizeof got.token), 0);
	CU_ASSERT_EQUAL(memcmp(&got.card, &want.card, sizeof got.card), 0);
	len = encoded(WIRE_TEXT, bytes);
	CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &got), WIRE_OK);
	CU_ASSERT_EQUAL_FATAL(got.text_len, 5);
	CU_ASSERT_EQUAL(memcmp(got.text, "hello", 5), 0);
	len = encoded(WIRE_PEERS, bytes);
	CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &got), WIRE_OK);
	CU_ASSERT_EQUAL_FATAL(got.peer_count, 2);
	CU_ASSERT_TRUE(endpoint_equal(&got.peers[1], &sample(WIRE_PEERS).peers[1]));
	CU_ASSERT_EQUAL(got.start, 60);
	CU_ASSERT_EQUAL(got.next, 120);
}

/* The bytes of a ping, as wire.h describes them. */
static void the_bytes_are_as_documented(void)
{
	static const uint8_t ping[] = {
		'P',  '2',  'P',  'C', /* magic */
		3,                     /* version */
		0x02,                  /* ping */
		0,    20,              /* length of the body */
		0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
		0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, /* session */
		1,    2,    3,    4,                            /* serial */
	};
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	CU_ASSERT_EQUAL_FATAL(encoded(WIRE_PING, bytes), sizeof ping);
	CU_ASSERT_EQUAL(memcmp(bytes, ping, sizeof ping), 0);
}

/* As it is on the wire, and again with a header that tells the new length, so that the fields themselves are cut. */
static void truncations_and_extensions_are_refused(void)
{
	for (size_t i = 0; i < TYPES; i++) {
		uint8_t bytes[WIRE_MAX_DATAGRAM + 1] = { 0 };
		size_t len = encoded(every_type[i], bytes);
		struct wire_message m;

		for (size_t cut = 0; cut <= len + 1; cut++) {
			uint8_t copy[WIRE_MAX_DATAGRAM + 1];

			if (cut == len)
				continue;
			memcpy(copy, bytes, sizeof copy);
			CU_ASSERT_NOT_EQUAL(wire_decode(copy, cut, &m), WIRE_OK);
			if (cut >= WIRE_HEADER_SIZE) {
				copy[6] = (uint8_t)((cut - WIRE_HEADER_SIZE) >> 8);
				copy[7] = (uint8_t)(cut - WIRE_HEADER_SIZE);
				CU_ASSERT_NOT_EQUAL(wire_decode(copy, cut, &m), WIRE_OK);
			}
		}
	}
}

static void each_defect_has_its_own_error(void)
{
	static const struct {
		enum wire_type type;
		size_t at;
		uint8_t value;
		enum wire_error want;
	} table[] = {
		{ WIRE_PING, 0, 'X', WIRE_BAD_MAGIC },
		{ WIRE_PING, 3, 'c', WIRE_BAD_MAGIC },
		{ WIRE_PING, 4, 0, WIRE_BAD_VERSION },
		{ WIRE_PING, 4, 2, WIRE_BAD_VERSION },
		{ WIRE_PING, 5, 0x00, WIRE_BAD_TYPE },
		{ WIRE_PING, 5, 0x0a, WIRE_BAD_TYPE },
		{ WIRE_PING, 5, 0x10, WIRE_BAD_TYPE },
		{ WIRE_PING, 5, 0x28, WIRE_BAD_TYPE },
		{ WIRE_PING, 5, 0xff, WIRE_BAD_TYPE },
		{ WIRE_PING, 6, 1, WIRE_BAD_LENGTH },
		{ WIRE_PING, 7, 19, WIRE_BAD_LENGTH },
		{ WIRE_PING, 5, WIRE_LOGOUT, WIRE_BAD_LENGTH },
		{ WIRE_PUNCH, 28, 5, WIRE_BAD_FIELD },  /* an address family that is none */
		{ WIRE_PUNCH, 28, 6, WIRE_BAD_LENGTH }, /* an IPv6 address cut to four bytes */
		{ WIRE_REFUSED, 28, 0, WIRE_BAD_FIELD },
		{ WIRE_REFUSED, 28, 8, WIRE_BAD_FIELD },
		{ WIRE_DENIED, 16, 0, WIRE_BAD_FIELD },
		{ WIRE_FIND, 28, 0, WIRE_BAD_FIELD },    /* no name, and then something */
		{ WIRE_FOUND, 36, 0, WIRE_BAD_FIELD },   /* a name that goes on behind its end */
		{ WIRE_NOTICE, 24, 2, WIRE_BAD_FIELD },  /* neither come nor gone */
		{ WIRE_CROWDED, 24, 2, WIRE_BAD_FIELD }, /* neither yes nor no */
		{ WIRE_INTRODUCE, 8 + 22 + 7 + 16 + 128 + 1, 0, WIRE_BAD_FIELD },
		{ WIRE_PEERS, 44, 33, WIRE_BAD_LENGTH },   /* a name that is longer than what is left */
		{ WIRE_PEERS, 44, 4, WIRE_BAD_FIELD },     /* one that eats the next peer's family */
		{ WIRE_INTRODUCE, 28, 2, WIRE_BAD_FIELD }, /* a role that is none */
		{ WIRE_PEERS, 36, 61, WIRE_BAD_FIELD },    /* more peers than a page holds */
		{ WIRE_PEERS, 36, 3, WIRE_BAD_LENGTH },    /* more peers than there are bytes */
		{ WIRE_PEERS, 36, 1, WIRE_BAD_LENGTH },    /* fewer */
		{ WIRE_TEXT, 45, 4, WIRE_BAD_LENGTH },     /* a shorter text than there is */
		{ WIRE_TEXT, 45, 6, WIRE_BAD_LENGTH },     /* a longer one: it would eat into the mac */
		{ WIRE_INTRODUCE, 29, 2, WIRE_BAD_FIELD }, /* passes on what there is not */
		{ WIRE_WHERE, 34, 1, WIRE_BAD_FIELD },     /* something spare that is not zero */
		{ WIRE_RELAY, 32, 0, WIRE_BAD_FIELD },     /* nothing to pass on */
		{ WIRE_RELAY, 32, 8, WIRE_BAD_LENGTH },
		{ WIRE_OFFER, 44, 5, WIRE_BAD_FIELD },    /* a mapping that is none */
		{ WIRE_OFFER, 48, 0x19, WIRE_BAD_FIELD }, /* ports beyond the last */
		{ WIRE_OFFER, 49, 5, WIRE_BAD_FIELD },    /* more hosts than may be named */
		{ WIRE_TEXT, 45, 0, WIRE_BAD_FIELD },
		{ WIRE_TEXT, 44, 0xff, WIRE_BAD_LENGTH },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		uint8_t bytes[WIRE_MAX_DATAGRAM];
		size_t len = encoded(table[i].type, bytes);
		struct wire_message m;

		bytes[table[i].at] = table[i].value;
		CU_ASSERT_EQUAL(wire_decode(bytes, len, &m), table[i].want);
	}
}

static void a_port_of_zero_is_refused(void)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = encoded(WIRE_PUNCH, bytes);
	struct wire_message m;

	bytes[29] = bytes[30] = 0;
	CU_ASSERT_EQUAL(wire_decode(bytes, len, &m), WIRE_BAD_FIELD);
}

/* From 1, where it numbers something. */
static void a_serial_of_zero_is_refused(void)
{
	static const enum wire_type types[] = {
		WIRE_PING,  WIRE_LIST,  WIRE_PUNCH, WIRE_PONG,     WIRE_PEERS, WIRE_INTRODUCE, WIRE_REFUSED,
		WIRE_PROBE, WIRE_REPLY, WIRE_TEXT,  WIRE_TEXT_ACK, WIRE_BYE,   WIRE_BYE_ACK,
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		bool may = types[i] == WIRE_BYE || types[i] == WIRE_BYE_ACK;
		bool long_from = types[i] == WIRE_PROBE || types[i] == WIRE_REPLY;
		size_t at = WIRE_HEADER_SIZE + (long_from ? 56 : wire_is_between_peers(types[i]) ? 32 : 16);
		uint8_t bytes[WIRE_MAX_DATAGRAM];
		size_t len = encoded(types[i], bytes);
		struct wire_message m;

		memset(bytes + at, 0, 4);
		CU_ASSERT_EQUAL(wire_decode(bytes, len, &m), may ? WIRE_OK : WIRE_BAD_FIELD);
		m = sample(types[i]);
		m.serial = 0;
		CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes) > 0, may);
	}
}

static void what_could_not_be_read_is_not_written(void)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct wire_message m = sample(WIRE_PUNCH);

	m.who.port = 0;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_REFUSED);
	m.reason = 9;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_INTRODUCE);
	m.role = WIRE_YOU_ARE_ASKED + 1;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_INTRODUCE);
	m.passes = WIRE_PASSES_ALL + 1;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_OFFER);
	m.mapping = 99;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_TEXT);
	m.text_len = 0;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_PEERS);
	m.peer_count = WIRE_PEERS_MAX + 1;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_PING);
	m.type = 0x7f;
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, sizeof bytes), 0);
	m = sample(WIRE_PING);
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, 27), 0);
	CU_ASSERT_EQUAL(wire_encode(&m, bytes, 28), 28);
}

static void the_longest_messages_fit(void)
{
	static const uint8_t text[WIRE_TEXT_MAX] = { 'x' };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct wire_message m = sample(WIRE_PEERS);

	for (m.peer_count = 0; m.peer_count < WIRE_PEERS_ROOM / wire_peer_size(&sample(WIRE_PEERS).peers[1], 0);) {
		m.name_lens[m.peer_count] = 0;
		m.peers[m.peer_count] = ipv6_endpoint(m.peer_count, 1);
		m.peer_count++;
	}
	CU_ASSERT_TRUE(wire_encode(&m, bytes, sizeof bytes) > WIRE_MAX_DATAGRAM - 20);
	m = sample(WIRE_TEXT);
	m.text = text;
	m.text_len = sizeof text;
	CU_ASSERT_TRUE(wire_encode(&m, bytes, sizeof bytes) > 0);
}

/* What the server may send to an address that proved nothing yet. */
static void unproved_answers_are_no_longer_than_their_questions(void)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	CU_ASSERT_TRUE(encoded(WIRE_CHALLENGE, bytes) <= encoded(WIRE_LOGIN, bytes));
	CU_ASSERT_TRUE(encoded(WIRE_UNKNOWN, bytes) <= encoded(WIRE_LOGOUT, bytes));
	CU_ASSERT_TRUE(encoded(WIRE_UNKNOWN, bytes) <= encoded(WIRE_PING, bytes));
	CU_ASSERT_TRUE(encoded(WIRE_UNKNOWN, bytes) <= encoded(WIRE_LIST, bytes));
	CU_ASSERT_TRUE(encoded(WIRE_UNKNOWN, bytes) <= encoded(WIRE_PUNCH, bytes));
	CU_ASSERT_TRUE(encoded(WIRE_LOGGED_OUT, bytes) <= encoded(WIRE_LOGOUT, bytes));
}

static void names_are_told(void)
{
	for (size_t i = 0; i < TYPES; i++) {
		CU_ASSERT_STRING_NOT_EQUAL(wire_type_name(every_type[i]), "?");
		CU_ASSERT_EQUAL(wire_is_between_peers(every_type[i]), every_type[i] >= WIRE_PROBE);
	}
	CU_ASSERT_STRING_EQUAL(wire_type_name(0x7f), "?");
	for (enum wire_error e = WIRE_OK; e < WIRE_ERRORS; e++)
		CU_ASSERT_STRING_NOT_EQUAL(wire_error_name(e), "?");
}

static void a_text_has_its_limit(void)
{
	static uint8_t text[WIRE_TEXT_MAX + 1];
	struct wire_message m = sample(WIRE_TEXT);
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;

	m.text = text;
	m.text_len = WIRE_TEXT_MAX;
	len = wire_encode(&m, bytes, sizeof bytes);
	CU_ASSERT_EQUAL(wire_decode(bytes, len, &m), WIRE_OK);
	bytes[44] = (WIRE_TEXT_MAX + 1) >> 8; /* one byte more, which the datagram has room for */
	bytes[45] = (WIRE_TEXT_MAX + 1) & 0xff;
	bytes[6] = (uint8_t)((len + 1 - WIRE_HEADER_SIZE) >> 8);
	bytes[7] = (uint8_t)(len + 1 - WIRE_HEADER_SIZE);
	bytes[len] = 0;
	CU_ASSERT_EQUAL(wire_decode(bytes, len + 1, &m), WIRE_BAD_FIELD);
}

SUITE(wire, TEST(a_text_has_its_limit), TEST(every_message_comes_back), TEST(fields_keep_their_values),
      TEST(the_bytes_are_as_documented), TEST(truncations_and_extensions_are_refused),
      TEST(each_defect_has_its_own_error), TEST(a_port_of_zero_is_refused), TEST(a_serial_of_zero_is_refused),
      TEST(what_could_not_be_read_is_not_written), TEST(the_longest_messages_fit),
      TEST(unproved_answers_are_no_longer_than_their_questions), TEST(names_are_told))
