#include "trace/cause.h"

#include <string.h>

/* conntrack's events are read some time after the packets: an entry "born" this much later may be this packet's work.
 */
#define EVENT_DELAY_NS UINT64_C(500000000)

#define CAUSE_ROW(kind, name, weight, brief, sentence, advice) [CAUSE_##kind] = { name, weight, brief, sentence },
const struct cause_row cause_table[CAUSES] = { CAUSE_LIST(CAUSE_ROW) };

#define BECAUSE_ROW(kind, name, sentence) [BECAUSE_##kind] = { name, sentence },
const struct because_row because_table[BECAUSES] = { BECAUSE_LIST(BECAUSE_ROW) };

void passed_journey(struct passed *p, const struct scene *s, const struct journey *j)
{
	int origin = journey_origin(s, j);

	if (origin < 0 || (j->protocol != PACKET_UDP && j->protocol != PACKET_TCP))
		return;
	for (unsigned i = 1; i < j->leg_count; i++) {
		const struct scene_interface *in = &s->interfaces[j->legs[i - 1].interface];
		const struct scene_interface *out = &s->interfaces[j->legs[i].interface];

		if (in->node != out->node || in->node < 0 || in->side != SCENE_LAN_SIDE)
			continue;
		if (j->protocol == PACKET_UDP)
			p->udp[in->node][origin]++;
		else
			p->tcp[in->node][origin]++;
	}
}

void cause_settle(struct cause *c, const struct mappings *m, const struct passed *p)
{
	if (c->kind == CAUSE_TOO_EARLY && m->list[c->mapping].born_ns <= c->time_ns)
		c->kind = CAUSE_RULE_IN;
	if (c->kind != CAUSE_RULE_OUT || c->origin < 0 || c->node < 0)
		return;
	if (c->protocol == PACKET_UDP ? p->udp[c->node][c->origin] == 0
	                              : c->protocol == PACKET_TCP && p->tcp[c->node][c->origin] == 0)
		c->kind = CAUSE_BLOCKED;
}

/* What a box holds for the port a packet came to. */
struct holdings {
	long local; /* the box's own entry for exactly this sender */
	long exact; /* alive, and made for this sender */
	long exact_dead;
	long exact_later;
	long address; /* alive, made for the sender's address */
	long any;     /* alive, made for somebody */
	long any_dead;
	struct endpoint inside; /* who uses the port */
};

static void keep_newest(long *slot, const struct mappings *m, size_t i)
{
	if (*slot < 0 || m->list[i].born_ns >= m->list[*slot].born_ns)
		*slot = (long)i;
}

static void weigh_local(struct holdings *h, const struct mappings *m, size_t i, const struct cause *c)
{
	const struct mapping *e = &m->list[i];

	if (endpoint_equal(&e->remote, &c->src) && e->born_ns <= c->time_ns + EVENT_DELAY_NS &&
	    (e->ended_ns == 0 || e->ended_ns >= c->time_ns))
		keep_newest(&h->local, m, i);
}

static void weigh(struct holdings *h, const struct mappings *m, size_t i, const struct cause *c)
{
	const struct mapping *e = &m->list[i];
	bool exact = endpoint_equal(&e->remote, &c->src);

	if (h->inside.address.family == ADDRESS_NONE)
		h->inside = e->inside;
	if (e->born_ns > c->time_ns) {
		if (exact)
			keep_newest(&h->exact_later, m, i);
		return;
	}
	if (!mapping_is_alive(e, c->time_ns)) {
		keep_newest(exact ? &h->exact_dead : &h->any_dead, m, i);
		return;
	}
	if (exact)
		keep_newest(&h->exact, m, i);
	else if (endpoint_same_address(&e->remote, &c->src))
		keep_newest(&h->address, m, i);
	else
		keep_newest(&h->any, m, i);
}

static bool is_at(const struct mapping *e, const struct cause *c)
{
	return e->box == c->node && e->protocol == c->protocol && endpoint_equal(&e->external, &c->dst);
}

/* First what concerns the sender's address; then, of what was made for others, the newest. */
static struct holdings hold(const struct mappings *m, const struct cause *c)
{
	struct holdings h = { -1, -1, -1, -1, -1, -1, -1, { .port = 0 } };
	enum mapping_key key = MAPPING_BY_EXTERNAL_AND_REMOTE;

	for (long i = mappings_first(m, key, c->node, &c->dst, &c->src); i >= 0; i = mappings_next(m, key, i))
		if (is_at(&m->list[i], c) && m->list[i].kind == MAPPING_LOCAL)
			weigh_local(&h, m, (size_t)i, c);
		else if (is_at(&m->list[i], c))
			weigh(&h, m, (size_t)i, c);
	key = MAPPING_BY_EXTERNAL;
	for (long i = mappings_first(m, key, c->node, &c->dst, NULL); i >= 0 && h.any < 0; i = mappings_next(m, key, i))
		if (is_at(&m->list[i], c) && m->list[i].kind != MAPPING_LOCAL)
			weigh(&h, m, (size_t)i, c);
	return h;
}

