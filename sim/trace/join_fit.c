#include "trace/join_fit.h"

#include "model/nptv6.h"

unsigned leg_point(const struct leg *l)
{
	return scene_point(l->interface, (enum pcapng_direction)l->direction);
}

static bool is_hairpin(const struct scene *s, const struct leg *a, const struct leg *b)
{
	return a->interface == b->interface && s->interfaces[a->interface].side == SCENE_LAN_SIDE;
}

enum fit fit_after(const struct scene *s, const struct leg *a, const struct leg *b)
{
	bool same_src = endpoint_equal(&a->src, &b->src), same_dst = endpoint_equal(&a->dst, &b->dst);
	enum scene_hop hop = scene_hop(s, leg_point(a), leg_point(b));

	if (hop == SCENE_NO_HOP || b->ttl > a->ttl)
		return FIT_NONE;
	switch (hop) {
	case SCENE_LINK:
	case SCENE_ROUTED:
		if (!same_src || !same_dst)
			return FIT_NONE;
		return a->ttl - b->ttl == (hop == SCENE_ROUTED ? 1 : 0) ? FIT_EXACT : FIT_ODD_TTL;
	case SCENE_BOX:
		if (!same_src && !same_dst && !is_hairpin(s, a, b))
			return FIT_LOOSE;
		return a->ttl - b->ttl == 1 ? FIT_EXACT : FIT_ODD_TTL;
	case SCENE_GAP: return same_src && same_dst && a->ttl - b->ttl <= 1 ? FIT_ODD_TTL : FIT_LOOSE;
	case SCENE_NO_HOP: break;
	}
	return FIT_NONE;
}

static bool is_of_ports(const struct packet *p)
{
	return (p->ip.protocol == PACKET_UDP || p->ip.protocol == PACKET_TCP) && !packet_is_fragment(&p->ip);
}

bool fit_rewritten(const struct scene *s, const struct journey *j, const struct leg *l, const struct packet *p)
{
	const struct leg *last = journey_last(j);

	return is_of_ports(p) && j->protocol == p->ip.protocol && j->ip_id == p->ip.id &&
	       j->tcp_flags == p->tcp_flags && !j->more_fragments && j->fragment_offset == 0 &&
	       last->direction == PCAPNG_INBOUND && last->interface != l->interface && last->time_ns <= l->time_ns &&
	       fit_after(s, last, l) == FIT_EXACT;
}

static bool is_same_by_prefix(const struct scene *s, const struct endpoint *a, const struct endpoint *b)
{
	return endpoint_equal(a, b) ||
	       (a->port == b->port && a->address.family == ADDRESS_IPV6 && b->address.family == ADDRESS_IPV6 &&
	        scene_owner(s, a) >= 0 && scene_owner(s, a) == scene_owner(s, b) &&
	        nptv6_is_neutral(&a->address, &b->address));
}

bool fit_quoted(const struct scene *s, const struct journey *j, const struct packet_ip *quote)
{
	for (unsigned i = 0; i < j->leg_count; i++)
		if (is_same_by_prefix(s, &j->legs[i].src, &quote->src) &&
		    is_same_by_prefix(s, &j->legs[i].dst, &quote->dst))
			return true;
	return false;
}

bool fit_ends(const struct scene *s, const struct leg *l)
{
	const struct scene_interface *i = &s->interfaces[l->interface];

	return l->direction == PCAPNG_INBOUND && i->node >= 0 && s->nodes[i->node].kind == NODE_HOST &&
	       i->side == SCENE_HOST_SIDE;
}

bool fit_begins_at_box(const struct scene *s, const struct leg *l)
{
	int node = s->interfaces[l->interface].node;
	bool found = false;

	if (l->direction != PCAPNG_OUTBOUND || node < 0 || s->nodes[node].kind != NODE_BOX)
		return false;
	for (size_t i = 0; i < s->interface_count && !found; i++)
		found = i != l->interface && s->interfaces[i].node == node;
	return found;
}
