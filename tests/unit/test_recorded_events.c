/* What a trace takes from the lines of a record, in whatever order they come. */
#include "suite.h"
#include "trace/recorded_events.h"

#include <stdio.h>
#include <string.h>

static struct scene s; /* too large for a stack */
static struct recorded_events r;

static int tell(const char *line)
{
	return recorded_events_take_line(line, strlen(line), &s, &r);
}

/* The server is node 0, the home is 1 as alice names it, and she is 2. */
static void begin(void)
{
	memset(&s, 0, sizeof s);
	memset(&r, 0, sizeof r);
	CU_ASSERT_EQUAL(tell("{\"type\":\"node\",\"name\":\"server\",\"kind\":\"host\",\"behind\":null,"
	                     "\"addresses\":[\"22.22.22.1\"]}"),
	                0);
	CU_ASSERT_EQUAL(tell("{\"type\":\"node\",\"name\":\"alice\",\"kind\":\"host\",\"behind\":\"home\","
	                     "\"addresses\":[\"10.0.1.2\"]}"),
	                0);
	CU_ASSERT_EQUAL(tell("{\"type\":\"node\",\"name\":\"home\",\"kind\":\"box\",\"behind\":null,"
	                     "\"addresses\":[\"33.33.33.1\"],\"lan\":\"10.0.1.0/24\"}"),
	                0);
}

static void end(void)
{
	recorded_events_free(&r);
}

#define MAPPING(t, box, event, port)                                                                                   \
	"{\"type\":\"mapping\",\"t\":" #t ",\"box\":\"" box "\",\"event\":\"" event                                    \
	"\",\"proto\":\"udp\",\"orig\":{\"src\":\"10.0.1.2:" #port                                                     \
	"\",\"dst\":\"22.22.22.1:9\"},\"reply\":{\"src\":\"22.22.22.1:9\",\"dst\":\"33.33.33.1:" #port                 \
	"\"},\"timeout\":30,\"replied\":true,\"assured\":false}"
#define COUNTER(t, box, name)                                                                                          \
	"{\"type\":\"counter\",\"t\":" #t ",\"box\":\"" box "\",\"name\":\"" name "\",\"packets\":3,\"bytes\":140}"
#define CHANGE(t, node, what) "{\"type\":\"change\",\"t\":" #t ",\"node\":\"" node "\",\"what\":\"" what "\"}"
#define OUTPUT(t, host, text)                                                                                          \
	"{\"type\":\"output\",\"t\":" #t ",\"host\":\"" host "\",\"id\":1,\"stream\":\"stdout\",\"text\":\"" text "\"" \
	"}"
#define REBOOT(box) "{\"type\":\"reboot\",\"t\":7,\"box\":\"" box "\",\"since\":6}"
#define RULES(box) "{\"type\":\"rules\",\"t\":7,\"box\":\"" box "\",\"by\":\"iptables\"}"
#define GAP(box) "{\"type\":\"gap\",\"t\":7,\"box\":\"" box "\",\"lost\":4}"
#define MOVES(node, behind)                                                                                            \
	"{\"type\":\"interface\",\"t\":9,\"interface\":\"wifi\",\"behind\":" behind                                    \
	",\"addresses\":[],\"node\":\"" node "\"}"

