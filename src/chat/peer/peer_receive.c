#include "chat/peer/peer.h"

#include "chat/peer/peer_introductions.h"
#include "chat/peer/peer_login.h"
#include "chat/peer/peer_search.h"
#include "chat/seal.h"
#include "stun/stun_service.h"

#include <string.h>

/*
 * A path has opened to a run of a program that there is another path to already: the peer has got another address, by
 * its NAT or by moving. Only now is that sure, because only now has it shown its keys. The old path ends, its texts go
 * on here.
 */
static void take_over(struct peer *p, struct path *path)
{
	struct path *old = paths_to_same_run(&p->paths, path);
	struct event moved = { .type = EVENT_READDRESSED, .via = path->peer };

	if (old == NULL)
		return;
	moved.who = old->peer;
	memcpy(moved.name, path->name, sizeof moved.name);
	effects_tell(&p->fx, moved);
	if (old->text_heard > path->text_heard)
		path->text_heard = old->text_heard;
	path->wanted |= old->wanted;
	path->too_much += old->too_much;
	if (old->told_next_us > path->told_next_us)
		path->told_next_us = old->told_next_us;
	if (path->called[0] == 0)
		memcpy(path->called, old->called, sizeof path->called);
	outbox_move(&p->outbox, old, path);
	socket_set_release(&p->means.sockets, old, 0);
	memset(old, 0, sizeof *old);
}

static void receive_on_path(struct peer *p, struct path *path, const struct route *from, const struct wire_message *m,
                            uint64_t now_us)
{
	bool was_open = path->state == PATH_OPEN;

	if (path_receive(path, &p->fx, &p->times, from, m, now_us))
		outbox_receive(&p->outbox, &p->fx, path, m, now_us);
	if (!was_open && path->state == PATH_OPEN)
		take_over(p, path);
}

static void on_text(struct peer *p, struct path *path, const struct route *from, const struct wire_message *m,
                    const uint8_t *bytes, size_t len, uint64_t now_us)
{
	uint8_t text[WIRE_TEXT_MAX];
	struct wire_message plain = *m;

	plain.text = text;
	if (!path->text_keys.agreed) /* not yet, or not any more: it cannot be told what it is */
		effects_drop(&p->fx, DROP_LATE);
	else if (!text_keys_read(&path->text_keys, m, bytes, len, text))
		effects_drop(&p->fx, DROP_MAC);
	else
		receive_on_path(p, path, from, &plain, now_us);
}

static void from_peer(struct peer *p, const struct route *from, const struct wire_message *m, const uint8_t *bytes,
                      size_t len, uint64_t now_us)
{
	struct path *path = paths_named(&p->paths, m->token);

	if (path == NULL)
		effects_drop(&p->fx, DROP_TOKEN);
	else if (m->type == WIRE_TEXT)
		on_text(p, path, from, m, bytes, len, now_us);
	else if (!seal_holds(path->key, bytes, len))
		effects_drop(&p->fx, DROP_MAC);
	else if (m->type == WIRE_OFFER)
		path_ways_receive(path, &p->means, &p->fx, m, now_us);
	else
		receive_on_path(p, path, from, m, now_us);
}

/* What a peer sends by way of the server: offers always, the rest if we take a relay. */
static void on_relayed(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	struct route from = { .where = m->who, .relayed = true };
	struct wire_message inner;
	enum wire_error error = wire_decode(m->data, m->data_len, &inner);
	bool all = (p->means.strategies & STRATEGY_RELAY) != 0;

	if (error != WIRE_OK)
		p->fx.drops.count[error]++;
	else if (inner.type != WIRE_OFFER && !(all && wire_is_between_peers(inner.type)))
		effects_drop(&p->fx, DROP_NOT_FOR_US);
	else
		from_peer(p, &from, &inner, m->data, m->data_len, now_us);
}

/* Shown only if it can be a name, and not of oneself. */
static void on_notice(struct peer *p, const struct wire_message *m)
{
	enum event_type type = m->presence == WIRE_HAS_COME ? EVENT_HAS_COME : EVENT_HAS_GONE;
	struct event e = { .type = type, .who = m->who };

	if (name_check(m->name, name_length(m->name), NULL) != NAME_IS_GOOD || endpoint_equal(&m->who, &p->login.you)) {
		effects_drop(&p->fx, DROP_CARD);
		return;
	}
	memcpy(e.name, m->name, sizeof e.name);
	effects_tell(&p->fx, e);
}