/* The way the same host inside opened, sooner or later, for the sender's address, on another port than the packet came
 * to. */
static long find_elsewhere(const struct mappings *m, const struct cause *c, const struct endpoint *inside)
{
	const enum mapping_key key = MAPPING_BY_INSIDE_AND_REMOTE;
	long best = -1;

	if (inside->address.family == ADDRESS_NONE)
		return -1;
	for (long i = mappings_first(m, key, c->node, inside, &c->src); i >= 0; i = mappings_next(m, key, i)) {
		const struct mapping *e = &m->list[i];

		if (e->box == c->node && e->protocol == c->protocol && e->kind == MAPPING_OUT &&
		    endpoint_equal(&e->inside, inside) && endpoint_same_address(&e->remote, &c->src) &&
		    !endpoint_equal(&e->external, &c->dst) && (e->ended_ns == 0 || e->ended_ns >= c->time_ns))
			keep_newest(&best, m, (size_t)i);
	}
	return best;
}

static bool box_took(const struct mappings *m, int box, const struct endpoint *remote, const struct endpoint *own)
{
	const enum mapping_key key = MAPPING_BY_EXTERNAL_AND_REMOTE;
	long i = mappings_first(m, key, box, own, remote);

	while (i >= 0 && !(m->list[i].box == box && m->list[i].kind == MAPPING_LOCAL &&
	                   endpoint_equal(&m->list[i].remote, remote) && endpoint_equal(&m->list[i].external, own)))
		i = mappings_next(m, key, i);
	return i >= 0;
}

/* Another port of the same socket at that box, the newest made before the odd one. */
static long find_usual(const struct mappings *m, int box, uint8_t protocol, const struct endpoint *inside,
                       const struct endpoint *odd, uint64_t time_ns)
{
	long best = -1;

	for (long i = mappings_first(m, MAPPING_BY_INSIDE, box, inside, NULL); i >= 0 && best < 0;
	     i = mappings_next(m, MAPPING_BY_INSIDE, i)) {
		const struct mapping *e = &m->list[i];

		if (e->box == box && e->protocol == protocol && e->kind != MAPPING_LOCAL && e->kind != MAPPING_IN &&
		    endpoint_equal(&e->inside, inside) && !endpoint_equal(&e->external, odd) && e->born_ns <= time_ns)
			best = i;
	}
	return best;
}

/* Why `inside` has the port `odd` at the box towards `remote`, where it usually has another one. */
static bool explain_port(const struct mappings *m, struct cause *c, int box, const struct endpoint *inside,
                         const struct endpoint *odd, const struct endpoint *remote, uint64_t time_ns)
{
	long usual = find_usual(m, box, c->protocol, inside, odd, time_ns);

	if (usual < 0)
		return false;
	c->because_node = box;
	c->usual = m->list[usual].external;
	if (box_took(m, box, remote, &c->usual))
		c->because = BECAUSE_TRAP;
	else
		c->because = mapping_is_alive(&m->list[usual], time_ns) ? BECAUSE_ENDPOINT_DEPENDENT : BECAUSE_REMAPPED;
	return true;
}

/* The boxes on the packet's own way, from the last to the first: which of them gave it a port its sender does not
 * usually have? */
static void explain_source(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	for (unsigned i = j->leg_count - 1; i > 0; i--) {
		const struct leg *in = &j->legs[i - 1], *out = &j->legs[i];
		int box = s->interfaces[in->interface].node;

		if (box == s->interfaces[out->interface].node && box >= 0 && journey_source_changed(j, i) &&
		    explain_port(m, c, box, &in->src, &out->src, &out->dst, out->time_ns))
			return;
	}
}

