/* The lines scripts wait for: as README.md has them. */
#include "chat/peer/event.h"
#include "suite.h"

#include <string.h>

static struct event made(enum event_type type)
{
	struct event e = {
		.type = type,
		.reason = REASON_NO_PROBE,
		.who = endpoint_ipv4(0xcb007114, 5000),
		.via = endpoint_ipv4(0xcb007114, 48213),
		.elapsed_us = 12345,
		.count = 3,
		.asked_by_user = true,
		.text_len = 2,
	};

	memcpy(e.text, "hi", 2);
	return e;
}

static void the_lines_are_as_documented(void)
{
	static const struct {
		enum event_type type;
		const char *line;
	} table[] = {
		{ EVENT_LOGGED_IN, "logged in as 203.0.113.20:5000" },
		{ EVENT_LOGIN_FAILED, "login failed 203.0.113.20:5000: no probe arrived" },
		{ EVENT_LOGGED_OUT, "logged out" },
		{ EVENT_SERVER_LOST, "server lost 203.0.113.20:5000: no probe arrived" },
		{ EVENT_LISTED, "peer 203.0.113.20:5000" },
		{ EVENT_HAS_COME, "joined 203.0.113.20:5000: ann" },
		{ EVENT_HAS_GONE, "left 203.0.113.20:5000: ann" },
		{ EVENT_CROWDED, "crowded 203.0.113.20:5000" },
		{ EVENT_ROOMY, "roomy 203.0.113.20:5000" },
		{ EVENT_NAMED, "name of 203.0.113.20:5000: ann" },
		{ EVENT_KEY_CHANGED, "key changed 203.0.113.20:5000: ann" },
		{ EVENT_READDRESSED, "peer moved 203.0.113.20:5000 via 203.0.113.20:48213" },
		{ EVENT_CODE, "code of 203.0.113.20:5000: hi" },
		{ EVENT_LIST_END, "3 peers" },
		{ EVENT_LIST_FAILED, "list failed: no probe arrived" },
		{ EVENT_ASKED, "peer 203.0.113.20:5000 asks to punch" },
		{ EVENT_PUNCHED, "punched 203.0.113.20:5000 via 203.0.113.20:48213 in 13 ms, 3 probes" },
		{ EVENT_PUNCH_FAILED, "punch failed 203.0.113.20:5000 after 0.0 s: no probe arrived" },
		{ EVENT_PATH_MOVED, "path moved 203.0.113.20:5000 via 203.0.113.20:48213" },
		{ EVENT_PATH_LOST, "path lost 203.0.113.20:5000: no probe arrived" },
		{ EVENT_TEXT, "from 203.0.113.20:5000: hi" },
		{ EVENT_DELIVERED, "delivered 203.0.113.20:5000: hi" },
		{ EVENT_TOO_FAST, "too fast 203.0.113.20:5000: 3 dropped" },
		{ EVENT_NOT_DELIVERED, "not delivered 203.0.113.20:5000 (no probe arrived): hi" },
	};
	char line[EVENT_LINE_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct event e = made(table[i].type);

		memcpy(e.name, "ann", 3);
		CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line), table[i].line);
	}
}

