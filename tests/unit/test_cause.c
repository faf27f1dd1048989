#include "suite.h"
#include "trace/cause.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define A FIXTURE_ALICE
#define B "10.0.2.2:6000"
#define S "203.0.113.5:7000"
#define PA "203.0.113.10:5000"  /* alice as the server sees her */
#define PA2 "203.0.113.10:5999" /* alice as somebody else sees her */
#define PB "203.0.113.20:6000"
#define PB2 "203.0.113.20:6999"

/* What conntrack tells of nat-a, `at_ms` after the start. */
struct event {
	const char *kind;
	unsigned at_ms;
	const char *orig_src, *orig_dst, *reply_src, *reply_dst;
	unsigned timeout;
};

static uint64_t start_ns(void)
{
	return UINT64_C(1700000000000000000);
}

static void tell(struct fixture *f, struct recorded_events *r, const struct event *e)
{
	uint64_t at_ns = start_ns() + e->at_ms * UINT64_C(1000000);
	char line[512];
	int len = snprintf(
	    line, sizeof line,
	    "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"nat-a\",\"event\":\"%s\",\"proto\":\"udp\","
	    "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":%u}",
	    (unsigned long long)at_ns, e->kind, e->orig_src, e->orig_dst, e->reply_src, e->reply_dst, e->timeout);

	if (recorded_events_take_line(line, (size_t)len, &f->scene, r) != 0)
		abort();
}

/* bob's packet comes to nat-a from `src`, and that is the last of it. */
static void comes_in(struct fixture *f, const char *src, const char *dst, uint64_t after_us)
{
	fixture_see(f, "bob eth0", '>', after_us, (struct frame){ .src = B, .dst = dst, .payload = "in" });
	fixture_see(f, "nat-b lan", '<', 1, (struct frame){ .src = B, .dst = dst, .payload = "in" });
	fixture_see(f, "nat-b wan", '>', 1, (struct frame){ .src = src, .dst = dst, .payload = "in", .ttl = 63 });
	fixture_see(f, "nat-a wan", '<', 1, (struct frame){ .src = src, .dst = dst, .payload = "in", .ttl = 62 });
}

/* bob's first packet, to the server, shows the port that others know of him. */
static void bob_is_known(struct fixture *f)
{
	fixture_see(f, "bob eth0", '>', 1, (struct frame){ .src = B, .dst = S, .payload = "login" });
	fixture_see(f, "nat-b lan", '<', 1, (struct frame){ .src = B, .dst = S, .payload = "login" });
	fixture_see(f, "nat-b wan", '>', 1, (struct frame){ .src = PB, .dst = S, .payload = "login", .ttl = 63 });
}

/* Ends the trace; the cause of the last journey. */
static struct cause last_cause(struct fixture *f, struct recorded_events *r)
{
	static struct passed passed;
	struct mappings m;
	struct cause c = { .kind = CAUSES };
	char text[CAUSE_TEXT_SIZE];

	memset(&passed, 0, sizeof passed);
	recorded_events_sort(r);
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &f->scene, r), 0);
	for (size_t i = 0; i < f->count; i++) {
		mappings_journey(&m, &f->scene, &f->journeys[i], NULL, NULL);
		passed_journey(&passed, &f->scene, &f->journeys[i]);
		cause_find(&f->scene, &m, &f->journeys[i], &c);
	}
	cause_settle(&c, &m, &passed);
	cause_format(&f->scene, &m, &c, text);
	CU_ASSERT_EQUAL(text[0] == '\0', c.kind == CAUSE_NONE);
	mappings_free(&m);
	recorded_events_free(r);
	return c;
}

static void expect(struct fixture *f, struct recorded_events *r, enum cause_kind kind, enum because because,
                   const char *because_of)
{
	struct cause c = last_cause(f, r);

	CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, cause_table[kind].name);
	CU_ASSERT_STRING_EQUAL(because_table[c.because].name, because_table[because].name);
	CU_ASSERT_EQUAL(c.because_node, because_of == NULL ? -1 : scene_find(&f->scene, because_of));
	fixture_free(f);
}

