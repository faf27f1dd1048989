#include "trace/cause.h"

#include "trace/holdings.h"
#include "trace/manners.h"

#include <string.h>

#define CAUSE_ROW(kind, name, weight, brief, sentence, advice) [CAUSE_##kind] = { name, weight, brief, sentence },
const struct cause_row cause_table[CAUSES] = { CAUSE_LIST(CAUSE_ROW) };

#define BECAUSE_ROW(kind, name, sentence) [BECAUSE_##kind] = { name, sentence },
const struct because_row because_table[BECAUSES] = { BECAUSE_LIST(BECAUSE_ROW) };

/* The row of struct passed, or -1 for protocols without ports. */
static int row_of(uint8_t protocol)
{
	return protocol == PACKET_UDP ? 0 : protocol == PACKET_TCP ? 1 : -1;
}

void passed_journey(struct passed *p, const struct scene *s, const struct journey *j)
{
	int origin = journey_origin(s, j), row = row_of(j->protocol);

	for (unsigned i = 1; origin >= 0 && row >= 0 && i < j->leg_count; i++) {
		const struct scene_interface *in = &s->interfaces[j->legs[i - 1].interface];
		const struct scene_interface *out = &s->interfaces[j->legs[i].interface];

		if (in->node == out->node && in->node >= 0 && in->side == SCENE_LAN_SIDE)
			p->counts[row][in->node][origin]++;
	}
}

void cause_settle(struct cause *c, const struct mappings *m, const struct passed *p)
{
	int row = row_of(c->protocol);

	if (c->kind == CAUSE_TOO_EARLY && m->list[c->mapping].born_ns <= c->time_ns)
		c->kind = CAUSE_RULE_IN;
	if (c->kind == CAUSE_IDLE && !mapping_may_have_timed_out(&m->list[c->mapping], c->idle_ns))
		c->kind = CAUSE_RULE_IN;
	if (c->kind == CAUSE_RULE_OUT && row >= 0 && c->origin >= 0 && c->node >= 0 &&
	    p->counts[row][c->node][c->origin] == 0)
		c->kind = CAUSE_BLOCKED;
}

static bool box_took(const struct mappings *m, const struct mapping *odd, uint8_t protocol, const struct endpoint *own)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, odd->box, protocol, own, &odd->remote };
	long i = mappings_first(m, &q);

	while (i >= 0 && !(m->list[i].kind == MAPPING_LOCAL && endpoint_equal(&m->list[i].remote, &odd->remote)))
		i = mappings_next(m, &q, i);
	return i >= 0;
}

/*
 * Another port of the same socket at that box, made before the odd one: the newest of those that somebody answered, for
 * he saw it; failing that, the newest.
 */
static long find_usual(const struct mappings *m, int box, uint8_t protocol, const struct endpoint *inside,
                       const struct endpoint *odd, uint64_t time_ns)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE, box, protocol, inside, NULL };
	long newest = -1, answered = -1;

	for (long i = mappings_first(m, &q); i >= 0 && answered < 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (e->kind == MAPPING_IN || endpoint_equal(&e->external, odd) || e->born_ns > time_ns)
			continue;
		newest = newest < 0 ? i : newest;
		answered = e->replied_ns != 0 ? i : -1;
	}
	return answered >= 0 ? answered : newest;
}

/* Another host inside that had that outside port towards that end. */
static long find_holder(const struct mappings *m, const struct mapping *like, const struct endpoint *remote,
                        uint64_t time_ns)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, like->box, like->protocol, &like->external,
		                          remote };

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (e->kind != MAPPING_LOCAL && endpoint_equal(&e->remote, remote) &&
		    !endpoint_equal(&e->inside, &like->inside) && mapping_is_alive(e, time_ns))
			return i;
	}
	return -1;
}

