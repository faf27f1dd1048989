#include "trace/verdict.h"

#include <stdlib.h>
#include <string.h>

static int by_count(const void *a, const void *b)
{
	const struct flow_loss *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void merge(struct flow_loss *l, const struct flow_loss *more)
{
	l->count += more->count;
	l->smallest = more->smallest < l->smallest ? more->smallest : l->smallest;
	l->passed += more->passed;
	l->last_ns = more->last_ns > l->last_ns ? more->last_ns : l->last_ns;
	l->passed_later |= more->passed_later;
	l->after |= more->after;
	l->never |= more->never;
}

static void add_loss(struct direction *d, const struct flow_loss *loss)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		struct flow_loss *l = &d->losses[i];

		if (l->after != loss->after || !flow_loss_is_like(&l->first, &loss->first))
			continue;
		merge(l, loss);
		return;
	}
	if (d->loss_count < VERDICT_LOSSES)
		d->losses[d->loss_count++] = *loss;
	else
		d->other_losses += loss->count;
}

static void add_flow(struct direction *d, const struct flow *flow)
{
	d->sent += flow->sent;
	d->delivered += flow->delivered;
	d->lost += flow->lost;
	d->acknowledged |= flow->acknowledged;
	d->vanished += flow->vanished;
	d->vanished_at = flow->vanished > 0 ? flow->vanished_at : d->vanished_at;
	d->clobbered += flow->clobbered;
	d->clobberer = flow->clobbered > 0 ? flow->clobberer : d->clobberer;
	d->largest = flow->largest > d->largest ? flow->largest : d->largest;
	d->other_losses += flow->other_losses;
	if (d->first_ns == 0 || flow->first_ns < d->first_ns)
		d->first_ns = flow->first_ns;
	if (flow->arrived_last_ns > d->arrived_last_ns)
		d->arrived_last_ns = flow->arrived_last_ns;
	if (flow->arrived_ns != 0 && (d->opened_by == NULL || flow->arrived_ns < d->opened_by->arrived_ns))
		d->opened_by = flow;
	for (unsigned i = 0; i < flow->loss_count; i++)
		add_loss(d, &flow->losses[i]);
	for (unsigned i = 0; i < flow->changes.count; i++)
		link_changes_add(&d->changes, &flow->changes.list[i].first, flow->changes.list[i].count);
}

static struct direction find_direction(const struct why *w, int from, int to, uint8_t protocol)
{
	struct direction d = { .from = from, .to = to, .vanished_at = -1 };

	for (size_t i = 0; i < w->flows.count; i++)
		if (w->flows.list[i].origin == from && w->flows.list[i].target == to &&
		    w->flows.list[i].protocol == protocol)
			add_flow(&d, &w->flows.list[i]);
	qsort(d.losses, d.loss_count, sizeof d.losses[0], by_count);
	return d;
}

static bool is_between(const struct flow *f, int a, int b)
{
	return (f->origin == a && f->target == b) || (f->origin == b && f->target == a);
}

static int relay_of(const struct why *w, int a, int b)
{
	return b >= 0 && a != b ? relays_between(&w->relays, a, b) : -1;
}

/* UDP is what the lab is about: it comes first. */
unsigned verdict_protocols(const struct why *w, int a, int b, uint8_t out[VERDICT_PROTOCOLS])
{
	bool spoke = w->spoke[a + 1][b + 1] || w->spoke[b + 1][a + 1];
	unsigned count = 0;

	for (size_t i = 0; spoke && i < w->flows.count && count < VERDICT_PROTOCOLS; i++) {
		const struct flow *f = &w->flows.list[i];

		if (!is_between(f, a, b) || memchr(out, f->protocol, count) != NULL)
			continue;
		out[count] = f->protocol;
		if (f->protocol == PACKET_UDP) {
			out[count] = out[0];
			out[0] = f->protocol;
		}
		count++;
	}
	if (count < VERDICT_PROTOCOLS && memchr(out, PACKET_UDP, count) == NULL && relay_of(w, a, b) >= 0) {
		memmove(out + 1, out, count++);
		out[0] = PACKET_UDP;
	}
	return count;
}

bool direction_counts(const struct direction *d, const struct flow_loss *l)
{
	return l->last_ns > d->arrived_last_ns;
}

