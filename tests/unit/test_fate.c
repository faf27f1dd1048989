#include "cable/frames.h"
#include "model/fate.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define MANY 100000

static struct fate_source source_of(uint64_t seed, const char *link, enum weather_direction d)
{
	struct fate_source s;

	fate_begin(&s, seed, link, d);
	return s;
}

/* Which of the first `count` packets are lost, as text. */
static const char *losses(struct fate_source s, const struct weather_way *w, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		text[i] = fate_next(&s, w, 100, i * MS).kind == FATE_LOST ? 'x' : '.';
	text[count] = '\0';
	return text;
}

static void the_same_seed_is_the_same_fate(void)
{
	struct weather_way w = { .loss = 300000 };
	struct weather_way other = { .loss = 300000, .delay_us = 20000, .duplicate = 500000, .jitter_us = 3000 };
	char a[201], b[201];

	losses(source_of(7, "nat-a wan", WEATHER_UP), &w, 200, a);
	CU_ASSERT_STRING_EQUAL(losses(source_of(7, "nat-a wan", WEATHER_UP), &w, 200, b), a);
	CU_ASSERT_STRING_EQUAL(losses(source_of(7, "nat-a wan", WEATHER_UP), &other, 200, b), a);
	CU_ASSERT_STRING_NOT_EQUAL(losses(source_of(8, "nat-a wan", WEATHER_UP), &w, 200, b), a);
	CU_ASSERT_STRING_NOT_EQUAL(losses(source_of(7, "nat-a wan", WEATHER_DOWN), &w, 200, b), a);
	CU_ASSERT_STRING_NOT_EQUAL(losses(source_of(7, "nat-b wan", WEATHER_UP), &w, 200, b), a);
}

static void packets_are_counted_from_one(void)
{
	struct fate_source s = source_of(1, "a eth0", WEATHER_UP);
	struct weather_way w = { .loss = 500000 };

	for (uint64_t n = 1; n <= 20; n++)
		CU_ASSERT_EQUAL(fate_next(&s, &w, 100, 0).n, n);
}

/* Within five standard deviations of what a coin of that share gives. */
static bool is_share(size_t seen, size_t count, double share)
{
	return fabs((double)seen - share * (double)count) <= 5 * sqrt(share * (1 - share) * (double)count) + 1;
}

static void shares_are_what_was_asked_for(void)
{
	static const uint32_t shares[] = { 0, 1000, 10000, 200000, 990000, 1000000 };

	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		struct weather_way w = { .loss = shares[i] }, twice = { .duplicate = shares[i] };
		struct weather_way early = { .delay_us = 1, .reorder = shares[i] };
		struct fate_source s = source_of(i, "a eth0", WEATHER_UP);
		size_t lost = 0, doubled = 0, overtaking = 0;

		for (size_t n = 0; n < MANY; n++) {
			lost += fate_next(&s, &w, 100, n).kind == FATE_LOST;
			doubled += fate_next(&s, &twice, 100, n).is_duplicated;
			overtaking += fate_next(&s, &early, 100, n).overtakes;
		}
		CU_ASSERT_TRUE(is_share(lost, MANY, shares[i] / 1e6));
		CU_ASSERT_TRUE(is_share(doubled, MANY, shares[i] / 1e6));
		CU_ASSERT_TRUE(is_share(overtaking, MANY, shares[i] / 1e6));
	}
}

static void losses_come_in_bursts(void)
{
	struct weather_way w = { .loss = 50000, .burst = 4 };
	struct fate_source s = source_of(3, "a eth0", WEATHER_UP);
	size_t lost = 0, bursts = 0;
	bool before = false;

	for (size_t n = 0; n < MANY; n++) {
		bool now = fate_next(&s, &w, 100, n).kind == FATE_LOST;

		lost += now;
		bursts += now && !before;
		before = now;
	}
	CU_ASSERT_TRUE(fabs((double)lost / MANY - 0.05) < 0.005);
	CU_ASSERT_TRUE(fabs((double)lost / (double)bursts - 4) < 0.25);
}

static void a_rate_makes_packets_wait_for_their_turn(void)
{
	struct weather_way w = { .rate_bps = 8000000, .queue_us = 3500, .delay_us = 10000 }; /* 1000 bytes are 1 ms */
	struct fate_source s = source_of(1, "a eth0", WEATHER_UP);

	for (uint64_t i = 1; i <= 4; i++)
		CU_ASSERT_EQUAL(fate_next(&s, &w, 1000, 0).due_ns, i * MS + 10 * MS);
	CU_ASSERT_EQUAL(fate_next(&s, &w, 1000, 0).kind, FATE_FULL); /* would wait 4 ms */
	CU_ASSERT_EQUAL(fate_next(&s, &w, 1000, MS).due_ns, 15 * MS);
	CU_ASSERT_EQUAL(fate_next(&s, &w, 500, 20 * MS).due_ns, 20 * MS + MS / 2 + 10 * MS);
}

