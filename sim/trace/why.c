#include "trace/why.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MAX 16 /* allocators seen in the field step by 1 or 2, a busy one skips some */

int why_begin(struct why *w, const struct trace *t)
{
	*w = (struct why){ .trace = t, .stage = &t->stage };
	if (mappings_begin(&w->mappings, &t->stage, &t->history) == 0 && flows_begin(&w->flows) == 0)
		return 0;
	why_free(w);
	return -1;
}

void why_free(struct why *w)
{
	mappings_free(&w->mappings);
	flows_free(&w->flows);
}

int why_rewind(struct why *w)
{
	mappings_free(&w->mappings);
	return mappings_begin(&w->mappings, w->stage, &w->trace->history);
}

void why_cause(struct why *w, const struct journey *j, struct cause *out)
{
	mappings_journey(&w->mappings, w->stage, j, NULL, NULL);
	cause_find(w->stage, &w->mappings, j, out);
	cause_settle(out, &w->passed);
}

void why_journey(void *why, const struct journey *j)
{
	struct why *w = why;
	struct cause c;

	mappings_journey(&w->mappings, w->stage, j, NULL, NULL);
	passed_journey(&w->passed, w->stage, j);
	cause_find(w->stage, &w->mappings, j, &c);
	flows_journey(&w->flows, w->stage, j, &c);
}

void why_settle(struct why *w)
{
	flows_settle(&w->flows, w->stage, &w->mappings, &w->passed);
}

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
		return;
	}
	if (d->loss_count < WHY_LOSSES)
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

bool why_pair_has_traffic(const struct why *w, int a, int b)
{
	for (size_t i = 0; i < w->flows.count; i++) {
		const struct flow *f = &w->flows.list[i];

		if ((f->origin == a && f->target == b) || (f->origin == b && f->target == a))
			return true;
	}
	return false;
}

/* What speaks louder stands first: a cause that explains others, before those that follow from it. */
static unsigned weight_of(enum cause_kind kind)
{
	static const enum cause_kind order[] = {
		CAUSE_SWALLOWED,        CAUSE_BLOCKED,      CAUSE_NO_HAIRPIN, CAUSE_EXPIRED,  CAUSE_DELETED,
		CAUSE_FILTERED_PORT,    CAUSE_MAPPED_ELSEWHERE, CAUSE_FILTERED_ADDRESS, CAUSE_RULE_OUT, CAUSE_RULE_IN,
		CAUSE_NO_MAPPING,       CAUSE_REFUSED,      CAUSE_NO_ROUTE,   CAUSE_NOT_FOR_HOST, CAUSE_TTL,
		CAUSE_LOST_ON_WIRE,     CAUSE_TOO_EARLY,
	};
	unsigned i = 0;

	while (i < sizeof order / sizeof order[0] && order[i] != kind)
		i++;
	return i;
}

/* Where packets did pass at first, only what was lost after the last arrival counts. */
static bool counts(const struct direction *d, const struct flow_loss *l)
{
	return l->last_ns > d->arrived_last_ns;
}

static void weigh(const struct direction *d, const struct flow_loss **best)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];

		if (!counts(d, l))
			continue;
		if (*best == NULL || weight_of(l->first.kind) < weight_of((*best)->first.kind))
			*best = l;
	}
}

static const struct cause *main_cause(const struct pair_verdict *v)
{
	const struct flow_loss *best = NULL;

	weigh(&v->ab, &best);
	weigh(&v->ba, &best);
	return best != NULL ? &best->first : NULL;
}

/* A side that hangs up leaves the other's last words refused: that is an end, not a breakdown. */
static bool is_broken(const struct direction *d)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];
		enum cause_kind k = l->first.kind;

		if (counts(d, l) && l->count > l->before_open && k != CAUSE_REFUSED && k != CAUSE_LOST_ON_WIRE)
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

const char *why_outcome_name(enum outcome_of_pair outcome)
{
	switch (outcome) {
	case PAIR_UNTRIED:
		return "untried";
	case PAIR_OPEN:
		return "open";
	case PAIR_BROKEN:
		return "broken";
	case PAIR_ONE_WAY:
		return "one-way";
	case PAIR_UNANSWERED:
		return "unanswered";
	case PAIR_SHUT:
		return "shut";
	}
	return "";
}