/* Names in place of addresses, and what can be done. */
static void people_are_told_names_and_what_to_try(void)
{
	static const struct {
		enum event_type type;
		enum reason reason;
		const char *line;
	} table[] = {
		{ EVENT_LOGGED_IN, REASON_NONE, "logged in as ann" },
		{ EVENT_LISTED, REASON_NONE, "peer ann  203.0.113.20:5000" },
		{ EVENT_HAS_COME, REASON_NONE, "joined ann  203.0.113.20:5000" },
		{ EVENT_HAS_GONE, REASON_NONE, "left ann  203.0.113.20:5000" },
		{ EVENT_CROWDED, REASON_NONE, "crowded: who comes and goes is not told any more" },
		{ EVENT_ROOMY, REASON_NONE, "roomy: who comes and goes is told again" },
		{ EVENT_ASKED, REASON_NONE, "peer ann asks to punch" },
		{ EVENT_PUNCHED, REASON_NONE, "punched ann via 203.0.113.20:48213 in 13 ms, 3 probes" },
		{ EVENT_WAY, REASON_NONE, "way to ann: server-reflexive" },
		{ EVENT_TEXT, REASON_NONE, "from ann: hi" },
		{ EVENT_NOT_DELIVERED, REASON_NO_PATH, "not delivered ann (no path): hi" },
		{ EVENT_PUNCH_FAILED, REASON_PEER_NOT_LOGGED_IN,
		  "punch failed ann after 0.0 s: peer is not logged in (list shows who is)" },
		{ EVENT_PUNCH_FAILED, REASON_PEER_LEFT, "punch failed ann after 0.0 s: peer left" },
		{ EVENT_PATH_LOST, REASON_KEEPALIVES,
		  "path lost ann: 3 keepalives unanswered (it is tried again by itself)" },
		{ EVENT_LIST_FAILED, REASON_NOT_LOGGED_IN, "list failed: not logged in (login first)" },
		{ EVENT_KEY_CHANGED, REASON_NONE,
		  "key changed 203.0.113.20:5000: ann has another key than the one you know: this may be somebody "
		  "else, and is refused. Ask by another way; `accept ann` takes the new key" },
	};
	char line[EVENT_LINE_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct event e = made(table[i].type);

		e.reason = table[i].reason;
		e.way = WAY_SERVER_REFLEXIVE;
		memcpy(e.name, "ann", 3);
		CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PEOPLE, line), table[i].line);
		CU_ASSERT_TRUE(event_is_for(&e, EVENT_FOR_PEOPLE));
	}
	for (int type = EVENT_LOGGED_IN; type <= EVENT_STATUS; type++) {
		struct event e = made((enum event_type)type);

		CU_ASSERT_EQUAL(event_is_for(&e, EVENT_FOR_PEOPLE), type != EVENT_DELIVERED && type != EVENT_NAMED);
		CU_ASSERT_TRUE(event_is_for(&e, EVENT_FOR_PROGRAMS));
	}
}

static void a_status_tells_what_there_is(void)
{
	struct event e = made(EVENT_STATUS);
	char line[EVENT_LINE_SIZE];

	e.state = "open";
	e.way = WAY_RELAYED;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line),
	                       "status 203.0.113.20:5000: open, relayed via 203.0.113.20:48213, round trip 12.3 ms, "
	                       "for 3 s, key hi");
	e.via = (struct endpoint){ 0 };
	e.state = "punching";
	e.waiting = 1;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line),
	                       "status 203.0.113.20:5000: punching, 1 text waiting");
	e.waiting = 0;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line), "status 203.0.113.20:5000: punching");
}

static void one_is_not_many(void)
{
	char line[EVENT_LINE_SIZE];
	struct event e = made(EVENT_LIST_END);

	e.count = 1;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line), "1 peer");
	e = made(EVENT_PUNCHED);
	e.count = 1;
	e.elapsed_us = 1;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line),
	                       "punched 203.0.113.20:5000 via 203.0.113.20:48213 in 1 ms, 1 probe");
	e = made(EVENT_LISTED);
	e.is_you = true;
	CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line), "peer 203.0.113.20:5000 (you)");
}

static void nothing_in_a_text_moves_the_cursor(void)
{
	/* not as string literals, which a reader's editor might obey */
	static const char right_to_left_override[] = { '\xe2', '\x80', '\xae', 'x', '\0' };
	static const char isolate[] = { '\xe2', '\x81', '\xa6', '\0' };
	static const struct {
		const char *text;
		const char *shown;
	} table[] = {
		{ "plain ~!", "plain ~!" },
		{ "gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x99\x82",
		  "gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x99\x82" },
		{ "a\nb\r\tc\x1b[2J\x7f", "a\\x0ab\\x0d\\x09c\\x1b[2J\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" }, /* C1: a control sequence introducer in UTF-8 */
		{ "\x9b"
		  "31m",
		  "\\x9b31m" },                                                   /* and as a bare byte */
		{ "\xc0\xaf\xc3", "\\xc0\\xaf\\xc3" },                            /* overlong; cut */
		{ "\xe0\x80\xaf\xed\xa0\x80", "\\xe0\\x80\\xaf\\xed\\xa0\\x80" }, /* overlong; a surrogate */
		{ "\xf4\x90\x80\x80\xff", "\\xf4\\x90\\x80\\x80\\xff" },          /* beyond U+10FFFF */
		{ right_to_left_override, "\\xe2\\x80\\xaex" },
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },                              /* line separator */
		{ "\xd9\x85\xe2\x80\x8c\xd9\x85", "\xd9\x85\xe2\x80\x8c\xd9\x85" }, /* a joiner where it belongs */
		{ "a\xe2\x80\x8d"
		  "b",
		  "a\\xe2\\x80\\x8db" },
		{ isolate, "\\xe2\\x81\\xa6" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct event e = made(EVENT_TEXT);
		char line[EVENT_LINE_SIZE];

		e.text_len = strlen(table[i].text);
		memcpy(e.text, table[i].text, e.text_len);
		CU_ASSERT_STRING_EQUAL(event_format(&e, EVENT_FOR_PROGRAMS, line) + strlen("from 203.0.113.20:5000: "),
		                       table[i].shown);
	}
}

