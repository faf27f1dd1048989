#include "chat/peer/peer_introductions.h"

#include "chat/peer/introduction.h"
#include "chat/peer/peer_paths.h"
#include "chat/peer/peer_search.h"

#include <sodium.h>
#include <string.h>

static bool is_loopback(const struct endpoint *e)
{
	return address_scope(&e->address) == ADDRESS_LOOPBACK;
}

/* On the server's computer, and seen at an address that leads each computer to itself. */
static bool is_at_loopback_elsewhere(const struct peer *p, const struct endpoint *who)
{
	return is_loopback(who) && !is_loopback(&p->login.server);
}

/* At an address that the first socket can send to, or by way of a server of both families. */
static bool is_within_reach(const struct peer *p, const struct wire_message *m)
{
	return m->who.address.family == p->login.server.address.family ||
	       (m->passes == WIRE_PASSES_ALL && (p->means.strategies & STRATEGY_RELAY) != 0);
}

/* Somebody one can send to, and neither oneself nor the server. */
static bool is_possible_peer(const struct peer *p, const struct endpoint *who)
{
	return endpoint_is_sendable(who) && !endpoint_equal(who, &p->login.you) &&
	       !endpoint_equal(who, &p->login.server);
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
		effects_tell(&p->fx, changed);
	return false;
}

/* It was looked for by its key. */
static bool is_sought(const struct path *path, const struct card *card)
{
	return sodium_is_zero(path->sought, sizeof path->sought) ||
	       memcmp(path->sought, card->exchange, sizeof path->sought) == 0;
}

/* The user has called the peer by a name, or it was looked for: nobody else is to take its place. */
static bool is_meant(const struct path *path, const struct card *card)
{
	bool over = path == NULL || (path->state == PATH_DOWN && path->texts_waiting == 0);

	return over || (is_sought(path, card) && (path->called[0] == 0 || name_looks_like(path->called, card->name)));
}

/* It answers what we asked for. `path` is ours to that address, or NULL. */
static bool is_awaited(const struct path *path, const struct wire_message *m)
{
	return path != NULL && path_is_undecided(path) && path->request == m->serial && m->role == WIRE_YOU_ASKED;
}

/* Whom the server introduces is whom we know, and asked for. `path` is ours to that address, or NULL. */
static bool is_trusted(struct peer *p, struct path *path, const struct wire_message *m, uint64_t now_us)
{
	bool awaited = is_awaited(path, m);
	bool known = has_the_known_key(p, m, awaited), meant = is_meant(path, &m->card);

	if (known && meant)
		return true;
	effects_drop(&p->fx, DROP_CARD);
	if (awaited)
		peer_paths_fail_punch(p, path, known ? REASON_OTHER_NAME : REASON_KEY_CHANGED, now_us);
	return false;
}

/* Why nothing could be sent there. A server that relays introduces one family to the other, whoever takes no relay. */
static enum reason why_out_of_reach(const struct peer *p, const struct wire_message *m)
{
	if (is_at_loopback_elsewhere(p, &m->who))
		return REASON_LOOPBACK;
	return is_within_reach(p, m) ? REASON_NONE : REASON_OTHER_FAMILY;
}

static void refuse_reach(struct peer *p, const struct wire_message *m, enum reason reason, uint64_t now_us)
{
	struct path *path = paths_to(&p->paths, &m->who);

	effects_drop(&p->fx, DROP_SOURCE);
	if (is_awaited(path, m))
		peer_paths_fail_punch(p, path, reason, now_us);
}

void peer_introductions_receive(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	enum reason out_of_reach = why_out_of_reach(p, m);
	struct path *path;

	if (!is_possible_peer(p, &m->who)) {
		effects_drop(&p->fx, DROP_SOURCE);
		return;
	}
	if (out_of_reach != REASON_NONE) {
		refuse_reach(p, m, out_of_reach, now_us);
		return;
	}
	if (!is_fit(&m->card)) {
		effects_drop(&p->fx, DROP_CARD);
		return;
	}
	if (!is_trusted(p, paths_to(&p->paths, &m->who), m, now_us))
		return;
	path = m->role == WIRE_YOU_ASKED ? paths_to(&p->paths, &m->who) : paths_place_for_asker(&p->paths, &m->who);
	if (path == NULL) {
		effects_drop(&p->fx, DROP_FULL);
		return;
	}
	if (introduction_ends_path(path, m))
		path_fail(path, &p->fx, REASON_LOGGED_IN_ANEW, now_us);
	/* who it is now is not to read what was meant for another */
	if (path->introduced && memcmp(path->identity, m->card.identity, sizeof path->identity) != 0)
		outbox_fail(&p->outbox, &p->fx, path, REASON_PATH_LOST);
	path->is_known_by_loopback = is_loopback(&p->login.you) && !is_loopback(&m->who);
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

#define LOGIN_US 2000000u /* what a peer takes to be back, once it has noticed */

/*
 * After a restart of the server one of two whose path was lost meanwhile is the first to ask for the other, which
 * notices at its next keepalive. Where we were logged in before that, the peer was too, and has gone; but texts wait.
 */
static uint64_t back_by(const struct peer *p, const struct path *path)
{
	uint64_t noticed_us = p->login.since_us + p->times.keepalive_us + LOGIN_US;

	return path->texts_waiting > 0 ? path->anew_until_us : retry_earlier(noticed_us, path->anew_until_us);
}

static bool may_come_back(const struct peer *p, const struct path *path, uint8_t reason, uint64_t now_us)
{
	return reason == WIRE_PEER_UNKNOWN && path->state == PATH_ASKING && !path->asked_by_user &&
	       now_us < back_by(p, path);
}

static void refuse(struct peer *p, struct path *path, uint8_t reason, uint64_t now_us)
{
	if (may_come_back(p, path, reason, now_us))
		introduction_wait(path, back_by(p, path), now_us);
	else
		peer_paths_fail_punch(p, path, reason_of(path, reason), now_us);
}

void peer_introductions_refused(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	if (peer_search_receive(p, m, now_us))
		return;
	if (p->lookup.state == LOOKUP_ASKING && p->lookup.serial == m->serial) {
		lookup_receive(&p->lookup, &p->fx, m);
		return;
	}
	for (size_t i = 0; i < p->paths.end; i++) {
		struct path *path = &p->paths.list[i];

		if (path_is_undecided(path) && path->request == m->serial) {
			refuse(p, path, m->reason, now_us);
			return;
		}
	}
	effects_drop(&p->fx, DROP_LATE);
}