static void a_port_the_box_did_not_expect(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, S, PA, 0);
	fixture_goes_out(f, PB, PA, 10);
	bob_is_known(f);
	comes_in(f, PB2, PA, 10);
	expect(f, &r, CAUSE_FILTERED_PORT, BECAUSE_ENDPOINT_DEPENDENT, "nat-b");
}

static void an_address_nobody_sent_to(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, S, PA, 0);
	comes_in(f, PB, PA, 10);
	expect(f, &r, CAUSE_FILTERED_ADDRESS, BECAUSE_UNKNOWN, NULL);
}

static void a_way_on_another_port(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, S, PA, 0);
	fixture_goes_out(f, PB, PA2, 10);
	comes_in(f, PB, PA, 10);
	expect(f, &r, CAUSE_MAPPED_ELSEWHERE, BECAUSE_ENDPOINT_DEPENDENT, "nat-a");
}

static void a_way_opened_a_moment_later(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };
	struct cause c;

	tell(f, &r, &(struct event){ "new", 1, A, S, S, PA, 30 });
	tell(f, &r, &(struct event){ "new", 20, A, PB, PB, PA, 30 });
	fixture_goes_out(f, S, PA, 1000);
	comes_in(f, PB, PA, 10000);
	c = last_cause(f, &r);
	CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, cause_table[CAUSE_TOO_EARLY].name);
	fixture_free(f);
}

/* The box's own entry holds the port: bob's packet made it, and alice's flow had to move. */
static void the_input_trap(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, S, S, PA, 30 });
	tell(f, &r, &(struct event){ "new", 10, PB, PA, PA, PB, 30 });
	tell(f, &r, &(struct event){ "new", 12, A, PB, PB, PA2, 30 });
	fixture_goes_out(f, S, PA, 1000);
	fixture_goes_out(f, PB, PA2, 11000);
	comes_in(f, PB, PA, 10000);
	expect(f, &r, CAUSE_SWALLOWED, BECAUSE_UNKNOWN, NULL);
}

/* The same seen from the other end: nat-b drops what comes from alice's new port, for the trap at nat-a. */
static void the_input_trap_from_the_other_end(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, S, S, PA, 30 });
	tell(f, &r, &(struct event){ "new", 10, PB, PA, PA, PB, 30 });
	fixture_goes_out(f, S, PA, 1000);
	bob_is_known(f);
	comes_in(f, PB, PA, 10000);
	fixture_goes_out(f, PB, PA2, 10);
	fixture_see(f, "nat-b wan", '<', 1, (struct frame){ .src = PA2, .dst = PB, .payload = "out", .ttl = 62 });
	expect(f, &r, CAUSE_FILTERED_PORT, BECAUSE_TRAP, "nat-a");
}

static void a_mapping_whose_time_ran_out(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, PB, PB, PA, 2 });
	fixture_goes_out(f, PB, PA, 1000);
	comes_in(f, PB, PA, 2500000); /* no event tells of its end: the kernel is in no hurry */
	expect(f, &r, CAUSE_EXPIRED, BECAUSE_UNKNOWN, NULL);
}

static void a_mapping_that_was_removed(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, PB, PB, PA, 30 });
	tell(f, &r, &(struct event){ "destroy", 500, A, PB, PB, PA, 0 });
	fixture_goes_out(f, PB, PA, 1000);
	comes_in(f, PB, PA, 1000000);
	expect(f, &r, CAUSE_DELETED, BECAUSE_UNKNOWN, NULL);
}

