/* What would help two hosts: verdict_help(). */
#include "trace/verdict.h"

#define HELP_ROW(kind, name, sentence) [HELP_##kind] = { name, sentence },
const struct help_row help_table[HELPS] = { HELP_LIST(HELP_ROW) };

static void help(struct pair_verdict *v, enum help h)
{
	for (unsigned i = 0; i < v->help_count; i++)
		if (v->helps[i] == h)
			return;
	if (v->help_count < VERDICT_HELPS)
		v->helps[v->help_count++] = h;
}

/* Those who have one need not be told. */
static void help_relay(struct pair_verdict *v)
{
	if (v->relay < 0)
		help(v, HELP_RELAY);
}

static const struct cause *cause_because(const struct direction *d, enum because because)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (direction_counts(d, &d->losses[i]) && d->losses[i].first.because == because)
			return &d->losses[i].first;
	return NULL;
}

static void add_box(int boxes[2], int box)
{
	if (box >= 0 && boxes[0] < 0)
		boxes[0] = box;
	else if (box >= 0 && boxes[0] != box)
		boxes[1] = box;
}

static void add_dependent(const struct direction *d, int boxes[2])
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct cause *c = &d->losses[i].first;

		if (!direction_counts(d, &d->losses[i]))
			continue;
		add_box(boxes, c->source_box);
		if (c->because == BECAUSE_ENDPOINT_DEPENDENT)
			add_box(boxes, c->because_node);
	}
}

/* How many of the two sides give each peer a port of its own. */
static int count_dependent(const struct pair_verdict *v)
{
	int boxes[2] = { -1, -1 };

	add_dependent(&v->ab, boxes);
	add_dependent(&v->ba, boxes);
	return (boxes[0] >= 0) + (boxes[1] >= 0);
}

static bool keeps_first(const struct why *w, const struct cause *c)
{
	return c == NULL || ports_seen(&w->mappings, c->because_node, c->protocol).pattern == PORTS_FIRST_PRESERVED;
}

/* One side whose new port cannot be known is enough to keep both out. */
static bool all_keep_first(const struct why *w, const struct pair_verdict *v)
{
	return keeps_first(w, cause_because(&v->ab, BECAUSE_ENDPOINT_DEPENDENT)) &&
	       keeps_first(w, cause_because(&v->ba, BECAUSE_ENDPOINT_DEPENDENT));
}

static void help_with_port(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->ports = ports_seen(&w->mappings, c->because_node, c->protocol);
	if (v->outcome == PAIR_ONE_WAY)
		help(v, HELP_LEARN);
	if (all_keep_first(w, v))
		help(v, HELP_FRESH_SOCKET);
	if (v->ports.pattern == PORTS_SEQUENTIAL)
		help(v, HELP_PREDICTION);
	if (count_dependent(v) < 2)
		help(v, HELP_BIRTHDAY);
	help_relay(v);
}

/* What is to be done where the old way is gone for good. */
static void help_anew(struct pair_verdict *v)
{
	help(v, v->protocol == PACKET_TCP ? HELP_RECONNECT : HELP_PUNCH_AGAIN);
}

static void advise_mapping(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	const struct mapping *m = c->mapping >= 0 ? &w->mappings.list[c->mapping] : NULL;

	v->help_node = c->node;
	if (m != NULL) {
		v->idle_ns = c->idle_ns != 0 ? c->idle_ns : c->time_ns > m->last_ns ? c->time_ns - m->last_ns : 0;
		v->life_ns = m->timeout_s * UINT64_C(1000000000);
	}
	help(v, HELP_KEEPALIVE);
	help_anew(v);
}

/* Where the other side's port could not be known, the trap is not all that keeps them apart. */
static void advise_trap(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	v->help_node = c->because == BECAUSE_TRAP ? c->because_node : c->node;
	if (count_dependent(v) == 0) {
		help(v, HELP_INPUT_DROP);
		help(v, HELP_TRAPPED_FIRST);
		help(v, HELP_LOW_TTL);
	}
	help_relay(v);
}

/* Who it was for may not be known. */
static bool are_neighbours(const struct scene *s, int a, int b)
{
	return a >= 0 && b >= 0 && a != b && s->nodes[a].behind == s->nodes[b].behind;
}

static void advise_hairpin(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->help_node = c->node;
	if (are_neighbours(w->scene, v->a, v->b))
		help(v, HELP_HOST_CANDIDATE);
	help(v, HELP_HAIRPIN);
	if (v->a != v->b)
		help_relay(v);
}

/* What passes at times is worth sending again; what never does meets a rule. */
static void advise_rule(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	v->help_node = c->node;
	help(v, v->passed_later ? HELP_RETRY : HELP_RULE);
}

static void advise_pool(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->help_node = c->node;
	(void)w;
	help(v, HELP_POOL);
}

static void advise_limit(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	v->help_node = c->node;
	(void)w;
	help(v, HELP_LIMIT);
}

