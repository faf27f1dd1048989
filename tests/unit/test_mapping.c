/* How long a mapping lives: until its time runs out after the last packet, or until conntrack says that it ended. */
#include "suite.h"
#include "trace/mapping.h"

#include <stdio.h>
#include <string.h>

#define S UINT64_C(1000000000)
#define MANY 300

static void it_lives_until_its_time_runs_out_or_it_ends(void)
{
	static const struct {
		uint64_t born_ns, last_ns, ended_ns;
		unsigned timeout_s;
		uint64_t at_ns, died_ns;
		bool alive;
	} table[] = {
		{ 10 * S, 20 * S, 0, 0, 1000 * S, 0, true }, /* nobody knows when */
		{ 10 * S, 20 * S, 0, 0, 10 * S, 0, true },
		{ 10 * S, 20 * S, 0, 0, 10 * S - 1, 0, false }, /* not yet born */
		{ 10 * S, 20 * S, 0, 30, 50 * S - 1, 0, true },
		{ 10 * S, 20 * S, 0, 30, 50 * S, 50 * S, false },
		{ 10 * S, 20 * S, 0, 30, 90 * S, 50 * S, false },
		{ 10 * S, 20 * S, 40 * S, 30, 40 * S - 1, 0, true },
		{ 10 * S, 20 * S, 40 * S, 30, 40 * S, 40 * S, false }, /* removed before */
		{ 10 * S, 20 * S, 40 * S, 30, 90 * S, 40 * S, false },
		{ 10 * S, 20 * S, 50 * S, 30, 90 * S, 50 * S, false },
		{ 10 * S, 20 * S, 51 * S, 30, 90 * S, 50 * S, false }, /* told of a little late */
		{ 10 * S, 20 * S, 40 * S, 0, 39 * S, 0, true },
		{ 10 * S, 20 * S, 40 * S, 0, 41 * S, 40 * S, false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct mapping m = { .born_ns = table[i].born_ns,
			             .last_ns = table[i].last_ns,
			             .ended_ns = table[i].ended_ns,
			             .timeout_s = table[i].timeout_s };

		CU_ASSERT_EQUAL(mapping_died_ns(&m, table[i].at_ns), table[i].died_ns);
		CU_ASSERT_EQUAL(mapping_is_alive(&m, table[i].at_ns), table[i].alive);
	}
}

static void older_ones_stand_first(void)
{
	const struct mapping list[] = { { .born_ns = 5 }, { .born_ns = 3 }, { .born_ns = 5 } };
	const size_t first = 0, second = 1, third = 2;

	CU_ASSERT_TRUE(mapping_by_birth(&first, &second, (void *)(uintptr_t)list) > 0);
	CU_ASSERT_TRUE(mapping_by_birth(&second, &first, (void *)(uintptr_t)list) < 0);
	CU_ASSERT_EQUAL(mapping_by_birth(&first, &third, (void *)(uintptr_t)list), 0);
}

static struct scene s; /* too large for a stack */
static struct recorded_events r;

static void tell(const char *line)
{
	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, strlen(line), &s, &r), 0);
}

#define NODE(name, kind, behind, addresses, lans)                                                                      \
	"{\"type\":\"node\",\"name\":\"" name "\",\"kind\":\"" kind "\",\"behind\":" behind                            \
	",\"addresses\":[" addresses "]" lans "}"

/* Nothing is translated at these boxes: IPv6 at a home and at one behind it, both families at a firewall. */
static void begin(void)
{
	memset(&s, 0, sizeof s);
	memset(&r, 0, sizeof r);
	tell(NODE("carrier", "box", "null", "\"11.11.11.1\"",
	          ",\"lan\":\"10.0.1.0/24\",\"ipv6_lan\":\"2444:0:1::/64\""));
	tell(NODE("home", "box", "\"carrier\"", "\"10.0.1.3\"",
	          ",\"lan\":\"10.0.2.0/24\",\"ipv6_lan\":\"2444:0:2::/64\""));
	tell(NODE("wall", "box", "null", "\"11.11.11.2\"", ""));
	tell(NODE("alice", "host", "\"home\"", "\"10.0.2.4\",\"2444:0:2::4\"", ""));
	tell(NODE("carol", "host", "\"wall\"", "\"44.44.44.1\"", ""));
	tell(NODE("dave", "host", "null", "\"22.22.22.1\",\"2222::1\"", ""));
}