/* Why the socket has the port of `odd` towards that end, where it usually has another one. */
static bool explain_port(const struct scene *s, const struct mappings *m, struct cause *c, const struct mapping *odd)
{
	long usual = find_usual(m, odd->box, c->protocol, &odd->inside, &odd->external, odd->born_ns), holder;

	if (usual < 0)
		return false;
	c->because_node = odd->box;
	c->usual = m->list[usual].external;
	if (m->list[usual].replied_ns != 0)
		c->seer = m->list[usual].remote;
	holder = find_holder(m, &m->list[usual], &odd->remote, odd->born_ns);
	if (box_took(m, odd, c->protocol, &c->usual)) {
		c->because = BECAUSE_TRAP;
	} else if (holder >= 0) {
		c->because = BECAUSE_TAKEN;
		c->holder = scene_owner_at(s, odd->box, &m->list[holder].inside);
	} else {
		bool alive = mapping_is_alive(&m->list[usual], odd->born_ns);

		c->because = alive ? BECAUSE_ENDPOINT_DEPENDENT : BECAUSE_REMAPPED;
	}
	return true;
}

/* A box's own program: what it sent from shows in conntrack's words alone. */
static bool explain_own(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	const struct leg *l = journey_first(j);
	int box = journey_origin(s, j);
	const struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, box, j->protocol, &l->src, &l->dst };
	long i = mappings_first(m, &q);

	if (l->direction != PCAPNG_OUTBOUND || !scene_has_address(s, box, &l->src))
		return false;
	while (i >= 0 && !(m->list[i].kind == MAPPING_OUT && endpoint_equal(&m->list[i].remote, &l->dst)))
		i = mappings_next(m, &q, i);
	return i >= 0 && explain_port(s, m, c, &m->list[i]);
}

/* The boxes on the packet's own way, from the last to the first: which of them gave it a port its sender does not
 * usually have? */
static void explain_source(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	for (unsigned i = j->leg_count - 1; i > 0; i--) {
		const struct leg *in = &j->legs[i - 1], *out = &j->legs[i];
		int box = s->interfaces[in->interface].node;

		const struct mapping odd = {
			.box = box, .inside = in->src, .external = out->src, .remote = out->dst, .born_ns = out->time_ns
		};

		if (box == s->interfaces[out->interface].node && box >= 0 && journey_source_changed(j, i) &&
		    explain_port(s, m, c, &odd))
			return;
	}
	if (journey_origin(s, j) >= 0)
		explain_own(s, m, j, c);
}

/* The box that gives each destination a port of its own, of those on the packet's own way; or -1. */
static int find_source_box(const struct scene *s, const struct mappings *m, const struct journey *j,
                           const struct cause *c)
{
	struct cause own = *c;

	own.because = BECAUSE_UNKNOWN;
	explain_source(s, m, j, &own);
	return own.because == BECAUSE_ENDPOINT_DEPENDENT ? own.because_node : -1;
}

static enum cause_kind cause_of_end(enum mapping_end end)
{
	switch (end) {
	case MAPPING_OLD: return CAUSE_TOO_OLD;
	case MAPPING_DELETED: return CAUSE_DELETED;
	case MAPPING_RESET: return CAUSE_ENDED_BY_RESET;
	case MAPPING_ALIVE:
	case MAPPING_EXPIRED: break;
	}
	return CAUSE_EXPIRED;
}

/* A SYN to one who has dialed its sender, where the box takes none for an answer. */
static bool is_unwanted_answer(const struct scene *s, const struct mapping *m, const struct journey *j)
{
	return journey_is_syn(j) && m->kind == MAPPING_OUT && manners_break_simultaneous(s, m->box);
}

/* Nothing that is seen tells whether it was still there. */
static void judge_idle(const struct mapping *m, struct cause *c)
{
	uint64_t idle_ns = c->time_ns > m->last_ns ? c->time_ns - m->last_ns : 0;

	if (c->kind != CAUSE_RULE_IN || !mapping_may_have_timed_out(m, idle_ns))
		return;
	c->kind = CAUSE_IDLE;
	c->idle_ns = idle_ns;
}