const char *why_help_name(enum help help)
{
	static const char *const names[] = {
		[HELP_PREDICTION] = "prediction",   [HELP_BIRTHDAY] = "birthday",       [HELP_RELAY] = "relay",
		[HELP_LEARN] = "learn",             [HELP_INPUT_DROP] = "input-drop",   [HELP_HAIRPIN] = "hairpin",
		[HELP_HOST_CANDIDATE] = "host-candidate", [HELP_KEEPALIVE] = "keepalive", [HELP_PUNCH_AGAIN] = "punch-again",
		[HELP_TCP] = "tcp",                 [HELP_RETRY] = "retry",             [HELP_LISTEN] = "listen",
		[HELP_BOTH_SEND] = "both-send",     [HELP_ADDRESS] = "address",
	};

	_Static_assert(sizeof names / sizeof names[0] == HELPS, "every help has a name");
	return names[help];
}

static void help(struct pair_verdict *v, enum help h)
{
	for (unsigned i = 0; i < v->help_count; i++)
		if (v->helps[i] == h)
			return;
	if (v->help_count < WHY_HELPS)
		v->helps[v->help_count++] = h;
}

static const struct cause *cause_because(const struct direction *d, enum because because)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (counts(d, &d->losses[i]) && d->losses[i].first.because == because)
			return &d->losses[i].first;
	return NULL;
}

/* How many of the two sides give each peer a port of its own. */
static unsigned count_dependent(const struct pair_verdict *v)
{
	const struct cause *a = cause_because(&v->ab, BECAUSE_ENDPOINT_DEPENDENT);
	const struct cause *b = cause_because(&v->ba, BECAUSE_ENDPOINT_DEPENDENT);

	if (a == NULL || b == NULL)
		return a != NULL || b != NULL;
	return a->because_node == b->because_node ? 1 : 2;
}

static void help_with_port(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->ports = why_ports(w, c->because_node, c->protocol);
	if (v->outcome == PAIR_ONE_WAY)
		help(v, HELP_LEARN);
	if (v->ports.pattern == PORTS_SEQUENTIAL)
		help(v, HELP_PREDICTION);
	if (count_dependent(v) < 2)
		help(v, HELP_BIRTHDAY);
	help(v, HELP_RELAY);
}

static void help_with_mapping(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	const struct mapping *m = c->mapping >= 0 ? &w->mappings.list[c->mapping] : NULL;

	v->help_node = c->node;
	if (m != NULL) {
		v->idle_ns = c->time_ns > m->last_ns ? c->time_ns - m->last_ns : 0;
		v->life_ns = m->timeout_s * UINT64_C(1000000000);
	}
	help(v, HELP_KEEPALIVE);
	help(v, HELP_PUNCH_AGAIN);
}

static void help_with_trap(struct pair_verdict *v, const struct cause *c)
{
	v->help_node = c->because == BECAUSE_TRAP ? c->because_node : c->node;
	help(v, HELP_INPUT_DROP);
	help(v, HELP_RELAY);
}

static void help_with_hairpin(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->help_node = c->node;
	if (w->stage->nodes[v->a].behind == w->stage->nodes[v->b].behind)
		help(v, HELP_HOST_CANDIDATE);
	help(v, HELP_HAIRPIN);
	help(v, HELP_RELAY);
}

