/* Relays on paper: what comes in at a host and leaves it again, by the bytes alone. */
#include "suite.h"
#include "trace/relay.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <string.h>

#define AN_HOUR_US UINT64_C(3600000000)

struct relay_scene {
	struct scene scene;
	struct relays relays;
	uint64_t now_ns;
	uint64_t ids;
};

/* alice, bob and the server, each on the internet. */
static void begin(struct relay_scene *s)
{
	static const char *const names[] = { "alice", "bob", "server" };

	memset(s, 0, sizeof *s);
	s->now_ns = UINT64_C(1700000000000000000);
	for (unsigned i = 0; i < 3; i++) {
		char text[32];

		CU_ASSERT_EQUAL(scene_add_node(&s->scene, NODE_HOST, names[i], SCENE_INTERNET), (int)i);
		snprintf(text, sizeof text, "%s eth0", names[i]);
		CU_ASSERT_EQUAL(scene_add_interface(&s->scene, text, 1), (int)i);
	}
	CU_ASSERT_EQUAL_FATAL(relays_begin(&s->relays), 0);
}

enum { ALICE, BOB, SERVER };

/* A datagram that arrived, a moment after the one before. */
static void arrives_bytes(struct relay_scene *s, int from, int to, const void *payload, size_t len, uint64_t after_us)
{
	struct journey j = { .id = ++s->ids, .kind = PACKET_IP, .protocol = PACKET_UDP, .fate = FATE_DELIVERED };

	s->now_ns += after_us * 1000;
	j.end_node = to;
	j.length = (uint32_t)len;
	j.head_len = j.length < JOURNEY_HEAD ? (uint8_t)j.length : JOURNEY_HEAD;
	memcpy(j.head, payload, j.head_len);
	j.leg_count = 2;
	j.legs[0] = (struct leg){ .interface = (uint16_t)from, .direction = PCAPNG_OUTBOUND, .time_ns = s->now_ns };
	j.legs[1] = (struct leg){ .interface = (uint16_t)to, .direction = PCAPNG_INBOUND, .time_ns = s->now_ns + 10 };
	relays_journey(&s->relays, &s->scene, &j);
}

static void arrives(struct relay_scene *s, int from, int to, const char *payload, uint64_t after_us)
{
	arrives_bytes(s, from, to, payload, strlen(payload), after_us);
}

/* What came in from alice and what goes out to bob: is it the same? */
static bool is_relayed(const char *in, const char *out, uint64_t after_us)
{
	struct relay_scene s;
	uint64_t count;

	begin(&s);
	arrives(&s, ALICE, SERVER, in, 1);
	arrives(&s, SERVER, BOB, out, after_us);
	count = relays_count(&s.relays, ALICE, SERVER, BOB);
	CU_ASSERT_EQUAL(relays_count(&s.relays, BOB, SERVER, ALICE), 0);
	relays_free(&s.relays);
	return count == 1;
}

