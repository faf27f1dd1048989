#include "chat/peer/path_ways.h"

#include "chat/peer/path.h"
#include "chat/peer/path_probing.h"

#include <string.h>

#define PACE_US UINT64_C(5000) /* of guesses and of sockets, over all paths (RFC 8445 §14.2) */
#define PLAIN_FIRST_US 500000u /* what takes hundreds of packets waits until plain punching has had its turn */
#define RELAY_AFTER_US 3000000u
#define FAN_ROUNDS 2u /* the second for those of the first that were lost */

/* The path is still looked for: it is not open, or only by way of the server. */
static bool is_looked_for(const struct path *p)
{
	return p->state == PATH_PUNCHING || (p->state == PATH_OPEN && p->via->route.relayed);
}

static bool may(const struct means *means, enum strategy strategy)
{
	return (means->strategies & (unsigned)strategy) != 0;
}

static bool needs_mapping(const struct means *means)
{
	return (means->strategies & (STRATEGY_FRESH | STRATEGY_PREDICT | STRATEGY_BIRTHDAY | STRATEGY_LOW_TTL)) != 0;
}

static bool mapping_is_known(const struct path *p, const struct means *means)
{
	return !needs_mapping(means) || (!means->mapping.running && means->mapping.found_us >= p->ways.begun_us);
}

/* What is not to be made use of is as good as chance. */
static enum wire_mapping made_use_of(const struct means *means, enum wire_mapping mapping)
{
	if ((mapping == WIRE_MAPPING_STEADY && !may(means, STRATEGY_PREDICT)) ||
	    (mapping == WIRE_MAPPING_FRESH && !may(means, STRATEGY_FRESH)))
		return WIRE_MAPPING_RANDOM;
	return mapping;
}

/* --- offers ---------------------------------------------------------------------------------------------------------
 */

/* It has an address at the server that we could not send to: host candidates and the relay are left. */
static bool has_other_family(const struct path *p, const struct effects *fx)
{
	return p->peer.address.family != fx->server.address.family;
}

static void begin(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	socket_set_release(&means->sockets, p, 0);
	p->ways.begun = true;
	p->ways.begun_us = now_us;
	p->ways.relay_us = now_us + (has_other_family(p, fx) ? 0 : RELAY_AFTER_US);
	if (needs_mapping(means))
		own_mapping_start(&means->mapping, &means->sockets, fx, now_us);
	retry_at_once(&p->ways.offer, now_us);
}

/* The mapping we tell of; a fresh socket that could not be had makes it one of chance. */
static enum wire_mapping own_kind(const struct path *p, const struct means *means)
{
	if (p->ways.low_ttl.on)
		return WIRE_MAPPING_SAME; /* measured again and again meanwhile */
	if (!mapping_is_known(p, means))
		return WIRE_MAPPING_UNKNOWN;
	if (means->mapping.kind == WIRE_MAPPING_FRESH && p->ways.fresh == 0)
		return WIRE_MAPPING_RANDOM;
	return made_use_of(means, means->mapping.kind);
}

/* Sends an offer, with one's own addresses if they are to be told. */
static void offer(struct path *p, const struct means *means, struct effects *fx, struct wire_message *m)
{
	struct route by_server = { .where = p->peer, .relayed = true };

	memcpy(m->to, p->theirs, sizeof m->to);
	if (may(means, STRATEGY_HOST)) {
		memcpy(m->peers, means->hosts, sizeof means->hosts);
		m->peer_count = means->host_count;
	}
	path_probing_send(p, fx, &by_server, m);
}

static void send_offer(struct path *p, const struct means *means, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_OFFER, .serial = 1 };

	m.mapping = (uint8_t)own_kind(p, means);
	if (m.mapping == WIRE_MAPPING_STEADY) {
		m.port = means->mapping.port;
		m.span = means->mapping.span;
	} else if (m.mapping == WIRE_MAPPING_FRESH) {
		m.port = socket_set_port(&means->sockets, p->ways.fresh);
		m.span = 1;
	} else if (m.mapping == WIRE_MAPPING_SAME) {
		path_low_ttl_offer(p, &m);
	}
	offer(p, means, fx, &m);
	p->ways.told |= mapping_is_known(p, means);
}

/* A fresh socket must be open before its port can be told. */
static bool can_offer(struct path *p, struct means *means)
{
	if (!mapping_is_known(p, means) || means->mapping.kind != WIRE_MAPPING_FRESH || !may(means, STRATEGY_FRESH))
		return true;
	if (p->ways.fresh == 0)
		p->ways.fresh = socket_set_take(&means->sockets, p);
	if (p->ways.fresh != 0 && !socket_set_wants(&means->sockets, p->ways.fresh))
		p->ways.fresh = 0; /* the program could not open it */
	return p->ways.fresh == 0 || socket_set_port(&means->sockets, p->ways.fresh) != 0;
}

