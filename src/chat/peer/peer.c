#include "chat/peer/peer.h"

#include "chat/peer/introduction.h"
#include "chat/seal.h"
#include "stun/stun_service.h"

#include <sodium.h>
#include <string.h>

void peer_init(struct peer *p, const struct peer_config *config)
{
	memset(p, 0, sizeof *p);
	memcpy(p->fx.seed, config->seed, sizeof p->fx.seed);
	p->times =
	    (struct path_times){ .punch_timeout_us = config->punch_timeout_us, .keepalive_us = config->keepalive_us };
	p->means = (struct means){ .strategies = config->strategies, .host_count = config->host_count };
	memcpy(p->means.hosts, config->hosts, sizeof p->means.hosts);
	p->fx.server = config->server;
	login_init(&p->login, &config->server, config->identity, config->keepalive_us);
}

static void tell(struct peer *p, struct event event)
{
	eventq_put(&p->fx.events, event, NULL, 0);
}

/* Requests can be made: they are answered when the login is. */
static bool may_ask(const struct peer *p)
{
	return p->login.state == LOGIN_IN || p->login.state == LOGIN_ENTERING;
}

/* The time-outs of requests run: not while the login that they wait for has one of its own. */
static bool clocks_run(const struct peer *p)
{
	return p->login.state == LOGIN_IN || (p->login.state == LOGIN_ENTERING && p->login.automatic);
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

static void ask_for(struct peer *p, struct path *path, const struct endpoint *who, bool by_user, uint64_t now_us)
{
	path->wanted |= by_user;
	introduction_ask(path, who, ++p->serial, by_user);
	if (clocks_run(p))
		introduction_start_clock(path, &p->times, now_us);
}

static void tick_path(struct peer *p, struct path *path, uint64_t now_us)
{
	bool was_open = path->state == PATH_OPEN;
	bool was_undecided = path_is_undecided(path);

	path_tick(path, &p->fx, &p->times, now_us);
	path_ways_tick(path, &p->means, &p->fx, now_us);
	if (p->login.state == LOGIN_IN && introduction_is_due(path, now_us)) {
		struct wire_message m = { .type = WIRE_PUNCH, .serial = path->request, .who = path->peer };

		login_send(&p->login, &p->fx, &m);
	}
	if (path->state == PATH_OPEN)
		outbox_tick(&p->outbox, &p->fx, path, now_us);
	if (path->state != PATH_DOWN)
		return;
	outbox_fail(&p->outbox, &p->fx, path, was_undecided ? REASON_PUNCH_FAILED : REASON_PATH_LOST);
	if (was_open && may_ask(p)) /* it was lost just now: once more, from the start */
		ask_for(p, path, &path->peer, false, now_us);
}

static uint64_t deadline_of_path(const struct peer *p, const struct path *path)
{
	uint64_t deadline_us = retry_earlier(path_deadline(path, &p->fx), path_ways_deadline(path, &p->means, &p->fx));

	if (p->login.state == LOGIN_IN)
		deadline_us = retry_earlier(deadline_us, introduction_deadline(path));
	if (path->state == PATH_OPEN)
		deadline_us = retry_earlier(deadline_us, outbox_deadline(&p->outbox, path));
	return deadline_us;
}

static void fail_punch(struct peer *p, struct path *path, enum reason reason, uint64_t now_us)
{
	path_fail(path, &p->fx, reason, now_us);
	outbox_fail(&p->outbox, &p->fx, path, REASON_PUNCH_FAILED);
}

/* Somebody one can send to, and not oneself. */
static bool is_possible_peer(const struct peer *p, const struct endpoint *who)
{
	return endpoint_is_sendable(who) && who->address.family == p->login.server.address.family &&
	       !endpoint_equal(who, &p->login.you);
}

static void on_introduce(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	struct path *path;

	if (!is_possible_peer(p, &m->who)) {
		effects_drop(&p->fx, DROP_SOURCE);
		return;
	}
	if (!card_holds(&m->card)) {
		effects_drop(&p->fx, DROP_CARD);
		return;
	}
	path = m->role == WIRE_YOU_ASKED ? paths_to(p->paths, &m->who) : paths_place_for_asker(p->paths, &m->who);
	if (path == NULL) {
		effects_drop(&p->fx, DROP_FULL);
		return;
	}
	if (introduction_ends_path(path, m)) {
		path_fail(path, &p->fx, REASON_LOGGED_IN_ANEW, now_us);
		outbox_fail(&p->outbox, &p->fx, path, REASON_PATH_LOST);
	}
	introduction_receive(path, &p->fx, &p->times, m, now_us);
}

static enum reason reason_of(const struct path *path, uint8_t reason)
{
	switch (reason) {
	case WIRE_PEER_IS_YOU: return REASON_YOURSELF;
	case WIRE_PEER_OTHER_FAMILY: return REASON_OTHER_FAMILY;
	default: return path->state == PATH_ASKING ? REASON_PEER_NOT_LOGGED_IN : REASON_PEER_LOGGED_OUT;
	}
}

static void on_refused(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	for (size_t i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->paths[i];

		if (path_is_undecided(path) && path->request == m->serial) {
			fail_punch(p, path, reason_of(path, m->reason), now_us);
			return;
		}
	}
	effects_drop(&p->fx, DROP_LATE);
}

/* --- logging in and out ---------------------------------------------------------------------------------------------
 */

/* The login is done: what waited for it begins. */
static void start_clocks(struct peer *p, uint64_t now_us)
{
	listing_start_clock(&p->listing, now_us);
	for (size_t i = 0; i < PATHS_MAX; i++)
		if (p->paths[i].state == PATH_ASKING && p->paths[i].deadline_us == UINT64_MAX)
			introduction_start_clock(&p->paths[i], &p->times, now_us);
}

/* Nobody can be asked any more. */
static void fail_requests(struct peer *p, uint64_t now_us)
{
	listing_fail(&p->listing, &p->fx, REASON_NOT_LOGGED_IN);
	for (size_t i = 0; i < PATHS_MAX; i++)
		if (p->paths[i].state == PATH_ASKING)
			fail_punch(p, &p->paths[i], REASON_NOT_LOGGED_IN, now_us);
}

/* To be called after whatever may have changed the login. */
static void follow_login(struct peer *p, enum login_state before, uint64_t now_us)
{
	if (p->login.state == before)
		return;
	if (p->login.state == LOGIN_IN)
		start_clocks(p, now_us);
	else if (p->login.state == LOGIN_OUT)
		fail_requests(p, now_us);
}

void peer_login(struct peer *p, uint64_t now_us)
{
	if (p->login.state == LOGIN_IN)
		tell(p, (struct event){ .type = EVENT_LOGGED_IN, .who = p->login.you });
	else if (p->login.state == LOGIN_OUT || p->login.automatic)
		login_enter(&p->login, &p->fx, now_us);
}

void peer_logout(struct peer *p, uint64_t now_us)
{
	fail_requests(p, now_us);
	for (size_t i = 0; i < PATHS_MAX; i++) {
		struct path *path = &p->paths[i];

		if (path_is_undecided(path) && path->asked_by_user)
			fail_punch(p, path, REASON_NOT_LOGGED_IN, now_us);
		outbox_fail(&p->outbox, &p->fx, path, REASON_PATH_LOST);
		path_close(path, &p->fx, now_us);
	}
	login_leave(&p->login, &p->fx, now_us);
}

bool peer_is_leaving(const struct peer *p)
{
	bool closing = p->login.state == LOGIN_LEAVING;

	for (size_t i = 0; i < PATHS_MAX && !closing; i++)
		closing = p->paths[i].state == PATH_CLOSING;
	return closing;
}

bool peer_is_in(const struct peer *p)
{
	bool in = p->login.state != LOGIN_OUT;

	for (size_t i = 0; i < PATHS_MAX && !in; i++)
		in = p->paths[i].state == PATH_OPEN || p->paths[i].state == PATH_CLOSING;
	return in;
}

bool peer_is_idle(const struct peer *p)
{
	bool waiting =
	    p->listing.wanted > 0 || p->outbox.waiting > 0 || (p->login.state == LOGIN_ENTERING && !p->login.automatic);

	for (size_t i = 0; i < PATHS_MAX && !waiting; i++)
		waiting = p->paths[i].asked_by_user && path_is_undecided(&p->paths[i]);
	return !waiting;
}

/* --- the other commands ---------------------------------------------------------------------------------------------
 */

void peer_list(struct peer *p, uint64_t now_us)
{
	if (!may_ask(p))
		tell(p, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_NOT_LOGGED_IN });
	else if (!listing_ask(&p->listing, clocks_run(p), now_us))
		tell(p, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_TOO_MANY_LISTS });
	listing_tick(&p->listing, &p->fx, &p->login, now_us);
}