/* Nobody behind the box uses that port at that address. */
static void judge_unused(const struct scene *s, const struct mappings *m, const struct arrival *a, struct cause *c)
{
	bool parity = c->protocol == PACKET_UDP && manners_keep_parity(s, c->node);
	long pooled = manners_addresses(s, c->node) > 1 ? holdings_at_other_address(m, s, a) : -1;
	long odd = pooled < 0 && parity ? holdings_of_other_parity(m, a) : -1;

	c->kind = pooled >= 0 ? CAUSE_OTHER_ADDRESS : odd >= 0 ? CAUSE_OTHER_PARITY : CAUSE_NO_MAPPING;
	c->mapping = pooled >= 0 ? pooled : odd;
	if (odd >= 0)
		explain_port(s, m, c, &m->list[odd]);
}

/* A box holds nothing that fits: what came nearest? */
static void judge_inbound(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	const struct arrival a = { c->node, c->protocol, c->time_ns, c->src, c->dst };
	struct holdings h = holdings_of(m, &a);

	if (h.local >= 0) {
		c->kind = CAUSE_SWALLOWED;
		c->mapping = h.local;
	} else if (h.exact >= 0) {
		c->kind = journey_last(j)->ttl <= 1                     ? CAUSE_TTL
		          : is_unwanted_answer(s, &m->list[h.exact], j) ? CAUSE_NO_SIMULTANEOUS
		                                                        : CAUSE_RULE_IN;
		c->mapping = h.exact;
		judge_idle(&m->list[h.exact], c);
	} else if (h.exact_dead >= 0) {
		c->kind = cause_of_end(m->list[h.exact_dead].end);
		c->mapping = h.exact_dead;
	} else if (h.elsewhere >= 0) {
		c->kind = CAUSE_MAPPED_ELSEWHERE;
		c->mapping = h.elsewhere;
		explain_port(s, m, c, &m->list[h.elsewhere]);
		c->source_box = find_source_box(s, m, j, c);
	} else if (h.exact_later >= 0) {
		c->kind = CAUSE_TOO_EARLY;
		c->mapping = h.exact_later;
	} else if (h.address >= 0 || h.any >= 0) {
		c->kind = h.address >= 0 ? CAUSE_FILTERED_PORT : CAUSE_FILTERED_ADDRESS;
		c->mapping = h.address >= 0 ? h.address : h.any;
		c->later = h.address >= 0 ? -1 : h.address_later;
		explain_source(s, m, j, c);
	} else if (h.any_dead >= 0) {
		c->kind = cause_of_end(m->list[h.any_dead].end);
		c->mapping = h.any_dead;
	} else {
		judge_unused(s, m, &a, c);
	}
}

/* For its own outer address, or that of a box behind it in the same lan's way out, or one that it gives by prefix. */
static bool wants_hairpin(const struct scene *s, const struct cause *c)
{
	return scene_has_address(s, c->node, &c->dst) || scene_is_outside_of(s, c->node, &c->dst);
}

static bool holds(const struct mapping *e, const struct cause *c)
{
	return e->kind == MAPPING_LOCAL && endpoint_equal(&e->remote, &c->dst) &&
	       (e->ended_ns == 0 || e->ended_ns >= c->time_ns);
}

/* The box's own entry for that end that has the port which the socket shows to others, or -1. */
static long find_holding_entry(const struct mappings *m, const struct cause *c)
{
	const struct endpoint none = { .port = 0 };
	long usual = find_usual(m, c->node, c->protocol, &c->src, &none, c->time_ns), i;
	struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, c->node, c->protocol, NULL, &c->dst };

	if (usual < 0)
		return -1;
	q.end = &m->list[usual].external;
	i = mappings_first(m, &q);
	while (i >= 0 && !holds(&m->list[i], c))
		i = mappings_next(m, &q, i);
	return i;
}

