#include "trace/mapping.h"

#include "trace/hash.h"
#include "trace/manners.h"
#include "trace/mapping_life.h"
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define BUCKETS_MIN 64
/* Seconds: what boxes keep at the least where they do not say it; for TCP RFC 5382 REQ-5. */
#define SHORTEST_UDP_S 15
#define SHORTEST_TCP_S 240
#define SECOND_NS UINT64_C(1000000000)

static uint32_t *bucket_of(const struct mappings *m, enum mapping_key key, int box, const struct endpoint *end,
                           const struct endpoint *remote)
{
	uint64_t hash = hash_u64((uint64_t)box << 16 | end->port);

	hash = hash_bytes(hash, end->address.bytes, sizeof end->address.bytes);
	if (remote != NULL)
		hash = hash_bytes(hash, remote->address.bytes, sizeof remote->address.bytes);
	return &m->buckets[(size_t)key * m->bucket_count + (hash & (m->bucket_count - 1))];
}

static void link_by(struct mappings *m, enum mapping_key key, uint32_t index, const struct endpoint *end,
                    const struct endpoint *remote)
{
	uint32_t *first = bucket_of(m, key, m->list[index].box, end, remote);

	m->list[index].next[key] = *first;
	*first = index;
}

static void link_in(struct mappings *m, uint32_t index)
{
	const struct mapping *new = &m->list[index];

	link_by(m, MAPPING_BY_EXTERNAL, index, &new->external, NULL);
	link_by(m, MAPPING_BY_EXTERNAL_AND_REMOTE, index, &new->external, &new->remote);
	link_by(m, MAPPING_BY_INSIDE, index, &new->inside, NULL);
	link_by(m, MAPPING_BY_INSIDE_AND_REMOTE, index, &new->inside, &new->remote);
}

static bool is_looked_for(const struct mapping *m, const struct mapping_search *q)
{
	bool by_inside = q->key == MAPPING_BY_INSIDE || q->key == MAPPING_BY_INSIDE_AND_REMOTE;

	return m->box == q->box && (q->protocol == 0 || m->protocol == q->protocol) &&
	       endpoint_equal(by_inside ? &m->inside : &m->external, q->end) &&
	       (q->remote == NULL || endpoint_same_address(&m->remote, q->remote));
}

/* Several keys may share a bucket. */
static long find_from(const struct mappings *m, const struct mapping_search *q, uint32_t index)
{
	while (index != NONE && !is_looked_for(&m->list[index], q))
		index = m->list[index].next[q->key];
	return index == NONE ? -1 : (long)index;
}

long mappings_first(const struct mappings *m, const struct mapping_search *q)
{
	return m->bucket_count == 0 ? -1 : find_from(m, q, *bucket_of(m, q->key, q->box, q->end, q->remote));
}

long mappings_next(const struct mappings *m, const struct mapping_search *q, long place)
{
	return find_from(m, q, m->list[place].next[q->key]);
}

static int grow_buckets(struct mappings *m)
{
	size_t count = m->bucket_count == 0 ? BUCKETS_MIN : m->bucket_count * 2;
	uint32_t *buckets = reallocarray(m->buckets, count * MAPPING_KEYS, sizeof *buckets);

	if (buckets == NULL)
		return -1;
	m->buckets = buckets;
	m->bucket_count = count;
	memset(buckets, 0xff, count * MAPPING_KEYS * sizeof *buckets);
	for (size_t i = 0; i < m->count; i++)
		link_in(m, (uint32_t)i);
	return 0;
}

static struct mapping *add(struct mappings *m, const struct mapping *new)
{
	struct mapping *one;

	if (m->count >= m->bucket_count && grow_buckets(m) != 0)
		return NULL;
	one = array_add(&m->list, &m->count, sizeof *one);
	if (one == NULL)
		return NULL;
	*one = *new;
	link_in(m, (uint32_t)(m->count - 1));
	return one;
}

static bool belongs_to_box(const struct scene *s, int box, const struct endpoint *e)
{
	return scene_has_address(s, box, e) || scene_is_lan_address(s, box, e);
}

/*
 * By the lan's network, where the box translates: addresses of homes may clash. What is not translated (IPv6, and all
 * that a firewall passes) is known by who has it; where nobody is known to, private addresses are inside.
 */
