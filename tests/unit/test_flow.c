/* What the losses of one flow say together, which one of them alone does not: turns, sizes, times. */
#include "suite.h"
#include "trace/flow.h"
#include "trace_fixture.h"

#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct fixture *fixture;
static struct mappings m;
static struct passed passed; /* too large for a stack */

static void begin(void)
{
	fixture = fixture_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(fixture);
	memset(&m, 0, sizeof m);
	memset(&passed, 0, sizeof passed);
	passed.counts[0][0][2] = 1; /* alice gets out at nat-a */
	m.list = calloc(2, sizeof *m.list);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m.list);
	m.count = 2;
	m.list[0] = m.list[1] = (struct mapping){ .protocol = PACKET_UDP, .born_ns = 50 * MS, .last_ns = 50 * MS };
}

static void end(void)
{
	free(m.list);
	fixture_free(fixture);
}

static enum cause_kind settled(const struct flow *like)
{
	struct flow flow = *like;
	struct flows flows = { .list = &flow, .count = 1 };

	flow.origin = 2;
	flow.target = 4;
	flow.losses[0].first.origin = 2;
	flow.losses[0].first.protocol = PACKET_UDP;
	flows_settle(&flows, &fixture->scene, &m, &passed);
	return flow.losses[0].first.kind;
}

/* Of three and more that passed and three and more that did not, turn and turn about. */
static void a_limit_on_the_rate_takes_turns(void)
{
	static const struct {
		enum cause_kind kind;
		unsigned turns, passed, count;
		enum cause_kind becomes;
	} rows[] = {
		{ CAUSE_RULE_IN, 3, 3, 3, CAUSE_RATE },      { CAUSE_RULE_OUT, 3, 3, 3, CAUSE_RATE },
		{ CAUSE_RULE_IN, 9, 9, 9, CAUSE_RATE },      { CAUSE_RULE_IN, 2, 3, 3, CAUSE_RULE_IN },
		{ CAUSE_RULE_IN, 3, 2, 3, CAUSE_RULE_IN },   { CAUSE_RULE_IN, 3, 3, 2, CAUSE_RULE_IN },
		{ CAUSE_NO_ROUTE, 3, 3, 3, CAUSE_NO_ROUTE },
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct flow flow = { .loss_count = 1, .delivered = 10, .largest = 2000 };

		flow.losses[0] = (struct flow_loss){ .first = { .kind = rows[i].kind, .mapping = -1, .later = -1 },
			                             .turns = rows[i].turns,
			                             .passed_ns = 5 + rows[i].passed,
			                             .passed = 5,
			                             .count = rows[i].count };
		CU_ASSERT_EQUAL(settled(&flow), rows[i].becomes);
	}
	end();
}

/* All that died larger than all that passed, and some did; what every link takes says nothing. */
static void what_is_too_large_is_told_by_what_passed(void)
{
	static const struct {
		enum cause_kind kind;
		unsigned smallest, largest, delivered;
		enum cause_kind becomes;
	} rows[] = {
		{ CAUSE_RULE_IN, 1400, 1200, 1, CAUSE_SIZE },      { CAUSE_LOST_ON_WIRE, 1400, 1200, 1, CAUSE_SIZE },
		{ CAUSE_RULE_OUT, 1400, 1200, 1, CAUSE_SIZE },     { CAUSE_RULE_IN, 1201, 1200, 1, CAUSE_SIZE },
		{ CAUSE_RULE_IN, 1200, 1200, 1, CAUSE_RULE_IN },   { CAUSE_RULE_IN, 1400, 1200, 0, CAUSE_RULE_IN },
		{ CAUSE_RULE_IN, 512, 100, 1, CAUSE_SIZE },        { CAUSE_RULE_IN, 511, 100, 1, CAUSE_RULE_IN },
		{ CAUSE_NO_ROUTE, 1400, 1200, 1, CAUSE_NO_ROUTE },
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct flow flow = { .loss_count = 1, .delivered = rows[i].delivered, .largest = rows[i].largest };

		flow.losses[0] = (struct flow_loss){ .first = { .kind = rows[i].kind, .mapping = -1, .later = -1 },
			                             .smallest = rows[i].smallest,
			                             .count = 1 };
		CU_ASSERT_EQUAL(settled(&flow), rows[i].becomes);
	}
	end();
}

/* The way for that address was opened at 50 ms: all of these were lost before, and the flow got in after that. */
static void too_early_is_before_the_way_was_opened(void)
{
	static const struct {
		enum cause_kind kind;
		long later;
		bool after;
		unsigned arrived_ms, last_ms;
		enum cause_kind becomes;
	} rows[] = {
		{ CAUSE_FILTERED_ADDRESS, 0, false, 60, 40, CAUSE_TOO_EARLY },
		{ CAUSE_FILTERED_ADDRESS, 1, false, 51, 50, CAUSE_TOO_EARLY },
		{ CAUSE_FILTERED_ADDRESS, -1, false, 60, 40, CAUSE_FILTERED_ADDRESS },
		{ CAUSE_FILTERED_ADDRESS, 0, true, 60, 40, CAUSE_FILTERED_ADDRESS },
		{ CAUSE_FILTERED_ADDRESS, 0, false, 50, 40, CAUSE_FILTERED_ADDRESS },
		{ CAUSE_FILTERED_ADDRESS, 0, false, 60, 51, CAUSE_FILTERED_ADDRESS },
		{ CAUSE_FILTERED_ADDRESS, 0, false, 0, 40, CAUSE_FILTERED_ADDRESS },
		{ CAUSE_FILTERED_PORT, 0, false, 60, 40, CAUSE_FILTERED_PORT },
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct flow flow = { .loss_count = 1, .delivered = 1, .arrived_ns = rows[i].arrived_ms * MS };

		flow.losses[0] =
		    (struct flow_loss){ .first = { .kind = rows[i].kind, .mapping = -1, .later = rows[i].later },
			                .after = rows[i].after,
			                .last_ns = rows[i].last_ms * MS,
			                .count = 1 };
		CU_ASSERT_EQUAL(settled(&flow), rows[i].becomes);
	}
	end();
}