static void the_longest_line_fits(void)
{
	struct event e = made(EVENT_NOT_DELIVERED);
	char line[EVENT_LINE_SIZE];

	e.who = (struct endpoint){ .address.family = ADDRESS_IPV6, .port = 65535 };
	memset(e.who.address.bytes, 0xfd, sizeof e.who.address.bytes);
	e.text_len = sizeof e.text;
	memset(e.text, 0, sizeof e.text);
	event_format(&e, EVENT_FOR_PROGRAMS, line);
	CU_ASSERT_STRING_EQUAL(line + strlen(line) - 8, "\\x00\\x00");
	CU_ASSERT_TRUE(strlen(line) > (size_t)4 * WIRE_TEXT_MAX);
}

static void a_full_ring_refuses(void)
{
	static struct eventq q;
	struct event e;

	for (unsigned i = 0; i < EVENT_SLOTS + 3; i++)
		eventq_put(&q, (struct event){ .type = EVENT_LIST_END, .count = i }, NULL, 0);
	CU_ASSERT_EQUAL(q.refused, 3);
	for (unsigned i = 0; i < EVENT_SLOTS; i++)
		CU_ASSERT_TRUE(eventq_take(&q, &e) && e.count == i);
	CU_ASSERT_FALSE(eventq_take(&q, &e));
}

static void failures_are_what_was_asked_for_and_failed(void)
{
	static const enum event_type failures[] = { EVENT_LOGIN_FAILED, EVENT_LIST_FAILED, EVENT_PUNCH_FAILED,
		                                    EVENT_NOT_DELIVERED };
	unsigned count = 0;

	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		struct event e = made(failures[i]);

		e.asked_by_user = true;
		CU_ASSERT_TRUE(event_is_failure(&e));
		e.asked_by_user = false;
		CU_ASSERT_EQUAL(event_is_failure(&e), e.type != EVENT_PUNCH_FAILED);
	}
	for (int type = EVENT_LOGGED_IN; type <= EVENT_NOT_DELIVERED; type++) {
		struct event e = made((enum event_type)type);

		e.asked_by_user = true;
		count += event_is_failure(&e);
	}
	CU_ASSERT_EQUAL(count, 4);
}

/* The ends of each range of marks that hide or reorder what is around them, and what stands next to them. */
static void marks_are_hidden_to_the_last(void)
{
	static const struct {
		uint8_t bytes[3];
		bool hidden;
	} table[] = {
		{ { 0xe2, 0x80, 0x8a }, false }, { { 0xe2, 0x80, 0x8b }, true },  { { 0xe2, 0x80, 0x8f }, true },
		{ { 0xe2, 0x80, 0x90 }, false }, { { 0xe2, 0x80, 0xa7 }, false }, { { 0xe2, 0x80, 0xae }, true },
		{ { 0xe2, 0x80, 0xaf }, false }, { { 0xe2, 0x81, 0xa5 }, false }, { { 0xe2, 0x81, 0xa6 }, true },
		{ { 0xe2, 0x81, 0xa9 }, true },  { { 0xe2, 0x81, 0xaa }, false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct event e = made(EVENT_TEXT);
		char line[EVENT_LINE_SIZE];

		e.text_len = 3;
		memcpy(e.text, table[i].bytes, 3);
		CU_ASSERT_EQUAL(strstr(event_format(&e, EVENT_FOR_PROGRAMS, line), "\\xe2") != NULL, table[i].hidden);
	}
}

SUITE(event, TEST(failures_are_what_was_asked_for_and_failed), TEST(marks_are_hidden_to_the_last),
      TEST(the_lines_are_as_documented), TEST(people_are_told_names_and_what_to_try),
      TEST(a_status_tells_what_there_is), TEST(one_is_not_many), TEST(nothing_in_a_text_moves_the_cursor),
      TEST(the_longest_line_fits), TEST(a_full_ring_refuses))
