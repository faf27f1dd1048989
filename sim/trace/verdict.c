#include "trace/verdict.h"

#include <stdlib.h>

static int by_count(const void *a, const void *b)
{
	const struct flow_loss *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void add_loss(struct direction *d, const struct flow_loss *loss)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		struct flow_loss *l = &d->losses[i];

		if (!flow_loss_is_like(&l->first, &loss->first))
			continue;
		l->count += loss->count;
		l->before_open += loss->before_open;
		l->last_ns = loss->last_ns > l->last_ns ? loss->last_ns : l->last_ns;
		l->passed_later |= loss->passed_later;
		return;
	}
	if (d->loss_count < VERDICT_LOSSES)
		d->losses[d->loss_count++] = *loss;
}

static void add_flow(struct direction *d, const struct flow *flow)
{
	d->sent += flow->sent;
	d->delivered += flow->delivered;
	if (d->first_ns == 0 || flow->first_ns < d->first_ns)
		d->first_ns = flow->first_ns;
	if (flow->arrived_last_ns > d->arrived_last_ns)
		d->arrived_last_ns = flow->arrived_last_ns;
	if (flow->arrived_ns != 0 && (d->opened_by == NULL || flow->arrived_ns < d->opened_by->arrived_ns))
		d->opened_by = flow;
	for (unsigned i = 0; i < flow->loss_count; i++)
		add_loss(d, &flow->losses[i]);
}

static struct direction find_direction(const struct why *w, int from, int to)
{
	struct direction d = { .from = from, .to = to };

	for (size_t i = 0; i < w->flows.count; i++)
		if (w->flows.list[i].origin == from && w->flows.list[i].target == to)
			add_flow(&d, &w->flows.list[i]);
	qsort(d.losses, d.loss_count, sizeof d.losses[0], by_count);
	return d;
}

bool verdict_has_traffic(const struct why *w, int a, int b)
{
	for (size_t i = 0; i < w->flows.count; i++) {
		const struct flow *f = &w->flows.list[i];

		if ((f->origin == a && f->target == b) || (f->origin == b && f->target == a))
			return true;
	}
	return false;
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

static void weigh(const struct direction *d, const struct flow_loss **best)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];

		if (!direction_counts(d, l))
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

	weigh(&v->ab, &best);
	weigh(&v->ba, &best);
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

		if (direction_counts(d, l) && l->count > l->before_open && k != CAUSE_REFUSED &&
		    k != CAUSE_LOST_ON_WIRE)
			return true;
	}
	return false;
}

static enum outcome_of_pair outcome_of(const struct pair_verdict *v)
{
	const struct direction *ab = &v->ab, *ba = &v->ba;

	if (ab->sent == 0 && ba->sent == 0)
		return PAIR_UNTRIED;
	if (ab->delivered > 0 && ba->delivered > 0)
		return is_broken(ab) || is_broken(ba) ? PAIR_BROKEN : PAIR_OPEN;
	if (ab->delivered == 0 && ba->delivered == 0)
		return PAIR_SHUT;
	return (ab->delivered > 0 ? ba : ab)->sent == 0 ? PAIR_UNANSWERED : PAIR_ONE_WAY;
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
	}
	return "";
}

void verdict_of_pair(const struct why *w, int a, int b, struct pair_verdict *out)
{
	*out = (struct pair_verdict){ .a = a, .b = b, .help_node = -1 };
	out->ab = find_direction(w, a, b);
	out->ba = find_direction(w, b, a);
	out->outcome = outcome_of(out);
	if (out->ab.opened_by != NULL && out->ba.opened_by != NULL)
		out->opened_ns = out->ab.opened_by->arrived_ns > out->ba.opened_by->arrived_ns
		                     ? out->ab.opened_by->arrived_ns
		                     : out->ba.opened_by->arrived_ns;
	if (out->outcome != PAIR_OPEN)
		find_main_cause(w, out);
	verdict_help(w, out);
}