static void refuse_punch(struct peer *p, const struct endpoint *who, enum reason reason)
{
	tell(p, (struct event){ .type = EVENT_PUNCH_FAILED, .who = *who, .reason = reason, .asked_by_user = true });
}

void peer_punch(struct peer *p, const struct endpoint *who, uint64_t now_us)
{
	struct path *path = paths_to(p->paths, who);

	if (path != NULL && path->state == PATH_OPEN) {
		path->wanted = true;
		tell(p, (struct event){ .type = EVENT_PUNCHED, .who = *who, .via = path_address(path, &p->fx) });
	} else if (path != NULL && path_is_undecided(path)) {
		path->asked_by_user = true; /* one outcome answers both */
		path->wanted = true;
	} else if (!may_ask(p)) {
		refuse_punch(p, who, REASON_NOT_LOGGED_IN);
	} else if ((path = paths_place_for_user(p->paths, &p->fx, who, now_us)) == NULL) {
		refuse_punch(p, who, REASON_TOO_MANY_PATHS);
	} else {
		ask_for(p, path, who, true, now_us);
		tick_path(p, path, now_us);
	}
}

static bool takes_texts(const struct path *path)
{
	return path != NULL && (path->state == PATH_OPEN || path_is_undecided(path));
}

bool peer_has_room(struct peer *p, const struct endpoint *who)
{
	const struct path *path = paths_to(p->paths, who);

	return !takes_texts(path) || outbox_has_room(&p->outbox, path);
}