/* A box holds nothing that fits: what came nearest? */
static void judge_inbound(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	struct holdings h = hold(m, c);
	long elsewhere = find_elsewhere(m, c, &h.inside);

	if (h.local >= 0) {
		c->kind = CAUSE_SWALLOWED;
		c->mapping = h.local;
	} else if (h.exact >= 0) {
		c->kind = journey_last(j)->ttl <= 1 ? CAUSE_TTL : CAUSE_RULE_IN;
		c->mapping = h.exact;
	} else if (h.exact_dead >= 0) {
		c->kind = m->list[h.exact_dead].end == MAPPING_DELETED ? CAUSE_DELETED : CAUSE_EXPIRED;
		c->mapping = h.exact_dead;
	} else if (elsewhere >= 0) {
		const struct mapping *e = &m->list[elsewhere];

		c->kind = CAUSE_MAPPED_ELSEWHERE;
		c->mapping = elsewhere;
		explain_port(m, c, c->node, &e->inside, &e->external, &e->remote, e->born_ns);
	} else if (h.exact_later >= 0) {
		c->kind = CAUSE_TOO_EARLY;
		c->mapping = h.exact_later;
	} else if (h.address >= 0 || h.any >= 0) {
		c->kind = h.address >= 0 ? CAUSE_FILTERED_PORT : CAUSE_FILTERED_ADDRESS;
		c->mapping = h.address >= 0 ? h.address : h.any;
		explain_source(s, m, j, c);
	} else if (h.any_dead >= 0) {
		c->kind = m->list[h.any_dead].end == MAPPING_DELETED ? CAUSE_DELETED : CAUSE_EXPIRED;
		c->mapping = h.any_dead;
	} else {
		c->kind = CAUSE_NO_MAPPING;
	}
}

/* For its own outer address, or that of a box behind it in the same lan's way out. */
static bool wants_hairpin(const struct scene *s, const struct cause *c)
{
	return scene_has_address(s, c->node, &c->dst);
}

static void judge_outbound(const struct scene *s, const struct journey *j, struct cause *c)
{
	if (journey_last(j)->ttl <= 1)
		c->kind = CAUSE_TTL;
	else
		c->kind = wants_hairpin(s, c) ? CAUSE_NO_HAIRPIN : CAUSE_RULE_OUT;
}

/* Whoever dropped it said why. Returns false if nothing was said that decides. */
static bool judge_error(const struct journey *j, struct cause *c)
{
	switch (j->refused_as) {
	case ICMP_SAYS_TTL: c->kind = CAUSE_TTL; return true;
	case ICMP_SAYS_TOO_BIG:
		c->kind = CAUSE_TOO_BIG;
		c->path_mtu = j->path_mtu;
		return true;
	case ICMP_SAYS_UNREACHABLE:
		if (j->fate != FATE_DROPPED)
			return false;
		c->kind = CAUSE_NO_ROUTE;
		return true;
	case ICMP_SAYS_REFUSED: /* a rule that is not silent: which one, the box's state tells */
	case ICMP_SAYS_NOTHING: break;
	}
	return false;
}

/* It left for a router, which had to take one from its hop limit. */
static bool died_of_ttl_beyond(const struct scene *s, const struct journey *j)
{
	const struct scene_interface *i = &s->interfaces[journey_last(j)->interface];

	return journey_last(j)->ttl <= 1 && i->side != SCENE_LAN_SIDE && s->nodes[i->node].behind < 0;
}

static void judge_loss(const struct scene *s, const struct journey *j, struct cause *c)
{
	c->beyond = true;
	if (judge_error(j, c))
		return;
	if (j->next_node < 0)
		c->kind = CAUSE_NO_ROUTE;
	else
		c->kind = died_of_ttl_beyond(s, j) ? CAUSE_TTL : CAUSE_LOST_ON_WIRE;
}

static void judge_drop(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	enum scene_side side = s->interfaces[journey_last(j)->interface].side;

	if (judge_error(j, c))
		return;
	if (s->nodes[c->node].kind != NODE_BOX)
		c->kind = CAUSE_NOT_FOR_HOST;
	else if (side == SCENE_LAN_SIDE)
		judge_outbound(s, j, c);
	else if (j->fragment_offset != 0)
		c->kind = CAUSE_FRAGMENT;
	else
		judge_inbound(s, m, j, c);
}

/* An error about the way is not about a packet that arrived: it is another one's, with the same bytes. */
static bool was_refused(const struct journey *j)
{
	return j->refused_by != 0 && j->refused_as != ICMP_SAYS_TTL && j->refused_as != ICMP_SAYS_TOO_BIG;
}

void cause_find(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *out)
{
	const struct leg *last = journey_last(j);

	*out = (struct cause){ .node = j->end_node,
		               .journey = j->id,
		               .time_ns = last->time_ns,
		               .protocol = j->protocol,
		               .origin = journey_origin(s, j),
		               .src = last->src,
		               .dst = last->dst,
		               .mapping = -1,
		               .because_node = -1 };
	switch (j->fate) {
	case FATE_DROPPED: judge_drop(s, m, j, out); break;
	case FATE_LOST: judge_loss(s, j, out); break;
	case FATE_DELIVERED: out->kind = was_refused(j) ? CAUSE_REFUSED : CAUSE_NONE; break;
	case FATE_MOVING:
	case FATE_FOR_BOX:
	case FATE_LINK_ONLY:
	case FATE_UNKNOWN:
	case FATES: break;
	}
}