/* Twenty seconds idle at 100 s; what another packet met before that while it was surely there was no time-out. */
static void what_died_before_it_was_idle_died_of_a_rule(void)
{
	static const struct {
		enum cause_kind other;
		long mapping;
		unsigned first_s, last_s;
		enum cause_kind becomes;
	} rows[] = {
		{ CAUSE_RULE_IN, 0, 85, 90, CAUSE_RULE_IN }, { CAUSE_RULE_IN, 0, 70, 81, CAUSE_RULE_IN },
		{ CAUSE_RULE_IN, 0, 70, 80, CAUSE_IDLE },    { CAUSE_RULE_IN, 1, 85, 90, CAUSE_IDLE },
		{ CAUSE_RULE_IN, 0, 100, 110, CAUSE_IDLE },  { CAUSE_RULE_OUT, 0, 85, 90, CAUSE_IDLE },
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct flow flow = { .loss_count = 2 };

		flow.losses[0] = (struct flow_loss){ .first = { .kind = CAUSE_IDLE,
			                                        .mapping = 0,
			                                        .later = -1,
			                                        .time_ns = 100000 * MS,
			                                        .idle_ns = 20000 * MS },
			                             .last_ns = 100000 * MS,
			                             .count = 1 };
		flow.losses[1] = (struct flow_loss){ .first = { .kind = rows[i].other,
			                                        .mapping = rows[i].mapping,
			                                        .later = -1,
			                                        .time_ns = rows[i].first_s * (1000 * MS) },
			                             .last_ns = rows[i].last_s * (1000 * MS),
			                             .count = 1 };
		flow.losses[2] = flow.losses[0]; /* beyond those that there are */
		flow.losses[2].first.kind = CAUSE_RULE_IN;
		flow.losses[2].first.time_ns = 85000 * MS;
		CU_ASSERT_EQUAL(settled(&flow), rows[i].becomes);
	}
	end();
}

/* More kinds than there is room for are counted; each kind before the first arrival and after it is one. */
static void kinds_of_losses_have_an_end(void)
{
	struct flows flows;

	begin();
	CU_ASSERT_EQUAL_FATAL(flows_begin(&flows), 0);
	fixture_goes_out(fixture, "203.0.113.5:7000", "203.0.113.10:5000", 0);
	fixture_see(
	    fixture, "server eth0", '<', 1000,
	    (struct frame){ .src = "203.0.113.10:5000", .dst = "203.0.113.5:7000", .payload = "out", .ttl = 62 });
	fixture_end(fixture);
	CU_ASSERT_EQUAL_FATAL(fixture->count, 1);
	for (int round = 0; round < 2; round++)
		for (enum cause_kind kind = CAUSE_NONE + 1; kind <= CAUSE_NONE + FLOW_CAUSES + 2; kind++) {
			const struct cause c = {
				.kind = kind, .node = 0, .mapping = -1, .because_node = -1, .time_ns = (uint64_t)kind
			};

			flows_journey(&flows, &fixture->scene, &m, &fixture->journeys[0], &c);
		}
	CU_ASSERT_EQUAL_FATAL(flows.count, 1);
	CU_ASSERT_EQUAL(flows.list[0].loss_count, FLOW_CAUSES);
	CU_ASSERT_EQUAL(flows.list[0].lost, (FLOW_CAUSES + 2) * UINT64_C(2));
	CU_ASSERT_EQUAL(flows.list[0].other_losses, 4);
	CU_ASSERT_EQUAL(flows.list[0].sent, (FLOW_CAUSES + 2) * UINT64_C(2));
	for (unsigned i = 0; i < FLOW_CAUSES; i++) {
		CU_ASSERT_EQUAL(flows.list[0].losses[i].count, 2);
		CU_ASSERT_EQUAL(flows.list[0].losses[i].smallest, 3);
		CU_ASSERT_FALSE(flows.list[0].losses[i].after);
	}
	CU_ASSERT_EQUAL(flows_target(&flows, &fixture->scene, &fixture->journeys[0]), flows.list[0].target);
	flows_free(&flows);
	CU_ASSERT_TRUE(flows.list == NULL && flows.count == 0);
	end();
}

SUITE(flow, TEST(a_limit_on_the_rate_takes_turns), TEST(what_is_too_large_is_told_by_what_passed),
      TEST(too_early_is_before_the_way_was_opened), TEST(what_died_before_it_was_idle_died_of_a_rule),
      TEST(kinds_of_losses_have_an_end))
