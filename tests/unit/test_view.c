/* What the capture of an interface proves, on paper: which filters it may have been taken with, and what it shows. */
#include "suite.h"
#include "trace/view.h"

#include <stdlib.h>
#include <string.h>

#define A "10.0.1.2:5000"
#define A_OTHER "10.0.1.2:5001"
#define B "10.0.1.3:5000"
#define B_OTHER "10.0.1.3:5001"
#define S "198.51.100.1:3478"
#define S_DNS "198.51.100.1:53"
#define P "198.51.100.7:6000"

struct sighting {
	uint8_t protocol; /* 0: no more */
	const char *src, *dst;
};

static struct endpoint at(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static void add(struct view *v, const struct sighting *s, uint64_t time_ns)
{
	struct packet p = { .kind = PACKET_IP,
		            .ip = { .protocol = s->protocol, .src = at(s->src), .dst = at(s->dst) } };

	view_add(v, &p, time_ns);
}

static bool hides(const struct view *v, const struct sighting *s)
{
	const struct endpoint dst = at(s->dst);
	struct endpoint src = { .port = 0 };

	if (s->src != NULL)
		src = at(s->src);
	return view_may_hide(v, s->protocol, s->src != NULL ? &src : NULL, &dst);
}

static void what_all_have_in_common_may_be_a_filter(void)
{
	static const struct {
		struct sighting seen[4], asked;
		bool hidden;
	} rows[] = {
		/* of one packet everything may have been asked for, but not what another one has, too */
		{ { { 17, A, S } }, { 17, A, S }, false },
		{ { { 17, A, S } }, { 6, A, S }, true },
		{ { { 17, A, S } }, { 17, A, P }, true },
		{ { { 17, A, S } }, { 17, S, A }, true },
		/* a protocol */
		{ { { 17, A, S }, { 17, S, B }, { 17, P, A_OTHER } }, { 6, P, B }, true },
		{ { { 17, A, S }, { 17, S, B }, { 17, P, A_OTHER } }, { 17, B, S }, false },
		{ { { 17, A, S }, { 6, S, B }, { 17, P, A_OTHER } }, { 6, B, S }, false },
		/* a host, at either end, whether it spoke first or was spoken to */
		{ { { 17, A, S }, { 17, P, A_OTHER } }, { 17, P, B }, true },
		{ { { 17, S, A }, { 17, A_OTHER, P } }, { 17, P, B }, true },
		{ { { 17, A, S }, { 17, S_DNS, B } }, { 17, P, A }, true },
		{ { { 17, A, S }, { 17, P, A_OTHER } }, { 17, S, A }, false },
		/* two hosts: A or S, A or P, S or B; what is theirs is shown */
		{ { { 17, A, P }, { 17, S, A }, { 17, B, S } }, { 17, P, B }, true },
		{ { { 17, A, P }, { 17, S, A }, { 17, B, S } }, { 17, S, A }, false },
		{ { { 17, A, S }, { 17, P, B } }, { 17, P, A }, true },
		{ { { 17, A, S }, { 17, P, B }, { 17, S, B } }, { 17, B, P }, false },
		/* S and B: what is seen is theirs, what is asked for is not */
		{ { { 17, A, S }, { 17, P, B }, { 17, S, P }, { 17, B, A } }, { 17, P, A }, true },
		/* who sends, and who is sent to */
		{ { { 17, A, S }, { 17, A_OTHER, P } }, { 17, P, A }, true },
		{ { { 17, S, A }, { 17, P, A_OTHER } }, { 17, A, P }, true },
		/* a port */
		{ { { 17, A, S }, { 17, P, B } }, { 17, P, A_OTHER }, true },
		{ { { 17, A, S }, { 17, P, B } }, { 17, S, A }, false },
		{ { { 17, S, A }, { 17, B, P } }, { 17, P, A_OTHER }, true },
		{ { { 17, A, S }, { 17, B, P } }, { 17, P, A }, true }, /* the source's */
		{ { { 17, S, A }, { 17, P, B } }, { 17, A, P }, true },
		/* what has no ports is let through by no filter for one */
		{ { { 17, A, S }, { 17, P, B }, { 1, P, B } }, { 17, P, B_OTHER }, false },
		{ { { 1, A, S }, { 17, P, B } }, { 17, P, B_OTHER }, false },
		/* where the source is not known it may be another one */
		{ { { 17, A, S }, { 17, P, B } }, { 17, NULL, A_OTHER }, true },
		{ { { 17, A, S }, { 17, P, A_OTHER } }, { 17, NULL, A }, true }, /* S or P */
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct view *v = calloc(1, sizeof *v);

		for (unsigned k = 0; k < 4 && rows[i].seen[k].protocol != 0; k++)
			add(v, &rows[i].seen[k], 1);
		if (hides(v, &rows[i].asked) != rows[i].hidden)
			printf("row %zu\n", i);
		CU_ASSERT_EQUAL(hides(v, &rows[i].asked), rows[i].hidden);
		free(v);
	}
}

/* Frames that no filter for hosts or ports passes prove that there was none; what could not be read proves nothing. */
static void other_frames_prove_that_there_was_no_filter(void)
{
	static const struct {
		enum packet_kind kind;
		bool open;
	} rows[] = { { PACKET_ARP, true }, { PACKET_OTHER, true }, { PACKET_CUT, false } };
	const struct sighting seen = { 17, A, S }, asked = { 6, P, B };
	const struct endpoint nobody = at(B);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct view *v = calloc(1, sizeof *v);

		add(v, &seen, 1);
		CU_ASSERT_FALSE(view_knows(v, &nobody));
		view_add(v, &(struct packet){ .kind = rows[i].kind }, 2);
		CU_ASSERT_EQUAL(hides(v, &asked), !rows[i].open);
		CU_ASSERT_EQUAL(view_knows(v, &nobody), rows[i].open);
		free(v);
	}
}