static bool has_offers(const struct path *p, const struct means *means)
{
	return p->ways.low_ttl.on || (p->state == PATH_PUNCHING && (needs_mapping(means) || may(means, STRATEGY_HOST)));
}

static void tick_offer(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	bool news = !p->ways.told && mapping_is_known(p, means);

	if (news && may(means, STRATEGY_LOW_TTL))
		path_low_ttl_prepare(p, means);
	if (has_offers(p, means) && (news || retry_due(&p->ways.offer, now_us)) && can_offer(p, means))
		send_offer(p, means, fx);
}

static bool has_family(const struct means *means, uint8_t family)
{
	bool has = false;

	for (unsigned i = 0; i < means->host_count && !has; i++)
		has = means->hosts[i].address.family == family;
	return has;
}

/* An address that a peer may say it has itself: one of a network that we could both be on, and not the server's. */
static bool is_possible_host(const struct means *means, const struct effects *fx, const struct endpoint *e)
{
	enum address_scope scope = address_scope(&e->address);

	return endpoint_is_sendable(e) && (scope == ADDRESS_PRIVATE || scope == ADDRESS_GLOBAL) &&
	       has_family(means, e->address.family) && !endpoint_same_address(e, &fx->server);
}

static bool is_own_host(const struct means *means, const struct endpoint *e)
{
	for (unsigned i = 0; i < means->host_count; i++)
		if (endpoint_equal(&means->hosts[i], e))
			return true;
	return false;
}

/* Returns whether it is one more place to try. */
static bool add_host(struct path *p, const struct means *means, struct effects *fx, const struct endpoint *host)
{
	struct route route = { .where = *host };

	if (host->address.family != fx->server.address.family)
		route.socket = SOCKET_SET_OTHER_FAMILY;
	if (!is_possible_host(means, fx, host)) {
		effects_drop(fx, DROP_CANDIDATE);
		return false;
	}
	if (is_own_host(means, host) || candidates_find(&p->candidates, &route) != NULL)
		return false;
	candidates_add(&p->candidates, &route, WAY_HOST, p->via);
	return true;
}

/* Those of the other family than the open path's. */
static bool add_rivals(struct path *p, const struct means *means, struct effects *fx, const struct wire_message *m)
{
	bool more = false;

	for (unsigned i = 0; i < m->peer_count && may(means, STRATEGY_HOST); i++)
		if (m->peers[i].address.family != p->via->route.where.address.family)
			more |= add_host(p, means, fx, &m->peers[i]);
	return more;
}

/* The first offer counts though the path is open, as far as it tells of the other family: that may be better. */
static void receive_rivals(struct path *p, const struct means *means, struct effects *fx, const struct wire_message *m,
                           uint64_t now_us)
{
	if (p->state != PATH_OPEN || p->ways.heard || p->chosen)
		effects_drop(fx, DROP_LATE);
	else if (add_rivals(p, means, fx, m))
		path_probing_linger(p, now_us);
	p->ways.heard = true;
}

void path_ways_receive(struct path *p, struct means *means, struct effects *fx, const struct wire_message *m,
                       uint64_t now_us)
{
	if (!is_looked_for(p)) {
		receive_rivals(p, means, fx, m, now_us);
		return;
	}
	for (unsigned i = 0; i < m->peer_count && !p->ways.heard && may(means, STRATEGY_HOST); i++)
		add_host(p, means, fx, &m->peers[i]);
	p->ways.heard = true;
	if (m->mapping == WIRE_MAPPING_SAME)
		path_low_ttl_receive(p, m);
	if (p->ways.planned || m->mapping == WIRE_MAPPING_UNKNOWN)
		return;
	p->ways.mapping = (uint8_t)made_use_of(means, m->mapping);
	p->ways.port = m->port;
	p->ways.span = m->span;
}

/* --- what to do -----------------------------------------------------------------------------------------------------
 */

static void send_from_fresh(struct path *p)
{
	struct route route = { .where = p->peer, .socket = p->ways.fresh };

	if (p->ways.mapping == WIRE_MAPPING_FRESH)
		route.where.port = p->ways.port;
	candidates_add(&p->candidates, &route, WAY_FRESH, p->via);
}

static void take_fan(struct path *p, struct means *means)
{
	while (p->ways.fan_count < PATH_WAYS_FAN) {
		uint16_t number = socket_set_take(&means->sockets, p);

		if (number == 0)
			return;
		p->ways.fan[p->ways.fan_count++] = number;
	}
}

