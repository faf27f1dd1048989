/* Fragments: tied to their first one, and what is cut up on its way goes on. */
#include "suite.h"
#include "trace_fixture.h"

#define A "10.0.1.2:5000"
#define PA "203.0.113.10:40000"
#define PB "203.0.113.20:50000"

static int node(const struct fixture *f, const char *name)
{
	return scene_find(&f->scene, name);
}

static void fragments_are_tied_to_the_first(void)
{
	struct fixture *f = fixture_new();
	static const uint8_t rest[] = "the rest of it";
	struct frame first = { A, PB, .payload = "aaaaaaaa", .id = 9, .more = 1 };
	struct frame second = { A, PB, .bytes = rest, .bytes_len = sizeof rest, .id = 9, .fragment = 16 };

	fixture_see(f, "alice eth0", '>', 0, first);
	fixture_see(f, "alice eth0", '>', 1, second);
	fixture_see(f, "nat-a lan", '<', 1, first);
	fixture_see(f, "nat-a lan", '<', 1, second);
	first.src = second.src = PA;
	first.ttl = second.ttl = 63;
	second.bytes_len -= 4; /* the box put it together and cut it anew */
	fixture_see(f, "nat-a wan", '>', 1, first);
	fixture_see(f, "nat-a wan", '>', 1, second);
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 2);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 3);
	CU_ASSERT_EQUAL(f->journeys[1].leg_count, 3);
	CU_ASSERT_EQUAL(f->journeys[1].part_of, f->journeys[0].id);
	CU_ASSERT_EQUAL(f->journeys[0].part_of, 0);
	fixture_free(f);
}

/* A piece of the datagram of identification 9, 8 + 72 bytes, as the link shows it. */
static struct frame piece(const char *src, unsigned ttl, unsigned from, unsigned to)
{
	static const uint8_t datagram[80] = { 0x9c, 0x40, 0xc3, 0x50, 0, sizeof datagram };

	return (struct frame){ .src = src,
		               .dst = PB,
		               .ttl = ttl,
		               .id = 9,
		               .fragment = from,
		               .more = to < sizeof datagram,
		               .bytes = datagram + from,
		               .bytes_len = to - from };
}

/* PA to PB, by whichever pieces the way takes. */
static void pieces_come(struct fixture *f, const unsigned cuts[], size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		fixture_see(f, "nat-b wan", '<', 1, piece(PA, 61, cuts[i], cuts[i + 1]));
}

/* Neither a box nor a router has made what it cut off, and neither has lost what it cut up. */
static void what_is_cut_up_on_its_way_goes_on(void)
{
	static const unsigned in_three[] = { 0, 32, 64, 80 };
	struct fixture *f = fixture_new();

	fixture_see(f, "alice eth0", '>', 0, piece(A, 64, 0, 80));
	fixture_see(f, "nat-a lan", '<', 1, piece(A, 64, 0, 80));
	for (unsigned i = 0; i < 2; i++)
		fixture_see(f, "nat-a wan", '>', 1, piece(PA, 63, i * 64, i == 0 ? 64 : 80));
	pieces_come(f, in_three, 4); /* a router has cut it anew */
	fixture_end(f);
	CU_ASSERT_EQUAL_FATAL(f->count, 3);
	CU_ASSERT_EQUAL(f->journeys[0].leg_count, 4);
	CU_ASSERT_TRUE(f->journeys[0].more_fragments);
	CU_ASSERT_FALSE(f->journeys[0].clobbered);
	CU_ASSERT_EQUAL(f->journeys[1].fragment_offset, 64);
	CU_ASSERT_EQUAL(f->journeys[1].leg_count, 2);
	CU_ASSERT_EQUAL(f->journeys[2].fragment_offset, 32);
	CU_ASSERT_EQUAL(f->journeys[2].leg_count, 1);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(f->journeys[i].part_of, i > 0 ? f->journeys[0].id : 0);
		CU_ASSERT_EQUAL(f->journeys[i].repeats, 0);
		CU_ASSERT_EQUAL(journey_origin(&f->scene, &f->journeys[i]), node(f, "alice"));
	}
	fixture_free(f);
}

/* What has the same identification and is none of its pieces, or may not be cut up, is another packet. */
static void what_is_cut_up_is_known_by_more_than_a_number(void)
{
	static const unsigned in_two[] = { 0, 64, 80 };
	static const struct {
		struct frame whole;
		size_t journeys;
	} rows[] = {
		{ { PA, PB, .ttl = 63, .id = 9, .payload = "of another length" }, 3 },
		{ { PA, PB, .ttl = 63, .id = 10,
		    .payload = "123456789 123456789 123456789 123456789 123456789 "
		               "123456789 123456789 12" },
		  3 },
		{ { PA, PB, .ttl = 63, .id = 9, .dont_cut = 1,
		    .payload = "123456789 123456789 123456789 123456789 "
		               "123456789 123456789 123456789 12" },
		  3 },
		{ { PA, PB, .ttl = 63, .id = 9,
		    .payload = "123456789 123456789 123456789 123456789 123456789 "
		               "123456789 123456789 12" },
		  2 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *f = fixture_new();

		fixture_see(f, "nat-a wan", '>', 0, rows[i].whole);
		pieces_come(f, in_two, 3);
		fixture_end(f);
		CU_ASSERT_EQUAL(f->count, rows[i].journeys);
		fixture_free(f);
	}
}

SUITE(join_pieces, TEST(fragments_are_tied_to_the_first), TEST(what_is_cut_up_on_its_way_goes_on),
      TEST(what_is_cut_up_is_known_by_more_than_a_number))