static void judge_outbound(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	if (journey_last(j)->ttl <= 1) {
		c->kind = CAUSE_TTL;
		return;
	}
	if (!wants_hairpin(s, c) && recorded_events_is_link_down(m->events, c->node, c->time_ns)) {
		c->kind = CAUSE_LINK_DOWN;
		return;
	}
	if (!wants_hairpin(s, c) && manners_too_long_to_pass(s, c->node, j)) {
		c->kind = CAUSE_SIZE;
		c->path_mtu = manners_wan_mtu(s, c->node);
		return;
	}
	c->mapping = find_holding_entry(m, c);
	if (c->mapping >= 0)
		c->kind = CAUSE_PORT_HELD;
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
		if (c->beyond)
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

	return journey_last(j)->ttl <= 1 && i->side != SCENE_LAN_SIDE &&
	       scene_wire(s, i->node, i->link, journey_last(j)->time_ns) < 0;
}

/* Who should have got it, or whoever the address is of behind that, had it once, not when it was sent. */
static bool had_left(const struct scene *s, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	int owner = j->next_node;

	if (!scene_has_address(s, owner, &last->dst) && address_scope(&last->dst.address) == ADDRESS_GLOBAL)
		owner = scene_owner(s, &last->dst);
	return owner >= 0 && scene_has_address(s, owner, &last->dst) &&
	       !scene_had_address(s, owner, &last->dst, last->time_ns);
}

/* Whoever has the address said no himself, or nobody knows better who did. */
static void take_refusal(const struct scene *s, const struct journey *j, struct cause *c)
{
	int node = j->next_node >= 0 ? j->next_node : scene_owner(s, &journey_last(j)->dst);

	c->kind = j->refused_as == ICMP_SAYS_UNREACHABLE ? CAUSE_NO_ROUTE : CAUSE_REFUSED;
	if (c->kind == CAUSE_REFUSED && node >= 0 && endpoint_same_address(&j->refuser, &journey_last(j)->dst)) {
		c->node = node;
		c->beyond = false;
	}
}

/*
 * Where nobody looked an error alone tells. A record knows who has which address, and what an error means that says
 * that nobody has.
 */
static bool judge_refusal(const struct scene *s, const struct journey *j, struct cause *c)
{
	bool refused = j->refused_as == ICMP_SAYS_REFUSED;
	bool unseen = j->next_node < 0 || !scene_is_watched(s, j->next_node, -1, journey_last(j)->time_ns);

	if (s->from_record ? !(refused && j->next_node >= 0 && unseen)
	                   : !(refused || j->refused_as == ICMP_SAYS_UNREACHABLE))
		return false;
	take_refusal(s, j, c);
	return true;
}

/* The node at either end of the wire whose way out was down, or -1: the interface's capture sees what its link no
 * longer takes. */
static int find_whose_link_was_down(const struct scene *s, const struct mappings *m, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	const struct scene_interface *left = &s->interfaces[last->interface];

	if (left->side != SCENE_LAN_SIDE && recorded_events_is_link_down(m->events, left->node, last->time_ns))
		return left->node;
	return recorded_events_is_link_down(m->events, j->next_node, last->time_ns) ? j->next_node : -1;
}

static void judge_loss_on_wire(const struct scene *s, const struct mappings *m, const struct journey *j,
                               struct cause *c)
{
	int down = find_whose_link_was_down(s, m, j);

	c->kind = died_of_ttl_beyond(s, j) ? CAUSE_TTL : down >= 0 ? CAUSE_LINK_DOWN : CAUSE_LOST_ON_WIRE;
	if (c->kind == CAUSE_LINK_DOWN)
		c->node = down;
}

