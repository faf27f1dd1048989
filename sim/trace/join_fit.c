#include "trace/join_fit.h"

unsigned leg_point(const struct leg *l)
{
	return stage_point(l->interface, (enum pcapng_direction)l->direction);
}

static bool is_hairpin(const struct stage *s, const struct leg *a, const struct leg *b)
{
	return a->interface == b->interface && s->interfaces[a->interface].side == STAGE_LAN_SIDE;
}

enum fit fit_after(const struct stage *s, const struct leg *a, const struct leg *b)
{
	bool same_src = endpoint_equal(&a->src, &b->src), same_dst = endpoint_equal(&a->dst, &b->dst);
	enum stage_hop hop = stage_hop(s, leg_point(a), leg_point(b));

	if (hop == STAGE_NO_HOP || b->ttl > a->ttl)
		return FIT_NONE;
	switch (hop) {
	case STAGE_LINK:
	case STAGE_ROUTED:
		if (!same_src || !same_dst)
			return FIT_NONE;
		return a->ttl - b->ttl == (hop == STAGE_ROUTED ? 1 : 0) ? FIT_EXACT : FIT_ODD_TTL;
	case STAGE_BOX:
		if (!same_src && !same_dst && !is_hairpin(s, a, b))
			return FIT_LOOSE;
		return a->ttl - b->ttl == 1 ? FIT_EXACT : FIT_ODD_TTL;
	case STAGE_GAP: return same_src && same_dst && a->ttl - b->ttl <= 1 ? FIT_ODD_TTL : FIT_LOOSE;
	case STAGE_NO_HOP: break;
	}
	return FIT_NONE;
}