/* The kernel dates an end; an update has the time at which it was read. */
static void a_mapping_whose_update_was_read_after_its_end(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, PB, PB, PA, 30 });
	tell(f, &r, &(struct event){ "destroy", 500, A, PB, PB, PA, 0 });
	tell(f, &r, &(struct event){ "update", 590, A, PB, PB, PA, 30 });
	fixture_goes_out(f, PB, PA, 1000);
	comes_in(f, PB, PA, 1000000);
	expect(f, &r, CAUSE_DELETED, BECAUSE_UNKNOWN, NULL);
}

/* In use to the last. */
static void a_mapping_that_was_too_old(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "symmetric,lifetime=2");
	tell(f, &r, &(struct event){ "new", 1, A, PB, PB, PA, 2 });
	tell(f, &r, &(struct event){ "destroy", 2001, A, PB, PB, PA, 0 });
	fixture_goes_out(f, PB, PA, 1000);
	fixture_goes_out(f, PB, PA, 1900000);
	comes_in(f, PB, PA, 2500000);
	expect(f, &r, CAUSE_TOO_OLD, BECAUSE_UNKNOWN, NULL);
}

/* A socket's flows end together when the first of them is too old; another socket's end says nothing. */
static void a_mapping_as_old_as_its_socket(void)
{
	static const struct {
		const char *first; /* whose flow is as old as flows may become */
		enum cause_kind kind;
	} rows[] = { { A, CAUSE_TOO_OLD }, { "10.0.1.2:5001", CAUSE_DELETED }, { "10.0.1.3:5000", CAUSE_DELETED } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };

		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "symmetric,lifetime=2");
		tell(f, &r, &(struct event){ "new", 1, rows[i].first, S, S, PA2, 2 });
		tell(f, &r, &(struct event){ "new", 1500, A, PB, PB, PA, 2 });
		tell(f, &r, &(struct event){ "destroy", 2001, rows[i].first, S, S, PA2, 0 });
		tell(f, &r, &(struct event){ "destroy", 2001, A, PB, PB, PA, 0 });
		fixture_goes_out(f, PB, PA, 1501000);
		comes_in(f, PB, PA, 1000000);
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

static void a_port_nobody_uses(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	comes_in(f, PB, PA, 10);
	expect(f, &r, CAUSE_NO_MAPPING, BECAUSE_UNKNOWN, NULL);
}

#define PA_POOL "203.0.113.11:5000" /* another outside address of alice's box */

/* The same port at another address of a box that has several; and no such thing of a box that has one. */
static void the_other_address_of_a_pool(void)
{
	static const struct {
		const char *nat, *to;
		enum cause_kind kind;
	} rows[] = { { "symmetric,addresses=2", PA_POOL, CAUSE_OTHER_ADDRESS },
		     { "symmetric,addresses=2,pooling=arbitrary", PA_POOL, CAUSE_OTHER_ADDRESS },
		     { "symmetric,addresses=2", "203.0.113.11:5001", CAUSE_NO_MAPPING },
		     { "symmetric,addresses=2", PA2, CAUSE_NO_MAPPING },
		     { "symmetric", PA_POOL, CAUSE_NO_MAPPING } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		struct endpoint pool;
		int box = scene_find(&f->scene, "nat-a");

		CU_ASSERT_EQUAL_FATAL(endpoint_parse(PA_POOL, &pool), 0);
		pool.port = 0;
		scene_add_address(&f->scene, box, &pool);
		snprintf(f->scene.nodes[box].nat, NAT_TEXT_SIZE, "%s", rows[i].nat);
		fixture_goes_out(f, S, PA, 0);
		comes_in(f, PB, rows[i].to, 10);
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

/* A port of the other parity could not be given; one of the same could, and so could any of a box that keeps none. */
static void a_port_of_the_other_parity(void)
{
	static const struct {
		const char *nat, *to;
		enum cause_kind kind;
	} rows[] = { { "symmetric,parity", "203.0.113.10:5999", CAUSE_OTHER_PARITY },
		     { "symmetric,parity", "203.0.113.10:5998", CAUSE_NO_MAPPING },
		     { "symmetric", "203.0.113.10:5999", CAUSE_NO_MAPPING } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };

		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "%s", rows[i].nat);
		fixture_goes_out(f, PB, PA, 0);
		comes_in(f, PB, rows[i].to, 10);
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

static void a_rule_in_spite_of_an_open_way(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, PB, PA, 0);
	comes_in(f, PB, PA, 10);
	expect(f, &r, CAUSE_RULE_IN, BECAUSE_UNKNOWN, NULL);
}

static void no_hairpin(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_ends_in_lan(f, PA2, 64);
	expect(f, &r, CAUSE_NO_HAIRPIN, BECAUSE_UNKNOWN, NULL);
}

static void nothing_ever_gets_out(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_ends_in_lan(f, S, 64);
	expect(f, &r, CAUSE_BLOCKED, BECAUSE_UNKNOWN, NULL);
}

static void another_packet_got_out(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, PB, PA, 0);
	fixture_ends_in_lan(f, S, 64);
	expect(f, &r, CAUSE_RULE_OUT, BECAUSE_UNKNOWN, NULL);
}