static bool is_inside(const struct scene *s, int box, const struct endpoint *e)
{
	const struct scene_node *n = &s->nodes[box];

	if (n->lan.prefix != 0 && e->address.family == n->lan.network.family)
		return subnet_contains(&n->lan, &e->address);
	if (scene_is_address_behind(s, box, e))
		return true;
	return address_scope(&e->address) == ADDRESS_PRIVATE && (!s->from_record || scene_owner(s, e) < 0);
}

static struct mapping of_event(const struct scene *s, const struct recorded_mapping_event *e)
{
	bool translated = !endpoint_equal(&e->orig_src, &e->reply_dst) || !endpoint_equal(&e->orig_dst, &e->reply_src);
	bool from_inside = is_inside(s, e->box, &e->orig_src), to_inside = is_inside(s, e->box, &e->reply_src);
	struct mapping m = {
		.box = e->box, .protocol = e->protocol, .recorded = true, .born_ns = e->time_ns, .last_ns = e->time_ns
	};

	if (!translated && (belongs_to_box(s, e->box, &e->orig_dst) || belongs_to_box(s, e->box, &e->orig_src))) {
		bool began = belongs_to_box(s, e->box, &e->orig_src); /* a program on the box */

		m.kind = MAPPING_LOCAL;
		m.inside = m.external = began ? e->orig_src : e->orig_dst;
		m.remote = began ? e->orig_dst : e->orig_src;
	} else if (from_inside && to_inside) {
		m.kind = MAPPING_HAIRPIN;
		m.inside = e->orig_src;
		m.external = e->reply_dst;
		m.remote = e->orig_dst;
		m.other = e->reply_src;
	} else if (to_inside && !from_inside) {
		m.kind = MAPPING_IN;
		m.inside = e->reply_src;
		m.external = e->orig_dst;
		m.remote = e->orig_src;
	} else {
		m.kind = MAPPING_OUT;
		m.inside = e->orig_src;
		m.external = e->reply_dst;
		m.remote = e->orig_dst;
	}
	return m;
}

static struct mapping_search search_of(const struct mapping *like)
{
	return (struct mapping_search){ MAPPING_BY_EXTERNAL_AND_REMOTE, like->box, like->protocol, &like->external,
		                        &like->remote };
}

/* Of what a search for one of them finds: that it has the very ends of the other. */
static bool has_ends_of(const struct mapping *c, const struct mapping *like)
{
	return endpoint_equal(&c->inside, &like->inside) && endpoint_equal(&c->remote, &like->remote);
}

/* The newest mapping with those ends that had not ended. */
static struct mapping *find_open(const struct mappings *m, const struct mapping *like)
{
	const struct mapping_search q = search_of(like);
	long i = mappings_first(m, &q);

	while (i >= 0 && (m->list[i].ended_ns != 0 || !has_ends_of(&m->list[i], like)))
		i = mappings_next(m, &q, i);
	return i >= 0 ? &m->list[i] : NULL;
}

/* The kernel dates an end, but not an update, which bears the time at which it was read: after the end, on a busy
 * machine. */
static bool is_told_late(const struct mappings *m, const struct mapping *like, const struct recorded_mapping_event *e)
{
	const struct mapping_search q = search_of(like);
	bool found = false;

	for (long i = mappings_first(m, &q); i >= 0 && !found; i = mappings_next(m, &q, i))
		found = m->list[i].ended_ns + MAPPING_EVENT_DELAY_NS > e->time_ns && has_ends_of(&m->list[i], like);
	return found && e->kind == RECORD_UPDATE;
}

static void end_by_event(const struct mappings *all, const struct scene *s, struct mapping *m, uint64_t time_ns)
{
	m->ended_ns = time_ns;
	m->end = MAPPING_EXPIRED;
	mapping_settle_end(all, s, m);
}

int mappings_begin(struct mappings *m, const struct scene *s, const struct recorded_events *r)
{
	struct manners_lives lives[SCENE_NODES];

	for (int i = 0; i < (int)s->node_count; i++)
		lives[i] = manners_lives_s(s, i);
	*m = (struct mappings){ .events = r };
	for (size_t i = 0; i < r->mapping_event_count; i++) {
		const struct recorded_mapping_event *e = &r->mapping_events[i];
		struct mapping new = of_event(s, e);
		struct mapping *old = find_open(m, &new);

		if (old == NULL && is_told_late(m, &new, e))
			continue;
		if (old == NULL && (old = add(m, &new)) == NULL)
			return -1;
		mapping_learn_life(old, &lives[e->box], e);
		if (e->kind == RECORD_DESTROY) /* added only now: it was there before the trace began */
			end_by_event(m, s, old, e->time_ns);
	}
	return 0;
}