/* What speaks louder weighs least: a cause that explains others, before those that follow from it. */
static unsigned weight_of(const struct flow_loss *l)
{
	return cause_table[l->first.kind].weight;
}

/* A new socket gets nothing through, whatever others of its host do. */
static bool is_shortage(const struct flow_loss *l)
{
	return l->first.kind == CAUSE_POOL_EMPTY || l->first.kind == CAUSE_LIMIT;
}

/* The last words to somebody who has hung up. */
static bool is_farewell(const struct flow_loss *l)
{
	return !l->passed_later && (l->first.kind == CAUSE_REFUSED || cause_is_reset(l->first.kind));
}

/* Of what was lost before the last arrival, which counts? */
enum counting {
	COUNT_NONE,
	COUNT_LATE, /* what was lost after the first */
	COUNT_DEAD, /* all of flows of which nothing arrived */
};

static bool counts(const struct direction *d, const struct flow_loss *l, enum counting which)
{
	switch (which) {
	case COUNT_NONE: return direction_counts(d, l);
	case COUNT_LATE: return (l->after && !is_farewell(l)) || is_shortage(l);
	case COUNT_DEAD: return l->never;
	}
	return false;
}

static void weigh(const struct direction *d, enum counting which, const struct flow_loss **best)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];

		if (!counts(d, l, which))
			continue;
		if (*best == NULL || weight_of(l) < weight_of(*best))
			*best = l;
	}
}

/* Nothing was let in, and nobody is known to have opened the way: did somebody try? */
static bool asks_for_a_sender(const struct cause *c)
{
	return c->because == BECAUSE_UNKNOWN && (c->kind == CAUSE_FILTERED_PORT || c->kind == CAUSE_FILTERED_ADDRESS ||
	                                         c->kind == CAUSE_MAPPED_ELSEWHERE || c->kind == CAUSE_NO_MAPPING);
}

static bool dies_on_its_way(enum cause_kind kind)
{
	return kind == CAUSE_RULE_OUT || kind == CAUSE_RULE_IN || kind == CAUSE_TTL || kind == CAUSE_TOO_BIG;
}

/* What became of those that the other side did send to where these came from: they would have opened the way. */
static const struct flow_loss *find_opener(const struct why *w, const struct cause *c, int from, int to)
{
	for (size_t i = 0; i < w->flows.count; i++) {
		const struct flow *f = &w->flows.list[i];

		if (f->origin != from || f->target != to || f->protocol != c->protocol ||
		    !endpoint_equal(&f->dst, &c->src))
			continue;
		for (unsigned k = 0; k < f->loss_count; k++)
			if (dies_on_its_way(f->losses[k].first.kind))
				return &f->losses[k];
	}
	return NULL;
}

static void find_main_cause(const struct why *w, struct pair_verdict *v)
{
	const struct flow_loss *best = NULL, *opener = NULL;

	for (enum counting which = v->outcome == PAIR_OPEN ? COUNT_LATE : COUNT_NONE;
	     best == NULL && which <= (v->outcome == PAIR_OPEN ? COUNT_LATE : COUNT_DEAD); which++) {
		weigh(&v->ab, which, &best);
		weigh(&v->ba, which, &best);
	}
	if (best == NULL)
		return;
	if (asks_for_a_sender(&best->first))
		opener = find_opener(w, &best->first, best->first.origin == v->a ? v->b : v->a, best->first.origin);
	if (opener != NULL)
		best = opener;
	v->cause = &best->first;
	v->passed_later = best->passed_later;
}

/* A side that hangs up leaves the other's last words refused: that is an end, not a breakdown. */
static bool is_broken(const struct direction *d)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];
		enum cause_kind k = l->first.kind;

		if (direction_counts(d, l) && l->after && k != CAUSE_REFUSED && !cause_is_reset(k) &&
		    k != CAUSE_LOST_ON_WIRE && k != CAUSE_LINK)
			return true;
	}
	return false;
}

static enum outcome_of_pair outcome_of(const struct pair_verdict *v)
{
	const struct direction *ab = &v->ab, *ba = &v->ba, *unseen = ab->opened_by != NULL ? ba : ab;