void peer_send(struct peer *p, const struct endpoint *who, const uint8_t *text, size_t len, uint64_t now_us)
{
	struct path *path = paths_to(p->paths, who);
	struct event failed = { .type = EVENT_NOT_DELIVERED, .who = *who };

	if (!takes_texts(path))
		failed.reason = REASON_NO_PATH;
	else if (!outbox_put(&p->outbox, path, text, len))
		failed.reason = REASON_TOO_MANY_TEXTS;
	if (failed.reason != REASON_NONE) {
		eventq_put(&p->fx.events, failed, text, len);
		return;
	}
	path->wanted = true;
	if (path->state == PATH_OPEN)
		outbox_tick(&p->outbox, &p->fx, path, now_us);
}

bool peer_verify(struct peer *p, const struct endpoint *who)
{
	const struct path *path = paths_to(p->paths, who);
	char code[CARD_CODE_SIZE];

	if (path == NULL || path->state != PATH_OPEN)
		return false;
	card_code(p->fx.card.identity, path->identity, code);
	eventq_put(&p->fx.events, (struct event){ .type = EVENT_CODE, .who = *who }, (const uint8_t *)code,
	           strlen(code));
	return true;
}

/* --- datagrams ------------------------------------------------------------------------------------------------------
 */

static void on_text(struct peer *p, struct path *path, const struct route *from, const struct wire_message *m,
                    const uint8_t *bytes, size_t len, uint64_t now_us)
{
	uint8_t text[WIRE_TEXT_MAX];
	struct wire_message plain = *m;

	plain.text = text;
	if (!text_keys_read(&path->text_keys, m, bytes, len, text))
		effects_drop(&p->fx, DROP_MAC);
	else if (path_receive(path, &p->fx, &p->times, from, m, now_us))
		outbox_receive(&p->outbox, &p->fx, path, &plain, now_us);
}