void mappings_free(struct mappings *m)
{
	free(m->list);
	free(m->buckets);
	*m = (struct mappings){ 0 };
}

int mapping_by_birth(const void *a, const void *b, void *list)
{
	const struct mapping *mappings = list;
	const struct mapping *x = &mappings[*(const size_t *)a], *y = &mappings[*(const size_t *)b];

	return (x->born_ns > y->born_ns) - (x->born_ns < y->born_ns);
}

uint64_t mapping_died_ns(const struct mapping *m, uint64_t time_ns)
{
	uint64_t runs_out = m->timeout_s != 0 ? m->last_ns + m->timeout_s * SECOND_NS : 0;

	if (runs_out != 0 && runs_out <= time_ns && (m->ended_ns == 0 || runs_out <= m->ended_ns))
		return runs_out;
	return m->ended_ns != 0 && m->ended_ns <= time_ns ? m->ended_ns : 0;
}

bool mapping_is_alive(const struct mapping *m, uint64_t time_ns)
{
	return m->born_ns <= time_ns && mapping_died_ns(m, time_ns) == 0;
}

/* A box's passage: what came in and what went out. */
struct passage {
	const struct leg *in, *out;
	int box;
};

static struct mapping of_passage(const struct scene *s, const struct passage *p, const struct journey *j)
{
	enum scene_side from = s->interfaces[p->in->interface].side, to = s->interfaces[p->out->interface].side;
	struct mapping m = {
		.box = p->box, .protocol = j->protocol, .born_ns = p->out->time_ns, .last_ns = p->out->time_ns
	};

	if (from == SCENE_LAN_SIDE) {
		m.kind = to == SCENE_LAN_SIDE ? MAPPING_HAIRPIN : MAPPING_OUT;
		m.inside = p->in->src;
		m.external = p->out->src;
		m.remote = p->in->dst;
		if (m.kind == MAPPING_HAIRPIN)
			m.other = p->out->dst;
	} else {
		m.kind = MAPPING_IN;
		m.inside = p->out->dst;
		m.external = p->in->dst;
		m.remote = p->in->src;
	}
	return m;
}

/* The entry a passage belongs to: alive then, or told of by conntrack a little later. */
static struct mapping *find_for(const struct mappings *m, const struct mapping *seen)
{
	struct mapping *best = NULL;
	const struct mapping_search q = search_of(seen);
	uint64_t t = seen->born_ns;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		struct mapping *c = &m->list[i];

		if (c->kind == MAPPING_LOCAL || !has_ends_of(c, seen))
			continue;
		if (c->born_ns > t + MAPPING_EVENT_DELAY_NS || (c->ended_ns != 0 && c->ended_ns < t))
			continue;
		if (best == NULL || (c->born_ns <= t && c->born_ns > best->born_ns) || best->born_ns > t)
			best = c;
	}
	return best;
}

/* An answer within the lan belongs to the entry of the one who began. */
static struct mapping *find_answered(const struct mappings *m, const struct mapping *seen)
{
	struct mapping reversed = *seen;

	reversed.inside = seen->other;
	reversed.external = seen->remote;
	reversed.remote = seen->external;
	return find_for(m, &reversed);
}

static bool goes_the_other_way(const struct mapping *m, const struct mapping *seen)
{
	if (m->kind == MAPPING_HAIRPIN)
		return !endpoint_equal(&m->inside, &seen->inside);
	return m->kind != seen->kind;
}

/* What goes out may have made it anew. */
static bool lets_in(const struct mapping *m, const struct mapping *seen)
{
	return m->kind == MAPPING_HAIRPIN ? goes_the_other_way(m, seen) : seen->kind == MAPPING_IN;
}

static void touch(struct mapping *m, const struct mapping *seen, const struct journey *j, bool first)
{
	uint64_t idle_ns = !first && seen->born_ns > m->last_ns ? seen->born_ns - m->last_ns : 0;

	if (lets_in(m, seen) && idle_ns > m->survived_ns)
		m->survived_ns = idle_ns;
	if (seen->born_ns < m->born_ns)
		m->born_ns = seen->born_ns;
	if (first)
		m->born_by = j->id;
	else
		m->refreshes++;
	if (goes_the_other_way(m, seen) && m->replied_ns == 0) {
		m->replied_ns = seen->born_ns;
		m->replied_by = j->id;
	}
	m->last_ns = seen->born_ns > m->last_ns || first ? seen->born_ns : m->last_ns;
	m->last_by = j->id;
}