static void who_began_from_outside_was_let_in(void)
{
	static const struct {
		const char *box, *src, *dst;
		enum mapping_kind kind;
	} table[] = {
		{ "home", "[2444:0:2::4]:4000", "[2222::1]:4000", MAPPING_OUT },
		{ "home", "[2222::1]:4000", "[2444:0:2::4]:5000", MAPPING_IN },
		{ "carrier", "[2222::1]:4000", "[2444:0:2::4]:5000", MAPPING_IN },
		{ "carrier", "[2222::1]:4000", "[2444:0:1::9]:5000", MAPPING_IN },
		{ "carrier", "[2444:0:2::4]:4000", "[2222::1]:4000", MAPPING_OUT },
		{ "wall", "22.22.22.1:4000", "44.44.44.1:5000", MAPPING_IN },
		{ "wall", "44.44.44.1:4000", "22.22.22.1:4000", MAPPING_OUT },
	};
	struct mappings m;

	begin();
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char line[512];

		snprintf(
		    line, sizeof line,
		    "{\"type\":\"mapping\",\"t\":%zu,\"box\":\"%s\",\"event\":\"new\",\"proto\":\"udp\","
		    "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":30,"
		    "\"replied\":false,\"assured\":false}",
		    i + 1, table[i].box, table[i].src, table[i].dst, table[i].dst, table[i].src);
		tell(line);
	}
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	CU_ASSERT_EQUAL_FATAL(m.count, sizeof table / sizeof table[0]);
	for (size_t i = 0; i < m.count; i++) {
		const struct endpoint dst = r.mapping_events[i].orig_dst, src = r.mapping_events[i].orig_src;

		CU_ASSERT_EQUAL(m.list[i].kind, table[i].kind);
		CU_ASSERT_TRUE(endpoint_equal(&m.list[i].inside, table[i].kind == MAPPING_IN ? &dst : &src));
	}
	mappings_free(&m);
	recorded_events_free(&r);
}

/* The events of many flows of few sockets, so that buckets are shared: each box, either protocol, each remote end. */
static void tell_of_many_flows(void)
{
	static const char *const boxes[] = { "carrier", "home", "wall" };

	for (unsigned i = 0; i < MANY; i++) {
		char line[512], inside[32], outside[32], remote[32];

		snprintf(inside, sizeof inside, "10.0.%u.4:%u", 1 + i / 2 % 2, 4000 + i / 4 % 3);
		snprintf(outside, sizeof outside, "11.11.11.%u:%u", 1 + i / 3 % 2, 4000 + i / 4 % 5);
		snprintf(remote, sizeof remote, "22.22.22.%u:%u", 1 + i / 5 % 3, 1 + i / 7 % 2);
		snprintf(line, sizeof line,
		         "{\"type\":\"mapping\",\"t\":%u,\"box\":\"%s\",\"event\":\"new\",\"proto\":\"%s\","
		         "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},"
		         "\"timeout\":30,\"replied\":false,\"assured\":false}",
		         i + 1, boxes[i % 3], i % 4 == 3 ? "tcp" : "udp", inside, remote, remote, outside);
		tell(line);
	}
}

static bool is_asked_for(const struct mapping *m, const struct mapping_search *q)
{
	bool inside = q->key == MAPPING_BY_INSIDE || q->key == MAPPING_BY_INSIDE_AND_REMOTE;

	return m->box == q->box && (q->protocol == 0 || m->protocol == q->protocol) &&
	       endpoint_equal(inside ? &m->inside : &m->external, q->end) &&
	       (q->remote == NULL || endpoint_same_address(&m->remote, q->remote));
}

/* All of them come, the newest first, and no others. */
static void search(const struct mappings *m, const struct mapping_search *q)
{
	long at = mappings_first(m, q);

	for (long i = (long)m->count - 1; i >= 0; i--) {
		if (!is_asked_for(&m->list[i], q))
			continue;
		CU_ASSERT_EQUAL_FATAL(at, i);
		at = mappings_next(m, q, at);
	}
	CU_ASSERT_EQUAL(at, -1);
}

static void what_comes_is_what_is_looked_for(void)
{
	struct mappings m;

	begin();
	tell_of_many_flows();
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	CU_ASSERT_TRUE(m.count > 100); /* the table grew meanwhile */
	for (size_t i = 0; i < m.count; i++) {
		const struct mapping *e = &m.list[i];

		for (int box = 0; box < 3; box++)
			for (unsigned protocol = 0; protocol <= PACKET_UDP;
			     protocol += protocol == 0 ? PACKET_TCP : 11) {
				const uint8_t p = (uint8_t)protocol;

				search(&m, &(struct mapping_search){ MAPPING_BY_EXTERNAL, box, p, &e->external, NULL });
				search(&m, &(struct mapping_search){ MAPPING_BY_EXTERNAL_AND_REMOTE, box, p,
				                                     &e->external, &e->remote });
				search(&m, &(struct mapping_search){ MAPPING_BY_INSIDE, box, p, &e->inside, NULL });
				search(&m, &(struct mapping_search){ MAPPING_BY_INSIDE_AND_REMOTE, box, p, &e->inside,
				                                     &e->remote });
			}
	}
	mappings_free(&m);
	recorded_events_free(&r);
}

static void where_nothing_is_nothing_comes(void)
{
	const struct endpoint end = { .port = 1 };
	struct mappings m;

	begin();
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	search(&m, &(struct mapping_search){ MAPPING_BY_EXTERNAL, 0, 0, &end, NULL });
	mappings_free(&m);
}

struct told {
	const char *event;
	unsigned timeout_s;
	bool assured;
};

