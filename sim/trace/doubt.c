#include "trace/doubt.h"

static bool reaches(const struct view *v, const struct doubt_sight *sight)
{
	uint64_t from_ns, to_ns;

	return !v->lossy && view_shows_way(v, sight->dst, &from_ns, &to_ns) &&
	       (sight->src == NULL || view_knows(v, sight->src)) &&
	       !view_may_hide(v, sight->protocol, sight->src, sight->dst);
}

/* With a record everything is captured where anything is. */
static bool shows(const struct scene_interface *i, const struct doubt_sight *sight)
{
	return i->node == sight->node && scene_watches(i, sight->time_ns) &&
	       (i->view == NULL || reaches(i->view, sight));
}

bool doubt_would_show(const struct scene *s, const struct doubt_sight *sight, int except)
{
	for (int i = 0; i < (int)s->interface_count; i++)
		if (i != except && shows(&s->interfaces[i], sight))
			return true;
	return false;
}

/* Whoever has that outside port: he would have been seen to get it, and so would everybody who ever had it. */
static bool would_show_inside(const struct scene *s, const struct mappings *m, const struct doubt_sight *at_box)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL, at_box->node, at_box->protocol, at_box->dst, NULL };
	bool found = false;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		struct doubt_sight inside = *at_box;

		inside.dst = &m->list[i].inside;
		if (!doubt_would_show(s, &inside, -1))
			return false;
		found = true;
	}
	return found;
}

/* Its flow has passed the box where somebody looked. */
static bool has_passed(const struct mappings *m, const struct doubt_sight *at_box)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE_AND_REMOTE, at_box->node, at_box->protocol, at_box->src,
		                          at_box->dst };
	long i = mappings_first(m, &q);

	while (i >= 0 && !endpoint_equal(&m->list[i].remote, at_box->dst))
		i = mappings_next(m, &q, i);
	return i >= 0;
}

/* Before and after it others for the same address left by a side that was looked at: so would it have. */
static bool would_show_outside(const struct scene *s, const struct mappings *m, const struct doubt_sight *at_box,
                               int except)
{
	bool found = false;

	for (int i = 0; i < (int)s->interface_count && !found; i++) {
		const struct scene_interface *at = &s->interfaces[i];
		uint64_t from_ns, to_ns;

		found = at->node == at_box->node && i != except && at->view != NULL && !at->view->lossy &&
		        scene_watches(at, at_box->time_ns) && view_shows_way(at->view, at_box->dst, &from_ns, &to_ns) &&
		        from_ns <= at_box->time_ns && to_ns >= at_box->time_ns;
	}
	return found && has_passed(m, at_box);
}

static bool doubt_drop(const struct scene *s, const struct mappings *m, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	struct doubt_sight at_box = { j->end_node, last->time_ns, j->protocol, &last->src, &last->dst };

	if ((j->protocol != PACKET_UDP && j->protocol != PACKET_TCP) || j->fragment_offset != 0)
		return true;
	if (s->interfaces[last->interface].side != SCENE_LAN_SIDE)
		return !would_show_inside(s, m, &at_box);
	if (!scene_has_address(s, at_box.node, &last->dst))
		return !would_show_outside(s, m, &at_box, last->interface);
	at_box.src = NULL; /* it is turned round, and bears the box's own address or not */
	return !would_show_inside(s, m, &at_box);
}

/* It should have come in at the next one's interface: on the same wire; across the internet, where a router that nobody
 * looked at may let nothing through, if others of its flow did before it and after it. */
static bool doubt_loss(const struct scene *s, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	const struct doubt_sight next = { j->next_node, last->time_ns, j->protocol, &last->src, &last->dst };
	const struct scene_interface *left = &s->interfaces[last->interface];
	int wire = left->side == SCENE_LAN_SIDE ? left->node : scene_wire(s, left->node, left->link, last->time_ns);
	bool inward = left->side != SCENE_LAN_SIDE && wire == next.node;

	for (size_t i = 0; i < s->interface_count; i++) {
		const struct scene_interface *at = &s->interfaces[i];

		if ((at->side == SCENE_LAN_SIDE) == inward && shows(at, &next) &&
		    (wire >= 0 || (at->view != NULL &&
		                   view_shows_between(at->view, next.protocol, next.src, next.dst, next.time_ns))))
			return false;
	}
	return true;
}

bool doubt_journey(const struct scene *s, const struct mappings *m, const struct journey *j)
{
	if (s->interfaces[journey_last(j)->interface].view == NULL)
		return false;
	return j->fate == FATE_DROPPED ? doubt_drop(s, m, j) : j->fate == FATE_LOST && doubt_loss(s, j);
}