static void guess_in_span(struct path *p, enum way way)
{
	port_guesses_in(&p->ways.guesses, p->ways.port, p->ways.span);
	p->ways.guessed = way;
}

/* Our port stays: the peer's is to be found. */
static void plan_to_find(struct path *p, const struct means *means, struct effects *fx)
{
	if (p->ways.mapping == WIRE_MAPPING_STEADY) {
		guess_in_span(p, WAY_PREDICTED);
	} else if (p->ways.mapping == WIRE_MAPPING_FRESH) {
		guess_in_span(p, WAY_FRESH);
	} else if (p->ways.mapping == WIRE_MAPPING_SAME && may(means, STRATEGY_LOW_TTL)) {
		path_low_ttl_start(p, p->ways.next_us + PLAIN_FIRST_US);
	} else if (p->ways.mapping == WIRE_MAPPING_RANDOM && may(means, STRATEGY_BIRTHDAY)) {
		port_guesses_anywhere(&p->ways.guesses, effects_dice(fx));
		p->ways.guessed = WAY_BIRTHDAY;
		p->ways.next_us += PLAIN_FIRST_US;
	}
}

static void plan(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	enum wire_mapping mine = own_kind(p, means);
	bool theirs_stays = p->ways.mapping == WIRE_MAPPING_SAME;

	p->ways.planned = true;
	p->ways.next_us = now_us;
	if (has_other_family(p, fx))
		return;
	if (mine == WIRE_MAPPING_SAME) {
		plan_to_find(p, means, fx);
	} else if (mine == WIRE_MAPPING_FRESH) {
		send_from_fresh(p);
		if (p->ways.mapping == WIRE_MAPPING_STEADY || p->ways.mapping == WIRE_MAPPING_RANDOM)
			p->ways.relay_us = now_us;
	} else if (mine == WIRE_MAPPING_RANDOM && theirs_stays && may(means, STRATEGY_BIRTHDAY)) {
		p->ways.wants_fan = true;
		p->ways.next_us += PLAIN_FIRST_US;
	} else if (!theirs_stays) {
		p->ways.relay_us = now_us; /* neither port can be told: nothing else will do */
	}
}

enum way path_ways_of(const struct path *p, const struct route *route)
{
	if (route->relayed)
		return WAY_RELAYED;
	if (route->socket == SOCKET_SET_OTHER_FAMILY)
		return WAY_PEER_REFLEXIVE;
	if (route->socket != 0)
		return route->socket == p->ways.fresh ? WAY_FRESH : p->ways.fan_sent != 0 ? WAY_BIRTHDAY : WAY_LOW_TTL;
	if (endpoint_same_address(&route->where, &p->peer) && port_guesses_made(&p->ways.guesses, route->where.port))
		return p->ways.guessed;
	return WAY_PEER_REFLEXIVE;
}

/* --- doing it -------------------------------------------------------------------------------------------------------
 */

static bool has_more_to_send(const struct path *p)
{
	return p->ways.wants_fan || p->ways.guesses.made < p->ways.guesses.count ||
	       p->ways.fan_sent < FAN_ROUNDS * p->ways.fan_count;
}

static void send_next(struct path *p, struct means *means, struct effects *fx)
{
	struct route route = { .where = p->peer };

	if (port_guesses_next(&p->ways.guesses, &route.where.port)) {
		path_probing_guess(p, fx, &route);
	} else {
		route.socket = p->ways.fan[p->ways.fan_sent++ % p->ways.fan_count];
		if (socket_set_port(&means->sockets, route.socket) != 0)
			path_probing_guess(p, fx, &route);
	}
}

static uint64_t send_time(const struct path *p, const struct effects *fx)
{
	return p->ways.next_us > fx->guess_gate_us ? p->ways.next_us : fx->guess_gate_us;
}

/* The user's own doing, or what has become of it: we ask anew for a path of his that was lost. */
static bool is_users(const struct path *p)
{
	return p->asked_by_user || (p->wanted && p->request != 0);
}

/*
 * Of what takes many packets peers can ask only for so much: all together what four punches take at once, and then that
 * of one in 100 s; and those the user has to do with as much again, whatever strangers do.
 */