static void on_crowded(struct peer *p, const struct wire_message *m)
{
	bool crowded = m->crowded != 0;

	if (crowded == p->login.crowded)
		return;
	p->login.crowded = crowded;
	effects_tell(&p->fx, (struct event){ .type = crowded ? EVENT_CROWDED : EVENT_ROOMY, .who = p->login.server });
}

static void on_found(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	if (!peer_search_receive(p, m, now_us))
		lookup_receive(&p->lookup, &p->fx, m);
}

static void from_server(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	enum login_state before = p->login.state;

	switch ((unsigned)m->type) {
	case WIRE_PEERS:
	case WIRE_INTRODUCE:
	case WIRE_REFUSED:
	case WIRE_RELAYED:
	case WIRE_FOUND:
	case WIRE_NOTICE:
	case WIRE_CROWDED:
		if (!login_owns(&p->login, m) || p->login.state != LOGIN_IN) {
			effects_drop(&p->fx, DROP_SESSION);
			return;
		}
		login_heard(&p->login);
		if (m->type == WIRE_PEERS)
			listing_receive(&p->listing, &p->fx, &p->login, m, now_us);
		else if (m->type == WIRE_INTRODUCE)
			peer_introductions_receive(p, m, now_us);
		else if (m->type == WIRE_FOUND)
			on_found(p, m, now_us);
		else if (m->type == WIRE_NOTICE)
			on_notice(p, m);
		else if (m->type == WIRE_CROWDED)
			on_crowded(p, m);
		else if (m->type == WIRE_RELAYED)
			on_relayed(p, m, now_us);
		else
			peer_introductions_refused(p, m, now_us);
		break;
	case WIRE_RELAY:
	case WIRE_WHERE:
	case WIRE_FIND:
	case WIRE_LOGIN:
	case WIRE_PING:
	case WIRE_LIST:
	case WIRE_PUNCH:
	case WIRE_LOGOUT: effects_drop(&p->fx, DROP_NOT_FOR_US); break;
	default:
		login_receive(&p->login, &p->fx, m, now_us);
		peer_login_follow(p, before, now_us);
		break;
	}
}

/* One of the server's two ports. */
static bool is_server(const struct peer *p, const struct endpoint *from)
{
	return endpoint_same_address(from, &p->login.server) &&
	       (from->port == p->login.server.port || from->port == stun_service_other_port(p->login.server.port));
}

static void on_bad(struct peer *p, const struct endpoint *from, enum wire_error error, const uint8_t *bytes)
{
	p->fx.drops.count[error]++;
	if (error == WIRE_BAD_VERSION && wire_type_in(bytes) == WIRE_OTHER_VERSION &&
	    endpoint_equal(from, &p->login.server))
		login_note_other_version(&p->login);
}

/* What peers say comes from them, the rest from a server; an offer comes by way of one, within something else. */
static void take_message(struct peer *p, const struct route *route, const struct wire_message *m, const uint8_t *bytes,
                         size_t len, uint64_t now_us)
{
	const struct endpoint *from = &route->where;

	if (wire_is_between_peers(m->type) && endpoint_is_sendable(from))
		from_peer(p, route, m, bytes, len, now_us);
	else if (m->type == WIRE_HERE && endpoint_equal(from, &p->other.server))
		other_family_receive(&p->other, &p->fx, m, now_us);
	else if (m->type == WIRE_HERE && is_server(p, from))
		own_mapping_receive(&p->means.mapping, &p->means.sockets, &p->fx, m, now_us);
	else if (endpoint_equal(from, &p->login.server))
		from_server(p, m, now_us);
	else
		effects_drop(&p->fx, DROP_SOURCE);
}

void peer_receive(struct peer *p, uint16_t socket, const struct endpoint *from, const uint8_t *bytes, size_t len,
                  uint64_t now_us)
{
	struct wire_message m;
	struct route route = { .where = *from, .socket = socket };
	enum wire_error error = wire_decode(bytes, len, &m);

	p->received++;
	if (error != WIRE_OK)
		on_bad(p, from, error, bytes);
	else if (m.type == WIRE_OFFER)
		effects_drop(&p->fx, DROP_SOURCE);
	else
		take_message(p, &route, &m, bytes, len, now_us);
}