/* A line about somebody whom no line before it named is bad, whatever it says; a program's words aside. */
static void whom_a_line_speaks_of_must_be_known(void)
{
	static const struct {
		const char *known, *unknown;
		int status;
	} rows[] = {
		{ MAPPING(5, "home", "new", 1), MAPPING(5, "nobody", "new", 1), -1 },
		{ COUNTER(5, "home", "eth0 rx"), COUNTER(5, "nobody", "eth0 rx"), -1 },
		{ CHANGE(5, "home", "rebound"), CHANGE(5, "nobody", "rebound"), -1 },
		{ REBOOT("home"), REBOOT("nobody"), -1 },
		{ RULES("home"), RULES("nobody"), -1 },
		{ MOVES("alice", "null"), MOVES("nobody", "null"), -1 },
		{ OUTPUT(5, "alice", "failed"), OUTPUT(5, "nobody", "failed"), 0 },
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CU_ASSERT_EQUAL(tell(rows[i].known), 0);
		CU_ASSERT_EQUAL(tell(rows[i].unknown), rows[i].status);
	}
	CU_ASSERT_EQUAL(r.mapping_event_count, 1);
	CU_ASSERT_EQUAL(r.counter_count, 1);
	CU_ASSERT_EQUAL(r.change_count, 1);
	CU_ASSERT_EQUAL(r.complaint_count, 1);
	CU_ASSERT_EQUAL(tell("no line at all"), -1);
	end();
}

static void a_box_is_marked_and_no_other(void)
{
	begin();
	CU_ASSERT_FALSE(s.nodes[1].rebooted || s.nodes[1].rules_changed || s.nodes[1].has_gap);
	CU_ASSERT_EQUAL(tell(REBOOT("home")), 0);
	CU_ASSERT_TRUE(s.nodes[1].rebooted && !s.nodes[1].rules_changed);
	CU_ASSERT_EQUAL(tell(RULES("home")), 0);
	CU_ASSERT_TRUE(s.nodes[1].rules_changed && !s.nodes[1].has_gap);
	CU_ASSERT_EQUAL(tell(GAP("home")), 0);
	CU_ASSERT_TRUE(s.nodes[1].has_gap);
	CU_ASSERT_EQUAL(tell(GAP("nobody")), -1);
	for (int i = 0; i < 3; i += 2)
		CU_ASSERT_FALSE(s.nodes[i].rebooted || s.nodes[i].rules_changed || s.nodes[i].has_gap);
	end();
}

/* Who stands behind whom, in whatever order they are told of; nobody stands behind himself. */
static void nodes_are_told_of_in_any_order(void)
{
	begin();
	CU_ASSERT_TRUE(s.from_record);
	CU_ASSERT_EQUAL(scene_find(&s, "home"), 1); /* named before it was told of */
	CU_ASSERT_EQUAL(scene_find(&s, "alice"), 2);
	CU_ASSERT_EQUAL(s.nodes[2].behind, 1);
	CU_ASSERT_EQUAL(s.nodes[1].behind, SCENE_INTERNET);
	CU_ASSERT_EQUAL(s.nodes[1].kind, NODE_BOX);
	CU_ASSERT_EQUAL(s.nodes[1].lan.prefix, 24);
	CU_ASSERT_EQUAL(tell("{\"type\":\"node\",\"name\":\"x\",\"kind\":\"box\",\"behind\":\"x\",\"addresses\":[]}"),
	                -1);
	end();
}

/* As they were told of the first has number 1: each list by time, what is of one time as it came. */
static void lists_are_in_the_order_of_time(void)
{
	begin();
	for (int i = 0; i < 3; i++) {
		static const char *const lines[3][4] = {
			{ MAPPING(30, "home", "new", 3), COUNTER(30, "home", "eth0 rx"), OUTPUT(30, "alice", "error 3"),
			  "{\"type\":\"step\",\"t\":30,\"text\":\"three\"}" },
			{ MAPPING(10, "home", "new", 1), COUNTER(10, "home", "eth0 tx"), OUTPUT(10, "alice", "error 1"),
			  "{\"type\":\"step\",\"t\":10,\"text\":\"one\"}" },
			{ MAPPING(20, "home", "new", 2), COUNTER(20, "home", "lan rx"), OUTPUT(20, "alice", "error 2"),
			  "{\"type\":\"step\",\"t\":20,\"text\":\"two\"}" },
		};

		for (int k = 0; k < 4; k++)
			CU_ASSERT_EQUAL(tell(lines[i][k]), 0);
	}
	recorded_events_sort(&r);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(r.mapping_events[i].time_ns, 10 * (i + 1));
		CU_ASSERT_EQUAL(r.mapping_events[i].orig_src.port, i + 1);
		CU_ASSERT_EQUAL(r.counters[i].time_ns, 10 * (i + 1));
		CU_ASSERT_EQUAL(r.complaints[i].time_ns, 10 * (i + 1));
		CU_ASSERT_EQUAL(r.complaints[i].text[6], (char)('1' + i));
		CU_ASSERT_EQUAL(r.steps[i].time_ns, 10 * (i + 1));
	}
	CU_ASSERT_STRING_EQUAL(r.steps[0].text, "one");
	CU_ASSERT_STRING_EQUAL(r.steps[2].text, "three");
	CU_ASSERT_STRING_EQUAL(r.counters[1].interface, "lan");
	CU_ASSERT_EQUAL(r.counters[1].counted, RECORD_RX);
	CU_ASSERT_EQUAL(r.counters[0].counted, RECORD_TX);
	CU_ASSERT_EQUAL(r.counters[0].packets, 3);
	CU_ASSERT_EQUAL(r.counters[0].bytes, 140);
	end();
	CU_ASSERT_TRUE(r.mapping_events == NULL && r.mapping_event_count == 0 && r.steps == NULL);
}

