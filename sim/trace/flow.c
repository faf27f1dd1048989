#include "trace/flow.h"

#include "trace/describe.h"
#include "trace/doubt.h"
#include "trace/hash.h"
#include "trace/ports.h"
#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192
#define NONE UINT32_MAX

#define RATE_TURNS 3  /* of passing and dying, before a limit on the rate is spoken of */
#define SIZE_MIN 512u /* bytes; below that every link takes a datagram */

int flows_begin(struct flows *f)
{
	*f = (struct flows){ .buckets = malloc(BUCKETS * sizeof *f->buckets) };
	if (f->buckets == NULL)
		return -1;
	memset(f->buckets, 0xff, BUCKETS * sizeof *f->buckets);
	return 0;
}

void flows_free(struct flows *f)
{
	free(f->list);
	free(f->buckets);
	*f = (struct flows){ 0 };
}

static uint32_t *bucket_of(const struct flows *f, int origin, const struct leg *l)
{
	uint64_t key = hash_u64((uint64_t)origin << 32 | (uint64_t)l->src.port << 16 | l->dst.port);

	return &f->buckets[hash_bytes(key, l->dst.address.bytes, sizeof l->dst.address.bytes) % BUCKETS];
}

static struct flow *add(struct flows *f, uint32_t *bucket)
{
	struct flow *one = f->count < FLOWS_MAX ? array_add(&f->list, &f->count, sizeof *one) : NULL;

	if (one == NULL)
		return NULL;
	*one = (struct flow){ .next = *bucket, .target = -1 };
	*bucket = (uint32_t)(f->count - 1);
	return one;
}

static struct flow *find(const struct flows *f, int origin, uint8_t protocol, const struct leg *l)
{
	for (uint32_t i = *bucket_of(f, origin, l); i != NONE; i = f->list[i].next) {
		struct flow *flow = &f->list[i];

		if (flow->seen_from == origin && flow->protocol == protocol && endpoint_equal(&flow->src, &l->src) &&
		    endpoint_equal(&flow->dst, &l->dst))
			return flow;
	}
	return NULL;
}

static struct flow *find_or_add(struct flows *f, int origin, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	struct flow *flow = find(f, origin, j->protocol, l);

	if (flow == NULL)
		flow = add(f, bucket_of(f, origin, l));
	else
		return flow;
	if (flow == NULL)
		return NULL;
	flow->origin = flow->seen_from = origin;
	flow->protocol = j->protocol;
	flow->src = l->src;
	flow->dst = l->dst;
	flow->first_ns = l->time_ns;
	return flow;
}

static void note_path(struct flow *flow, const struct scene *s, const struct journey *j)
{
	for (unsigned i = 0; i < j->leg_count; i++) {
		int node = s->interfaces[j->legs[i].interface].node;

		if (node >= 0 && (flow->path_len == 0 || flow->path[flow->path_len - 1] != node))
			flow->path[flow->path_len++] = node;
	}
}

/* The losses that arrivals take turns with: as they were sent, for one may arrive after the next has died on the way.
 */
static void note_turn(struct flow *flow, const struct journey *j)
{
	for (unsigned i = 0; i < flow->loss_count; i++) {
		struct flow_loss *l = &flow->losses[i];

		l->turns += l->is_turn;
		l->is_turn = false;
	}
	flow->arrived_last_ns = journey_last(j)->time_ns;
	flow->largest = j->length > flow->largest ? j->length : flow->largest;
}

static void note_arrival(struct flow *flow, const struct scene *s, const struct mappings *m, const struct journey *j)
{
	char what[DESCRIBE_SIZE];

	note_turn(flow, j);
	flow->delivered++;
	flow->clobbered += j->clobbered;
	flow->clobberer = j->clobbered ? j->clobberer : flow->clobberer;
	if (flow->arrived_ns != 0)
		return;
	flow->arrived_ns = journey_last(j)->time_ns;
	flow->arrived_by = j->id;
	flow->arrived_syn = journey_is_syn(j);
	flow->arrived_src = journey_last(j)->src;
	flow->sent_before = flow->sent - 1;
	flow->target = j->end_node;
	snprintf(flow->arrived_what, sizeof flow->arrived_what, "%.*s", (int)sizeof flow->arrived_what - 1,
	         describe_journey(s, j, what));
	note_path(flow, s, j);
	flow->admitted = admission_of(s, m, j);
}

bool flow_loss_is_like(const struct cause *a, const struct cause *b)
{
	return a->kind == b->kind && a->node == b->node && a->because == b->because && a->beyond == b->beyond &&
	       link_event_is_like(a->on_link, b->on_link);
}

