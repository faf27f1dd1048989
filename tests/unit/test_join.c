/* Packets seen on many links, joined to journeys. */
#include "suite.h"
#include "trace_fixture.h"

#include <stdio.h>

#define A "10.0.1.2:5000"
#define C "10.0.1.3:5000"
#define B "10.0.2.2:6000"
#define PA "203.0.113.10:40000"
#define PB "203.0.113.20:50000"
#define S "203.0.113.5:7000"

static struct frame plain(const char *src, const char *dst, unsigned ttl)
{
	return (struct frame){ .src = src, .dst = dst, .ttl = ttl };
}

/* alice to nat-b's wan, the port changed by nat-a. */
static void alice_sends(struct fixture *f, const char *payload, uint64_t after_us)
{
	fixture_see(f, "alice eth0", '>', after_us, (struct frame){ A, PB, .payload = payload });
	fixture_see(f, "nat-a lan", '<', 2, (struct frame){ A, PB, .payload = payload });
	fixture_see(f, "nat-a wan", '>', 3, (struct frame){ PA, PB, .payload = payload, .ttl = 63 });
	fixture_see(f, "nat-b wan", '<', 4, (struct frame){ PA, PB, .payload = payload, .ttl = 62 });
}

static void bob_gets(struct fixture *f, const char *payload)
{
	fixture_see(f, "nat-b lan", '>', 3, (struct frame){ PA, B, .payload = payload, .ttl = 61 });
	fixture_see(f, "bob eth0", '<', 2, (struct frame){ PA, B, .payload = payload, .ttl = 61 });
}

static int node(const struct fixture *f, const char *name)
{
	return scene_find(&f->scene, name);
}

static void follows_a_datagram_through_two_nats(void)
{
	struct fixture *f = fixture_new();
	const struct journey *j = &f->journeys[0];

	alice_sends(f, "hello", 0);
	bob_gets(f, "hello");
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 1);
	CU_ASSERT_EQUAL(j->leg_count, 6);
	CU_ASSERT_EQUAL(j->fate, FATE_DELIVERED);
	CU_ASSERT_EQUAL(j->end_node, node(f, "bob"));
	CU_ASSERT_TRUE(journey_source_changed(j, 2));
	CU_ASSERT_FALSE(journey_target_changed(j, 2));
	CU_ASSERT_TRUE(journey_target_changed(j, 4));
	CU_ASSERT_EQUAL(j->length, 5);
	fixture_free(f);
}

/* Two interfaces' frames of nearly the same time may stand in the file in the wrong order. */
static void a_sight_that_comes_late_goes_before(void)
{
	struct fixture *f = fixture_new();
	const struct journey *j = &f->journeys[0];

	fixture_see(f, "nat-a lan", '<', 0, plain(A, S, 64));
	fixture_see(f, "alice eth0", '>', 1, plain(A, S, 64));
	fixture_see(f, "nat-a wan", '>', 1, plain(PA, S, 63));
	fixture_see(f, "server eth0", '<', 1, plain(PA, S, 62));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 1);
	CU_ASSERT_EQUAL_FATAL(j->leg_count, 4);
	CU_ASSERT_STRING_EQUAL(f->scene.interfaces[j->legs[0].interface].name, "alice eth0");
	CU_ASSERT_STRING_EQUAL(f->scene.interfaces[j->legs[1].interface].name, "nat-a lan");
	CU_ASSERT_STRING_EQUAL(f->scene.interfaces[j->legs[2].interface].name, "nat-a wan");
	CU_ASSERT_EQUAL(j->fate, FATE_DELIVERED);
	fixture_free(f);
}

static void names_the_box_that_dropped_it(void)
{
	struct fixture *f = fixture_new();

	alice_sends(f, "hello", 0);
	fixture_see(f, "alice eth0", '>', 100, plain(A, S, 64));
	fixture_see(f, "nat-a lan", '<', 1, plain(A, S, 64));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_DROPPED);
	CU_ASSERT_EQUAL(f->journeys[0].end_node, node(f, "nat-b"));
	CU_ASSERT_EQUAL(f->journeys[1].fate, FATE_DROPPED);
	CU_ASSERT_EQUAL(f->journeys[1].end_node, node(f, "nat-a"));
	fixture_free(f);
}

