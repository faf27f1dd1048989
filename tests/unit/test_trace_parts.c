/* The small parts behind traces: selection, columns, what the record says, rules' counters. */
#include "observe/rule_counters.h"
#include "suite.h"
#include "trace/cause.h"
#include "trace/columns.h"
#include "trace/recorded_events.h"
#include "trace/ladder.h"
#include "trace/select.h"
#include "trace_fixture.h"

#include <stdlib.h>

static void times_and_flows_are_read(void)
{
	struct selection s = { 0 };
	char error[SELECT_ERROR_SIZE];
	uint64_t ns = 0;

	CU_ASSERT_EQUAL(select_time("1.5", &ns, error), 0);
	CU_ASSERT_EQUAL(ns, 1500000000);
	CU_ASSERT_EQUAL(select_time("200ms", &ns, error), 0);
	CU_ASSERT_EQUAL(ns, 200000000);
	CU_ASSERT_EQUAL(select_time("", &ns, error), -1);
	CU_ASSERT_EQUAL(select_time("-1", &ns, error), -1);
	CU_ASSERT_EQUAL(select_time("nan", &ns, error), -1);
	CU_ASSERT_EQUAL(select_time("1h", &ns, error), -1);
	CU_ASSERT_EQUAL(select_flow(&s, "alice:5000,203.0.113.5", error), 0);
	CU_ASSERT_STRING_EQUAL(s.flow[0].name, "alice");
	CU_ASSERT_EQUAL(s.flow[0].port, 5000);
	CU_ASSERT_EQUAL(s.flow[1].endpoint.address.family, ADDRESS_IPV4);
	CU_ASSERT_TRUE(s.flow_both_ends);
	CU_ASSERT_EQUAL(select_flow(&s, "", error), -1);
	CU_ASSERT_EQUAL(select_flow(&s, "alice:99999", error), -1);
	CU_ASSERT_EQUAL(select_filter(&s, "udp prot 5", error), -1);
	CU_ASSERT_PTR_NULL(s.filter);
}