static void ways_are_shown_by_who_was_sent_to(void)
{
	struct view *v = calloc(1, sizeof *v);
	const struct endpoint a = at(A_OTHER), s = at(S_DNS), p = at(P);
	uint64_t from_ns = 0, to_ns = 0;

	add(v, &(struct sighting){ 17, A, S }, 50);
	add(v, &(struct sighting){ 17, A, S }, 20);
	add(v, &(struct sighting){ 17, A, S }, 30);
	CU_ASSERT_TRUE(view_knows(v, &a) && view_knows(v, &s));
	CU_ASSERT_FALSE(view_knows(v, &p));
	CU_ASSERT_FALSE(view_shows_way(v, &a, &from_ns, &to_ns)); /* it sent, and got nothing */
	CU_ASSERT_FALSE(view_shows_way(v, &p, &from_ns, &to_ns));
	CU_ASSERT_TRUE(view_shows_way(v, &s, &from_ns, &to_ns));
	CU_ASSERT(from_ns == 20 && to_ns == 50);
	view_shift(v, -15);
	CU_ASSERT_TRUE(view_shows_way(v, &s, &from_ns, &to_ns));
	CU_ASSERT(from_ns == 5 && to_ns == 35);
	CU_ASSERT_FALSE(view_shows_way(v, &a, &from_ns, &to_ns));
	free(v);
}

static void a_flow_is_of_one_protocol_and_one_way(void)
{
	struct view *v = calloc(1, sizeof *v);
	const struct endpoint a = at(A), other = at(A_OTHER), s = at(S_DNS);

	add(v, &(struct sighting){ 17, A, S_DNS }, 20);
	add(v, &(struct sighting){ 17, A, S_DNS }, 50);
	CU_ASSERT_TRUE(view_shows_between(v, 17, &a, &s, 20) && view_shows_between(v, 17, &a, &s, 50));
	CU_ASSERT_FALSE(view_shows_between(v, 17, &a, &s, 19) || view_shows_between(v, 17, &a, &s, 51));
	CU_ASSERT_FALSE(view_shows_between(v, 6, &a, &s, 30) || view_shows_between(v, 17, &s, &a, 30) ||
	                view_shows_between(v, 17, &other, &s, 30));
	view_shift(v, 100);
	CU_ASSERT_TRUE(view_shows_between(v, 17, &a, &s, 130) && !view_shows_between(v, 17, &a, &s, 30));
	free(v);
}

/* Of addresses beyond those there is room for nothing is known; those before stay. */
static void there_is_an_end_of_room(void)
{
	struct view *v = calloc(1, sizeof *v);
	unsigned known = 0;
	uint64_t from_ns, to_ns;

	for (unsigned i = 0; i < VIEW_ROOM + 10; i++) {
		struct packet p = { .kind = PACKET_IP,
			            .ip = { .protocol = 17, .src = at(A), .dst = endpoint_ipv4(0x0b000000 + i, 7) } };

		view_add(v, &p, i + 1);
	}
	for (unsigned i = 0; i < VIEW_ROOM + 10; i++) {
		struct endpoint e = endpoint_ipv4(0x0b000000 + i, 9);

		known += view_shows_way(v, &e, &from_ns, &to_ns) && from_ns == i + 1 && to_ns == i + 1;
	}
	CU_ASSERT_EQUAL(known, VIEW_ROOM - 1); /* the sender has a place as well */
	free(v);
}

SUITE(view, TEST(what_all_have_in_common_may_be_a_filter), TEST(other_frames_prove_that_there_was_no_filter),
      TEST(ways_are_shown_by_who_was_sent_to), TEST(a_flow_is_of_one_protocol_and_one_way),
      TEST(there_is_an_end_of_room))