static void tells_where_a_packet_was_lost(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "nat-a wan", '>', 0, plain(PA, S, 63));
	fixture_see(f, "nat-a wan", '>', 9, plain(PA, "198.51.100.1:9", 63));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_LOST);
	CU_ASSERT_EQUAL(f->journeys[0].next_node, node(f, "server"));
	CU_ASSERT_EQUAL(f->journeys[1].next_node, -1);
	fixture_free(f);
}

/* The same bytes, no IP identification: the first is dropped by nat-b, the second passes. */
static void a_repeated_probe_is_another_journey(void)
{
	struct fixture *f = fixture_new();

	alice_sends(f, "probe", 0);
	alice_sends(f, "probe", 50000);
	bob_gets(f, "probe");
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_DROPPED);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 4);
	CU_ASSERT_EQUAL(f->journeys[1].fate, FATE_DELIVERED);
	CU_ASSERT_EQUAL(f->journeys[1].leg_count, 6);
	CU_ASSERT_EQUAL(f->journeys[1].repeats, f->journeys[0].id);
	fixture_free(f);
}

/* A duplicate seen twice on every link is two whole journeys, each told apart by its place in the order. */
static void duplicates_in_flight_stay_apart(void)
{
	struct fixture *f = fixture_new();
	static const struct {
		const char *interface;
		char direction;
		struct frame frame;
	} way[] = {
		{ "alice eth0", '>', { .src = A, .dst = PB } },
		{ "nat-a lan", '<', { .src = A, .dst = PB } },
		{ "nat-a wan", '>', { .src = PA, .dst = PB, .ttl = 63 } },
		{ "nat-b wan", '<', { .src = PA, .dst = PB, .ttl = 62 } },
		{ "nat-b lan", '>', { .src = PA, .dst = B, .ttl = 61 } },
		{ "bob eth0", '<', { .src = PA, .dst = B, .ttl = 61 } },
	};

	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
		for (int twice = 0; twice < 2; twice++)
			fixture_see(f, way[i].interface, way[i].direction, 1, way[i].frame);
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(f->journeys[i].leg_count, 6);
		CU_ASSERT_EQUAL(f->journeys[i].fate, FATE_DELIVERED);
	}
	fixture_free(f);
}

static void the_same_bytes_to_two_places_are_two_journeys(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, plain(A, PB, 64));
	fixture_see(f, "alice eth0", '>', 1, plain(A, S, 64));
	fixture_see(f, "nat-a lan", '<', 1, plain(A, PB, 64));
	fixture_see(f, "nat-a lan", '<', 1, plain(A, S, 64));
	fixture_see(f, "nat-a wan", '>', 1, plain(PA, PB, 63));
	fixture_see(f, "nat-a wan", '>', 1, plain(PA, S, 63));
	fixture_see(f, "server eth0", '<', 1, plain(PA, S, 62));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 3);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_LOST);
	CU_ASSERT_EQUAL(f->journeys[0].next_node, node(f, "nat-b"));
	CU_ASSERT_EQUAL(f->journeys[1].fate, FATE_DELIVERED);
	fixture_free(f);
}

static void follows_a_hairpin(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, plain(A, "203.0.113.10:41000", 64));
	fixture_see(f, "nat-a lan", '<', 1, plain(A, "203.0.113.10:41000", 64));
	fixture_see(f, "nat-a lan", '>', 1, plain(PA, C, 63));
	fixture_see(f, "carol eth0", '<', 1, plain(PA, C, 63));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 1);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 4);
	CU_ASSERT_EQUAL(f->journeys[0].end_node, node(f, "carol"));
	CU_ASSERT_TRUE(journey_source_changed(&f->journeys[0], 2));
	CU_ASSERT_TRUE(journey_target_changed(&f->journeys[0], 2));
	fixture_free(f);
}