/* Each refusal in the words its user reads. */
static void what_cannot_be_selected_is_said(void)
{
	static const char name[] = "a-name-that-is-so-long-that-no-host-and-no-box-of-any-world-bears-it";
	struct selection s = { 0 };
	char error[SELECT_ERROR_SIZE], long_error[SELECT_ERROR_SIZE];
	uint64_t ns = 0;

	CU_ASSERT_EQUAL(select_flow(&s, "", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "a flow is a name or an address, with a port or without, or two with a comma");
	CU_ASSERT_EQUAL(select_flow(&s, "bob,alice:0", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "'alice:0': a port is 1 to 65535");
	CU_ASSERT_EQUAL(select_flow(&s, name, error), -1);
	snprintf(long_error, sizeof long_error, "'%.40s': too long for a name or an address", name);
	CU_ASSERT_STRING_EQUAL(error, long_error);
	CU_ASSERT_EQUAL(select_time("1d", &ns, error), -1);
	CU_ASSERT_STRING_EQUAL(error, "'1d' is no time: seconds since the start, or with a unit: 1.5, 200ms");
	CU_ASSERT_EQUAL(select_filter(&s, "udp and and", error), -1);
	CU_ASSERT_EQUAL(strncmp(error, "'udp and and' is neither a file nor a pcap filter expression: ", 62), 0);
	CU_ASSERT_EQUAL(select_time("2.5us", &ns, error), 0);
	CU_ASSERT_EQUAL(ns, 2500);
	CU_ASSERT_EQUAL(select_time("3s", &ns, error), 0);
	CU_ASSERT_EQUAL(ns, 3000000000);
	CU_ASSERT_EQUAL(select_time("0", &ns, error), 0);
	CU_ASSERT_EQUAL(ns, 0);
	CU_ASSERT_EQUAL(select_time("1000000000", &ns, error), -1); /* 31 years */
	CU_ASSERT_EQUAL(select_flow(&s, "[2001:db8::1]:7,10.0.0.1", error), 0);
	CU_ASSERT_EQUAL(s.flow[0].port, 7);
	CU_ASSERT_EQUAL(s.flow[0].endpoint.address.family, ADDRESS_IPV6);
	CU_ASSERT_EQUAL(s.flow[1].port, 0);
	CU_ASSERT_EQUAL(select_flow(&s, "bob", error), 0);
	CU_ASSERT_FALSE(s.flow_both_ends);
}

static void journeys_are_selected(void)
{
	static struct trace t;
	struct fixture *f = fixture_new();
	char error[SELECT_ERROR_SIZE];
	struct selection s = { 0 };

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_end(f);
	t.scene = f->scene;
	t.start_ns = f->journeys[0].legs[0].time_ns;
	CU_ASSERT_TRUE(select_journey(&s, &t, &f->journeys[0], -1));
	s.host = "bob";
	CU_ASSERT_FALSE(select_journey(&s, &t, &f->journeys[0], -1));
	s.host = "alice";
	CU_ASSERT_TRUE(select_journey(&s, &t, &f->journeys[0], -1));
	CU_ASSERT_EQUAL(select_flow(&s, "server:7000,alice", error), 0);
	CU_ASSERT_TRUE(select_journey(&s, &t, &f->journeys[0], -1));
	CU_ASSERT_EQUAL(select_flow(&s, "server:7001,alice", error), 0);
	CU_ASSERT_FALSE(select_journey(&s, &t, &f->journeys[0], -1));
	fixture_free(f);
}

static void columns_stand_as_the_world_does(void)
{
	struct fixture *f = fixture_new();
	bool used[SCENE_NODES] = { false };
	struct columns c;
	static const char *const expected[] = { "alice", "nat-a", "server", "nat-b", "bob" };

	used[scene_find(&f->scene, "alice")] = used[scene_find(&f->scene, "bob")] = true;
	used[scene_find(&f->scene, "server")] = true;
	columns_lay_out(&f->scene, used, &c);
	CU_ASSERT_EQUAL_FATAL(c.count, 5);
	for (size_t i = 0; i < 5; i++)
		CU_ASSERT_STRING_EQUAL(f->scene.nodes[c.nodes[i]].name, expected[i]);
	fixture_free(f);
}

/* Half of the boxes at the internet go to the left, the odd one too; what stands on the internet between them. */
static void boxes_are_shared_out_to_both_sides(void)
{
	static const char *const expected[][11] = {
		{ "a0", "n0", "a1", "n1", "server", "n2", "a2" },
		{ "a0", "n0", "a1", "n1", "server", "n2", "a2", "n3", "a3" },
	};

	for (size_t boxes = 3; boxes <= 4; boxes++) {
		struct scene *s = calloc(1, sizeof *s);
		bool used[SCENE_NODES] = { false };
		char name[8];
		struct columns c;

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		used[scene_add_node(s, NODE_HOST, "server", SCENE_INTERNET)] = true;
		for (size_t i = 0; i < boxes; i++) {
			int box;

			snprintf(name, sizeof name, "n%zu", i);
			box = scene_add_node(s, NODE_BOX, name, SCENE_INTERNET);
			snprintf(name, sizeof name, "a%zu", i);
			used[scene_add_node(s, NODE_HOST, name, box)] = true;
		}
		columns_lay_out(s, used, &c);
		CU_ASSERT_EQUAL_FATAL(c.count, 2 * boxes + 1);
		for (size_t i = 0; i < c.count; i++) {
			CU_ASSERT_STRING_EQUAL(s->nodes[c.nodes[i]].name, expected[boxes - 3][i]);
			CU_ASSERT_EQUAL(c.of_node[c.nodes[i]], (int)i);
		}
		free(s);
	}
}

static void a_ladder_is_drawn(void)
{
	static const struct style plain = { .width = 90 };
	struct fixture *f = fixture_new();
	bool used[SCENE_NODES] = { false };
	struct columns c;
	struct ladder l;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_see(f, "nat-a wan", '>', 1,
	            (struct frame){ .src = "203.0.113.10:40000", .dst = "203.0.113.5:7000", .ttl = 63 });
	fixture_see(f, "server eth0", '<', 1,
	            (struct frame){ .src = "203.0.113.10:40000", .dst = "203.0.113.5:7000", .ttl = 62 });
	fixture_see(f, "server eth0", '>', 1, (struct frame){ .src = "203.0.113.5:7000", .dst = "203.0.113.10:1" });
	fixture_see(f, "nat-a wan", '<', 1,
	            (struct frame){ .src = "203.0.113.5:7000", .dst = "203.0.113.10:1", .ttl = 63 });
	fixture_end(f);
	used[scene_find(&f->scene, "alice")] = used[scene_find(&f->scene, "server")] = true;
	columns_lay_out(&f->scene, used, &c);
	ladder_begin(&l, out, &plain, &f->scene, &c, 24, 2, f->journeys[0].legs[0].time_ns);
	ladder_draw(&l, &f->journeys[0], "hello", NULL);
	ladder_draw(&l, &f->journeys[1], "answer", "nat-a: nobody behind it uses :1");
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "o-------------:5000>:40000------------->| hello"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "|                   X-------------------o answer"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "X nat-a: nobody behind it uses :1"));
	free(text);
	fixture_free(f);
}

