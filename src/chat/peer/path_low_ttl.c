#include "chat/peer/path_low_ttl.h"

#include "chat/peer/path.h"
#include "chat/peer/path_probing.h"

#include <string.h>

#define NEAR_PROBES 2u /* the second for one that is lost before the box */
#define NEAR_PACE_US 50000u
#define FAR_PROBES 4u
#define FAR_PACE_US 250000u
#define SOCKET_PACE_US 50000u
#define PEER_US 4000000u /* so long an attempt waits for the other side */

/*
 * How far the near probes go. Two hops lead out of the box in front of us, and no further than the next router. Where
 * one of us stands behind two boxes it takes three to leave the outer one; but three of who stands behind one end at
 * the other's box, which may not be open yet. Where neither is enough, there is most likely much network between us.
 */
static const struct {
	uint8_t first, second; /* of the two of us */
} hops[] = { { 2, 2 }, { 3, 2 }, { 2, 3 }, { 3, 3 }, { 5, 5 } };

#define ATTEMPTS (sizeof hops / sizeof hops[0])

static uint32_t serial_of(const struct low_ttl *l)
{
	return 2u * l->attempt + (l->near == NEAR_PROBES ? 2 : 1);
}

static uint32_t attempt_of(uint32_t serial)
{
	return serial == 0 ? 0 : (serial - 1) / 2;
}

static bool is_open(const struct low_ttl *l)
{
	return l->near == NEAR_PROBES;
}

/* The peer is at this attempt, too. */
static bool is_met(const struct low_ttl *l)
{
	return l->socket != 0 && l->their_port != 0 && attempt_of(l->their_serial) == l->attempt;
}

static bool wants_near(const struct low_ttl *l)
{
	return is_met(l) && !is_open(l);
}

static bool both_are_open(const struct low_ttl *l)
{
	return is_met(l) && is_open(l) && l->their_serial == serial_of(l);
}

static bool wants_far(const struct low_ttl *l)
{
	return both_are_open(l) && l->far < FAR_PROBES;
}

void path_low_ttl_prepare(struct path *p, struct means *means)
{
	struct low_ttl *l = &p->ways.low_ttl;

	if (l->socket == 0)
		l->socket = own_mapping_hand_over(&means->mapping, &means->sockets, p, &l->port);
}

void path_low_ttl_start(struct path *p, uint64_t at_us)
{
	p->ways.low_ttl.on = true;
	p->ways.low_ttl.next_us = at_us;
	p->ways.low_ttl.until_us = at_us + PEER_US;
}

void path_low_ttl_offer(const struct path *p, struct wire_message *offer)
{
	const struct low_ttl *l = &p->ways.low_ttl;

	offer->serial = serial_of(l);
	if (l->socket != 0) {
		offer->port = l->port;
		offer->span = 1;
	}
}

void path_low_ttl_receive(struct path *p, const struct wire_message *offer)
{
	struct low_ttl *l = &p->ways.low_ttl;

	if (offer->serial < l->their_serial || attempt_of(offer->serial) >= ATTEMPTS)
		return;
	if (offer->serial > l->their_serial)
		l->their_port = 0;
	l->their_serial = offer->serial;
	if (offer->span == 1)
		l->their_port = offer->port;
}

static void go_on_to(struct low_ttl *l, uint32_t attempt, uint64_t now_us)
{
	l->attempt = (uint8_t)attempt;
	l->socket = l->port = 0;
	l->near = l->far = 0;
	l->next_us = now_us;
	l->until_us = now_us + PEER_US;
}

/* The next attempt, or the end: a peer that was not there will not be the next time either. */
static bool fail(struct low_ttl *l, uint64_t now_us)
{
	l->on = both_are_open(l) && l->attempt + 1u < ATTEMPTS;
	if (l->on)
		go_on_to(l, l->attempt + 1u, now_us);
	return l->on;
}

/*
 * Measured anew for every attempt, and for every path that does this: one socket serves one. At a pace, since measuring
 * is over at once where the program has no socket to give.
 */
static bool take_socket(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	struct low_ttl *l = &p->ways.low_ttl;

	path_low_ttl_prepare(p, means);
	if (l->socket != 0)
		return true;
	own_mapping_start(&means->mapping, &means->sockets, fx, now_us);
	l->next_us = now_us + SOCKET_PACE_US;
	return false;
}

static uint8_t own_hops(const struct path *p, const struct effects *fx)
{
	bool first = memcmp(fx->card.exchange, p->run, sizeof p->run) < 0;

	return first ? hops[p->ways.low_ttl.attempt].first : hops[p->ways.low_ttl.attempt].second;
}

static struct route route_of(const struct path *p)
{
	struct route route = { .where = p->peer, .socket = p->ways.low_ttl.socket };

	route.where.port = p->ways.low_ttl.their_port;
	return route;
}

/* Returns true if that was the last of them. */
static bool send_near(struct path *p, struct effects *fx, uint64_t now_us)
{
	struct route route = route_of(p);

	route.hops = own_hops(p, fx);
	path_probing_guess(p, fx, &route);
	p->ways.low_ttl.near++;
	p->ways.low_ttl.next_us = now_us + NEAR_PACE_US;
	return is_open(&p->ways.low_ttl);
}

static void send_far(struct path *p, struct effects *fx, uint64_t now_us)
{
	struct low_ttl *l = &p->ways.low_ttl;
	struct route route = route_of(p);
	struct candidate *c = candidates_find(&p->candidates, &route);

	if (c == NULL)
		c = candidates_add(&p->candidates, &route, WAY_LOW_TTL, p->via);
	path_probing_probe(p, fx, c, now_us);
	l->far++;
	l->next_us = now_us + FAR_PACE_US;
	l->until_us = l->next_us;
}

bool path_low_ttl_tick(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	struct low_ttl *l = &p->ways.low_ttl;

	if (l->on && attempt_of(l->their_serial) > l->attempt)
		go_on_to(l, attempt_of(l->their_serial), now_us);
	if (!l->on || now_us < l->next_us)
		return false;
	if (now_us >= l->until_us)
		return fail(l, now_us);
	if (l->socket == 0)
		return take_socket(p, means, fx, now_us);
	if (wants_near(l))
		return send_near(p, fx, now_us);
	if (wants_far(l))
		send_far(p, fx, now_us);
	return false;
}

uint64_t path_low_ttl_deadline(const struct path *p, const struct means *means)
{
	const struct low_ttl *l = &p->ways.low_ttl;
	bool has_to_measure = l->socket == 0 && !means->mapping.running;

	if (!l->on)
		return UINT64_MAX;
	return has_to_measure || wants_near(l) || wants_far(l) ? l->next_us : l->until_us;
}