/* A home behind a carrier's NAT: two boxes in a row. */
static void follows_a_double_nat(void)
{
	struct fixture *f = fixture_new();
	int home = scene_add_node(&f->scene, NODE_BOX, "home", node(f, "nat-a"));
	int dave = scene_add_node(&f->scene, NODE_HOST, "dave", home);
	struct endpoint e;

	(void)dave;
	f->scene.nodes[home].lan = subnet_ipv4(0xc0a80100, 24);
	CU_ASSERT_EQUAL(endpoint_parse_address("10.0.1.9", 0, &e), 0);
	scene_add_address(&f->scene, home, &e);
	scene_add_interface(&f->scene, "dave eth0", 1);
	scene_add_interface(&f->scene, "home lan", 1);
	scene_add_interface(&f->scene, "home wan", 1);
	scene_connect(&f->scene);
	fixture_see(f, "dave eth0", '>', 0, plain("192.168.1.2:5", S, 64));
	fixture_see(f, "home lan", '<', 1, plain("192.168.1.2:5", S, 64));
	fixture_see(f, "home wan", '>', 1, plain("10.0.1.9:6", S, 63));
	fixture_see(f, "nat-a lan", '<', 1, plain("10.0.1.9:6", S, 63));
	fixture_see(f, "nat-a wan", '>', 1, plain(PA, S, 62));
	fixture_see(f, "server eth0", '<', 1, plain(PA, S, 61));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 1);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 6);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_DELIVERED);
	fixture_free(f);
}

/* The error's quote shows the addresses at the place it was made; on its way back the box translates both. */
static void an_icmp_error_finds_its_packet(void)
{
	struct fixture *f = fixture_new();
	uint8_t error[256] = { 3, 3 }, back[256] = { 3, 3 };
	size_t len = 8 + fixture_ip(&(struct frame){ PA, B, .payload = "hello", .ttl = 61 }, error + 8);
	size_t back_len = 8 + fixture_ip(&(struct frame){ PA, PB, .payload = "hello", .ttl = 61 }, back + 8);
	struct frame inside = { B, PA, .protocol = PACKET_ICMP, .bytes = error, .bytes_len = len, .id = 77 };
	struct frame outside = { PB,       PA,       .protocol = PACKET_ICMP, .bytes = back, .bytes_len = back_len,
		                 .id = 77, .ttl = 63 };

	alice_sends(f, "hello", 0);
	bob_gets(f, "hello");
	fixture_see(f, "bob eth0", '>', 5, inside);
	fixture_see(f, "nat-b lan", '<', 1, inside);
	fixture_see(f, "nat-b wan", '>', 1, outside);
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[1].leg_count, 3);
	CU_ASSERT_TRUE(f->journeys[1].quotes);
	CU_ASSERT_EQUAL(f->journeys[1].caused_by, f->journeys[0].id);
	CU_ASSERT_EQUAL(f->journeys[0].refused_by, f->journeys[1].id);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_REFUSED);
	fixture_free(f);
}

/* RFC 792: only 8 bytes of the datagram need to come back. */
static void a_short_quote_is_enough(void)
{
	struct fixture *f = fixture_new();
	uint8_t error[256] = { 11, 0 };

	fixture_ip(&(struct frame){ A, PB, .payload = "hello", .ttl = 1 }, error + 8);
	alice_sends(f, "hello", 0);
	fixture_see(
	    f, "nat-a lan", '>', 5,
	    (struct frame){ "10.0.1.1:1", "10.0.1.2:1", .protocol = PACKET_ICMP, .bytes = error, .bytes_len = 36 });
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[1].caused_by, f->journeys[0].id);
	fixture_free(f);
}

static void a_capture_without_directions_joins_the_same(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '?', 0, plain(A, PB, 64));
	fixture_see(f, "nat-a lan", '?', 2, plain(A, PB, 64));
	fixture_see(f, "nat-a wan", '?', 3, plain(PA, PB, 63));
	fixture_see(f, "nat-b wan", '?', 4, plain(PA, PB, 62));
	fixture_see(f, "nat-b lan", '?', 2, plain(PA, B, 61));
	fixture_see(f, "bob eth0", '?', 2, plain(PA, B, 61));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 1);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 6);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_DELIVERED);
	fixture_free(f);
}

