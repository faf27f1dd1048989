/*
 * What is said of two hosts, for each outcome there is, with a record and without one, a relay and none, all packets
 * seen and some: the names, whether it is trouble, the words. tests/unit/sentences/outcomes has it.
 */
#include "said.h"
#include "suite.h"
#include "trace/explain.h"
#include "trace_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { ALICE = 2, CAROL, BOB, SERVER }; /* trace_fixture.c adds them so */

/* Of so many packets. */
struct amount {
	unsigned sent, delivered, lost;
};

static const struct amount none = { 0, 0, 0 }, all = { 4, 4, 0 }, one = { 1, 1, 0 }, half = { 4, 1, 3 },
			   never = { 3, 0, 3 }, unseen = { 3, 0, 0 }, partly = { 5, 2, 1 };

static struct direction direction_of(int from, int to, const struct amount *a, const struct flow *opened_by)
{
	struct direction d = { .from = from,
		               .to = to,
		               .vanished_at = -1,
		               .sent = a->sent,
		               .delivered = a->delivered,
		               .lost = a->lost,
		               .first_ns = UINT64_C(1700000000000000000) };

	d.opened_by = a->delivered > 0 ? opened_by : NULL;
	if (a->lost > 0) {
		d.losses[0] = (struct flow_loss){ .first = { .kind = CAUSE_RULE_OUT,
			                                     .node = 0,
			                                     .journey = 7,
			                                     .time_ns = d.first_ns,
			                                     .origin = from,
			                                     .protocol = PACKET_UDP,
			                                     .mapping = -1,
			                                     .later = -1,
			                                     .source_box = -1,
			                                     .because_node = -1 },
			                          .count = a->lost,
			                          .last_ns = d.first_ns,
			                          .smallest = 4 };
		d.loss_count = 1;
	}
	return d;
}

static void tell(FILE *f, struct why *w, enum outcome_of_pair outcome, int b, const struct amount *ab,
                 const struct amount *ba, int relay)
{
	static struct flow there, back; /* as long as the verdicts */
	struct pair_verdict v = {
		.a = ALICE, .b = b, .protocol = PACKET_UDP, .outcome = outcome, .relay = relay, .help_node = -1
	};

	there = (struct flow){ .arrived_ns = UINT64_C(1700000000001000000),
		               .arrived_by = 3,
		               .arrived_what = "ping",
		               .path = { ALICE, 0, 1, BOB },
		               .path_len = 4 };
	back = there;
	back.arrived_ns += 500000;
	v.ab = direction_of(ALICE, b, ab, &there);
	v.ba = direction_of(b, ALICE, ba, &back);
	v.opened_ns = back.arrived_ns;
	fprintf(f, "-- %s%s%s, trouble: %s\n", verdict_outcome_name(outcome), relay >= 0 ? ", by a relay" : "",
	        w->scene->from_record ? "" : ", no record", verdict_is_trouble(&v) ? "yes" : "no");
	fprintf(f, "(%u lost)\n", (unsigned)explain_verdict(f, w, &v));
}

static void tell_of_each(FILE *f, struct why *w, int relay)
{
	tell(f, w, PAIR_UNTRIED, BOB, &none, &none, relay);
	tell(f, w, PAIR_OPEN, BOB, &all, &one, relay);
	tell(f, w, PAIR_OPEN, SERVER, &all, &one, relay);
	tell(f, w, PAIR_OPEN, SERVER, &half, &one, relay);
	tell(f, w, PAIR_BROKEN, BOB, &half, &all, relay);
	tell(f, w, PAIR_ONE_WAY, BOB, &half, &never, relay);
	tell(f, w, PAIR_ONE_WAY, BOB, &partly, &never, relay);
	tell(f, w, PAIR_UNANSWERED, BOB, &all, &none, relay);
	tell(f, w, PAIR_SHUT, BOB, &never, &never, relay);
	tell(f, w, PAIR_SHUT, BOB, &never, &partly, relay);
	tell(f, w, PAIR_SHUT, -1, &never, &none, relay);
	tell(f, w, PAIR_SHUT, ALICE, &never, &none, relay);
	tell(f, w, PAIR_ANSWERED, BOB, &unseen, &one, relay);
	tell(f, w, PAIR_HALF_SEEN, BOB, &unseen, &all, relay);
	tell(f, w, PAIR_UNSEEN, BOB, &unseen, &unseen, relay);
	tell(f, w, PAIR_UNSEEN, BOB, &unseen, &none, relay);
}