static void tell_life(const char *protocol, size_t i, const struct told *t)
{
	char line[512];

	snprintf(line, sizeof line,
	         "{\"type\":\"mapping\",\"t\":%zu,\"box\":\"home\",\"event\":\"%s\",\"proto\":\"%s\","
	         "\"orig\":{\"src\":\"10.0.2.4:4000\",\"dst\":\"22.22.22.1:5\"},"
	         "\"reply\":{\"src\":\"22.22.22.1:5\",\"dst\":\"10.0.1.3:4000\"},\"timeout\":%u,"
	         "\"replied\":true,\"assured\":%s}",
	         i + 1, t->event, protocol, t->timeout_s, t->assured ? "true" : "false");
	tell(line);
}

/* Events tell whole seconds that are left, rounded down, a snapshot what is left of any life: the spec knows which. */
static void an_idle_life_is_the_specs_own(void)
{
	static const struct {
		const char *spec, *protocol;
		struct told told[3];
		unsigned life_s;
	} table[] = {
		{ "restricted,timeout=2,stream-timeout=3", "udp", { { "new", 2, false } }, 2 },
		{ "restricted,timeout=2,stream-timeout=3", "udp", { { "new", 1, false } }, 2 },
		{ "restricted,timeout=2,stream-timeout=3", "udp", { { "new", 2, false }, { "update", 1, false } }, 2 },
		{ "restricted,timeout=2,stream-timeout=3", "udp", { { "new", 2, false }, { "update", 2, true } }, 3 },
		{ "restricted", "udp", { { "new", 28, false } }, 30 },
		{ "restricted", "udp", { { "new", 27, false } }, 27 }, /* somebody set it */
		{ "restricted", "udp", { { "new", 30, false }, { "update", 119, true } }, 120 },
		{ "restricted", "udp", { { "new", 30, false }, { "snapshot", 4, false } }, 30 },
		{ "restricted", "udp", { { "snapshot", 4, false } }, 30 },
		{ "restricted", "udp", { { "snapshot", 4, true } }, 120 },
		{ "restricted", "udp", { { "new", 10, false }, { "snapshot", 4, false } }, 10 },
		{ "restricted", "udp", { { "new", 500, false } }, 500 },
		{ "restricted", "tcp", { { "new", 239, false } }, 240 },
		{ "restricted", "tcp", { { "new", 240, false }, { "update", 7439, true } }, 7440 },
		{ "restricted", "tcp", { { "update", 7440, true }, { "update", 240, true } }, 240 },
		{ "restricted", "icmp", { { "new", 30, false }, { "update", 29, false } }, 30 },
		{ "", "udp", { { "new", 29, false }, { "update", 30, false }, { "update", 28, false } }, 30 },
		{ "", "udp", { { "snapshot", 29, false }, { "snapshot", 28, false } }, 29 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct mappings m;

		begin();
		snprintf(s.nodes[scene_find(&s, "home")].nat, NAT_TEXT_SIZE, "%s", table[i].spec);
		for (size_t k = 0; k < 3 && table[i].told[k].event != NULL; k++)
			tell_life(table[i].protocol, k, &table[i].told[k]);
		CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
		CU_ASSERT_EQUAL_FATAL(m.count, 1);
		CU_ASSERT_EQUAL(m.list[0].timeout_s, table[i].life_s);
		mappings_free(&m);
		recorded_events_free(&r);
	}
}

/* The kernel dates an end, and what was before it bears the time at which it was read. */
static void what_ended_at_once_was_one_mapping(void)
{
	static const struct told lines[] = { { "new", 240, false },
		                             { "update", 240, false },
		                             { "destroy", 239, false } };
	static const size_t places[] = { 70, 80, 60 };
	struct mappings m;

	begin();
	snprintf(s.nodes[scene_find(&s, "home")].nat, NAT_TEXT_SIZE, "restricted");
	for (size_t i = 0; i < 3; i++)
		tell_life("tcp", places[i], &lines[i]);
	recorded_events_sort(&r);
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	CU_ASSERT_EQUAL_FATAL(m.count, 1);
	CU_ASSERT_EQUAL(m.list[0].ended_ns, 61);
	CU_ASSERT_TRUE(m.list[0].born_ns < 61);
	CU_ASSERT_EQUAL(m.list[0].timeout_s, 240);
	mappings_free(&m);
	recorded_events_free(&r);
}

/* It was there before the trace began: what was left of it tells that it did not time out. */
static void an_end_tells_of_a_life_nobody_told(void)
{
	struct mappings m;

	begin();
	snprintf(s.nodes[scene_find(&s, "home")].nat, NAT_TEXT_SIZE, "restricted");
	tell_life("udp", 9, &(struct told){ "destroy", 12, false });
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	CU_ASSERT_EQUAL_FATAL(m.count, 1);
	CU_ASSERT_EQUAL(m.list[0].timeout_s, 30);
	mappings_free(&m);
	recorded_events_free(&r);
}

SUITE(mapping, TEST(what_comes_is_what_is_looked_for), TEST(where_nothing_is_nothing_comes),
      TEST(what_ended_at_once_was_one_mapping), TEST(an_end_tells_of_a_life_nobody_told),
      TEST(an_idle_life_is_the_specs_own), TEST(who_began_from_outside_was_let_in),
      TEST(it_lives_until_its_time_runs_out_or_it_ends), TEST(older_ones_stand_first))
