/* Which point of the world may follow which on a packet's way: scene_connect(). */
#include "trace/scene.h"

#include <string.h>

/* A place a packet passes, captured or not: a node, its inner or outer side, and a direction. */
struct place {
	int node;
	bool inner; /* a box's lan side */
	bool inbound;
};

#define PLACES (SCENE_NODES * 4)

static struct place place_at(unsigned index)
{
	return (struct place){ .node = (int)(index / 4), .inner = (index & 2) != 0, .inbound = (index & 1) != 0 };
}

static unsigned place_index(const struct place *p)
{
	return (unsigned)p->node * 4 + (p->inner ? 2 : 0) + (p->inbound ? 1 : 0);
}

/* The wire a side of a node is on: the box whose lan it is, the internet, or not known. */
static int wire_of(const struct scene *s, const struct place *p)
{
	return p->inner ? p->node : s->nodes[p->node].behind;
}

static bool exists(const struct scene *s, const struct place *p)
{
	return !p->inner || s->nodes[p->node].kind == NODE_BOX;
}

static enum scene_hop hop_on_wire(const struct scene *s, const struct place *a, const struct place *b)
{
	int from = wire_of(s, a), to = wire_of(s, b);

	if (a->inner && b->inner)
		return SCENE_NO_HOP;
	if (from == SCENE_UNKNOWN || to == SCENE_UNKNOWN)
		return SCENE_GAP;
	if (from != to)
		return SCENE_NO_HOP;
	return from == SCENE_INTERNET ? SCENE_ROUTED : SCENE_LINK;
}

static enum scene_hop hop_between(const struct scene *s, const struct place *a, const struct place *b)
{
	if (!exists(s, a) || !exists(s, b))
		return SCENE_NO_HOP;
	if (a->node == b->node)
		return a->inbound && !b->inbound && s->nodes[a->node].kind == NODE_BOX ? SCENE_BOX : SCENE_NO_HOP;
	return !a->inbound && b->inbound ? hop_on_wire(s, a, b) : SCENE_NO_HOP;
}

static bool place_of_point(const struct scene *s, unsigned point, struct place *out)
{
	const struct scene_interface *i = &s->interfaces[point / 3];
	unsigned direction = point % 3;

	if (direction == PCAPNG_DIRECTION_UNKNOWN || i->node < 0 || i->side == SCENE_ANY_SIDE)
		return false;
	*out = (struct place){ .node = i->node,
		               .inner = i->side == SCENE_LAN_SIDE,
		               .inbound = direction == PCAPNG_INBOUND };
	return true;
}

/* Marks the places that are captured with their point, the others with -1. */
static void map_places(const struct scene *s, int points[PLACES])
{
	struct place p;

	for (unsigned i = 0; i < PLACES; i++)
		points[i] = -1;
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p))
			points[place_index(&p)] = (int)i;
}

/* All that can be reached from a captured place over places that are not captured. */
static void connect_from(struct scene *s, unsigned point, unsigned start, const int points[PLACES])
{
	unsigned queue[PLACES], head = 0, tail = 0, places = (unsigned)s->node_count * 4;
	bool seen[PLACES] = { false };

	queue[tail++] = start;
	seen[start] = true;
	while (head < tail) {
		unsigned at = queue[head++];
		struct place a = place_at(at);

		for (unsigned i = 0; i < places; i++) {
			struct place b = place_at(i);
			enum scene_hop hop = seen[i] ? SCENE_NO_HOP : hop_between(s, &a, &b);

			if (hop == SCENE_NO_HOP)
				continue;
			seen[i] = true;
			if (points[i] < 0)
				queue[tail++] = i;
			else
				s->hops[point][points[i]] = (uint8_t)(at == start ? hop : SCENE_GAP);
		}
	}
}

/* Where side or direction is not known, anything on another interface may follow. */
static void connect_unknown(struct scene *s)
{
	struct place p;

	for (unsigned a = 0; a < s->interface_count * 3; a++)
		for (unsigned b = 0; b < s->interface_count * 3; b++)
			if (a / 3 != b / 3 && (!place_of_point(s, a, &p) || !place_of_point(s, b, &p)))
				s->hops[a][b] = SCENE_GAP;
}

void scene_connect(struct scene *s)
{
	int points[PLACES];
	struct place p;

	memset(s->hops, SCENE_NO_HOP, sizeof s->hops);
	map_places(s, points);
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p))
			connect_from(s, i, place_index(&p), points);
	connect_unknown(s);
}