/* What is drawn of the fixture's journeys, in a window of that width; the caller frees. */
static char *drawn(const struct fixture *f, unsigned width)
{
	const struct style plain = { .width = width };
	bool used[SCENE_NODES] = { false };
	struct columns c;
	struct ladder l;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < f->scene.node_count; i++)
		used[i] = true;
	columns_lay_out(&f->scene, used, &c);
	ladder_begin(&l, out, &plain, &f->scene, &c, 5, f->count, f->journeys[0].legs[0].time_ns);
	for (size_t i = 0; i < f->count; i++)
		ladder_draw(&l, &f->journeys[i], "hello", NULL);
	fclose(out);
	return text;
}

static void a_box_is_drawn_where_a_packet_is_lost_behind_it(void)
{
	struct fixture *f = fixture_new();
	char *text;

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_see(f, "nat-a wan", '>', 1,
	            (struct frame){ .src = "203.0.113.10:40000", .dst = "203.0.113.5:7000", .ttl = 63 });
	fixture_end(f);
	f->journeys[0].fate = FATE_LOST;
	f->journeys[0].next_node = scene_find(&f->scene, "server");
	text = drawn(f, 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "-:5000>:40000-")); /* translated there */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "-X"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "hello"));
	free(text);
	fixture_free(f);
}

static void names_are_whole_where_there_is_room(void)
{
	static const char *const whole = "a-home-router-with-a-name", *const other = "another-router-of-the-world";
	struct fixture *f = fixture_new();
	char *text;

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_end(f);
	scene_add_node(&f->scene, NODE_BOX, whole, SCENE_INTERNET);
	scene_add_node(&f->scene, NODE_BOX, other, SCENE_INTERNET);
	text = drawn(f, 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, whole));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, other));
	free(text);
	text = drawn(f, 80);
	CU_ASSERT_PTR_NULL(strstr(text, whole)); /* there is none: it shows that they are cut */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "?"));
	free(text);
	fixture_free(f);
}

static void days_can_be_read(void)
{
	struct fixture *f = fixture_new();
	char *text;

	for (int i = 0; i < 4; i++)
		fixture_see(f, "alice eth0", '>', 0,
		            (struct frame){ .src = "10.0.1.2:5000", .dst = "203.0.113.5:7000" });
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 4);
	f->journeys[1].legs[0].time_ns = f->journeys[0].legs[0].time_ns + 90 * 1000000000ull;
	f->journeys[2].legs[0].time_ns = f->journeys[1].legs[0].time_ns + (26 * 3600ull + 60) * 1000000000;
	f->journeys[3].legs[0].time_ns = f->journeys[2].legs[0].time_ns + (4333 * 86400ull + 7200) * 1000000000;
	text = drawn(f, 100);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n               1 min 30 s later\n2    90000.000"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "26 h 1 min later\n3  1d 02:02:30"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "4333 days 2 h later\n4  4334d 04:02"));
	free(text);
	fixture_free(f);
}

static int line(struct scene *s, struct recorded_events *r, const char *text)
{
	return recorded_events_take_line(text, strlen(text), s, r);
}

