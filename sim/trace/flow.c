#include "trace/flow.h"

#include "trace/describe.h"
#include "trace/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192
#define NONE UINT32_MAX

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
	struct flow *list = f->list;

	if (f->count == FLOWS_MAX)
		return NULL;
	if ((f->count & (f->count - 1)) == 0)
		list = reallocarray(f->list, f->count == 0 ? 1 : f->count * 2, sizeof *list);
	if (list == NULL)
		return NULL;
	f->list = list;
	list[f->count] = (struct flow){ .next = *bucket, .target = -1 };
	*bucket = (uint32_t)f->count;
	return &list[f->count++];
}

static struct flow *find_or_add(struct flows *f, int origin, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	uint32_t *bucket = bucket_of(f, origin, l);
	struct flow *flow;

	for (uint32_t i = *bucket; i != NONE; i = f->list[i].next) {
		flow = &f->list[i];
		if (flow->origin == origin && flow->protocol == j->protocol && endpoint_equal(&flow->src, &l->src) &&
		    endpoint_equal(&flow->dst, &l->dst))
			return flow;
	}
	flow = add(f, bucket);
	if (flow == NULL)
		return NULL;
	flow->origin = origin;
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

static void note_arrival(struct flow *flow, const struct scene *s, const struct journey *j)
{
	char what[DESCRIBE_SIZE];

	flow->arrived_last_ns = journey_last(j)->time_ns;
	if (flow->delivered++ > 0)
		return;
	flow->arrived_ns = journey_last(j)->time_ns;
	flow->arrived_by = j->id;
	flow->arrived_src = journey_last(j)->src;
	flow->sent_before = flow->sent - 1;
	flow->target = j->end_node;
	snprintf(flow->arrived_what, sizeof flow->arrived_what, "%.*s", (int)sizeof flow->arrived_what - 1,
	         describe_journey(s, j, what));
	note_path(flow, s, j);
}

bool flow_loss_is_like(const struct cause *a, const struct cause *b)
{
	return a->kind == b->kind && a->node == b->node && a->because == b->because && a->beyond == b->beyond;
}

static void note_loss(struct flow *flow, const struct cause *c)
{
	for (unsigned i = 0; i < flow->loss_count; i++) {
		if (!flow_loss_is_like(&flow->losses[i].first, c))
			continue;
		flow->losses[i].count++;
		flow->losses[i].before_open += flow->delivered == 0;
		flow->losses[i].last_ns = c->time_ns;
		return;
	}
	if (flow->loss_count == FLOW_CAUSES) {
		flow->other_losses++;
		return;
	}
	flow->losses[flow->loss_count++] = (struct flow_loss){ *c, 1, flow->delivered == 0, c->time_ns, false };
}

static bool is_of_a_flow(const struct scene *s, const struct journey *j)
{
	int origin = journey_origin(s, j);

	return origin >= 0 && s->nodes[origin].kind == NODE_HOST && j->kind == PACKET_IP && !j->to_many &&
	       (j->protocol == PACKET_UDP || j->protocol == PACKET_TCP) && j->fragment_offset == 0 &&
	       journey_first(j)->direction != PCAPNG_INBOUND;
}

void flows_journey(struct flows *f, const struct scene *s, const struct journey *j, const struct cause *c)
{
	struct flow *flow = is_of_a_flow(s, j) ? find_or_add(f, journey_origin(s, j), j) : NULL;

	if (flow == NULL) {
		f->left_out += is_of_a_flow(s, j);
		return;
	}
	flow->sent++;
	flow->last_ns = journey_first(j)->time_ns;
	if (c->kind == CAUSE_REFUSED)
		flow->target = j->end_node;
	if (c->kind != CAUSE_NONE)
		note_loss(flow, c);
	else if (j->fate == FATE_DELIVERED)
		note_arrival(flow, s, j);
}

/* Who behind the box uses that outer address, at any time of the trace; failing that, the only host behind it. */
static int find_behind(const struct scene *s, const struct mappings *m, const struct flow *flow, int box)
{
	const enum mapping_key key = MAPPING_BY_EXTERNAL;
	int only = -1;

	for (long i = mappings_first(m, key, box, &flow->dst, NULL); i >= 0; i = mappings_next(m, key, i)) {
		const struct mapping *e = &m->list[i];
		int owner;

		if (e->box != box || e->kind == MAPPING_LOCAL || !endpoint_equal(&e->external, &flow->dst))
			continue;
		owner = scene_owner_at(s, box, &e->inside);
		if (owner >= 0 && s->nodes[owner].kind == NODE_HOST)
			return owner;
	}
	for (size_t i = 0; i < s->node_count; i++) {
		if (s->nodes[i].kind != NODE_HOST || (int)i == flow->origin || !scene_is_behind(s, (int)i, box))
			continue;
		if (only >= 0)
			return -1;
		only = (int)i;
	}
	return only;
}

/* Through nested boxes: the inner box's outer address is what the outer box maps. */
static int find_nested(const struct scene *s, const struct mappings *m, const struct flow *flow, int box)
{
	struct endpoint at = flow->dst;

	for (size_t depth = 0; depth <= s->node_count; depth++) {
		int owner = -1;

		for (long i = mappings_first(m, MAPPING_BY_EXTERNAL, box, &at, NULL); i >= 0 && owner < 0;
		     i = mappings_next(m, MAPPING_BY_EXTERNAL, i))
			if (m->list[i].box == box && m->list[i].kind != MAPPING_LOCAL &&
			    endpoint_equal(&m->list[i].external, &at)) {
				owner = scene_owner_at(s, box, &m->list[i].inside);
				at = m->list[i].inside;
			}
		if (owner < 0 || owner == box)
			return -1;
		if (s->nodes[owner].kind == NODE_HOST)
			return owner;
		box = owner;
	}
	return -1;
}

static int find_target(const struct scene *s, const struct mappings *m, const struct flow *flow)
{
	int owner = scene_owner(s, &flow->dst), nested;

	if (owner < 0 || s->nodes[owner].kind == NODE_HOST)
		return owner;
	nested = find_nested(s, m, flow, owner);
	return nested >= 0 ? nested : find_behind(s, m, flow, owner);
}

void flows_settle(struct flows *f, const struct scene *s, const struct mappings *m, const struct passed *p)
{
	for (size_t i = 0; i < f->count; i++) {
		struct flow *flow = &f->list[i];

		if (flow->target < 0)
			flow->target = find_target(s, m, flow);
		for (unsigned k = 0; k < flow->loss_count; k++) {
			struct flow_loss *l = &flow->losses[k];

			cause_settle(&l->first, m, p);
			l->passed_later = flow->arrived_last_ns > l->first.time_ns;
		}
	}
}