static bool may_send_all(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	static const struct allowance_rate rate = { .a_second = PORT_GUESSES_MAX / 100,
		                                    .at_once = 4 * PORT_GUESSES_MAX };
	uint32_t packets = p->ways.guesses.count + (p->ways.wants_fan ? FAN_ROUNDS * PATH_WAYS_FAN : 0);
	struct pace pace = pace_of(&rate);

	if (p->ways.guesses.made + p->ways.fan_sent > 0 || is_users(p) ||
	    bucket_takes(&means->asked[p->wanted], &pace, packets, now_us))
		return true;
	effects_drop(fx, DROP_RATE);
	p->ways.guesses.count = 0;
	p->ways.wants_fan = false;
	p->ways.relay_us = retry_earlier(p->ways.relay_us, now_us); /* nothing else will do */
	return false;
}

static void tick_sending(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	if (!has_more_to_send(p) || now_us < send_time(p, fx) || !may_send_all(p, means, fx, now_us))
		return;
	if (p->ways.wants_fan) {
		p->ways.wants_fan = false;
		take_fan(p, means);
		p->ways.next_us = now_us + PACE_US; /* when they are open */
		return;
	}
	send_next(p, means, fx);
	fx->guess_gate_us = now_us + PACE_US;
}

static bool has_relay_left(const struct path *p, const struct means *means)
{
	return p->may_relay && may(means, STRATEGY_RELAY) && p->state == PATH_PUNCHING &&
	       p->ways.relay_us != UINT64_MAX;
}

static void tick_relay(struct path *p, const struct means *means, struct effects *fx, uint64_t now_us)
{
	struct route route = { .where = p->peer, .relayed = true };
	struct candidate *c;

	if (!has_relay_left(p, means) || now_us < p->ways.relay_us)
		return;
	p->ways.relay_us = UINT64_MAX;
	c = candidates_find(&p->candidates, &route);
	if (c == NULL)
		c = candidates_add(&p->candidates, &route, WAY_RELAYED, p->via);
	path_probing_probe(p, fx, c, now_us);
}

/* The peer's other family may be better than what opened the path: he is told of ours, though nothing is looked for. */
static bool has_rivals_to_tell(const struct path *p, const struct means *means)
{
	bool is_ipv6 = p->state == PATH_OPEN && p->via->route.where.address.family == ADDRESS_IPV6;

	return p->state == PATH_OPEN && !is_looked_for(p) && !p->ways.open_told && may(means, STRATEGY_HOST) &&
	       has_family(means, is_ipv6 ? ADDRESS_IPV4 : ADDRESS_IPV6);
}

/* Once: what was told while the path was punched may be lost, and where the trips are short there was no time to. */
static void tick_rivals(struct path *p, const struct means *means, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_OFFER, .serial = 1 };

	if (!has_rivals_to_tell(p, means))
		return;
	p->ways.open_told = true;
	offer(p, means, fx, &m);
}

static void end(struct path *p, struct means *means)
{
	bool alive = p->state == PATH_OPEN || p->state == PATH_CLOSING;

	if (alive && p->ways.trimmed)
		return;
	socket_set_release(&means->sockets, p, alive && p->via != NULL ? p->via->route.socket : 0);
	p->ways.begun = alive;
	p->ways.trimmed = true;
	p->ways.guesses.count = p->ways.guesses.made;
	p->ways.wants_fan = false;
	p->ways.fan_count = 0;
	p->ways.low_ttl.on = false;
}

void path_ways_tick(struct path *p, struct means *means, struct effects *fx, uint64_t now_us)
{
	if (!is_looked_for(p)) {
		if (p->ways.begun)
			end(p, means);
		tick_rivals(p, means, fx);
		return;
	}
	if (!p->ways.begun)
		begin(p, means, fx, now_us);
	p->ways.trimmed = false;
	if (path_low_ttl_tick(p, means, fx, now_us))
		retry_at_once(&p->ways.offer, now_us);
	tick_offer(p, means, fx, now_us);
	if (!p->ways.planned && p->ways.mapping != WIRE_MAPPING_UNKNOWN && mapping_is_known(p, means) &&
	    can_offer(p, means))
		plan(p, means, fx, now_us);
	tick_sending(p, means, fx, now_us);
	tick_relay(p, means, fx, now_us);
}

uint64_t path_ways_deadline(const struct path *p, const struct means *means, const struct effects *fx)
{
	uint64_t deadline_us = UINT64_MAX;

	if (!is_looked_for(p))
		return has_rivals_to_tell(p, means) ? 0 : UINT64_MAX;
	if (!p->ways.begun)
		return 0;
	if (has_offers(p, means))
		deadline_us = p->ways.offer.next_us;
	if (has_more_to_send(p))
		deadline_us = retry_earlier(deadline_us, send_time(p, fx));
	deadline_us = retry_earlier(deadline_us, path_low_ttl_deadline(p, means));
	return has_relay_left(p, means) ? retry_earlier(deadline_us, p->ways.relay_us) : deadline_us;
}