static void a_record_is_read(void)
{
	static struct scene scene;
	struct scene *s = &scene;
	struct recorded_events r = { 0 };
	int home;

	CU_ASSERT_EQUAL(line(s, &r,
	                     "{\"type\":\"node\",\"name\":\"alice\",\"kind\":\"host\",\"behind\":\"home\","
	                     "\"addresses\":[\"10.0.1.2\"]}"),
	                0);
	CU_ASSERT_EQUAL(line(s, &r,
	                     "{\"type\":\"node\",\"name\":\"home\",\"kind\":\"box\",\"behind\":null,"
	                     "\"addresses\":[\"203.0.113.1\"],\"nat\":\"symmetric\",\"lan\":\"10.0.1.0/24\"}"),
	                0);
	home = scene_find(s, "home");
	CU_ASSERT_TRUE_FATAL(home >= 0);
	CU_ASSERT_EQUAL(s->nodes[scene_find(s, "alice")].behind, home);
	CU_ASSERT_EQUAL(s->nodes[home].lan.prefix, 24);
	CU_ASSERT_STRING_EQUAL(s->nodes[home].nat, "symmetric");
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"step\",\"t\":5,\"text\":\"\\u001b[31mred\"}"), 0);
	CU_ASSERT_EQUAL_FATAL(r.step_count, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r.steps);
	if (r.steps != NULL)
		CU_ASSERT_STRING_EQUAL(r.steps[0].text, "\\x1b[31mred");
	CU_ASSERT_FALSE(s->nodes[home].rules_changed);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"rules\",\"t\":5,\"box\":\"home\",\"by\":\"iptables\"}"), 0);
	CU_ASSERT_TRUE(s->nodes[home].rules_changed);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"rules\",\"t\":5,\"box\":\"nobody\",\"by\":\"iptables\"}"), -1);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"rules\",\"t\":5,\"box\":\"home\"}"), -1);
	CU_ASSERT_FALSE(s->nodes[home].rebooted);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"reboot\",\"t\":5,\"box\":\"home\",\"since\":4}"), 0);
	CU_ASSERT_TRUE(s->nodes[home].rebooted);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"reboot\",\"t\":5,\"box\":\"home\"}"), -1);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"something new\"}"), 0);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"mapping\",\"t\":1,\"box\":\"nobody\"}"), -1);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":\"counter\",\"t\":1,\"box\":\"home\",\"packets\":-1}"), -1);
	CU_ASSERT_EQUAL(line(s, &r, "{\"type\":"), -1);
	CU_ASSERT_EQUAL(line(s, &r, ""), -1);
	recorded_events_free(&r);
}

/* A program complains by the words that people use for it; whatever else it says is none. */
static int lease(struct scene *s, struct recorded_events *r, unsigned t, const char *event, const char *box,
                 unsigned port)
{
	char text[256];

	snprintf(text, sizeof text,
	         "{\"type\":\"lease\",\"t\":%u,\"box\":\"%s\",\"event\":\"%s\",\"proto\":\"udp\",\"port\":%u,"
	         "\"inside\":\"10.0.1.2:5000\",\"by\":\"pcp\"}",
	         t, box, event, port);
	return line(s, r, text);
}

/* What was asked for lasts until it is given back, or to the end; given back twice it stays as it was. */
static void leases_begin_and_end(void)
{
	static struct scene scene;
	struct recorded_events r = { 0 };

	CU_ASSERT_EQUAL(scene_add_node(&scene, NODE_BOX, "nat-a", SCENE_INTERNET), 0);
	CU_ASSERT_EQUAL(scene_add_node(&scene, NODE_BOX, "nat-b", SCENE_INTERNET), 1);
	CU_ASSERT_EQUAL(lease(&scene, &r, 1, "new", "nat-a", 4001), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 2, "new", "nat-b", 4001), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 3, "new", "nat-b", 4002), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 4, "destroy", "nat-b", 4002), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 5, "destroy", "nat-b", 4002), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 6, "destroy", "nat-a", 4009), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 7, "new", "nat-b", 4002), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 8, "destroy", "nat-b", 4002), 0);
	CU_ASSERT_EQUAL(lease(&scene, &r, 9, "new", "nobody", 4002), -1);
	CU_ASSERT_EQUAL_FATAL(r.lease_count, 4);
	CU_ASSERT(r.leases[0].box == 0 && r.leases[0].time_ns == 1 && r.leases[0].ended_ns == 0);
	CU_ASSERT(r.leases[1].box == 1 && r.leases[1].lease.outside == 4001 && r.leases[1].ended_ns == 0);
	CU_ASSERT(r.leases[2].time_ns == 3 && r.leases[2].ended_ns == 4);
	CU_ASSERT(r.leases[3].time_ns == 7 && r.leases[3].ended_ns == 8);
	CU_ASSERT_EQUAL(r.leases[3].lease.by, MAPPER_PCP);
	recorded_events_free(&r);
}