static void the_queue_has_a_length_unless_told(void)
{
	struct weather_way w = { .rate_bps = 8000000 };
	struct fate_source s = source_of(1, "a eth0", WEATHER_UP);
	size_t kept = 0;

	while (kept < 1000 && fate_next(&s, &w, 1000, 0).kind == FATE_ARRIVES)
		kept++;
	CU_ASSERT_EQUAL(kept, 201);
}

static void jitter_delays_and_keeps_order(void)
{
	struct weather_way w = { .delay_us = 10000, .jitter_us = 5000 };
	struct fate_source s = source_of(1, "a eth0", WEATHER_UP);
	uint64_t last = 0, least = UINT64_MAX, most = 0;

	for (uint64_t i = 0; i < 10000; i++) {
		uint64_t sent = i * MS / 10, due = fate_next(&s, &w, 100, sent).due_ns;

		CU_ASSERT_TRUE(due >= last);
		last = due;
		least = due - sent < least ? due - sent : least;
		most = due - sent > most ? due - sent : most;
	}
	CU_ASSERT_TRUE(least >= 10 * MS && most <= 15 * MS);
	CU_ASSERT_TRUE(most > 14 * MS);
}

static void who_overtakes_is_not_delayed(void)
{
	struct weather_way w = { .delay_us = 10000, .reorder = 1000000 };
	struct fate_source s = source_of(1, "a eth0", WEATHER_UP);
	struct fate f = fate_next(&s, &w, 100, 5 * MS);

	CU_ASSERT_TRUE(f.overtakes);
	CU_ASSERT_EQUAL(f.due_ns, 5 * MS);
}

static void frames_come_out_when_they_are_due(void)
{
	struct frames f = { 0 };
	uint64_t dice = 1, last = 0, number = 0;

	for (uint64_t i = 1; i <= 2000; i++) {
		struct frame *one = frames_new(&f);

		CU_ASSERT_PTR_NOT_NULL_FATAL(one);
		dice = dice * UINT64_C(6364136223846793005) + 1;
		one->due_ns = dice >> 60;
		one->number = i;
		CU_ASSERT_EQUAL(frames_add(&f, one), 0);
		if (i % 3 == 0)
			frames_release(&f, frames_take(&f));
	}
	while (frames_first(&f) != NULL) {
		struct frame *one = frames_take(&f);

		CU_ASSERT_TRUE(one->due_ns > last || (one->due_ns == last && one->number > number));
		last = one->due_ns;
		number = one->number;
		frames_release(&f, one);
	}
	CU_ASSERT_EQUAL(f.count, 0);
	frames_free(&f);
}

/*
 * A seed names a run: another version of the lab must draw the same, or a failure cannot be had again. 'x' lost, 'D'
 * comes twice, 'o' overtakes, and the milliseconds of the others.
 */
static void a_seed_means_the_same_for_ever(void)
{
	static const struct weather_way w = { .loss = 200000,
		                              .burst = 2,
		                              .duplicate = 100000,
		                              .reorder = 100000,
		                              .delay_us = 10000,
		                              .jitter_us = 50000 };
	struct fate_source s = source_of(42, "nat-a wan", WEATHER_DOWN);
	char text[512] = "";
	size_t len = 0;

	for (uint64_t n = 0; n < 40; n++) {
		uint64_t now_ns = 20 * n * MS;
		struct fate f = fate_next(&s, &w, 100, now_ns);

		if (f.kind == FATE_LOST)
			len += (size_t)snprintf(text + len, sizeof text - len, "x ");
		else
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%llu ", f.is_duplicated ? "D" : "",
			                        f.overtakes ? "o" : "", (unsigned long long)((f.due_ns - now_ns) / MS));
	}
	CU_ASSERT_STRING_EQUAL(text,
	                       "18 53 33 x 36 37 17 D26 o0 13 x x x 19 15 x 16 10 D57 37 49 29 x D37 33 45 53 33 18 "
	                       "D51 o0 48 28 30 27 48 50 52 32 16 ");
}

SUITE(fate, TEST(a_seed_means_the_same_for_ever), TEST(the_same_seed_is_the_same_fate),
      TEST(packets_are_counted_from_one), TEST(shares_are_what_was_asked_for), TEST(losses_come_in_bursts),
      TEST(a_rate_makes_packets_wait_for_their_turn), TEST(the_queue_has_a_length_unless_told),
      TEST(jitter_delays_and_keeps_order), TEST(who_overtakes_is_not_delayed), TEST(frames_come_out_when_they_are_due))
