#include "chat/peer/peer.h"

#include "chat/peer/introduction.h"
#include "chat/peer/path_probing.h"
#include "chat/seal.h"
#include "stun/stun_service.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ANEW_PAUSE_US 1000000u
#define STATUS_KEY_SIZE 8 /* bytes of a key that are shown; `verify` is what compares keys */

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

/* Whoever the user has to do with is known by name from now on. */
static void note_pin(struct peer *p, struct path *path)
{
	if (path->wanted && !path->pinned && path->name[0] != 0)
		path->pinned = pins_note(&p->pins, path->name, path->identity);
}

/*
 * A path is down. One that was lost is asked for at once; and as long as texts wait for it, again and again: if it was
 * the peer's NAT that forgot it, the peer notices at its next keepalive, and then asks for us, maybe from another
 * address.
 */
static void on_down(struct peer *p, struct path *path, bool at_once, enum reason reason, uint64_t now_us)
{
	bool waits = path->texts_waiting > 0 && now_us < path->anew_until_us;

	if (may_ask(p) && (at_once || (waits && path->anew_us != 0 && now_us >= path->anew_us))) {
		path->anew_us = 0;
		ask_for(p, path, &path->peer, false, now_us);
	} else if (may_ask(p) && waits) {
		path->anew_us = path->anew_us != 0 ? path->anew_us : now_us + ANEW_PAUSE_US;
	} else {
		path->anew_us = 0;
		outbox_fail(&p->outbox, &p->fx, path, reason);
	}
}

static void tick_path(struct peer *p, struct path *path, uint64_t now_us)
{
	bool was_open = path->state == PATH_OPEN;
	bool was_undecided = path_is_undecided(path);

	if (was_open)
		note_pin(p, path);
	path_tick(path, &p->fx, &p->times, now_us);
	path_ways_tick(path, &p->means, &p->fx, now_us);
	if (p->login.state == LOGIN_IN && introduction_is_due(path, now_us)) {
		struct wire_message m = { .type = WIRE_PUNCH, .serial = path->request, .who = path->peer };

		login_send(&p->login, &p->fx, &m);
	}
	if (path->state == PATH_OPEN && !outbox_tick(&p->outbox, &p->fx, path, now_us))
		path_probing_check(path, &p->fx, &p->times, now_us);
	if (path->state != PATH_DOWN)
		return;
	if (was_open) /* it was lost just now */
		path->anew_until_us = now_us + p->times.keepalive_us + p->times.punch_timeout_us;
	on_down(p, path, was_open, was_undecided ? REASON_PUNCH_FAILED : REASON_PATH_LOST, now_us);
}