/* Which packet of a link something was done to, and what: in words. */
static void what_links_do_has_words(void)
{
	static const struct {
		enum record_fate fate;
		enum weather_direction direction;
		uint64_t n;
		const char *words;
	} rows[] = {
		{ RECORD_FULL, WEATHER_UP, 1, "its 1st packet outward (too many waited for their turn)" },
		{ RECORD_DROPPED, WEATHER_DOWN, 2, "its 2nd packet inward (the scenario asked for it)" },
		{ RECORD_SWALLOWED, WEATHER_UP, 3, "its 3rd packet outward (a black hole)" },
		{ RECORD_CUT, WEATHER_UP, 0, "under way outward (its plug was pulled)" },
		{ RECORD_DISABLED, WEATHER_DOWN, 4, "its 4th packet inward (its interface was down)" },
		{ RECORD_LOST, WEATHER_UP, 11, "its 11th packet outward (by its weather)" },
		{ RECORD_LOST, WEATHER_UP, 112, "its 112th packet outward (by its weather)" },
		{ RECORD_LOST, WEATHER_UP, 121, "its 121st packet outward (by its weather)" },
		{ RECORD_LOST, WEATHER_UP, 110, "its 110th packet outward (by its weather)" },
		{ RECORD_LOST, WEATHER_UP, 30, "its 30th packet outward (by its weather)" },
	};
	static struct scene scene;
	const struct recorded_events r = { 0 };
	const struct mappings m = { .events = &r };

	CU_ASSERT_EQUAL(scene_add_node(&scene, NODE_HOST, "alice", SCENE_INTERNET), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct link_event e = { .fate = rows[i].fate, .direction = rows[i].direction, .n = rows[i].n };
		const struct cause c = { .kind = CAUSE_LINK, .node = 0, .mapping = -1, .on_link = &e };
		char text[CAUSE_TEXT_SIZE], expected[CAUSE_TEXT_SIZE];

		snprintf(expected, sizeof expected, "lost on the link alice to the internet: %s", rows[i].words);
		CU_ASSERT_STRING_EQUAL(cause_format(&scene, &m, &c, text), expected);
	}
}

static void complaints_are_known_by_their_words(void)
{
	static const struct {
		const char *said;
		bool complains;
	} table[] = {
		{ "punch FAILED after 10 s", true },
		{ "connection timed out", true },
		{ "no answer yet", true },
		{ "could not reach 10.0.0.1", true },
		{ "Error 5", true },
		{ "gave up", true },
		{ "connection refused", true },
		{ "hello", false },
		{ "debug1: inactive timeout: 0", false },
		{ "answer: 5", false },
		{ "punched, 3 probes", false },
		{ "", false },
	};
	static struct scene scene;
	struct recorded_events r = { 0 };
	size_t complaints = 0;

	CU_ASSERT_EQUAL(scene_add_node(&scene, NODE_HOST, "alice", SCENE_INTERNET), 0);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char text[256];

		snprintf(
		    text, sizeof text,
		    "{\"type\":\"output\",\"t\":%zu,\"host\":\"alice\",\"id\":1,\"stream\":\"stdout\",\"text\":\"%s\"}",
		    i + 1, table[i].said);
		CU_ASSERT_EQUAL(line(&scene, &r, text), 0);
		complaints += table[i].complains;
		CU_ASSERT_EQUAL_FATAL(r.complaint_count, complaints);
		if (table[i].complains)
			CU_ASSERT_STRING_EQUAL(r.complaints[complaints - 1].text, table[i].said);
	}
	CU_ASSERT_EQUAL(r.complaints[0].time_ns, 1);
	CU_ASSERT_EQUAL(r.complaints[0].node, 0);
	recorded_events_free(&r);
}

static void rules_counters_are_added_up(void)
{
	static const char saved[] = "*filter\n:INPUT ACCEPT [9:9]\n:FORWARD DROP [3:180]\n:OUTPUT DROP [8:8]\n"
				    "[5:300] -A INPUT -i wan -j DROP\n[2:1] -A INPUT -p udp -j REJECT --reject-with x\n"
				    "[7:1] -A FORWARD -i lan -o wan -j ACCEPT\n[4:1] -A OUTPUT -j DROP\nCOMMIT\n";
	uint64_t packets;

	CU_ASSERT_TRUE(rule_counters_sum(saved, &packets));
	CU_ASSERT_EQUAL(packets, 3 + 5 + 2);
	CU_ASSERT_FALSE(rule_counters_sum("*filter\n:INPUT ACCEPT [9:9]\nCOMMIT\n", &packets));
	CU_ASSERT_FALSE(rule_counters_sum("", &packets));
	CU_ASSERT_EQUAL(packets, 0);
}

SUITE(trace_parts, TEST(times_and_flows_are_read), TEST(what_cannot_be_selected_is_said), TEST(journeys_are_selected),
      TEST(a_box_is_drawn_where_a_packet_is_lost_behind_it), TEST(names_are_whole_where_there_is_room),
      TEST(days_can_be_read), TEST(columns_stand_as_the_world_does), TEST(boxes_are_shared_out_to_both_sides),
      TEST(a_ladder_is_drawn), TEST(a_record_is_read), TEST(leases_begin_and_end), TEST(what_links_do_has_words),
      TEST(complaints_are_known_by_their_words), TEST(rules_counters_are_added_up))
