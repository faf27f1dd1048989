/* What a box rewrote is known again. */
#include "suite.h"
#include "trace_fixture.h"

#define A "10.0.1.2:5000"
#define B "10.0.2.2:6000"
#define PA "203.0.113.10:40000"
#define PB "203.0.113.20:50000"
#define S "203.0.113.5:7000"

static int node(const struct fixture *f, const char *name)
{
	return scene_find(&f->scene, name);
}

/* A box may rewrite a payload: what leaves it a moment after is what came in, if it is alike in all the rest. */
static void what_a_box_rewrote_is_known_again(void)
{
	static const struct {
		struct frame in, out;
		const char *interface; /* where it leaves */
		unsigned after_us;
		bool same;
	} rows[] = {
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside" }, "nat-a lan", 1, true },
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside" }, "nat-a lan", 1000, true },
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside" }, "nat-a lan", 1001, false },
		{ { PB, PA, .payload = "outside", .id = 7 },
		  { PB, A, .payload = "inside", .id = 7 },
		  "nat-a lan",
		  1,
		  true },
		{ { PB, PA, .payload = "outside", .id = 7 },
		  { PB, A, .payload = "inside", .id = 8 },
		  "nat-a lan",
		  1,
		  false },
		{ { PB, PA, .payload = "outside" }, { S, A, .payload = "inside" }, "nat-a lan", 1, false },
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside", .ttl = 64 }, "nat-a lan", 1, false },
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside", .ttl = 62 }, "nat-a lan", 1, false },
		{ { PB, PA, .payload = "outside" },
		  { PB, B, .payload = "inside" },
		  "nat-b lan",
		  1,
		  false }, /* another box */
		{ { PB, PA, .payload = "outside" },
		  { PB, PA, .payload = "inside" },
		  "nat-a wan",
		  1,
		  false }, /* where it came in */
		{ { PB, PA, .payload = "outside" },
		  { PB, A, .payload = "inside", .protocol = PACKET_TCP },
		  "nat-a lan",
		  1,
		  false },
		{ { PB, PA, .payload = "outside", .more = 1 }, { PB, A, .payload = "inside" }, "nat-a lan", 1, false },
		{ { PB, PA, .payload = "outside" }, { PB, A, .payload = "inside", .more = 1 }, "nat-a lan", 1, false },
		{ { PB, PA, .payload = "outside", .protocol = 47 },
		  { PB, A, .payload = "inside", .protocol = 47 },
		  "nat-a lan",
		  1,
		  false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct frame out = rows[i].out;

		out.ttl = out.ttl != 0 ? out.ttl : 63;
		fixture_see(f, "nat-a wan", '<', 0, rows[i].in);
		fixture_see(f, rows[i].interface, '>', rows[i].after_us, out);
		fixture_see(f, "alice eth0", '<', 1, out);
		fixture_end(f);
		if ((f->count == 1) != rows[i].same)
			printf("row %zu\n", i);
		CU_ASSERT_EQUAL(f->count == 1, rows[i].same);
		CU_ASSERT_EQUAL(f->journeys[0].clobbered, rows[i].same);
		CU_ASSERT_EQUAL(f->journeys[0].clobberer, rows[i].same ? node(f, "nat-a") : 0);
		CU_ASSERT_EQUAL(f->journeys[0].fate == FATE_DELIVERED, rows[i].same);
		fixture_free(f);
	}
}

/* Of two the one that takes as long as others do there; what is seen to leave as it was is not taken. */
static void of_several_that_a_box_may_have_rewritten_the_nearest_is(void)
{
	for (int whole = 0; whole < 3; whole++) { /* which of the two is seen to pass as it was; 0: neither */
		struct fixture *f = fixture_new();

		fixture_see(f, "nat-a wan", '<', 0, (struct frame){ PB, PA, .payload = "first" });
		fixture_see(f, "nat-a wan", '<', 100, (struct frame){ PB, PA, .payload = "second" });
		if (whole != 0)
			fixture_see(f, "nat-a lan", '>', 1,
			            (struct frame){ PB, A, .payload = whole == 1 ? "first" : "second", .ttl = 63 });
		fixture_see(f, "nat-a lan", '>', 1, (struct frame){ PB, A, .payload = "other", .ttl = 63 });
		CU_ASSERT_EQUAL(f->last->id, whole == 2 ? 1 : 2);
		fixture_end(f);
		CU_ASSERT_EQUAL(f->count, 2);
		fixture_free(f);
	}
}

/* Where only one side of a box was captured all that leaves there seems to begin. */
static void what_begins_at_the_only_side_that_is_seen_was_not_rewritten(void)
{
	struct fixture *f = fixture_new();

	f->scene.interfaces[2].node = -1; /* nat-a lan */
	scene_connect(&f->scene);
	fixture_see(f, "nat-a wan", '<', 0, (struct frame){ PB, PA, .payload = "in" });
	fixture_see(f, "nat-a wan", '>', 1, (struct frame){ PA, PB, .payload = "out", .ttl = 63 });
	fixture_end(f);
	CU_ASSERT_EQUAL(f->count, 2);
	fixture_free(f);
}

SUITE(join_fit, TEST(what_a_box_rewrote_is_known_again), TEST(of_several_that_a_box_may_have_rewritten_the_nearest_is),
      TEST(what_begins_at_the_only_side_that_is_seen_was_not_rewritten))
