/* Which point of the world may follow which on a packet's way: scene_connect(). */
#include "trace/scene.h"

#include <string.h>

/* A place a packet passes, captured or not: a side of a node, its lan or one of its links outward, and a direction. */
#define SIDES (1 + TOPOLOGY_LINKS)
#define INNER 0 /* a box's lan side; further sides are links */

struct hop_place {
	int node;
	int side;
	bool inbound;
};

#define PLACES (SCENE_NODES * SIDES * 2)

static struct hop_place place_at(unsigned index)
{
	return (struct hop_place){ .node = (int)(index / (SIDES * 2)),
		                   .side = (int)(index / 2 % SIDES),
		                   .inbound = (index & 1) != 0 };
}

static unsigned place_index(const struct hop_place *p)
{
	return ((unsigned)p->node * SIDES + (unsigned)p->side) * 2 + (p->inbound ? 1 : 0);
}

static bool exists(const struct scene *s, const struct hop_place *p)
{
	const struct scene_node *n = &s->nodes[p->node];

	return p->side == INNER ? n->kind == NODE_BOX : p->side == 1 || (size_t)p->side <= n->link_count;
}

/* True if the place was ever on that wire: the lan of a box, or the internet. */
static bool was_on(const struct scene *s, const struct hop_place *p, int wire)
{
	return p->side == INNER ? p->node == wire : scene_was_on_wire(s, p->node, p->side - 1, wire);
}

static bool met_in_a_lan(const struct scene *s, const struct hop_place *a, const struct hop_place *b)
{
	for (int box = 0; box < (int)s->node_count; box++)
		if (s->nodes[box].kind == NODE_BOX && was_on(s, a, box) && was_on(s, b, box))
			return true;
	return false;
}

/* What was on several wires met the other on one or on the other. */
static enum scene_hop hop_on_wire(const struct scene *s, const struct hop_place *a, const struct hop_place *b)
{
	bool in_lan, outside;

	if (a->side == INNER && b->side == INNER)
		return SCENE_NO_HOP;
	if (was_on(s, a, SCENE_UNKNOWN) || was_on(s, b, SCENE_UNKNOWN))
		return SCENE_GAP;
	in_lan = met_in_a_lan(s, a, b);
	outside = was_on(s, a, SCENE_INTERNET) && was_on(s, b, SCENE_INTERNET);
	if (in_lan && outside)
		return SCENE_GAP;
	return in_lan ? SCENE_LINK : outside ? SCENE_ROUTED : SCENE_NO_HOP;
}

static enum scene_hop hop_between(const struct scene *s, const struct hop_place *a, const struct hop_place *b)
{
	if (a->node == b->node)
		return a->inbound && !b->inbound && s->nodes[a->node].kind == NODE_BOX ? SCENE_BOX : SCENE_NO_HOP;
	return !a->inbound && b->inbound ? hop_on_wire(s, a, b) : SCENE_NO_HOP;
}

static bool place_of_point(const struct scene *s, unsigned point, struct hop_place *out)
{
	const struct scene_interface *i = &s->interfaces[point / 3];
	unsigned direction = point % 3;

	if (direction == PCAPNG_DIRECTION_UNKNOWN || i->node < 0 || i->side == SCENE_ANY_SIDE)
		return false;
	*out = (struct hop_place){ .node = i->node,
		                   .side = i->side == SCENE_LAN_SIDE ? INNER : 1 + i->link,
		                   .inbound = direction == PCAPNG_INBOUND };
	return true;
}

/*
 * The places that there are, and at each the points where it is captured, one after the other, or -1: without a record
 * several interfaces may stand at one place, for nobody tells a node's links apart.
 */
struct places {
	unsigned list[PLACES];
	unsigned count;
	int points[PLACES];
	int next[SCENE_POINTS];
};

static void map_places(const struct scene *s, struct places *out)
{
	struct hop_place p;

	out->count = 0;
	for (unsigned i = 0; i < s->node_count * SIDES * 2; i++) {
		p = place_at(i);
		out->points[i] = -1;
		if (exists(s, &p))
			out->list[out->count++] = i;
	}
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p)) {
			out->next[i] = out->points[place_index(&p)];
			out->points[place_index(&p)] = (int)i;
		}
}

/* All that can be reached from a captured place over places that are not captured. */
static void connect_from(struct scene *s, unsigned point, unsigned start, const struct places *places)
{
	unsigned queue[PLACES], head = 0, tail = 0;
	bool seen[PLACES] = { false };

	queue[tail++] = start;
	seen[start] = true;
	while (head < tail) {
		unsigned at = queue[head++];
		struct hop_place a = place_at(at);

		for (unsigned i = 0; i < places->count; i++) {
			unsigned next = places->list[i];
			struct hop_place b = place_at(next);
			enum scene_hop hop = seen[next] ? SCENE_NO_HOP : hop_between(s, &a, &b);

			if (hop == SCENE_NO_HOP)
				continue;
			seen[next] = true;
			if (places->points[next] < 0)
				queue[tail++] = next;
			for (int to = places->points[next]; to >= 0; to = places->next[to])
				s->hops[point][to] = (uint8_t)(at == start ? hop : SCENE_GAP);
		}
	}
}

/* Where side or direction is not known, anything on another interface may follow. */
static void connect_unknown(struct scene *s)
{
	struct hop_place p;

	for (unsigned a = 0; a < s->interface_count * 3; a++)
		for (unsigned b = 0; b < s->interface_count * 3; b++)
			if (a / 3 != b / 3 && (!place_of_point(s, a, &p) || !place_of_point(s, b, &p)))
				s->hops[a][b] = SCENE_GAP;
}

void scene_connect(struct scene *s)
{
	struct places places;
	struct hop_place p;

	for (unsigned i = 0; i < s->interface_count * 3; i++)
		memset(s->hops[i], SCENE_NO_HOP, s->interface_count * 3 * sizeof s->hops[i][0]);
	map_places(s, &places);
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p))
			connect_from(s, i, place_index(&p), &places);
	connect_unknown(s);
}