static struct flow_loss *find_loss(struct flow *flow, const struct cause *c)
{
	bool after = flow->delivered > 0;

	for (unsigned i = 0; i < flow->loss_count; i++)
		if (flow->losses[i].after == after && flow_loss_is_like(&flow->losses[i].first, c))
			return &flow->losses[i];
	if (flow->loss_count == FLOW_CAUSES)
		return NULL;
	flow->losses[flow->loss_count] =
	    (struct flow_loss){ .first = *c, .after = after, .smallest = UINT32_MAX, .passed = flow->delivered };
	return &flow->losses[flow->loss_count++];
}

/* `passed` is what had arrived at the first loss, until flows_settle(). */
static void note_loss(struct flow *flow, const struct cause *c, uint32_t length)
{
	struct flow_loss *l = find_loss(flow, c);

	flow->lost++;
	if (l == NULL) {
		flow->other_losses++;
		return;
	}
	l->count++;
	l->last_ns = c->time_ns;
	l->is_turn = true;
	l->smallest = length < l->smallest ? length : l->smallest;
	l->passed_ns = flow->delivered;
}

/* What somebody else sent, of whom nobody looked at; where his own interface does not show it, a link doubled it. */
static bool is_sent_by(const struct scene *s, const struct journey *j, int origin)
{
	const struct leg *l = journey_first(j);
	const struct doubt_sight there = { origin, l->time_ns, j->protocol, &l->src, &l->dst };

	return origin >= 0 && (l->direction != PCAPNG_INBOUND || !doubt_would_show(s, &there, -1));
}

/* A ping or its answer; ICMP's errors are told with what they are about. */
static bool is_echo(const struct journey *j)
{
	return (j->protocol == PACKET_ICMP || j->protocol == PACKET_ICMPV6) && !j->quotes &&
	       !icmp_is_error(j->protocol, j->icmp_type);
}

static bool is_of_a_flow(const struct scene *s, const struct journey *j, const struct cause *c)
{
	if (j->kind != PACKET_IP || j->to_many)
		return false;
	if (c->kind != CAUSE_NONE)
		return true;
	return (j->protocol == PACKET_UDP || j->protocol == PACKET_TCP || is_echo(j)) && j->fragment_offset == 0 &&
	       is_sent_by(s, j, journey_origin(s, j));
}

/* What seemed to be the first to arrive was refused. */
static void forget_arrival(struct flow *flow)
{
	flow->arrived_ns = flow->arrived_last_ns = 0;
	flow->path_len = 0;
	flow->target = -1;
}

/* A box's own RST, which is told with what it refused. Where nobody looked at its inside it may be somebody's there. */
static bool is_by_box(const struct scene *s, const struct journey *j)
{
	int from = journey_is_reset(j) ? journey_origin(s, j) : -1;

	return s->from_record && from >= 0 && s->nodes[from].kind == NODE_BOX;
}

/* A reset that is the first answer of all: whom it came to was refused. True if it is. */
static bool note_reset(struct flows *f, const struct scene *s, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	const struct leg asked = { .src = last->dst, .dst = last->src };
	struct flow *flow = j->fate == FATE_DELIVERED ? find(f, j->end_node, j->protocol, &asked) : NULL;
	int from = journey_origin(s, j);
	bool by_box = is_by_box(s, j);
	struct cause c = { .kind = by_box ? CAUSE_BOX_RESET : CAUSE_RESET,
		           .node = journey_origin(s, j),
		           .journey = j->id,
		           .time_ns = last->time_ns,
		           .origin = j->end_node,
		           .protocol = j->protocol,
		           .src = asked.src,
		           .dst = asked.dst,
		           .mapping = -1,
		           .source_box = -1,
		           .because_node = -1 };

	if (flow == NULL || flow->answered || flow->lost >= flow->sent)
		return false;
	flow->delivered -= flow->delivered > 0;
	note_loss(flow, &c, 0);
	if (flow->delivered == 0)
		forget_arrival(flow);
	if (flow->target < 0 && !by_box)
		flow->target = from;
	return true;
}

/* Whoever is sent an answer other than a refusal was not refused. */
static void note_answer(struct flows *f, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	const struct leg asked = { .src = last->dst, .dst = last->src };
	struct flow *flow = j->protocol == PACKET_TCP ? find(f, j->end_node, j->protocol, &asked) : NULL;

	if (flow == NULL)
		return;
	flow->answered = true;
	flow->acknowledged |= (j->tcp_flags & PACKET_TCP_ACK) != 0;
}

