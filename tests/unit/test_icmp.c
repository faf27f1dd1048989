/* What an ICMP error tells of the packet it quotes, and what a hop limit tells without one. */
#include "suite.h"
#include "trace/cause.h"
#include "trace/icmp.h"
#include "trace_fixture.h"

#define A FIXTURE_ALICE
#define S "203.0.113.5:7000"
#define PA "203.0.113.10:5000" /* alice as the server sees her */

/* An error that comes to `interface` from `from`, about alice's last packet as it looked there. */
static void error_comes(struct fixture *f, const char *interface, char direction, const char *from,
                        const struct frame *about, uint8_t type, uint8_t code, uint16_t mtu)
{
	uint8_t bytes[512] = { type, code, 0, 0, 0, 0, (uint8_t)(mtu >> 8), (uint8_t)(mtu & 255) };
	size_t len = 8 + fixture_ip(about, bytes + 8);

	fixture_see(f, interface, direction, 5,
	            (struct frame){ .src = from,
	                            .dst = about->src,
	                            .protocol = PACKET_ICMP,
	                            .bytes = bytes,
	                            .bytes_len = len,
	                            .id = type });
}

/* The cause of the first journey that went wrong. */
static struct cause first_cause(struct fixture *f)
{
	static struct passed passed;
	struct recorded_events r = { 0 };
	struct mappings m;
	struct cause c = { .kind = CAUSE_NONE };

	memset(&passed, 0, sizeof passed);
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &f->scene, &r), 0);
	for (size_t i = 0; i < f->count; i++) {
		mappings_journey(&m, &f->scene, &f->journeys[i], NULL, NULL);
		passed_journey(&passed, &f->scene, &f->journeys[i]);
		if (c.kind == CAUSE_NONE)
			cause_find(&f->scene, &m, &f->journeys[i], &c);
	}
	cause_settle(&c, &m, &passed);
	mappings_free(&m);
	return c;
}

static void expect_at(struct fixture *f, enum cause_kind kind, const char *node, bool beyond)
{
	struct cause c = first_cause(f);

	CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, cause_table[kind].name);
	CU_ASSERT_EQUAL(c.node, scene_find(&f->scene, node));
	CU_ASSERT_EQUAL(c.beyond, beyond);
	fixture_free(f);
}

/* Nothing else of alice gets out: without the error it would look like a box that blocks UDP. */
static void too_big_for_the_box(void)
{
	struct fixture *f = fixture_new();
	struct cause c;

	fixture_ends_in_lan(f, S, 64);
	error_comes(f, "nat-a lan", '>', "10.0.1.1:1", &(struct frame){ .src = A, .dst = S }, 3, 4, 1300);
	c = first_cause(f);
	CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, "too-big");
	CU_ASSERT_EQUAL(c.node, scene_find(&f->scene, "nat-a"));
	CU_ASSERT_EQUAL(c.path_mtu, 1300);
	fixture_free(f);
}

static void too_big_for_a_router_beyond(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, S, PA, 0);
	error_comes(f, "nat-a wan", '<', "192.0.2.1:1",
	            &(struct frame){ .src = PA, .dst = S, .payload = "out", .ttl = 63 }, 3, 4, 0);
	expect_at(f, CAUSE_TOO_BIG, "nat-a", true);
}

static void a_hop_limit_that_ran_out_at_a_router(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, S, PA, 0); /* how much was left of it is not asked: the router says so */
	error_comes(f, "nat-a wan", '<', "192.0.2.1:1",
	            &(struct frame){ .src = PA, .dst = S, .payload = "out", .ttl = 1 }, 11, 0, 0);
	expect_at(f, CAUSE_TTL, "nat-a", true);
}

static void a_hop_limit_that_ran_out_in_silence(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = A, .dst = S, .ttl = 2 });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = A, .dst = S, .ttl = 2 });
	fixture_see(f, "nat-a wan", '>', 1, (struct frame){ .src = PA, .dst = S, .ttl = 1 });
	expect_at(f, CAUSE_TTL, "nat-a", true);
}

/* In one's own lan no router takes anything from it. */
static void a_low_hop_limit_lost_in_the_lan(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, (struct frame){ .src = A, .dst = "10.0.1.3:6000", .ttl = 1 });
	expect_at(f, CAUSE_LOST_ON_WIRE, "alice", true);
}

static void a_box_that_has_no_way_there(void)
{
	struct fixture *f = fixture_new();

	fixture_ends_in_lan(f, S, 64);
	error_comes(f, "nat-a lan", '>', "10.0.1.1:1", &(struct frame){ .src = A, .dst = S }, 3, 0, 0);
	expect_at(f, CAUSE_NO_ROUTE, "nat-a", false);
}

/* A rule that rejects is a rule still. */
static void a_box_that_rejects_everything(void)
{
	struct fixture *f = fixture_new();

	fixture_ends_in_lan(f, S, 64);
	error_comes(f, "nat-a lan", '>', "10.0.1.1:1", &(struct frame){ .src = A, .dst = S }, 3, 13, 0);
	expect_at(f, CAUSE_BLOCKED, "nat-a", false);
}

/* Three equal datagrams at once, and then an error for each. */
static void a_burst_that_is_too_big(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };
	struct mappings m;
	struct cause c;

	for (unsigned i = 0; i < 3; i++)
		fixture_ends_in_lan(f, S, 64);
	for (unsigned i = 0; i < 3; i++)
		error_comes(f, "nat-a lan", '>', "10.0.1.1:1", &(struct frame){ .src = A, .dst = S }, 3, 4,
		            (uint16_t)(1300 + i)); /* else the three would be one error, repeated */
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &f->scene, &r), 0);
	for (size_t i = 0; i < 3; i++) {
		cause_find(&f->scene, &m, &f->journeys[i], &c);
		CU_ASSERT_STRING_EQUAL(cause_table[c.kind].name, "too-big");
	}
	mappings_free(&m);
	fixture_free(f);
}

static void both_families_say_the_same(void)
{
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMP, 11, 0), ICMP_SAYS_TTL);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMPV6, 3, 0), ICMP_SAYS_TTL);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMP, 3, 4), ICMP_SAYS_TOO_BIG);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMPV6, 2, 0), ICMP_SAYS_TOO_BIG);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMP, 3, 1), ICMP_SAYS_UNREACHABLE);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMPV6, 1, 3), ICMP_SAYS_UNREACHABLE);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMP, 3, 3), ICMP_SAYS_REFUSED);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMPV6, 1, 4), ICMP_SAYS_REFUSED);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMP, 8, 0), ICMP_SAYS_NOTHING);
	CU_ASSERT_EQUAL(icmp_says(PACKET_ICMPV6, 128, 0), ICMP_SAYS_NOTHING);
}

SUITE(icmp, TEST(both_families_say_the_same), TEST(too_big_for_the_box), TEST(too_big_for_a_router_beyond),
      TEST(a_hop_limit_that_ran_out_at_a_router), TEST(a_hop_limit_that_ran_out_in_silence),
      TEST(a_low_hop_limit_lost_in_the_lan), TEST(a_box_that_has_no_way_there), TEST(a_box_that_rejects_everything),
      TEST(a_burst_that_is_too_big))