static uint64_t deadline_of_path(const struct peer *p, const struct path *path)
{
	uint64_t deadline_us = retry_earlier(path_deadline(path, &p->fx), path_ways_deadline(path, &p->means, &p->fx));

	if (p->login.state == LOGIN_IN)
		deadline_us = retry_earlier(deadline_us, introduction_deadline(path));
	if (path->state == PATH_OPEN)
		deadline_us = retry_earlier(deadline_us, outbox_deadline(&p->outbox, path));
	if (path->state == PATH_DOWN && path->anew_us != 0)
		deadline_us = retry_earlier(deadline_us, path->anew_us);
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

/* The card is signed, and whoever it names can be called that. */
static bool is_fit(const struct card *card)
{
	size_t len = name_length(card->name);

	return card_holds(card) && (len == 0 || name_check(card->name, len, NULL) == NAME_IS_GOOD);
}

/* A name belongs to the key that it was first known with. Says so if another comes with it, but not again and again. */
static bool has_the_known_key(struct peer *p, const struct wire_message *m, bool is_awaited)
{
	struct event changed = { .type = EVENT_KEY_CHANGED, .who = m->who };

	if (m->card.name[0] == 0 || !pins_contradict(&p->pins, m->card.name, m->card.identity))
		return true;
	memcpy(changed.name, m->card.name, sizeof changed.name);
	if (pins_refuse(&p->pins, m->card.name, m->card.identity) || is_awaited)
		tell(p, changed);
	return false;
}

/* The user has called the peer by a name: nobody else is to take its place. */
static bool is_meant(const struct path *path, const struct card *card)
{
	bool over = path == NULL || (path->state == PATH_DOWN && path->texts_waiting == 0);

	return over || path->called[0] == 0 || name_looks_like(path->called, card->name);
}

/* Whom the server introduces is whom we know, and asked for. `path` is ours to that address, or NULL. */
static bool is_trusted(struct peer *p, struct path *path, const struct wire_message *m, uint64_t now_us)
{
	bool is_awaited =
	    path != NULL && path_is_undecided(path) && path->request == m->serial && m->role == WIRE_YOU_ASKED;
	bool known = has_the_known_key(p, m, is_awaited), meant = is_meant(path, &m->card);

	if (known && meant)
		return true;
	effects_drop(&p->fx, DROP_CARD);
	if (is_awaited)
		fail_punch(p, path, known ? REASON_OTHER_NAME : REASON_KEY_CHANGED, now_us);
	return false;
}

static void on_introduce(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	struct path *path;

	if (!is_possible_peer(p, &m->who)) {
		effects_drop(&p->fx, DROP_SOURCE);
		return;
	}
	if (!is_fit(&m->card)) {
		effects_drop(&p->fx, DROP_CARD);
		return;
	}
	if (!is_trusted(p, paths_to(p->paths, &m->who), m, now_us))
		return;
	path = m->role == WIRE_YOU_ASKED ? paths_to(p->paths, &m->who) : paths_place_for_asker(p->paths, &m->who);
	if (path == NULL) {
		effects_drop(&p->fx, DROP_FULL);
		return;
	}
	if (introduction_ends_path(path, m))
		path_fail(path, &p->fx, REASON_LOGGED_IN_ANEW, now_us);
	/* who it is now is not to read what was meant for another */
	if (path->introduced && memcmp(path->identity, m->card.identity, sizeof path->identity) != 0)
		outbox_fail(&p->outbox, &p->fx, path, REASON_PATH_LOST);
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
	if (p->lookup.state == LOOKUP_ASKING && p->lookup.serial == m->serial) {
		lookup_receive(&p->lookup, &p->fx, m);
		return;
	}
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
	lookup_start_clock(&p->lookup, now_us);
	for (size_t i = 0; i < PATHS_MAX; i++)
		if (p->paths[i].state == PATH_ASKING && p->paths[i].deadline_us == UINT64_MAX)
			introduction_start_clock(&p->paths[i], &p->times, now_us);
}

/* Nobody can be asked any more. */
static void fail_requests(struct peer *p, uint64_t now_us)
{
	listing_fail(&p->listing, &p->fx, REASON_NOT_LOGGED_IN);
	lookup_fail(&p->lookup, REASON_NOT_LOGGED_IN);
	for (size_t i = 0; i < PATHS_MAX; i++)
		if (p->paths[i].state == PATH_ASKING)
			fail_punch(p, &p->paths[i], REASON_NOT_LOGGED_IN, now_us);
}

/*
 * The server sees us elsewhere than at the login before: our NAT has forgotten us, or we have moved, and no path needs
 * to work any more. Each is shown again; one that is lost is punched from here.
 */
static void doubt_paths(struct peer *p, uint64_t now_us)
{
	bool moved = p->seen.address.family != ADDRESS_NONE && !endpoint_equal(&p->seen, &p->login.you);

	p->seen = p->login.you;
	for (size_t i = 0; i < PATHS_MAX && moved; i++)
		if (p->paths[i].state == PATH_OPEN)
			path_probing_check(&p->paths[i], &p->fx, &p->times, now_us);
}

/* To be called after whatever may have changed the login. */
static void follow_login(struct peer *p, enum login_state before, uint64_t now_us)
{
	if (p->login.state == before)
		return;
	if (p->login.state == LOGIN_IN) {
		start_clocks(p, now_us);
		doubt_paths(p, now_us);
	}
	if (p->login.state == LOGIN_OUT)
		fail_requests(p, now_us);
}

void peer_login(struct peer *p, const char *name, uint64_t now_us)
{
	if (p->login.state == LOGIN_IN)
		login_tell(&p->login, &p->fx);
	else if (p->login.state == LOGIN_OUT || p->login.automatic)
		login_enter(&p->login, &p->fx, name, now_us);
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

void peer_list(struct peer *p, const char *pattern, uint64_t now_us)
{
	if (!may_ask(p))
		tell(p, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_NOT_LOGGED_IN });
	else if (!listing_ask(&p->listing, pattern, clocks_run(p), now_us))
		tell(p, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_TOO_MANY_LISTS });
	listing_tick(&p->listing, &p->fx, &p->login, now_us);
}