/* Of two lines of one time the first stays first: a birth before its end. */
static void what_came_before_an_end_is_not_dated_after_it(void)
{
	begin();
	CU_ASSERT_EQUAL(tell(MAPPING(10, "home", "new", 1)), 0);
	CU_ASSERT_EQUAL(tell(MAPPING(12, "home", "destroy", 1)), 0);
	CU_ASSERT_EQUAL(tell(MAPPING(40, "home", "new", 1)), 0); /* of its next life: read late, as is its update */
	CU_ASSERT_EQUAL(tell(MAPPING(41, "home", "new", 2)), 0); /* another one's */
	CU_ASSERT_EQUAL(tell(MAPPING(42, "home", "update", 1)), 0);
	CU_ASSERT_EQUAL(tell(MAPPING(30, "home", "destroy", 1)), 0);
	CU_ASSERT_EQUAL(r.mapping_events[0].time_ns, 10); /* the life before is left as it is */
	CU_ASSERT_EQUAL(r.mapping_events[1].time_ns, 12);
	CU_ASSERT_EQUAL(r.mapping_events[2].time_ns, 29);
	CU_ASSERT_EQUAL(r.mapping_events[3].time_ns, 41);
	CU_ASSERT_EQUAL(r.mapping_events[4].time_ns, 29);
	CU_ASSERT_EQUAL(r.mapping_events[5].time_ns, 30);
	CU_ASSERT_EQUAL(tell(MAPPING(30, "home", "new", 3)), 0);
	CU_ASSERT_EQUAL(tell(MAPPING(30, "home", "destroy", 3)), 0);
	CU_ASSERT_EQUAL(r.mapping_events[6].time_ns, 29); /* of the same time: before it */
	CU_ASSERT_EQUAL(r.mapping_events[1].kind, RECORD_DESTROY);
	CU_ASSERT_TRUE(r.mapping_events[1].replied && !r.mapping_events[1].assured);
	CU_ASSERT_EQUAL(r.mapping_events[1].timeout_s, 30);
	end();
}

static void words_of_failure_are_kept(void)
{
	static const struct {
		const char *line;
		bool kept;
	} rows[] = {
		{ OUTPUT(1, "alice", "FAILED to connect"), true }, { OUTPUT(2, "alice", "it timed out"), true },
		{ OUTPUT(3, "alice", "Timeout"), true },           { OUTPUT(4, "alice", "a time-out"), true },
		{ OUTPUT(5, "alice", "host unreachable"), true },  { OUTPUT(6, "alice", "connection refused"), true },
		{ OUTPUT(7, "alice", "gave up"), true },           { OUTPUT(8, "alice", "no answer"), true },
		{ OUTPUT(9, "alice", "no route to host"), true },  { OUTPUT(10, "alice", "cannot bind"), true },
		{ OUTPUT(11, "alice", "could not bind"), true },   { OUTPUT(12, "alice", "error 3"), true },
		{ OUTPUT(13, "alice", "connected"), false },       { OUTPUT(14, "alice", ""), false },
	};
	size_t kept = 0;

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CU_ASSERT_EQUAL(tell(rows[i].line), 0);
		kept += rows[i].kept;
		CU_ASSERT_EQUAL(r.complaint_count, kept);
	}
	CU_ASSERT_STRING_EQUAL(r.complaints[0].text, "FAILED to connect");
	CU_ASSERT_EQUAL(r.complaints[0].node, scene_find(&s, "alice"));
	end();
}