static void what_was_not_captured_is_stepped_over(void)
{
	static struct scene s;
	static const char *const names[] = { "alice eth0", "nat-a wan", "bob eth0" };
	struct fixture *whole = fixture_new();

	s = whole->scene;
	s.interface_count = 0;
	for (size_t i = 0; i < 3; i++)
		scene_add_interface(&s, names[i], 1);
	scene_connect(&s);
	CU_ASSERT_EQUAL(scene_hop(&s, scene_point(0, PCAPNG_OUTBOUND), scene_point(1, PCAPNG_OUTBOUND)), SCENE_GAP);
	CU_ASSERT_EQUAL(scene_hop(&s, scene_point(1, PCAPNG_OUTBOUND), scene_point(2, PCAPNG_INBOUND)), SCENE_GAP);
	/* Not past an interface that was captured. */
	CU_ASSERT_EQUAL(scene_hop(&s, scene_point(0, PCAPNG_OUTBOUND), scene_point(2, PCAPNG_INBOUND)), SCENE_NO_HOP);
	fixture_free(whole);
}

static void memory_is_bounded_and_nothing_is_told_twice(void)
{
	struct fixture *f = fixture_new();
	char payload[32];

	for (unsigned i = 0; i < JOIN_LIVE + 100; i++) { /* all dropped by nat-a, all within the horizon */
		snprintf(payload, sizeof payload, "%u", i);
		fixture_see(f, "nat-a lan", '<', 1, (struct frame){ A, S, .payload = payload });
	}
	CU_ASSERT_EQUAL(f->count, 100);
	CU_ASSERT_EQUAL(join_hurried(f->join), 100);
	CU_ASSERT_EQUAL(join_packets(f->join), JOIN_LIVE + 100);
	CU_ASSERT_EQUAL(join_journeys(f->join), JOIN_LIVE + 100);
	for (size_t i = 0; i < f->count; i++)
		CU_ASSERT_EQUAL(f->journeys[i].id, i + 1);
	fixture_free(f);
}

/* Not at the end of all: what nobody will see again is told of while others come, in order. */
static void what_is_over_is_told_at_once(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "nat-a lan", '<', 0, (struct frame){ A, S, .payload = "is dropped" });
	fixture_see(f, "bob eth0", '<', 1, (struct frame){ S, B, .payload = "arrives" });
	fixture_see(f, "nat-a lan", '<', JOIN_HORIZON_NS / 1000 - 1, (struct frame){ A, S, .payload = "in time" });
	CU_ASSERT_EQUAL(f->count, 0); /* the second waits for the first */
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ A, S, .payload = "too late" });
	CU_ASSERT_EQUAL(f->count, 2);
	CU_ASSERT_EQUAL(join_hurried(f->join), 0);
	fixture_free(f);
}

static void a_flood_of_equal_bytes_stays_quick(void)
{
	struct fixture *f = fixture_new();

	for (unsigned i = 0; i < 20000; i++)
		fixture_see(f, "nat-a lan", '<', 1, plain(A, S, 64));
	CU_ASSERT_EQUAL(join_journeys(f->join), 20000);
	fixture_free(f);
}

static void a_link_broadcast_goes_no_further(void)
{
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, plain(A, "224.0.0.251:5353", 64));
	fixture_see(f, "nat-a lan", '<', 1, plain(A, "224.0.0.251:5353", 64));
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].fate, FATE_LINK_ONLY);
	fixture_free(f);
}