static void from_peer(struct peer *p, const struct route *from, const struct wire_message *m, const uint8_t *bytes,
                      size_t len, uint64_t now_us)
{
	struct path *path = paths_named(p->paths, m->token);

	if (path == NULL)
		effects_drop(&p->fx, DROP_TOKEN);
	else if (m->type == WIRE_TEXT)
		on_text(p, path, from, m, bytes, len, now_us);
	else if (!seal_holds(path->key, bytes, len))
		effects_drop(&p->fx, DROP_MAC);
	else if (m->type == WIRE_OFFER)
		path_ways_receive(path, &p->means, &p->fx, m);
	else if (path_receive(path, &p->fx, &p->times, from, m, now_us))
		outbox_receive(&p->outbox, &p->fx, path, m, now_us);
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

static void from_server(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	enum login_state before = p->login.state;

	switch ((unsigned)m->type) {
	case WIRE_PEERS:
	case WIRE_INTRODUCE:
	case WIRE_REFUSED:
	case WIRE_RELAYED:
		if (!login_owns(&p->login, m) || p->login.state != LOGIN_IN) {
			effects_drop(&p->fx, DROP_SESSION);
			return;
		}
		login_heard(&p->login);
		if (m->type == WIRE_PEERS)
			listing_receive(&p->listing, &p->fx, &p->login, m, now_us);
		else if (m->type == WIRE_INTRODUCE)
			on_introduce(p, m, now_us);
		else if (m->type == WIRE_RELAYED)
			on_relayed(p, m, now_us);
		else
			on_refused(p, m, now_us);
		break;
	case WIRE_RELAY:
	case WIRE_WHERE:
	case WIRE_LOGIN:
	case WIRE_PING:
	case WIRE_LIST:
	case WIRE_PUNCH:
	case WIRE_LOGOUT: effects_drop(&p->fx, DROP_NOT_FOR_US); break;
	default:
		login_receive(&p->login, &p->fx, m, now_us);
		follow_login(p, before, now_us);
		break;
	}
}

/* One of the server's two ports. */
static bool is_server(const struct peer *p, const struct endpoint *from)
{
	return endpoint_same_address(from, &p->login.server) &&
	       (from->port == p->login.server.port || from->port == stun_service_other_port(p->login.server.port));
}

void peer_receive(struct peer *p, uint16_t socket, const struct endpoint *from, const uint8_t *bytes, size_t len,
                  uint64_t now_us)
{
	struct wire_message m;
	struct route route = { .where = *from, .socket = socket };
	enum wire_error error = wire_decode(bytes, len, &m);

	p->received++;
	if (error != WIRE_OK)
		p->fx.drops.count[error]++;
	else if (m.type == WIRE_OFFER)
		effects_drop(&p->fx, DROP_SOURCE); /* these come by way of the server */
	else if (wire_is_between_peers(m.type) && endpoint_is_sendable(from))
		from_peer(p, &route, &m, bytes, len, now_us);
	else if (m.type == WIRE_HERE && is_server(p, from))
		own_mapping_receive(&p->means.mapping, &p->means.sockets, &p->fx, &m, now_us);
	else if (endpoint_equal(from, &p->login.server))
		from_server(p, &m, now_us);
	else
		effects_drop(&p->fx, DROP_SOURCE);
}

bool peer_wants_socket(const struct peer *p, uint16_t number)
{
	return socket_set_wants(&p->means.sockets, number);
}

uint16_t peer_sockets_end(const struct peer *p)
{
	return p->means.sockets.end;
}

void peer_socket_opened(struct peer *p, uint16_t number, uint16_t port)
{
	socket_set_opened(&p->means.sockets, number, port);
}

/* Those the user wants go first: probes have a pace over all paths, and strangers' could use it up. */
static void tick_paths(struct peer *p, bool wanted, uint64_t now_us)
{
	for (size_t i = 0; i < PATHS_MAX; i++)
		if (p->paths[i].state != PATH_FREE && p->paths[i].wanted == wanted)
			tick_path(p, &p->paths[i], now_us);
}

void peer_tick(struct peer *p, uint64_t now_us)
{
	enum login_state before = p->login.state;

	login_tick(&p->login, &p->fx, now_us);
	follow_login(p, before, now_us);
	listing_tick(&p->listing, &p->fx, &p->login, now_us);
	own_mapping_tick(&p->means.mapping, &p->means.sockets, &p->fx, now_us);
	tick_paths(p, true, now_us);
	tick_paths(p, false, now_us);
}

uint64_t peer_deadline(const struct peer *p)
{
	uint64_t deadline_us = retry_earlier(login_deadline(&p->login), listing_deadline(&p->listing, &p->login));

	deadline_us = retry_earlier(deadline_us, own_mapping_deadline(&p->means.mapping));
	for (size_t i = 0; i < PATHS_MAX; i++)
		deadline_us = retry_earlier(deadline_us, deadline_of_path(p, &p->paths[i]));
	return deadline_us;
}

bool peer_next_datagram(struct peer *p, struct datagram *out)
{
	return send_queue_take(&p->fx.out, out);
}

bool peer_next_event(struct peer *p, struct event *out)
{
	return eventq_take(&p->fx.events, out);
}
