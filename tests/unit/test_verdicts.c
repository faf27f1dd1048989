/*
 * What a pair's flows come to: pairs of flows that chance makes, what was lost of them and why, and of each the
 * outcome, the cause that is named, whether it is trouble and what would help. tests/unit/sentences/verdicts has it.
 * Nobody has said that each is right, only that it is as it was: a difference is to be read.
 */
#include "said.h"
#include "suite.h"
#include "trace/explain.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_NS UINT64_C(1700000000000000000)
#define PAIRS 600
#define FLOWS 6
#define MAPPINGS 6

enum { NAT_A, NAT_B, ALICE, CAROL, BOB, SERVER }; /* trace_fixture.c adds them so */

static uint32_t dice; /* the same for ever, whatever the library's do */

static unsigned roll(unsigned sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 12) % sides;
}

static bool chance(unsigned percent)
{
	return roll(100) < percent;
}

static uint64_t some_time(void)
{
	return START_NS + roll(6) * UINT64_C(20000000000);
}

static struct endpoint end(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static struct endpoint some_end(void)
{
	static const char *const ends[] = { "10.0.1.2:5000",     "203.0.113.10:5000", "203.0.113.20:6000",
		                            "203.0.113.5:7000",  "10.0.2.2:6000",     "203.0.113.10:40000",
		                            "203.0.113.20:40001" };

	return end(ends[roll(7)]);
}

/* One roll after the other: in what order an initializer's values are worked out is the compiler's business. */
static void make_mapping(struct mapping *e, bool of_alice)
{
	*e = (struct mapping){ .inside = end(of_alice ? "10.0.1.2:5000" : "10.0.2.2:6000") };
	e->box = (int)roll(2);
	e->protocol = chance(70) ? PACKET_UDP : PACKET_TCP;
	e->kind = (enum mapping_kind)roll(4);
	if (chance(60))
		e->kind = MAPPING_OUT;
	e->external = some_end();
	e->remote = some_end();
	e->born_ns = some_time();
	e->timeout_s = chance(50) ? 30 : 0;
	e->replied_ns = chance(50) ? START_NS : 0;
	e->last_ns = e->born_ns + roll(3) * UINT64_C(1000000000);
}

static void make_mappings(struct mappings *m)
{
	for (size_t i = 0; i < MAPPINGS; i++)
		make_mapping(&m->list[i], i % 2 == 0);
}

static struct cause some_cause(int origin, int other)
{
	static const enum cause_kind usual[] = { CAUSE_FILTERED_PORT, CAUSE_FILTERED_ADDRESS, CAUSE_MAPPED_ELSEWHERE,
		                                 CAUSE_NO_MAPPING,    CAUSE_RULE_IN,          CAUSE_RULE_OUT,
		                                 CAUSE_REFUSED,       CAUSE_SWALLOWED };
	struct cause c = { .kind = usual[roll(8)] };

	if (chance(50))
		c.kind = CAUSE_NONE + 1 + (enum cause_kind)roll(CAUSES - 1);
	if (c.kind == CAUSE_LINK)
		c.kind = CAUSE_LOST_ON_WIRE; /* what a link did stands in a record */
	c.node = (int)roll(2);
	c.beyond = chance(15);
	c.journey = roll(90);
	c.time_ns = some_time();
	c.origin = chance(90) ? origin : other;
	c.src = some_end();
	c.dst = some_end();
	c.mapping = (long)roll(MAPPINGS);
	c.because = (enum because)roll(BECAUSES);
	if (chance(50))
		c.because = BECAUSE_UNKNOWN;
	c.because_node = (int)roll(2);
	c.usual = some_end();
	c.source_box = (int)roll(3) - 1;
	c.holder = chance(50) ? CAROL : -1;
	c.later = (long)roll(4) - 1;
	c.path_mtu = chance(50) ? 1280 : 0;
	c.idle_ns = chance(50) ? 16000000000 : 0;
	return c;
}

static void arrive(struct flow *f, int from, int to)
{
	f->arrived_ns = f->first_ns + roll(3) * UINT64_C(1000000);
	f->arrived_last_ns = f->arrived_ns + roll(3) * UINT64_C(30000000000);
	f->arrived_src = f->src;
	f->arrived_by = roll(90);
	f->arrived_syn = chance(50);
	snprintf(f->arrived_what, sizeof f->arrived_what, "ping");
	f->path[0] = from;
	f->path[1] = to;
	f->path_len = 2;
}

static void lose(struct flow *f, struct flow_loss *l)
{
	*l = (struct flow_loss){ .first = some_cause(f->origin, f->target), .passed_ns = 1000000 };
	l->count = 1 + roll(3);
	l->smallest = 900 + roll(600);
	l->after = chance(50) && f->delivered > 0;
	l->passed = roll(5);
	l->passed_later = chance(30);
	l->never = f->delivered == 0;
	l->first.protocol = f->protocol;
	l->last_ns = l->first.time_ns + roll(2) * UINT64_C(1000000000);
	f->lost += l->count;
}

static void make_flow(struct flow *f, int from, int to)
{
	*f = (struct flow){ .origin = from, .seen_from = from, .target = to, .vanished_at = NAT_B };
	f->src = some_end();
	f->dst = some_end();
	f->protocol = chance(80) ? PACKET_UDP : PACKET_TCP;
	f->first_ns = some_time();
	f->delivered = roll(3);
	if (chance(50))
		f->delivered = 0;
	f->acknowledged = chance(10);
	f->vanished = chance(10);
	f->largest = 1000 + roll(300);
	if (f->delivered > 0)
		arrive(f, from, to);
	f->loss_count = roll(4);
	for (unsigned i = 0; i < f->loss_count; i++)
		lose(f, &f->losses[i]);
	f->other_losses = chance(10);
	f->lost += f->other_losses;
	f->sent = f->delivered + f->lost + f->vanished;
	f->sent += f->sent == 0;
}

static void make_flows(struct why *w, int a, int b)
{
	w->flows.count = 1 + roll(FLOWS);
	memset(w->spoke, 0, sizeof w->spoke);
	for (size_t i = 0; i < w->flows.count; i++) {
		bool there = chance(55);
		int from = there ? a : b, to = there ? b : a;

		make_flow(&w->flows.list[i], from, to);
		w->spoke[from + 1][to + 1] = true;
	}
}

static void tell_verdict(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	fprintf(f, "%u: %s%s", (unsigned)v->protocol, verdict_outcome_name(v->outcome),
	        verdict_is_trouble(v) ? ", trouble" : "");
	if (v->cause != NULL)
		fprintf(f, ", %s at %d%s", cause_table[v->cause->kind].name, v->cause->node,
		        v->passed_later ? ", passed later" : "");
	for (unsigned i = 0; i < v->help_count; i++)
		fprintf(f, " %s", help_table[v->helps[i]].name);
	fprintf(f, "; at %d, %llu %llu; ", v->help_node, (unsigned long long)v->idle_ns / 1000000,
	        (unsigned long long)v->life_ns / 1000000);
	fprintf(f, "opened %lld; ", v->opened_ns != 0 ? (long long)(v->opened_ns - START_NS) / 1000 : -1);
	for (const struct direction *d = &v->ab; d != NULL; d = d == &v->ab ? &v->ba : NULL) {
		fprintf(f, "%llu/%llu/%llu %llu", (unsigned long long)d->sent, (unsigned long long)d->delivered,
		        (unsigned long long)d->lost, (unsigned long long)d->other_losses);
		for (unsigned i = 0; i < d->loss_count; i++)
			fprintf(f, " %s:%llu(%u,%llu,%lld)", cause_table[d->losses[i].first.kind].name,
			        (unsigned long long)d->losses[i].count, d->losses[i].smallest,
			        (unsigned long long)d->losses[i].passed,
			        (long long)(d->losses[i].last_ns - START_NS) / 1000000000);
		fprintf(f, "; ");
	}
	fputc('\n', f);
	(void)w;
}

static void one_pair(FILE *f, struct why *w, unsigned number)
{
	static const int pairs[][2] = {
		{ ALICE, BOB }, { ALICE, SERVER }, { ALICE, CAROL }, { ALICE, -1 }, { BOB, ALICE }
	};
	const int *pair = pairs[roll(5)];
	uint8_t protocols[VERDICT_PROTOCOLS];
	unsigned count;

	make_mappings(&w->mappings);
	make_flows(w, pair[0], pair[1]);
	count = verdict_protocols(w, pair[0], pair[1], protocols);
	fprintf(f, "-- %u: %d and %d\n", number, pair[0], pair[1]);
	for (unsigned i = 0; i < count; i++) {
		struct pair_verdict v;

		verdict_of_pair(w, pair[0], pair[1], protocols[i], &v);
		tell_verdict(f, w, &v);
		if (number % 6 == 0)
			explain_verdict(f, w, &v);
	}
}

static void what_flows_come_to(void)
{
	const struct recorded_events nothing = { 0 };
	struct fixture *fixture = fixture_new();
	struct said said;
	struct why *w;

	CU_ASSERT_PTR_NOT_NULL_FATAL(fixture);
	snprintf(fixture->scene.nodes[NAT_A].nat, NAT_TEXT_SIZE, "symmetric,range=40000-40003,lifetime=90");
	snprintf(fixture->scene.nodes[NAT_B].nat, NAT_TEXT_SIZE, "restricted,limit=3,tcp.filtering=apd");
	w = why_new(&fixture->scene, &nothing);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	w->mappings.list = calloc(MAPPINGS, sizeof *w->mappings.list);
	w->mappings.count = MAPPINGS;
	w->flows.list = calloc(FLOWS, sizeof *w->flows.list);
	CU_ASSERT_FATAL(w->mappings.list != NULL && w->flows.list != NULL);
	dice = 4711;
	said_begin(&said);
	for (unsigned i = 0; i < PAIRS; i++) {
		fixture->scene.from_record = i % 4 != 3;
		one_pair(said.f, w, i);
	}
	said_end(&said, "tests/unit/sentences/verdicts");
	why_free(w);
	fixture_free(fixture);
}

SUITE(verdicts, TEST(what_flows_come_to))