static void judge_loss(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	c->beyond = true;
	if (judge_error(j, c))
		return;
	c->on_link = link_fates_find(&m->events->links, s, j);
	if (c->on_link != NULL)
		c->kind = CAUSE_LINK;
	else if (judge_refusal(s, j, c))
		return;
	else if (j->next_node < 0)
		c->kind = CAUSE_NO_ROUTE;
	else if (had_left(s, j))
		c->kind = CAUSE_HAD_LEFT;
	else
		judge_loss_on_wire(s, m, j, c);
}

/* Nothing but the box's way with ports may have dropped it. */
static void judge_taking(const struct scene *s, const struct mappings *m, struct cause *c)
{
	long taker = c->kind == CAUSE_RULE_IN ? holdings_taker(m, &m->list[c->mapping], c->time_ns) : -1;

	if (taker < 0)
		return;
	c->kind = CAUSE_TAKEN_OVER;
	c->because_node = c->node;
	c->holder = scene_owner_at(s, c->node, &m->list[taker].inside);
}

/* What happened to the box meanwhile tells more than what it held. */
static void judge_changes(const struct mappings *m, struct cause *c)
{
	const struct mapping *e = c->mapping >= 0 ? &m->list[c->mapping] : NULL;

	if (e == NULL)
		return;
	if (c->kind == CAUSE_RULE_IN &&
	    recorded_events_has_change(m->events, c->node, RECORD_FORGOT_ANSWERS, e->born_ns, c->time_ns))
		c->kind = CAUSE_FORGOTTEN;
	c->rebound = c->kind == CAUSE_DELETED &&
	             recorded_events_has_change(m->events, c->node, RECORD_REBOUND, e->born_ns, c->time_ns);
}

static bool is_fragment(const struct journey *j)
{
	return j->fragment_offset != 0 || j->more_fragments;
}

/* Whom it was for answered that he has nobody who wants it: then it came to him, whatever was seen of that. */
static bool was_refused_there(const struct scene *s, const struct journey *j)
{
	return !s->from_record && j->refused_as == ICMP_SAYS_REFUSED &&
	       endpoint_same_address(&j->refuser, &journey_last(j)->dst);
}

static void judge_drop(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *c)
{
	enum scene_side side = s->interfaces[journey_last(j)->interface].side;

	c->beyond = journey_went_in_unseen(s, j) || (j->in_doubt && scene_owner_at(s, c->node, &j->refuser) != c->node);
	if (judge_error(j, c))
		return;
	if (c->beyond || was_refused_there(s, j))
		take_refusal(s, j, c);
	else if (s->nodes[c->node].kind != NODE_BOX)
		c->kind = CAUSE_NOT_FOR_HOST;
	else if (j->protocol == PACKET_ICMP && manners_block_icmp(s, c->node))
		c->kind = CAUSE_NO_ICMP;
	else if (is_fragment(j) && manners_fragments(s, c->node) != NAT_FRAGMENTS_PASS)
		c->kind = CAUSE_NO_FRAGMENTS;
	else if (side == SCENE_LAN_SIDE)
		judge_outbound(s, m, j, c);
	else if (j->fragment_offset != 0)
		c->kind = CAUSE_FRAGMENT;
	else
		judge_inbound(s, m, j, c);
	judge_changes(m, c);
	judge_taking(s, m, c);
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
		               .later = -1,
		               .source_box = -1,
		               .holder = -1,
		               .because_node = -1,
		               .refuser = j->refuser };
	switch (j->fate) {
	case FATE_DROPPED: judge_drop(s, m, j, out); break;
	case FATE_LOST: judge_loss(s, m, j, out); break;
	case FATE_REFUSED: out->kind = CAUSE_REFUSED; break;
	case FATE_DELIVERED: out->on_link = link_fates_change(&m->events->links, s, j); break;
	case FATE_MOVING:
	case FATE_FOR_BOX:
	case FATE_LINK_ONLY:
	case FATE_UNKNOWN:
	case FATES: break;
	}
}
