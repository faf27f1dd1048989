#include "trace/journey.h"

int journey_origin(const struct scene *s, const struct journey *j)
{
	return s->interfaces[journey_first(j)->interface].node;
}

bool journey_source_changed(const struct journey *j, unsigned i)
{
	return !endpoint_equal(&j->legs[i].src, &j->legs[i - 1].src);
}

bool journey_target_changed(const struct journey *j, unsigned i)
{
	return !endpoint_equal(&j->legs[i].dst, &j->legs[i - 1].dst);
}

const char *journey_fate_name(enum journey_fate fate)
{
	static const char *const names[] = {
		[FATE_MOVING] = "moving",       [FATE_DELIVERED] = "delivered", [FATE_REFUSED] = "refused",
		[FATE_DROPPED] = "dropped",     [FATE_LOST] = "lost",           [FATE_FOR_BOX] = "for the box",
		[FATE_LINK_ONLY] = "link only", [FATE_UNKNOWN] = "unknown",
	};

	_Static_assert(sizeof names / sizeof names[0] == FATES, "every fate has a name");
	return names[fate];
}

/* An echo request is answered by the box; other datagrams to its lan address are its own business too. */
static bool is_for_box(const struct journey *j, const struct scene *s, int box)
{
	const struct leg *l = journey_last(j);

	if (scene_is_lan_address(s, box, &l->dst))
		return true;
	return scene_has_address(s, box, &l->dst) && j->protocol == PACKET_ICMP && !j->quotes;
}

static enum journey_fate fate_inbound(const struct journey *j, const struct scene *s, int node)
{
	const struct scene_node *n = &s->nodes[node];

	if (n->kind == NODE_BOX)
		return is_for_box(j, s, node) ? FATE_FOR_BOX : FATE_DROPPED;
	/* Without a record a host's addresses may not be known: what comes in there is taken to be for it. */
	return n->address_count == 0 || scene_has_address(s, node, &journey_last(j)->dst) ? FATE_DELIVERED
	                                                                                  : FATE_DROPPED;
}

static bool is_captured(const struct scene *s, int node)
{
	for (size_t i = 0; i < s->interface_count; i++)
		if (s->interfaces[i].node == node)
			return true;
	return false;
}

/* Where nobody looked, or who has which address is not recorded, nothing is known to be lost. */
static bool left_our_view(const struct journey *j, const struct scene *s)
{
	return j->refused_by == 0 && (j->next_node < 0 ? !s->from_record : !is_captured(s, j->next_node));
}

void journey_conclude(struct journey *j, const struct scene *s, bool cut_short)
{
	const struct leg *last = journey_last(j);

	j->end_node = s->interfaces[last->interface].node;
	j->next_node = -1;
	if (j->kind != PACKET_IP || j->to_many)
		j->fate = FATE_LINK_ONLY;
	else if (j->end_node < 0 || last->direction == PCAPNG_DIRECTION_UNKNOWN)
		j->fate = FATE_UNKNOWN;
	else if (last->direction == PCAPNG_INBOUND)
		j->fate = fate_inbound(j, s, j->end_node);
	else
		j->fate = FATE_LOST;
	if (cut_short && j->refused_by == 0 && (j->fate == FATE_LOST || j->fate == FATE_DROPPED))
		j->fate = FATE_MOVING;
	if (j->fate == FATE_LOST) {
		const struct scene_interface *i = &s->interfaces[last->interface];

		j->next_node = i->side == SCENE_LAN_SIDE
		                   ? scene_owner(s, &last->dst)
		                   : scene_next_node(s, last->interface, &last->dst, last->time_ns);
		if (left_our_view(j, s))
			j->fate = FATE_UNKNOWN;
	}
}
