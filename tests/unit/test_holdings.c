/* What a box holds for a port that a packet comes to: which entry is the one to speak of. */
#include "suite.h"
#include "trace/holdings.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <string.h>

#define A FIXTURE_ALICE
#define C "10.0.1.3:5000"
#define P "203.0.113.10:5000" /* where it comes to */
#define P2 "203.0.113.10:5999"
#define B "203.0.113.20:6000" /* who sends it, at 1000 ms */
#define B2 "203.0.113.20:6999"
#define S "203.0.113.5:7000"
#define MS UINT64_C(1000000)
#define ENTRIES 3

struct entry {
	const char *inside, *outside, *remote; /* NULL: no more */
	unsigned born_ms, ended_ms;            /* 0: it did not end */
};

/* Places in the list of entries. */
struct held {
	long local, exact, exact_dead, exact_later, address, address_later, any, any_dead, elsewhere;
};

#define NOTHING -1, -1, -1, -1, -1, -1, -1, -1, -1

static struct endpoint at(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static void tell(struct fixture *f, struct recorded_events *r, const struct entry *e, const char *what, unsigned ms)
{
	char line[512];
	int len = snprintf(
	    line, sizeof line,
	    "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"nat-a\",\"event\":\"%s\",\"proto\":\"udp\","
	    "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":0}",
	    (unsigned long long)(ms * MS), what, e->inside, e->remote, e->remote, e->outside);

	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, (size_t)len, &f->scene, r), 0);
}

static struct holdings holdings(struct fixture *f, const struct entry *entries, uint8_t protocol)
{
	struct recorded_events r = { 0 };
	struct mappings m;
	struct holdings held;
	const struct arrival a = { scene_find(&f->scene, "nat-a"), protocol, 1000 * MS, at(B), at(P) };

	for (size_t i = 0; i < ENTRIES && entries[i].inside != NULL; i++)
		tell(f, &r, &entries[i], "new", entries[i].born_ms);
	for (size_t i = 0; i < ENTRIES && entries[i].inside != NULL; i++)
		if (entries[i].ended_ms != 0)
			tell(f, &r, &entries[i], "destroy", entries[i].ended_ms);
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &f->scene, &r), 0);
	held = holdings_of(&m, &a);
	mappings_free(&m);
	recorded_events_free(&r);
	return held;
}

static bool same(const struct holdings *r, const struct held *e)
{
	return r->local == e->local && r->exact == e->exact && r->exact_dead == e->exact_dead &&
	       r->exact_later == e->exact_later && r->address == e->address && r->address_later == e->address_later &&
	       r->any == e->any && r->any_dead == e->any_dead && r->elsewhere == e->elsewhere;
}

static void what_comes_nearest_is_found(void)
{
	static const struct {
		struct entry entries[ENTRIES];
		struct held held;
	} rows[] = {
		{ { { .inside = NULL } }, { NOTHING } },
		{ { { A, P, B, 500, 0 } }, { -1, 0, -1, -1, -1, -1, -1, -1, -1 } },
		{ { { A, P, B, 1000, 0 } }, { -1, 0, -1, -1, -1, -1, -1, -1, -1 } },
		{ { { A, P, B2, 500, 0 } }, { -1, -1, -1, -1, 0, -1, -1, -1, -1 } },
		{ { { A, P, S, 500, 0 } }, { -1, -1, -1, -1, -1, -1, 0, -1, -1 } },
		{ { { A, P, B, 500, 900 } }, { -1, -1, 0, -1, -1, -1, -1, -1, -1 } },
		{ { { A, P, S, 500, 900 } }, { -1, -1, -1, -1, -1, -1, -1, 0, -1 } },
		{ { { A, P, B2, 500, 900 } }, { -1, -1, -1, -1, -1, -1, -1, 0, -1 } },
		{ { { A, P, B, 1001, 0 } }, { -1, -1, -1, 0, -1, -1, -1, -1, -1 } },
		{ { { A, P, B2, 1001, 0 } }, { -1, -1, -1, -1, -1, 0, -1, -1, -1 } },
		{ { { A, P, S, 1001, 0 } }, { NOTHING } },
		/* of several the newest that had begun, the oldest of those to come */
		{ { { A, P, S, 500, 0 }, { A, P, "203.0.113.5:7001", 600, 0 } },
		  { -1, -1, -1, -1, -1, -1, 1, -1, -1 } },
		{ { { A, P, B2, 600, 0 }, { A, P, "203.0.113.20:7001", 500, 0 } },
		  { -1, -1, -1, -1, 0, -1, -1, -1, -1 } },
		{ { { A, P, B2, 1200, 0 }, { A, P, "203.0.113.20:7001", 1100, 0 } },
		  { -1, -1, -1, -1, -1, 1, -1, -1, -1 } },
		{ { { A, P, S, 500, 700 }, { A, P, "203.0.113.5:7001", 600, 700 } },
		  { -1, -1, -1, -1, -1, -1, -1, 1, -1 } },
		/* the same host's way to the sender, with another port; not another host's, nor one that ended */
		{ { { A, P, S, 500, 0 }, { A, P2, B, 600, 0 } }, { -1, -1, -1, -1, -1, -1, 0, -1, 1 } },
		{ { { A, P, S, 500, 0 }, { C, P2, B, 600, 0 } }, { -1, -1, -1, -1, -1, -1, 0, -1, -1 } },
		{ { { A, P, S, 500, 0 }, { A, P2, B, 600, 900 } }, { -1, -1, -1, -1, -1, -1, 0, -1, -1 } },
		{ { { A, P, S, 500, 0 }, { A, P2, B, 1100, 0 } }, { -1, -1, -1, -1, -1, -1, 0, -1, -1 } },
		{ { { A, P2, B, 600, 0 } }, { NOTHING } }, /* nobody is known to use the port */
	};
	const struct held nothing = { NOTHING };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		struct holdings r = holdings(f, rows[i].entries, PACKET_UDP);

		if (!same(&r, &rows[i].held))
			printf("row %zu\n", i);
		CU_ASSERT_TRUE(same(&r, &rows[i].held));
		r = holdings(f, rows[i].entries, PACKET_TCP);
		CU_ASSERT_TRUE(same(&r, &nothing));
		fixture_free(f);
	}
}

/* A packet that found no way may have become the box's own: half a second later conntrack may have told of it. */
static void the_boxs_own_entry_is_found(void)
{
	static const struct {
		unsigned born_ms, ended_ms;
		const char *remote;
		bool held;
	} rows[] = {
		{ 500, 0, B, true },    { 1500, 0, B, true },   { 1501, 0, B, false },
		{ 500, 999, B, false }, { 500, 1000, B, true }, { 500, 0, B2, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		/* From outside to the box, where nothing is translated. */
		const struct entry own[ENTRIES] = { { rows[i].remote, rows[i].remote, P, rows[i].born_ms,
			                              rows[i].ended_ms } };
		struct holdings r = holdings(f, own, PACKET_UDP);

		CU_ASSERT_EQUAL(r.local, rows[i].held ? 0 : -1);
		CU_ASSERT_EQUAL(r.any, -1);
		CU_ASSERT_EQUAL(r.exact, -1);
		fixture_free(f);
	}
}

SUITE(holdings, TEST(what_comes_nearest_is_found), TEST(the_boxs_own_entry_is_found))