static void refuse_punch(struct peer *p, const struct endpoint *who, enum reason reason)
{
	tell(p, (struct event){ .type = EVENT_PUNCH_FAILED, .who = *who, .reason = reason, .asked_by_user = true });
}

bool peer_find(struct peer *p, const uint8_t name[NAME_SIZE], struct endpoint *who, enum reason *reason,
               uint64_t now_us)
{
	const struct path *path = paths_called(p->paths, name);
	bool asked = memcmp(p->lookup.name, name, NAME_SIZE) == 0 && p->lookup.state != LOOKUP_NONE;

	*reason = REASON_NONE;
	if (path != NULL) {
		*who = path->peer;
		return true;
	}
	if (!asked) {
		lookup_ask(&p->lookup, name, ++p->serial, clocks_run(p), now_us);
		if (!may_ask(p))
			lookup_fail(&p->lookup, REASON_NOT_LOGGED_IN);
		lookup_tick(&p->lookup, &p->fx, &p->login, now_us);
	}
	if (p->lookup.state == LOOKUP_ASKING)
		return false;
	*who = p->lookup.who;
	*reason = p->lookup.reason;
	p->lookup.state = LOOKUP_NONE; /* it may be another the next time */
	return true;
}

bool peer_is_finding(const struct peer *p)
{
	return p->lookup.state == LOOKUP_ASKING;
}

bool peer_accept(struct peer *p, const uint8_t name[NAME_SIZE])
{
	return pins_accept(&p->pins, name);
}

static void call(struct path *path, const uint8_t called[NAME_SIZE])
{
	if (called != NULL)
		memcpy(path->called, called, NAME_SIZE);
	else
		memset(path->called, 0, NAME_SIZE);
}

void peer_punch(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE], uint64_t now_us)
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
		call(path, called);
		ask_for(p, path, who, true, now_us);
		tick_path(p, path, now_us);
	}
}

static bool takes_texts(const struct path *path)
{
	return path != NULL && (path->state == PATH_OPEN || path_is_undecided(path) || path->anew_us != 0);
}