/* What does not fit into tables is counted, and said in a line. */
static void tell_of_what_does_not_fit(FILE *f, struct why *w)
{
	static struct flow there;
	struct pair_verdict v = {
		.a = ALICE, .b = BOB, .protocol = PACKET_UDP, .outcome = PAIR_SHUT, .relay = -1, .help_node = -1
	};
	struct explain_tally tally;

	v.ab = direction_of(ALICE, BOB, &never, &there);
	v.ba = direction_of(BOB, ALICE, &none, &there);
	for (unsigned others = 1; others < 3; others++) {
		v.ab.other_losses = others;
		fprintf(f, "(%u lost)\n", (unsigned)explain_verdict(f, w, &v));
	}
	w->flows.left_out = 9;
	w->flows.left_out_lost = 4;
	tally = explain_all(f, w);
	fprintf(f, "(%u lost)\n", (unsigned)tally.losses);
	w->flows.left_out = w->flows.left_out_lost = 0;
}

/* Each reason is given once for each box, whatever was said of it in between. */
static void tell_of_reasons(FILE *f, struct why *w)
{
	static const enum because reasons[] = { BECAUSE_ENDPOINT_DEPENDENT, BECAUSE_TAKEN, BECAUSE_ENDPOINT_DEPENDENT,
		                                BECAUSE_TAKEN, BECAUSE_REMAPPED };
	struct pair_verdict v = {
		.a = ALICE, .b = BOB, .protocol = PACKET_UDP, .outcome = PAIR_SHUT, .relay = -1, .help_node = -1
	};
	struct mapping *m;

	v.ab = direction_of(ALICE, BOB, &never, NULL);
	v.ba = direction_of(BOB, ALICE, &none, NULL);
	m = w->mappings.list = calloc(1, sizeof *m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	w->mappings.count = 1;
	*m = (struct mapping){ .box = 1, .protocol = PACKET_UDP };
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		struct flow_loss *l = &v.ab.losses[i];

		*l = v.ab.losses[0];
		l->first.kind = CAUSE_MAPPED_ELSEWHERE;
		l->first.node = l->first.because_node = 1;
		l->first.mapping = 0;
		l->first.because = reasons[i];
		l->first.holder = CAROL;
		v.ab.loss_count = (unsigned)i + 1;
	}
	fprintf(f, "(%u lost)\n", (unsigned)explain_verdict(f, w, &v));
}

static void each_outcome_has_its_words(void)
{
	const struct recorded_events nothing = { 0 };
	struct fixture *fixture = fixture_new();
	struct said said;
	struct why *w;

	CU_ASSERT_PTR_NOT_NULL_FATAL(fixture);
	w = why_new(&fixture->scene, &nothing);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	said_begin(&said);
	for (int record = 1; record >= 0; record--) {
		fixture->scene.from_record = record != 0;
		tell_of_each(said.f, w, -1);
		tell_of_each(said.f, w, SERVER);
	}
	fixture->scene.from_record = true;
	said_title(&said, "what does not fit");
	tell_of_what_does_not_fit(said.f, w);
	said_title(&said, "reasons");
	tell_of_reasons(said.f, w);
	said_end(&said, "tests/unit/sentences/outcomes");
	why_free(w);
	fixture_free(fixture);
}

SUITE(outcomes, TEST(each_outcome_has_its_words))
