/* Which point of the world may follow which on a packet's way: stage_connect(). */
#include "trace/scene.h"

#include <string.h>

/* A place a packet passes, captured or not: a node, its inner or outer side, and a direction. */
struct place {
	int node;
	bool inner; /* a box's lan side */
	bool inbound;
};

#define PLACES (STAGE_NODES * 4)

static struct place place_at(unsigned index)
{
	return (struct place){ .node = (int)(index / 4), .inner = (index & 2) != 0, .inbound = (index & 1) != 0 };
}

static unsigned place_index(const struct place *p)
{
	return (unsigned)p->node * 4 + (p->inner ? 2 : 0) + (p->inbound ? 1 : 0);
}

/* The wire a side of a node is on: the box whose lan it is, the internet, or not known. */
static int wire_of(const struct stage *s, const struct place *p)
{
	return p->inner ? p->node : s->nodes[p->node].behind;
}

static bool exists(const struct stage *s, const struct place *p)
{
	return !p->inner || s->nodes[p->node].kind == NODE_BOX;
}

static enum stage_hop hop_on_wire(const struct stage *s, const struct place *a, const struct place *b)
{
	int from = wire_of(s, a), to = wire_of(s, b);

	if (a->inner && b->inner)
		return STAGE_NO_HOP;
	if (from == STAGE_UNKNOWN || to == STAGE_UNKNOWN)
		return STAGE_GAP;
	if (from != to)
		return STAGE_NO_HOP;
	return from == STAGE_INTERNET ? STAGE_ROUTED : STAGE_LINK;
}

static enum stage_hop hop_between(const struct stage *s, const struct place *a, const struct place *b)
{
	if (!exists(s, a) || !exists(s, b))
		return STAGE_NO_HOP;
	if (a->node == b->node)
		return a->inbound && !b->inbound && s->nodes[a->node].kind == NODE_BOX ? STAGE_BOX : STAGE_NO_HOP;
	return !a->inbound && b->inbound ? hop_on_wire(s, a, b) : STAGE_NO_HOP;
}

static bool place_of_point(const struct stage *s, unsigned point, struct place *out)
{
	const struct stage_interface *i = &s->interfaces[point / 3];
	unsigned direction = point % 3;

	if (direction == PCAPNG_DIRECTION_UNKNOWN || i->node < 0 || i->side == STAGE_ANY_SIDE)
		return false;
	*out = (struct place){ .node = i->node,
		               .inner = i->side == STAGE_LAN_SIDE,
		               .inbound = direction == PCAPNG_INBOUND };
	return true;
}

/* Marks the places that are captured with their point, the others with -1. */
static void map_places(const struct stage *s, int points[PLACES])
{
	struct place p;

	for (unsigned i = 0; i < PLACES; i++)
		points[i] = -1;
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p))
			points[place_index(&p)] = (int)i;
}

/* All that can be reached from a captured place over places that are not captured. */
static void connect_from(struct stage *s, unsigned point, unsigned start, const int points[PLACES])
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
			enum stage_hop hop = seen[i] ? STAGE_NO_HOP : hop_between(s, &a, &b);

			if (hop == STAGE_NO_HOP)
				continue;
			seen[i] = true;
			if (points[i] < 0)
				queue[tail++] = i;
			else
				s->hops[point][points[i]] = (uint8_t)(at == start ? hop : STAGE_GAP);
		}
	}
}

/* Where side or direction is not known, anything on another interface may follow. */
static void connect_unknown(struct stage *s)
{
	struct place p;

	for (unsigned a = 0; a < s->interface_count * 3; a++)
		for (unsigned b = 0; b < s->interface_count * 3; b++)
			if (a / 3 != b / 3 && (!place_of_point(s, a, &p) || !place_of_point(s, b, &p)))
				s->hops[a][b] = STAGE_GAP;
}

void stage_connect(struct stage *s)
{
	int points[PLACES];
	struct place p;

	memset(s->hops, STAGE_NO_HOP, sizeof s->hops);
	map_places(s, points);
	for (unsigned i = 0; i < s->interface_count * 3; i++)
		if (place_of_point(s, i, &p))
			connect_from(s, i, place_index(&p), points);
	connect_unknown(s);
}