bool peer_takes_texts(struct peer *p, const struct endpoint *who)
{
	return takes_texts(paths_to(p->paths, who));
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

static const char *state_words(const struct path *path)
{
	switch (path->state) {
	case PATH_FREE:
	case PATH_DOWN: break;
	case PATH_ASKING: return "asking the server";
	case PATH_PUNCHING: return "punching";
	case PATH_OPEN: return path->checking || path->unanswered > 1 ? "open, but silent" : "open";
	case PATH_CLOSING: return "leaving";
	}
	return "lost, to be asked for again";
}

static void tell_status(struct peer *p, const struct path *path, uint64_t now_us)
{
	struct event e = { .type = EVENT_STATUS, .who = path->peer, .waiting = path->texts_waiting };
	char key[2 * STATUS_KEY_SIZE + 1] = "";

	e.state = state_words(path);
	memcpy(e.name, path->name, sizeof e.name);
	if (path->state == PATH_OPEN) {
		e.via = path_address(path, &p->fx);
		e.way = path->via->way;
		e.elapsed_us = path->round_trip_us;
		e.count = (uint32_t)((now_us - path->opened_us) / 1000000);
		for (size_t i = 0; i < STATUS_KEY_SIZE; i++)
			snprintf(key + 2 * i, 3, "%02x", path->identity[i]);
	}
	eventq_put(&p->fx.events, e, (const uint8_t *)key, strlen(key));
}

void peer_status(struct peer *p, uint64_t now_us)
{
	static const char *const words[] = {
		[LOGIN_OUT] = "not logged in",
		[LOGIN_ENTERING] = "logging in",
		[LOGIN_IN] = "logged in",
		[LOGIN_LEAVING] = "logging out",
	};
	struct event you = { .type = EVENT_STATUS, .who = p->login.you, .state = "you" };

	tell(p, (struct event){ .type = EVENT_STATUS, .who = p->login.server, .state = words[p->login.state] });
	name_pad(p->login.name, you.name);
	if (p->login.state == LOGIN_IN)
		tell(p, you);
	for (size_t i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &p->paths[i];

		if (path->state != PATH_FREE && (path->state != PATH_DOWN || path->anew_us != 0))
			tell_status(p, path, now_us);
	}
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

/*
 * A path has opened to a run of a program that there is another path to already: the peer has got another address, by
 * its NAT or by moving. Only now is that sure, because only now has it shown its keys. The old path ends, its texts go
 * on here.
 */
static void take_over(struct peer *p, struct path *path)
{
	struct path *old = paths_to_same_run(p->paths, path);

	if (old == NULL)
		return;
	tell(p, (struct event){ .type = EVENT_READDRESSED, .who = old->peer, .via = path->peer });
	if (old->text_heard > path->text_heard)
		path->text_heard = old->text_heard;
	path->wanted |= old->wanted;
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
	if (!text_keys_read(&path->text_keys, m, bytes, len, text))
		effects_drop(&p->fx, DROP_MAC);
	else
		receive_on_path(p, path, from, &plain, now_us);
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
	tell(p, e);
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
		if (!login_owns(&p->login, m) || p->login.state != LOGIN_IN) {
			effects_drop(&p->fx, DROP_SESSION);
			return;
		}
		login_heard(&p->login);
		if (m->type == WIRE_PEERS)
			listing_receive(&p->listing, &p->fx, &p->login, m, now_us);
		else if (m->type == WIRE_INTRODUCE)
			on_introduce(p, m, now_us);
		else if (m->type == WIRE_FOUND)
			lookup_receive(&p->lookup, &p->fx, m);
		else if (m->type == WIRE_NOTICE)
			on_notice(p, m);
		else if (m->type == WIRE_RELAYED)
			on_relayed(p, m, now_us);
		else
			on_refused(p, m, now_us);
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
	lookup_tick(&p->lookup, &p->fx, &p->login, now_us);
	own_mapping_tick(&p->means.mapping, &p->means.sockets, &p->fx, now_us);
	tick_paths(p, true, now_us);
	tick_paths(p, false, now_us);
}

uint64_t peer_deadline(const struct peer *p)
{
	uint64_t deadline_us = retry_earlier(login_deadline(&p->login), listing_deadline(&p->listing, &p->login));

	deadline_us = retry_earlier(deadline_us, lookup_deadline(&p->lookup, &p->login));
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
	const struct path *path;

	if (!eventq_take(&p->fx.events, out))
		return false;
	path = paths_to(p->paths, &out->who);
	if (path != NULL && out->name[0] == 0)
		memcpy(out->name, path->name, sizeof out->name);
	return true;
}