#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void what_is_the_same(void)
{
	static const struct {
		const char *in, *out;
		bool same;
	} pairs[] = {
		{ "hello", "hello", true },
		{ "four", "four", true },
		{ "one", "one", false },                                  /* too short to tell */
		{ "head hello", "hello", true },                          /* unwrapped */
		{ "hello", "head hello", true },                          /* wrapped */
		{ "hello", "hello tail", false },                         /* the end decides */
		{ "aaaa0123456789abcdef", "bbbb0123456789abcdef", true }, /* another wrapping of the same length */
		{ "aaaa123456789abcdef", "bbbb123456789abcdef", false },  /* 15 bytes the same may be chance */
		{ "hello", "jello", false },
		{ LONG LONG LONG, LONG LONG LONG, true }, /* longer than what is kept of it */
		{ LONG "hello", "hello", true },          /* as much around it as any relay puts there */
		{ LONG "+hello", "hello", false },        /* more than that */
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		CU_ASSERT_EQUAL(is_relayed(pairs[i].in, pairs[i].out, 100), pairs[i].same);
}

/* RFC 8656: a header of 20 bytes, then attributes of four bytes and more, each padded. */
#define COOKIE_AND_ID                                                                                                  \
	"\x21\x12\xa4\x42"                                                                                             \
	"0123456789ab"
#define PEER "\x00\x12\x00\x08\x00\x01\x11\x22\x33\x44\x55\x66"
#define SOFTWARE                                                                                                       \
	"\x80\x22\x00\x05"                                                                                             \
	"relay\0\0\0"
#define DATA_HELLO                                                                                                     \
	"\x00\x13\x00\x05"                                                                                             \
	"hello\0\0\0"
#define FINGERPRINT "\x80\x28\x00\x04\x12\x34\x56\x78"
#define DONT_FRAGMENT "\x00\x1a\x00\x00"

static void what_stands_behind_the_data_is_no_part_of_them(void)
{
	static const struct {
		const char *in;
		size_t len;
		bool same;
	} rows[] = {
#define ROW(bytes, same) { bytes, sizeof(bytes) - 1, same }
		ROW("\x00\x16\x00\x18" COOKIE_AND_ID PEER DATA_HELLO, true),
		ROW("\x00\x16\x00\x20" COOKIE_AND_ID PEER DATA_HELLO FINGERPRINT, true),
		ROW("\x00\x16\x00\x24" COOKIE_AND_ID PEER SOFTWARE DATA_HELLO, true),
		ROW("\x00\x16\x00\x24" COOKIE_AND_ID DATA_HELLO PEER SOFTWARE, true),
		ROW("\x00\x16\x00\x30" COOKIE_AND_ID PEER DONT_FRAGMENT DATA_HELLO SOFTWARE FINGERPRINT, true),
		ROW("\x00\x17\x00\x20" COOKIE_AND_ID PEER DATA_HELLO FINGERPRINT, true),
		ROW("\x40\x01\x00\x05"
		    "hello\0\0\0",
		    true),
		ROW("\x40\x01\x00\x05"
		    "hello",
		    true),
		ROW("\x40\x01\x00\x05"
		    "jello\0\0\0",
		    false),
		ROW("\x00\x01\x00\x20" COOKIE_AND_ID PEER DATA_HELLO FINGERPRINT, false), /* a binding request */
		ROW("\x00\x16\x00\x14" COOKIE_AND_ID PEER FINGERPRINT, false),
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int back = 0; back < 2; back++) {
			struct relay_scene s;

			begin(&s);
			arrives_bytes(&s, ALICE, SERVER, back ? "hello" : rows[i].in, back ? 5 : rows[i].len, 1);
			arrives_bytes(&s, SERVER, BOB, back ? rows[i].in : "hello", back ? rows[i].len : 5, 1);
			CU_ASSERT_EQUAL(relays_count(&s.relays, ALICE, SERVER, BOB) == 1, rows[i].same);
			relays_free(&s.relays);
		}
}

static void a_relay_does_not_wait(void)
{
	CU_ASSERT_TRUE(is_relayed("hello", "hello", 999999));
	CU_ASSERT_FALSE(is_relayed("hello", "hello", 1100000));
	CU_ASSERT_FALSE(is_relayed("hello", "hello", AN_HOUR_US));
}

/* An echo is no relay, and one packet is passed on once. */
static void who_is_passed_on_to(void)
{
	struct relay_scene s;

	begin(&s);
	arrives(&s, ALICE, SERVER, "hello", 1);
	arrives(&s, SERVER, ALICE, "hello", 1);
	CU_ASSERT_EQUAL(s.relays.count, 0);
	arrives(&s, SERVER, BOB, "hello", 1);
	arrives(&s, SERVER, BOB, "hello", 1);
	CU_ASSERT_EQUAL(relays_count(&s.relays, ALICE, SERVER, BOB), 1);
	CU_ASSERT_EQUAL(relays_count(&s.relays, BOB, SERVER, ALICE), 0);
	relays_free(&s.relays);
}

/* One packet that way may be chance; one each way, or three, are not. */
static void what_makes_a_relay(void)
{
	struct relay_scene s;

	begin(&s);
	CU_ASSERT_EQUAL(relays_between(&s.relays, ALICE, BOB), -1);
	for (int i = 1; i <= 3; i++) {
		arrives(&s, ALICE, SERVER, "hello", 1);
		arrives(&s, SERVER, BOB, "hello", 1);
		CU_ASSERT_EQUAL(relays_between(&s.relays, ALICE, BOB), i < 3 ? -1 : SERVER);
		CU_ASSERT_EQUAL(relays_between(&s.relays, BOB, ALICE), i < 3 ? -1 : SERVER);
	}
	CU_ASSERT_EQUAL(relays_between(&s.relays, ALICE, SERVER), -1);
	relays_free(&s.relays);

	begin(&s);
	arrives(&s, ALICE, SERVER, "hello", 1);
	arrives(&s, SERVER, BOB, "hello", 1);
	arrives(&s, BOB, SERVER, "hallo", 1);
	arrives(&s, SERVER, ALICE, "hallo", 1);
	CU_ASSERT_EQUAL(relays_between(&s.relays, ALICE, BOB), SERVER);
	relays_free(&s.relays);
}

/* Eight are remembered: of nine that wait, the first is forgotten. */
static void many_wait(void)
{
	char text[16];
	struct relay_scene s;

	begin(&s);
	for (int i = 0; i < 9; i++) {
		snprintf(text, sizeof text, "hello %d", i);
		arrives(&s, ALICE, SERVER, text, 1);
	}
	for (int i = 0; i < 9; i++) {
		snprintf(text, sizeof text, "hello %d", i);
		arrives(&s, SERVER, BOB, text, 1);
		CU_ASSERT_EQUAL(relays_count(&s.relays, ALICE, SERVER, BOB), (uint64_t)i);
	}
	relays_free(&s.relays);
}

SUITE(relays, TEST(what_is_the_same), TEST(what_stands_behind_the_data_is_no_part_of_them), TEST(a_relay_does_not_wait),
      TEST(who_is_passed_on_to), TEST(what_makes_a_relay), TEST(many_wait))