static void a_hop_limit_that_ran_out(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_ends_in_lan(f, S, 1);
	expect(f, &r, CAUSE_TTL, BECAUSE_UNKNOWN, NULL);
}

/* It would have been let in: the box's own hop was one too many. */
static void a_hop_limit_that_ran_out_at_the_other_box(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, PB, PA, 0);
	fixture_see(f, "nat-a wan", '<', 10, (struct frame){ .src = PB, .dst = PA, .payload = "in", .ttl = 1 });
	expect(f, &r, CAUSE_TTL, BECAUSE_UNKNOWN, NULL);
}

static void an_address_that_is_nobodys(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, "198.51.100.9:9", PA, 0);
	expect(f, &r, CAUSE_NO_ROUTE, BECAUSE_UNKNOWN, NULL);
}

static void lost_on_a_wire(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	fixture_goes_out(f, S, PA, 0);
	expect(f, &r, CAUSE_LOST_ON_WIRE, BECAUSE_UNKNOWN, NULL);
}

/* What the box was asked to let pass decides, not that it dropped it; from outside a later fragment tells too little.
 */
static void what_a_box_was_asked_not_to_let_pass(void)
{
	static const uint8_t echo[] = { 8, 0, 0, 0, 0, 7, 0, 1 };
	static const struct {
		const char *nat;
		unsigned protocol, fragment, more;
		bool from_outside;
		enum cause_kind kind;
	} rows[] = {
		{ "symmetric,icmp=blocked", PACKET_ICMP, 0, 0, false, CAUSE_NO_ICMP },
		{ "symmetric,icmp=blocked", PACKET_UDP, 0, 0, false, CAUSE_RULE_OUT },
		{ "symmetric", PACKET_ICMP, 0, 0, false, CAUSE_RULE_OUT },
		{ "symmetric,fragments=drop", PACKET_UDP, 0, 1, false, CAUSE_NO_FRAGMENTS },
		{ "symmetric,fragments=drop", PACKET_UDP, 8, 0, true, CAUSE_NO_FRAGMENTS },
		{ "symmetric,fragments=in-order", PACKET_UDP, 8, 1, true, CAUSE_NO_FRAGMENTS },
		{ "symmetric,fragments=drop", PACKET_UDP, 0, 0, false, CAUSE_RULE_OUT },
		{ "symmetric", PACKET_UDP, 8, 0, true, CAUSE_FRAGMENT },
		{ "symmetric", PACKET_UDP, 8, 0, false, CAUSE_RULE_OUT },
		{ "symmetric", PACKET_UDP, 0, 1, true, CAUSE_NO_MAPPING },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		bool in = rows[i].from_outside;

		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "%s", rows[i].nat);
		fixture_goes_out(f, PB, PA, 0); /* it does let others out */
		fixture_see(f, in ? "nat-a wan" : "nat-a lan", '<', 10,
		            (struct frame){ .src = in ? S : A,
		                            .dst = in ? PA2 : S,
		                            .protocol = rows[i].protocol,
		                            .fragment = rows[i].fragment,
		                            .more = rows[i].more,
		                            .bytes = rows[i].protocol == PACKET_ICMP ? echo : NULL,
		                            .bytes_len = sizeof echo });
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

static void note_change(struct fixture *f, struct recorded_events *r, const char *node, const char *what,
                        uint64_t after_ns)
{
	char line[128];
	unsigned long long at_ns = start_ns() + after_ns;
	int len = snprintf(line, sizeof line, "{\"type\":\"change\",\"t\":%llu,\"node\":\"%s\",\"what\":\"%s\"}", at_ns,
	                   node, what);

	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, (size_t)len, &f->scene, r), 0);
}