/* Where a packet was seen last tells its fate; without a record who has which address is not certain. */
static void the_fate_is_where_it_was_last_seen(void)
{
	static const uint8_t echo[] = { 8, 0, 0, 0, 0, 7, 0, 1 };
	static const struct {
		const char *interface, *dst;
		bool is_echo;
		enum journey_fate recorded, guessed;
	} rows[] = {
		{ "nat-a lan", "10.0.1.1:53", false, FATE_FOR_BOX, FATE_FOR_BOX },
		{ "nat-a lan", "10.0.1.99:5", false, FATE_DROPPED, FATE_UNKNOWN }, /* nobody's: the box's, perhaps */
		{ "nat-a lan", "10.0.1.3:5", false, FATE_DROPPED, FATE_DROPPED },  /* carol's */
		{ "nat-a lan", "198.51.100.9:5", false, FATE_DROPPED, FATE_DROPPED },
		{ "nat-a wan", "10.0.1.99:5", false, FATE_DROPPED, FATE_DROPPED },
		{ "nat-a wan", PA, false, FATE_DROPPED, FATE_DROPPED },
		{ "nat-a wan", PA, true, FATE_FOR_BOX, FATE_FOR_BOX },
		{ "nat-a wan", "203.0.113.99:5", true, FATE_DROPPED, FATE_DROPPED },
		{ "server eth0", S, false, FATE_DELIVERED, FATE_DELIVERED },
		{ "server eth0", "203.0.113.99:5", false, FATE_DROPPED, FATE_UNKNOWN },
		{ "dave eth0", "203.0.113.99:5", false, FATE_DELIVERED,
		  FATE_DELIVERED }, /* whose address is not known */
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int recorded = 0; recorded < 2; recorded++) {
			struct fixture *f = fixture_new();
			enum journey_fate fate = recorded ? rows[i].recorded : rows[i].guessed;

			f->scene.from_record = recorded;
			(void)scene_add_node(&f->scene, NODE_HOST, "dave", SCENE_INTERNET);
			(void)scene_add_interface(&f->scene, "dave eth0", 1);
			scene_connect(&f->scene);
			fixture_see(f, rows[i].interface, '<', 0,
			            (struct frame){ .src = "203.0.113.77:9",
			                            .dst = rows[i].dst,
			                            .protocol = rows[i].is_echo ? PACKET_ICMP : 0,
			                            .bytes = rows[i].is_echo ? echo : NULL,
			                            .bytes_len = sizeof echo });
			fixture_end(f);
			CU_ASSERT_EQUAL_FATAL(f->count, 1);
			if (f->journeys[0].fate != fate)
				printf("row %zu, %d: %s\n", i, recorded, journey_fate_name(f->journeys[0].fate));
			CU_ASSERT_EQUAL(f->journeys[0].fate, fate);
			fixture_free(f);
		}
}

/* Time stamps a little apart may stand in the wrong order; two microseconds are little, more is not. */
static void how_late_a_sight_may_come(void)
{
	for (uint64_t later_us = 1; later_us < 4; later_us++) {
		struct fixture *f = fixture_new();

		fixture_see(f, "nat-a lan", '<', 0, plain(A, S, 64));
		fixture_see(f, "alice eth0", '>', later_us, plain(A, S, 64));
		fixture_end(f);
		CU_ASSERT_EQUAL(f->count, later_us <= 2 ? 1 : 2);
		fixture_free(f);
	}
}

SUITE(join, TEST(the_fate_is_where_it_was_last_seen), TEST(how_late_a_sight_may_come),
      TEST(a_sight_that_comes_late_goes_before), TEST(follows_a_datagram_through_two_nats),
      TEST(names_the_box_that_dropped_it), TEST(tells_where_a_packet_was_lost),
      TEST(a_repeated_probe_is_another_journey), TEST(duplicates_in_flight_stay_apart),
      TEST(the_same_bytes_to_two_places_are_two_journeys), TEST(follows_a_hairpin), TEST(follows_a_double_nat),
      TEST(an_icmp_error_finds_its_packet), TEST(a_short_quote_is_enough),
      TEST(a_capture_without_directions_joins_the_same), TEST(what_was_not_captured_is_stepped_over),
      TEST(memory_is_bounded_and_nothing_is_told_twice), TEST(a_flood_of_equal_bytes_stays_quick),
      TEST(what_is_over_is_told_at_once), TEST(a_link_broadcast_goes_no_further))