static void what_a_program_says_as_it_ends_is_no_failure(void)
{
	begin();
	CU_ASSERT_EQUAL(tell(OUTPUT(1, "alice", "it failed")), 0);
	CU_ASSERT_EQUAL(tell("{\"type\":\"stop\",\"t\":2,\"host\":\"alice\",\"id\":1}"), 0);
	CU_ASSERT_EQUAL(tell(OUTPUT(3, "alice", "bob became unreachable")), 0);
	CU_ASSERT_EQUAL(r.complaint_count, 1);
	CU_ASSERT_EQUAL(tell("{\"type\":\"output\",\"t\":4,\"host\":\"alice\",\"id\":2,\"stream\":\"stdout\","
	                     "\"text\":\"another one failed\"}"),
	                0);
	CU_ASSERT_EQUAL(r.complaint_count, 2);
	end();
}

static void a_change_is_found_at_its_time(void)
{
	int home;

	begin();
	home = scene_find(&s, "home");
	CU_ASSERT_FALSE(recorded_events_is_link_down(&r, home, 100));
	CU_ASSERT_EQUAL(tell(CHANGE(10, "home", "rebound")), 0);
	CU_ASSERT_EQUAL(tell(CHANGE(20, "home", "link-down")), 0);
	CU_ASSERT_EQUAL(tell(CHANGE(25, "alice", "sleeps")), 0);
	CU_ASSERT_EQUAL(tell(CHANGE(27, "home", "renumbered")), 0);
	CU_ASSERT_EQUAL(tell(CHANGE(30, "home", "link-up")), 0);
	CU_ASSERT_TRUE(recorded_events_has_change(&r, home, RECORD_REBOUND, 10, 10));
	CU_ASSERT_FALSE(recorded_events_has_change(&r, home, RECORD_REBOUND, 11, 99));
	CU_ASSERT_FALSE(recorded_events_has_change(&r, home, RECORD_REBOUND, 0, 9));
	CU_ASSERT_FALSE(recorded_events_has_change(&r, home, RECORD_SLEEPS, 0, 99));
	CU_ASSERT_TRUE(recorded_events_has_change(&r, home + 1, RECORD_SLEEPS, 0, 99));
	CU_ASSERT_TRUE(recorded_events_has_change(&r, home, RECORD_LINK_UP, 0, 99)); /* the last one */
	CU_ASSERT_FALSE(recorded_events_is_link_down(&r, home, 19));
	CU_ASSERT_TRUE(recorded_events_is_link_down(&r, home, 20));
	CU_ASSERT_TRUE(recorded_events_is_link_down(&r, home, 29));
	CU_ASSERT_FALSE(recorded_events_is_link_down(&r, home, 30));
	CU_ASSERT_FALSE(recorded_events_is_link_down(&r, home + 1, 25));
	end();
}

SUITE(recorded_events, TEST(whom_a_line_speaks_of_must_be_known), TEST(a_box_is_marked_and_no_other),
      TEST(nodes_are_told_of_in_any_order), TEST(lists_are_in_the_order_of_time),
      TEST(what_came_before_an_end_is_not_dated_after_it), TEST(words_of_failure_are_kept),
      TEST(what_a_program_says_as_it_ends_is_no_failure), TEST(a_change_is_found_at_its_time))
