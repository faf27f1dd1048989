#include "chat/peer/candidates.h"

_Static_assert(CANDIDATES_MAX == 1 << CANDIDATE_BITS, "a serial tells every candidate");

static bool route_equal(const struct route *a, const struct route *b)
{
	return a->socket == b->socket && a->relayed == b->relayed && endpoint_equal(&a->where, &b->where);
}

void candidates_init(struct candidates *c, const struct endpoint *given)
{
	*c = (struct candidates){ .count = 1 };
	c->list[0].route.where = *given;
	c->list[0].way = WAY_SERVER_REFLEXIVE;
}

struct candidate *candidates_find(struct candidates *c, const struct route *route)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (route_equal(&c->list[i].route, route))
			return &c->list[i];
	return NULL;
}

static struct candidate *learned(struct candidates *c, uint32_t i)
{
	return &c->list[1 + (c->turn + i) % (CANDIDATES_MAX - 1)];
}

/*
 * The learned candidate that can best be spared: the one whose last answered probe is the longest ago, after those, in
 * turn, that never answered. A peer whose NAT gives it new ports again and again leaves confirmed ones behind.
 */
static struct candidate *spare(struct candidates *c, const struct candidate *keep)
{
	struct candidate *found = learned(c, learned(c, 0) != keep ? 0 : 1);

	for (uint32_t i = 1; i < CANDIDATES_MAX - 1; i++)
		if (learned(c, i) != keep && learned(c, i)->answered < found->answered)
			found = learned(c, i);
	c->turn = (uint32_t)(found - c->list); /* the next time begins behind it */
	return found;
}

struct candidate *candidates_add(struct candidates *c, const struct route *route, enum way way,
                                 const struct candidate *keep)
{
	struct candidate *place = c->count < CANDIDATES_MAX ? &c->list[c->count++] : spare(c, keep);

	*place = (struct candidate){ .route = *route, .way = way };
	return place;
}

uint32_t candidates_next_serial(struct candidates *c, struct candidate *to, uint64_t now_us)
{
	uint32_t serial = ++c->counter << CANDIDATE_BITS | (uint32_t)(to - c->list);

	if (to->first_serial == 0)
		to->first_serial = serial;
	to->last_serial = serial;
	to->sent_us = now_us;
	c->sent_us[c->counter % CANDIDATES_TIMED] = now_us;
	return serial;
}

struct candidate *candidates_confirm(struct candidates *c, uint32_t serial, const struct route *from)
{
	struct candidate *to = &c->list[serial % CANDIDATES_MAX];

	if (to->first_serial == 0 || serial < to->first_serial || serial > to->last_serial || serial <= to->answered ||
	    !route_equal(&to->route, from))
		return NULL;
	to->answered = serial;
	return to;
}

void candidates_swap_sockets(struct candidates *c, uint16_t a, uint16_t b)
{
	for (uint32_t i = 0; i < c->count; i++) {
		struct route *r = &c->list[i].route;

		if (!r->relayed && (r->socket == a || r->socket == b))
			r->socket = r->socket == a ? b : a;
	}
}

void candidates_time(const struct candidates *c, struct candidate *to, uint32_t serial, uint64_t now_us)
{
	uint32_t number = serial >> CANDIDATE_BITS;

	if (c->counter - number >= CANDIDATES_TIMED)
		return;
	to->round_trip_us = now_us - c->sent_us[number % CANDIDATES_TIMED];
	to->round_trip_us += to->round_trip_us == 0;
	if (to->shortest_us == 0 || to->round_trip_us < to->shortest_us)
		to->shortest_us = to->round_trip_us;
}