/* Where it went in others are seen to come out. */
static void note_vanished(struct flow *flow, const struct scene *s, const struct journey *j)
{
	if (!j->in_doubt || j->fate != FATE_UNKNOWN || journey_last(j)->direction != PCAPNG_INBOUND ||
	    s->nodes[j->end_node].kind != NODE_BOX)
		return;
	flow->vanished++;
	flow->vanished_at = j->end_node;
}

void flows_journey(struct flows *f, const struct scene *s, const struct mappings *m, const struct journey *j,
                   const struct cause *c)
{
	bool counts = is_of_a_flow(s, j, c) && !(is_by_box(s, j) && note_reset(f, s, j));
	struct flow *flow = counts ? find_or_add(f, journey_origin(s, j), j) : NULL;

	if (flow == NULL) {
		f->left_out += counts;
		f->left_out_lost += counts && c->kind != CAUSE_NONE;
		return;
	}
	note_vanished(flow, s, j);
	flow->sent++;
	flow->last_ns = journey_first(j)->time_ns;
	flow->passing |= journey_first(j)->direction == PCAPNG_INBOUND;
	if (c->kind == CAUSE_REFUSED && !c->beyond && s->nodes[c->node].kind == NODE_HOST)
		flow->target = c->node;
	if (c->kind != CAUSE_NONE) {
		note_loss(flow, c, j->length);
	} else if (journey_is_reset(j)) {
		flow->delivered += j->fate == FATE_DELIVERED;
		(void)note_reset(f, s, j);
	} else if (j->fate == FATE_DELIVERED || j->fate == FATE_FOR_BOX) {
		note_arrival(flow, s, m, j);
		note_answer(f, j);
		if (c->on_link != NULL)
			link_changes_add(&flow->changes, c->on_link, 1);
	}
}

/* The only host behind the box besides the sender, or -1. */
static int find_only(const struct scene *s, const struct flow *flow, int box)
{
	int only = -1;

	for (size_t i = 0; i < s->node_count; i++) {
		if (s->nodes[i].kind != NODE_HOST || (int)i == flow->origin || !scene_is_behind(s, (int)i, box))
			continue;
		if (only >= 0)
			return -1;
		only = (int)i;
	}
	return only;
}

/* The host that the box maps to that outer address. Through nested boxes: the inner one's outer address is what the
 * outer one maps. */
static int find_nested(const struct scene *s, const struct mappings *m, const struct endpoint *outer, int box)
{
	struct mapping_search q = { MAPPING_BY_EXTERNAL, box, 0, outer, NULL };

	for (size_t depth = 0; depth <= s->node_count; depth++) {
		long i = mappings_first(m, &q);

		while (i >= 0 && m->list[i].kind == MAPPING_LOCAL)
			i = mappings_next(m, &q, i);
		if (i < 0)
			return -1;
		q.end = &m->list[i].inside;
		box = scene_owner_at(s, q.box, q.end);
		if (box < 0 || s->nodes[box].kind == NODE_HOST)
			return box;
		q.box = box;
	}
	return -1;
}

/* Whose port it was before another took it over, or -1. */
static int find_first_owner(const struct scene *s, const struct mappings *m, const struct flow *flow)
{
	for (unsigned i = 0; i < flow->loss_count; i++) {
		const struct cause *c = &flow->losses[i].first;

		if (c->kind == CAUSE_TAKEN_OVER)
			return scene_owner_at(s, c->node, &m->list[c->mapping].inside);
	}
	return -1;
}

/* Whose box it was that reset it, where nobody is known behind. */
static int find_resetter(const struct flow *flow)
{
	for (unsigned i = 0; i < flow->loss_count; i++)
		if (flow->losses[i].first.kind == CAUSE_BOX_RESET)
			return flow->losses[i].first.node;
	return -1;
}

static int find_target(const struct scene *s, const struct mappings *m, const struct flow *flow)
{
	int owner = find_first_owner(s, m, flow), nested;

	if (owner >= 0)
		return owner;
	owner = scene_owner(s, &flow->dst);
	if (owner < 0 || s->nodes[owner].kind == NODE_HOST)
		return owner;
	if (scene_is_lan_address(s, owner, &flow->dst) || flow->protocol == PACKET_ICMP)
		return owner; /* the box itself is meant */
	nested = find_nested(s, m, &flow->dst, owner);
	return nested >= 0 ? nested : find_only(s, flow, owner);
}