static void find_help(const struct why *w, struct pair_verdict *v)
{
	const struct cause *c = v->cause;

	if (c == NULL)
		return;
	if (c->because == BECAUSE_TRAP) {
		help_with_trap(v, c);
		return;
	}
	switch (c->kind) {
	case CAUSE_SWALLOWED:
		help_with_trap(v, c);
		break;
	case CAUSE_FILTERED_PORT:
	case CAUSE_MAPPED_ELSEWHERE:
	case CAUSE_FILTERED_ADDRESS:
		if (c->because == BECAUSE_ENDPOINT_DEPENDENT)
			help_with_port(w, v, c);
		else if (c->because == BECAUSE_REMAPPED)
			help(v, HELP_PUNCH_AGAIN);
		else
			help(v, HELP_BOTH_SEND);
		break;
	case CAUSE_TOO_EARLY:
	case CAUSE_FRAGMENT:
	case CAUSE_RULE_IN:
	case CAUSE_RULE_OUT:
	case CAUSE_LOST_ON_WIRE:
		help(v, HELP_RETRY);
		break;
	case CAUSE_EXPIRED:
		help_with_mapping(w, v, c);
		break;
	case CAUSE_DELETED:
	case CAUSE_NO_MAPPING:
		help(v, HELP_PUNCH_AGAIN);
		break;
	case CAUSE_NO_HAIRPIN:
		help_with_hairpin(w, v, c);
		break;
	case CAUSE_BLOCKED:
		help(v, HELP_TCP);
		break;
	case CAUSE_REFUSED:
		help(v, HELP_LISTEN);
		break;
	case CAUSE_NOT_FOR_HOST:
	case CAUSE_NO_ROUTE:
		help(v, HELP_ADDRESS);
		break;
	case CAUSE_NONE:
	case CAUSE_TTL:
	case CAUSES:
		break;
	}
}

void why_pair(const struct why *w, int a, int b, struct pair_verdict *out)
{
	*out = (struct pair_verdict){ .a = a, .b = b, .help_node = -1 };
	out->ab = find_direction(w, a, b);
	out->ba = find_direction(w, b, a);
	out->outcome = outcome_of(out);
	if (out->ab.opened_by != NULL && out->ba.opened_by != NULL)
		out->opened_ns = out->ab.opened_by->arrived_ns > out->ba.opened_by->arrived_ns ?
		                         out->ab.opened_by->arrived_ns :
		                         out->ba.opened_by->arrived_ns;
	if (out->outcome != PAIR_OPEN)
		out->cause = main_cause(out);
	find_help(w, out);
	if (out->outcome == PAIR_UNANSWERED)
		help(out, HELP_LISTEN);
}

static int by_birth(const void *a, const void *b)
{
	const struct mapping *const *x = a, *const *y = b;

	return ((*x)->born_ns > (*y)->born_ns) - ((*x)->born_ns < (*y)->born_ns);
}

/* The mappings a box made for those inside, the oldest first. The caller frees the list. */
static size_t list_births(const struct why *w, int box, uint8_t protocol, const struct mapping ***out)
{
	const struct mapping **list = calloc(w->mappings.count + 1, sizeof *list);
	size_t count = 0;

	for (size_t i = 0; list != NULL && i < w->mappings.count; i++) {
		const struct mapping *m = &w->mappings.list[i];

		if (m->box == box && m->protocol == protocol && m->kind == MAPPING_OUT)
			list[count++] = m;
	}
	if (count > 1)
		qsort(list, count, sizeof *list, by_birth);
	*out = list;
	return count;
}

static enum ports_pattern pattern_of(const struct mapping *const *list, size_t count, int *step)
{
	bool preserved = true;

	*step = count > 1 ? list[1]->external.port - list[0]->external.port : 0;
	for (size_t i = 0; i < count; i++)
		preserved &= list[i]->external.port == list[i]->inside.port;
	if (count == 0)
		return PORTS_UNKNOWN;
	if (preserved)
		return PORTS_PRESERVED;
	if (count < 2)
		return PORTS_UNKNOWN;
	for (size_t i = 1; i < count; i++) {
		int gap = list[i]->external.port - list[i - 1]->external.port;

		if (gap == 0 || abs(gap) > STEP_MAX || (gap > 0) != (*step > 0))
			return PORTS_RANDOM;
		if (abs(gap) < abs(*step))
			*step = gap;
	}
	return PORTS_SEQUENTIAL;
}

struct ports_seen why_ports(const struct why *w, int box, uint8_t protocol)
{
	const struct mapping **list;
	size_t count = list_births(w, box, protocol, &list);
	struct ports_seen seen = { .samples = (unsigned)count };

	seen.pattern = pattern_of(list, count, &seen.step);
	for (size_t i = 0; i < 3 && i < count; i++)
		seen.last[i] = list[count - (count < 3 ? count : 3) + i]->external.port;
	free(list);
	return seen;
}