/* The column "advice" of cause_list.h. */
typedef void advice(const struct why *w, struct pair_verdict *v, const struct cause *c);

static void advise_nothing(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	(void)v;
	(void)c;
}

/* Advice that asks for nothing more. */
#define ADVISE(name, kind)                                                                                             \
	static void advise_##name(const struct why *w, struct pair_verdict *v, const struct cause *c)                  \
	{                                                                                                              \
		(void)w;                                                                                               \
		(void)c;                                                                                               \
		help(v, kind);                                                                                         \
	}

ADVISE(retry, HELP_RETRY)
ADVISE(rate, HELP_SLOWER)
ADVISE(fresh, HELP_NEW_FLOW)
ADVISE(other_port, HELP_OTHER_PORT)
ADVISE(blocked, HELP_TCP)
ADVISE(listen, HELP_LISTEN)
ADVISE(crossing, HELP_CROSSING)
ADVISE(ttl, HELP_TTL)
ADVISE(smaller, HELP_SMALLER)

/* A firewall on the way asks for no program. */
static void advise_refused(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	if (!c->beyond)
		help(v, HELP_LISTEN);
}

/* What they want is not to be had straight. */
static void advise_elsewhere(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	(void)c;
	help_relay(v);
}

/* An address that leads somewhere is right; then the way is not. */
static void advise_address(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	bool leads = scene_owner(w->scene, &c->dst) >= 0 && cause_inside_owner(w->scene, c) < 0;

	help(v, leads ? HELP_ROUTE : HELP_ADDRESS);
}

static void advise_again(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	(void)c;
	help_anew(v);
}

/* The host inside did send to that host, to another address or port of it. */
static bool answers_from_elsewhere(const struct why *w, const struct cause *c)
{
	const struct mapping *m = c->mapping >= 0 ? &w->mappings.list[c->mapping] : NULL;

	return m != NULL && m->kind == MAPPING_OUT && scene_owner(w->scene, &m->remote) == c->origin;
}

static void advise_sender(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	switch (c->because) {
	case BECAUSE_ENDPOINT_DEPENDENT:
		if (c->kind == CAUSE_FILTERED_ADDRESS) /* a box that goes by the address alone lets the next one in */
			help(v, c->later >= 0 ? HELP_RETRY : HELP_BOTH_SEND);
		help_with_port(w, v, c);
		break;
	case BECAUSE_TAKEN: help(v, HELP_OTHER_PORT); break;
	case BECAUSE_REMAPPED: help_anew(v); break;
	case BECAUSE_UNKNOWN:
	case BECAUSE_TRAP: /* advise_trap() */
	case BECAUSES:
		if (answers_from_elsewhere(w, c))
			help(v, HELP_SAME_SOURCE);
		help(v, c->later >= 0 ? HELP_RETRY : HELP_BOTH_SEND);
		break;
	}
}

static void advise_other_address(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	(void)w;
	(void)c;
	help(v, HELP_SEEN_ADDRESS);
}

static void advise_other_parity(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	help(v, HELP_SAME_PARITY);
	if (c->because == BECAUSE_ENDPOINT_DEPENDENT)
		help_with_port(w, v, c);
}

/* At an address of the box's own somebody may be mapped anew; of the network behind it nobody has that one. */
static void advise_nobody(const struct why *w, struct pair_verdict *v, const struct cause *c)
{
	if (scene_owner(w->scene, &c->dst) < 0)
		help(v, HELP_ADDRESS);
	else
		help(v, v->protocol == PACKET_TCP ? HELP_FROM_INSIDE : HELP_PUNCH_AGAIN);
}

#define ADVICE(kind, name, weight, brief, sentence, advice) [CAUSE_##kind] = advise_##advice,
static advice *const advices[CAUSES] = { CAUSE_LIST(ADVICE) };

/* A side that hangs up leaves the other's last words refused: nothing that was wanted has failed. */
static bool is_an_end(const struct pair_verdict *v, const struct cause *c)
{
	return !verdict_is_trouble(v) && (c->kind == CAUSE_REFUSED || cause_is_reset(c->kind));
}

/* Who got something and sent nothing back. Without a record whoever speaks elsewhere may have answered unseen. */
static bool kept_silent(const struct why *w, const struct pair_verdict *v)
{
	int silent = v->ab.sent == 0 ? v->a : v->b;

	if (v->outcome != PAIR_UNANSWERED || v->ab.vanished + v->ba.vanished > 0)
		return false;
	for (size_t i = 0; !w->scene->from_record && i < w->flows.count; i++)
		if (w->flows.list[i].origin == silent)
			return false;
	return true;
}

void verdict_help(const struct why *w, struct pair_verdict *v)
{
	const struct cause *c = v->cause;

	if (c != NULL && !is_an_end(v, c))
		(c->because == BECAUSE_TRAP ? advise_trap : advices[c->kind])(w, v, c);
	if ((c == NULL && kept_silent(w, v)) || v->said[0] != NULL)
		help(v, HELP_LISTEN);
}