/* The newest entry of that passage that a RST may have ended: nothing else had answered it. */
static struct mapping *find_refused(const struct mappings *m, const struct mapping *seen)
{
	const struct mapping_search q = search_of(seen);
	struct mapping *best = NULL;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		struct mapping *c = &m->list[i];

		if (c->replied_ns == 0 && c->end != MAPPING_RESET && has_ends_of(c, seen) &&
		    goes_the_other_way(c, seen) && c->born_ns <= seen->born_ns + MAPPING_EVENT_DELAY_NS &&
		    (c->ended_ns == 0 || c->ended_ns + MAPPING_EVENT_DELAY_NS > seen->born_ns) &&
		    (best == NULL || c->born_ns > best->born_ns))
			best = c;
	}
	return best;
}

/* A RST makes no entry, and ends one that it is the only answer to (nf_conntrack_proto_tcp.c), whenever that is told.
 */
static bool end_by_reset(const struct mappings *m, const struct mapping *seen)
{
	struct mapping *refused = find_refused(m, seen);

	if (refused == NULL)
		return find_for(m, seen) == NULL;
	if (refused->ended_ns == 0 || refused->ended_ns > seen->born_ns)
		refused->ended_ns = seen->born_ns;
	if (refused->born_ns > seen->born_ns) /* conntrack's word of it came later */
		refused->born_ns = seen->born_ns;
	refused->end = MAPPING_RESET;
	return true;
}

bool mapping_may_have_timed_out(const struct mapping *m, uint64_t idle_ns)
{
	uint64_t shortest_s = m->protocol == PACKET_TCP ? SHORTEST_TCP_S : SHORTEST_UDP_S;

	return !m->recorded && m->timeout_s == 0 && idle_ns >= shortest_s * SECOND_NS && idle_ns > m->survived_ns;
}

/* A socket has one mapping for an end: where packets show another one the older has ended, nobody knows quite when. */
static void end_older(const struct mappings *m, const struct mapping *seen)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE_AND_REMOTE, seen->box, seen->protocol, &seen->inside,
		                          &seen->remote };

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		struct mapping *c = &m->list[i];

		if (c->kind != MAPPING_OUT || c->recorded || c->ended_ns != 0 || c->born_ns > seen->born_ns ||
		    !endpoint_equal(&c->remote, &seen->remote) || endpoint_equal(&c->external, &seen->external))
			continue;
		c->ended_ns = seen->born_ns;
		c->end = mapping_may_have_timed_out(c, seen->born_ns - c->last_ns) ? MAPPING_EXPIRED : MAPPING_DELETED;
	}
}

static void pass(struct mappings *m, const struct scene *s, const struct journey *j, const struct passage *p,
                 mapping_touched *touched, void *context)
{
	struct mapping seen = of_passage(s, p, j);
	struct mapping *found = find_for(m, &seen);
	bool first;

	if (journey_is_reset(j) && end_by_reset(m, &seen))
		return;
	if (found == NULL && seen.kind == MAPPING_HAIRPIN)
		found = find_answered(m, &seen);
	if (found == NULL && seen.kind == MAPPING_OUT)
		end_older(m, &seen);
	if (found == NULL)
		found = add(m, &seen);
	if (found == NULL) {
		m->short_of_memory = true;
		return;
	}
	first = found->born_by == 0 && found->refreshes == 0;
	touch(found, &seen, j, first);
	mapping_settle_end(m, s, found);
	if (touched != NULL)
		touched(context, found, j, seen.born_ns, first);
}

static bool has_mappings(const struct journey *j)
{
	return (j->protocol == PACKET_UDP || j->protocol == PACKET_TCP) && j->kind == PACKET_IP &&
	       j->fragment_offset == 0;
}

void mappings_journey(struct mappings *m, const struct scene *s, const struct journey *j, mapping_touched *touched,
                      void *context)
{
	if (!has_mappings(j))
		return;
	for (unsigned i = 1; i < j->leg_count; i++) {
		const struct leg *in = &j->legs[i - 1], *out = &j->legs[i];
		struct passage p = { in, out, s->interfaces[in->interface].node };

		if (p.box < 0 || p.box != s->interfaces[out->interface].node || s->nodes[p.box].kind != NODE_BOX ||
		    in->direction != PCAPNG_INBOUND || out->direction != PCAPNG_OUTBOUND)
			continue;
		pass(m, s, j, &p, touched, context);
	}
}