/* Turn and turn about, often enough to be no accident. */
static bool looks_limited(const struct flow_loss *l)
{
	return (l->first.kind == CAUSE_RULE_IN || l->first.kind == CAUSE_RULE_OUT) && l->turns >= RATE_TURNS &&
	       l->passed >= RATE_TURNS && l->count >= RATE_TURNS;
}

/* Every one of them larger than all that passed: no rule that is blind to length does that. */
static bool looks_too_large(const struct flow *flow, const struct flow_loss *l)
{
	enum cause_kind k = l->first.kind;

	return (k == CAUSE_RULE_IN || k == CAUSE_RULE_OUT || k == CAUSE_LOST_ON_WIRE) && l->smallest >= SIZE_MIN &&
	       flow->delivered > 0 && l->smallest > flow->largest;
}

/* A way for that address, opened before one of the same flow got in: then the first ones came too early. */
static bool was_too_early(const struct flow *flow, const struct flow_loss *l, const struct mappings *m)
{
	return l->first.kind == CAUSE_FILTERED_ADDRESS && l->first.later >= 0 && !l->after &&
	       flow->arrived_ns > m->list[l->first.later].born_ns && l->last_ns <= m->list[l->first.later].born_ns;
}

static bool found_no_port(const struct scene *s, const struct mappings *m, const struct cause *c)
{
	return ports_were_used_up(m, s, c->node, c->protocol, &c->src, &c->dst, c->time_ns);
}

static bool met_a_limit(const struct scene *s, const struct mappings *m, const struct cause *c)
{
	return ports_met_a_limit(m, s, c->node, c->protocol, &c->src, &c->dst, c->time_ns);
}

/* Others had died since it was last used, when it was surely there. */
static bool died_before(const struct flow *flow, const struct cause *idle)
{
	for (unsigned i = 0; i < flow->loss_count; i++) {
		const struct flow_loss *l = &flow->losses[i];

		if (l->first.kind == CAUSE_RULE_IN && l->first.mapping == idle->mapping &&
		    l->first.time_ns < idle->time_ns && l->last_ns + idle->idle_ns > idle->time_ns)
			return true;
	}
	return false;
}

static void settle_loss(const struct scene *s, const struct flow *flow, struct flow_loss *l, const struct mappings *m,
                        const struct passed *p)
{
	l->passed = l->passed_ns - l->passed;
	l->passed_ns = l->last_ns - l->first.time_ns;
	l->passed_later = flow->arrived_last_ns > l->first.time_ns;
	l->never = flow->delivered == 0;
	cause_settle(&l->first, m, p);
	if (l->first.kind == CAUSE_IDLE && died_before(flow, &l->first))
		l->first.kind = CAUSE_RULE_IN;
	if ((l->first.kind == CAUSE_RULE_OUT || l->first.kind == CAUSE_BLOCKED) && found_no_port(s, m, &l->first))
		l->first.kind = CAUSE_POOL_EMPTY;
	else if ((l->first.kind == CAUSE_RULE_OUT || l->first.kind == CAUSE_BLOCKED) && met_a_limit(s, m, &l->first))
		l->first.kind = CAUSE_LIMIT;
	else if (was_too_early(flow, l, m)) {
		l->first.kind = CAUSE_TOO_EARLY;
		l->first.mapping = l->first.later;
	} else if (looks_too_large(flow, l)) {
		l->first.kind = CAUSE_SIZE;
	} else if (looks_limited(l)) {
		l->first.kind = CAUSE_RATE;
	}
}

/* What came from a box of which nobody looked at the inside is from whoever it maps there. */
static void settle_origin(struct flow *flow, const struct scene *s, const struct mappings *m)
{
	int box = flow->origin, inside = -1;

	if (flow->passing && box >= 0 && s->nodes[box].kind == NODE_BOX)
		inside = find_nested(s, m, &flow->src, box);
	flow->origin = inside >= 0 ? inside : box;
}

void flows_settle(struct flows *f, const struct scene *s, const struct mappings *m, const struct passed *p)
{
	for (size_t i = 0; i < f->count; i++) {
		struct flow *flow = &f->list[i];

		settle_origin(flow, s, m);
		if (flow->target < 0)
			flow->target = find_target(s, m, flow);
		if (flow->target < 0)
			flow->target = find_resetter(flow);
		for (unsigned k = 0; k < flow->loss_count; k++)
			settle_loss(s, flow, &flow->losses[k], m, p);
	}
}

int flows_target(const struct flows *f, const struct scene *s, const struct journey *j)
{
	const struct flow *flow = find(f, journey_origin(s, j), j->protocol, journey_first(j));

	return flow != NULL ? flow->target : -1;
}