	if (ab->sent == 0 && ba->sent == 0)
		return PAIR_UNTRIED;
	if (ab->opened_by != NULL && ba->opened_by != NULL)
		return is_broken(ab) || is_broken(ba) ? PAIR_BROKEN : PAIR_OPEN;
	if (ab->opened_by == NULL && ba->opened_by == NULL)
		return ab->lost + ba->lost > 0 ? PAIR_SHUT : PAIR_UNSEEN;
	if (unseen->sent == 0)
		return PAIR_UNANSWERED;
	if (unseen->acknowledged)
		return PAIR_ANSWERED;
	return unseen->lost == 0 ? PAIR_HALF_SEEN : PAIR_ONE_WAY;
}

bool verdict_is_trouble(const struct pair_verdict *v)
{
	bool unanswered = v->ab.sent == 0 || v->ba.sent == 0;

	switch (v->outcome) {
	case PAIR_OPEN:
	case PAIR_UNTRIED: return v->said[0] != NULL;
	case PAIR_ANSWERED: return v->cause != NULL;
	case PAIR_HALF_SEEN: return false;
	case PAIR_UNSEEN: return unanswered;
	case PAIR_BROKEN:
	case PAIR_ONE_WAY:
	case PAIR_UNANSWERED:
	case PAIR_SHUT: break;
	}
	return true;
}

const char *verdict_outcome_name(enum outcome_of_pair outcome)
{
	switch (outcome) {
	case PAIR_UNTRIED: return "untried";
	case PAIR_OPEN: return "open";
	case PAIR_BROKEN: return "broken";
	case PAIR_ONE_WAY: return "one-way";
	case PAIR_UNANSWERED: return "unanswered";
	case PAIR_SHUT: return "shut";
	case PAIR_ANSWERED: return "answered";
	case PAIR_HALF_SEEN: return "half-seen";
	case PAIR_UNSEEN: return "unseen";
	}
	return "";
}

/* Where the way did not open for good, what was lost before and after the first arrival is told as one. */
static void join_parts(struct direction *d)
{
	struct flow_loss losses[VERDICT_LOSSES];
	unsigned count = d->loss_count;

	memcpy(losses, d->losses, sizeof losses);
	d->loss_count = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned k = 0;

		while (k < d->loss_count && !flow_loss_is_like(&d->losses[k].first, &losses[i].first))
			k++;
		if (k < d->loss_count)
			merge(&d->losses[k], &losses[i]);
		else
			d->losses[d->loss_count++] = losses[i];
	}
	qsort(d->losses, d->loss_count, sizeof d->losses[0], by_count);
}

/* What a program on the host said last that speaks of failure, not before `from_ns`; or NULL. */
static const char *find_complaint(const struct why *w, int host, uint64_t from_ns)
{
	const struct recorded_events *r = w->trace != NULL ? &w->trace->events : NULL;
	const char *found = NULL;

	for (size_t i = 0; r != NULL && i < r->complaint_count; i++)
		if (r->complaints[i].node == host && r->complaints[i].time_ns >= from_ns)
			found = r->complaints[i].text;
	return found;
}

static void find_complaints(const struct why *w, struct pair_verdict *v)
{
	v->said[0] = find_complaint(w, v->a, v->opened_ns);
	v->said[1] = find_complaint(w, v->b, v->opened_ns);
	if (v->said[0] == NULL || v->said[1] == NULL)
		v->said[0] = v->said[1] = NULL;
}

void verdict_of_pair(const struct why *w, int a, int b, uint8_t protocol, struct pair_verdict *out)
{
	*out = (struct pair_verdict){ .a = a, .b = b, .protocol = protocol, .help_node = -1 };
	out->ab = find_direction(w, a, b, protocol);
	out->ba = a != b ? find_direction(w, b, a, protocol) : (struct direction){ .from = b, .to = a };
	out->outcome = outcome_of(out);
	out->relay = protocol == PACKET_UDP ? relay_of(w, a, b) : -1;
	if (out->ab.opened_by != NULL && out->ba.opened_by != NULL)
		out->opened_ns = out->ab.opened_by->arrived_ns > out->ba.opened_by->arrived_ns
		                     ? out->ab.opened_by->arrived_ns
		                     : out->ba.opened_by->arrived_ns;
	if (out->outcome == PAIR_OPEN) {
		find_complaints(w, out);
	} else {
		join_parts(&out->ab);
		join_parts(&out->ba);
	}
	find_main_cause(w, out);
	verdict_help(w, out);
}