/* Too long for the box by its spec, and no ICMP error says so. What may be cut up, or just fits, died otherwise. */
static void a_black_hole_that_the_spec_tells_of(void)
{
	static const struct {
		const char *nat;
		size_t bytes; /* of the datagram's payload */
		bool dont_cut;
		enum cause_kind kind;
	} rows[] = {
		{ "port-restricted,mtu=1300,icmp=blocked", 1273, true, CAUSE_SIZE },
		{ "port-restricted,mtu=1300,icmp=blocked", 1272, true, CAUSE_BLOCKED },
		{ "port-restricted,mtu=1300,icmp=blocked", 1273, false, CAUSE_BLOCKED },
		{ "port-restricted", 1273, true, CAUSE_BLOCKED },
	};
	char payload[1500];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		const struct frame frame = {
			.src = A, .dst = S, .payload = payload, .id = 7, .dont_cut = rows[i].dont_cut
		};

		snprintf(payload, sizeof payload, "%0*d", (int)rows[i].bytes, 0);
		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "%s", rows[i].nat);
		fixture_see(f, "alice eth0", '>', 10, frame);
		fixture_see(f, "nat-a lan", '<', 1, frame);
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

/* What needs the way out dies where that is down. */
static void a_way_out_that_is_down(void)
{
	static const struct {
		const char *node, *first, *then; /* what happened to it, half a second and a quarter before */
		const char *dst;
		enum cause_kind kind;
	} rows[] = {
		{ "nat-a", "link-down", NULL, S, CAUSE_LINK_DOWN },
		{ "nat-a", "link-up", "link-down", S, CAUSE_LINK_DOWN },
		{ "nat-a", "link-down", "rebound", S, CAUSE_LINK_DOWN },
		{ "nat-a", "link-down", "link-up", S, CAUSE_BLOCKED },
		{ "nat-a", "rebound", NULL, S, CAUSE_BLOCKED },
		{ "nat-b", "link-down", NULL, S, CAUSE_BLOCKED },
		{ "nat-a", "link-down", NULL, PA2, CAUSE_NO_HAIRPIN },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		const char *const what[] = { rows[i].first, rows[i].then };

		for (unsigned k = 0; k < 2 && what[k] != NULL; k++)
			note_change(f, &r, rows[i].node, what[k], (k + 1) * UINT64_C(250000000));
		f->now_ns += 750000000;
		fixture_ends_in_lan(f, rows[i].dst, 64);
		expect(f, &r, rows[i].kind, BECAUSE_UNKNOWN, NULL);
	}
}

/* An interface's tap still sees what its link no longer takes; and what comes to a link that is down was seen before.
 */
static void lost_where_a_link_was_down(void)
{
	static const struct {
		const char *node;
		bool comes_in;
		enum cause_kind kind;
		const char *where;
	} rows[] = {
		{ "nat-a", false, CAUSE_LINK_DOWN, "nat-a" },
		{ "nat-a", true, CAUSE_LINK_DOWN, "nat-a" },
		{ "nat-b", false, CAUSE_LOST_ON_WIRE, "nat-a" },
		{ "nat-b", true, CAUSE_LOST_ON_WIRE, "server" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		struct cause c;

		note_change(f, &r, rows[i].node, "link-down", UINT64_C(250000000));
		f->now_ns += 750000000;
		if (rows[i].comes_in)
			fixture_see(f, "server eth0", '>', 0, (struct frame){ .src = S, .dst = PA, .payload = "in" });
		else
			fixture_goes_out(f, S, PA, 0);
		c = last_cause(f, &r);
		CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, cause_table[rows[i].kind].name);
		CU_ASSERT_EQUAL(c.node, scene_find(&f->scene, rows[i].where));
		CU_ASSERT_TRUE(c.beyond);
		fixture_free(f);
	}
}

/* Where of a socket the port alone counts, another host's of the same number takes the outside one over. */
static void a_port_that_another_host_took_over(void)
{
	static const struct {
		const char *taker, *taken;
		bool was_taken;
	} rows[] = { { "10.0.1.3:5000", PA, true }, { "10.0.1.3:5001", PA, false }, { "10.0.1.3:5000", PA2, false } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct recorded_events r = { 0 };
		struct cause c;

		fixture_goes_out(f, PB, PA, 0);
		fixture_see(f, "nat-a lan", '<', 10, (struct frame){ .src = rows[i].taker, .dst = S });
		fixture_see(f, "nat-a wan", '>', 1, (struct frame){ .src = rows[i].taken, .dst = S, .ttl = 63 });
		comes_in(f, PB, PA, 10);
		c = last_cause(f, &r);
		CU_ASSERT_EQUAL(c.kind, rows[i].was_taken ? CAUSE_TAKEN_OVER : CAUSE_RULE_IN);
		CU_ASSERT_EQUAL(c.holder, rows[i].was_taken ? scene_find(&f->scene, "carol") : -1);
		CU_ASSERT_EQUAL(c.because_node, rows[i].was_taken ? scene_find(&f->scene, "nat-a") : -1);
		fixture_free(f);
	}
}

/* Nobody sent to bob, and what was there for others had ended. */
static void a_mapping_for_others_whose_time_ran_out(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };

	tell(f, &r, &(struct event){ "new", 1, A, S, S, PA, 2 });
	fixture_goes_out(f, S, PA, 1000);
	comes_in(f, PB, PA, 2500000);
	expect(f, &r, CAUSE_EXPIRED, BECAUSE_UNKNOWN, NULL);
}

SUITE(cause, TEST(a_port_the_box_did_not_expect), TEST(an_address_nobody_sent_to),
      TEST(a_black_hole_that_the_spec_tells_of), TEST(a_way_on_another_port), TEST(a_way_opened_a_moment_later),
      TEST(the_input_trap), TEST(the_input_trap_from_the_other_end), TEST(a_mapping_whose_time_ran_out),
      TEST(a_mapping_for_others_whose_time_ran_out), TEST(a_way_out_that_is_down), TEST(lost_where_a_link_was_down),
      TEST(a_port_that_another_host_took_over), TEST(a_mapping_that_was_removed),
      TEST(a_mapping_whose_update_was_read_after_its_end), TEST(a_mapping_that_was_too_old),
      TEST(a_mapping_as_old_as_its_socket), TEST(a_port_nobody_uses), TEST(the_other_address_of_a_pool),
      TEST(a_port_of_the_other_parity), TEST(a_rule_in_spite_of_an_open_way), TEST(no_hairpin),
      TEST(what_a_box_was_asked_not_to_let_pass), TEST(nothing_ever_gets_out), TEST(another_packet_got_out),
      TEST(a_hop_limit_that_ran_out), TEST(a_hop_limit_that_ran_out_at_the_other_box), TEST(an_address_that_is_nobodys),
      TEST(lost_on_a_wire))
