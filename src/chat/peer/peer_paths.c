#include "chat/peer/peer_paths.h"

#include "chat/peer/introduction.h"
#include "chat/peer/path_probing.h"
#include "chat/peer/peer_search.h"

#include <string.h>

#define ANEW_PAUSE_US 1000000u

/* Whoever the user has to do with is known by name from now on. */
static void note_pin(struct peer *p, struct path *path)
{
	if (path->wanted && !path->pinned && path->name[0] != 0)
		path->pinned = pins_note(&p->pins, path->name, path->identity);
}

/* The user has to do with it. The name is noted again, if its line was removed meanwhile. */
static void want(struct peer *p, struct path *path)
{
	path->wanted = true;
	path->pinned = false;
	if (path->state == PATH_OPEN)
		note_pin(p, path);
}

void peer_paths_ask(struct peer *p, struct path *path, const struct endpoint *who, bool by_user, uint64_t now_us)
{
	if (by_user)
		want(p, path);
	introduction_ask(path, who, ++p->serial, by_user);
	if (login_clocks_run(&p->login))
		introduction_start_clock(path, &p->times, now_us);
}

/*
 * A path is down. One that was lost is asked for at once; and as long as texts wait for it, again and again: if it was
 * the peer's NAT that forgot it, the peer notices at its next keepalive, and then asks for us, maybe from another
 * address.
 */
static void on_down(struct peer *p, struct path *path, bool at_once, enum reason reason, uint64_t now_us)
{
	bool waits = path->texts_waiting > 0 && now_us < path->anew_until_us;

	if (login_may_ask(&p->login) && (at_once || (waits && path->anew_us != 0 && now_us >= path->anew_us))) {
		path->anew_us = 0;
		peer_paths_ask(p, path, &path->peer, false, now_us);
	} else if (login_may_ask(&p->login) && waits) {
		path->anew_us = path->anew_us != 0 ? path->anew_us : now_us + ANEW_PAUSE_US;
	} else {
		path->anew_us = 0;
		outbox_fail(&p->outbox, &p->fx, path, reason);
	}
}

static void tick_one(struct peer *p, struct path *path, uint64_t now_us)
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
	if (was_open) { /* it was lost just now, and maybe not it alone */
		login_doubt(&p->login, now_us);
		path->anew_until_us = now_us + p->times.keepalive_us + p->times.punch_timeout_us;
		peer_search_begin(p, now_us);
	}
	on_down(p, path, was_open, was_undecided ? REASON_PUNCH_FAILED : REASON_PATH_LOST, now_us);
}

/* Those the user wants go first: probes have a pace over all paths, and strangers' could use it up. */
static void tick_those(struct peer *p, bool wanted, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++)
		if (p->paths.list[i].state != PATH_FREE && p->paths.list[i].wanted == wanted)
			tick_one(p, &p->paths.list[i], now_us);
}

void peer_paths_tick(struct peer *p, uint64_t now_us)
{
	tick_those(p, true, now_us);
	tick_those(p, false, now_us);
}

static uint64_t deadline_of(const struct peer *p, const struct path *path)
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

uint64_t peer_paths_deadline(const struct peer *p)
{
	uint64_t deadline_us = UINT64_MAX;

	for (size_t i = 0; i < p->paths.end; i++)
		deadline_us = retry_earlier(deadline_us, deadline_of(p, &p->paths.list[i]));
	return deadline_us;
}

/* To ask again would only be told again. Not so of who is not logged in, or of an answer that never came. */
static bool tells_who_is_there(enum reason reason)
{
	return reason == REASON_KEY_CHANGED || reason == REASON_OTHER_NAME || reason == REASON_YOURSELF ||
	       reason == REASON_OTHER_FAMILY || reason == REASON_LOOPBACK;
}

void peer_paths_fail_punch(struct peer *p, struct path *path, enum reason reason, uint64_t now_us)
{
	if (tells_who_is_there(reason))
		path->another_until_us = now_us + p->times.keepalive_us + p->times.punch_timeout_us;
	path_fail(path, &p->fx, reason, now_us);
	outbox_fail(&p->outbox, &p->fx, path, REASON_PUNCH_FAILED);
}

void peer_paths_start_clocks(struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++)
		if (p->paths.list[i].state == PATH_ASKING && p->paths.list[i].deadline_us == UINT64_MAX)
			introduction_start_clock(&p->paths.list[i], &p->times, now_us);
}

void peer_paths_fail_requests(struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++)
		if (p->paths.list[i].state == PATH_ASKING)
			peer_paths_fail_punch(p, &p->paths.list[i], REASON_NOT_LOGGED_IN, now_us);
}

bool peer_paths_hear(const struct peer *p)
{
	bool heard = false;

	for (size_t i = 0; i < p->paths.end && !heard; i++) {
		const struct path *path = &p->paths.list[i];

		heard = path->state == PATH_OPEN && !path->checking && path->unanswered < 2 &&
		        !path->via->route.relayed && path->via->route.socket == 0;
	}
	return heard;
}

void peer_paths_doubt(struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++)
		if (p->paths.list[i].state == PATH_OPEN)
			path_probing_check(&p->paths.list[i], &p->fx, &p->times, now_us);
}

void peer_paths_swap_sockets(struct peer *p)
{
	for (size_t i = 0; i < p->paths.end; i++)
		candidates_swap_sockets(&p->paths.list[i].candidates, 0, SOCKET_SET_OTHER_FAMILY);
}

void peer_paths_close(struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++) {
		struct path *path = &p->paths.list[i];

		if (path_is_undecided(path) && path->asked_by_user)
			peer_paths_fail_punch(p, path, REASON_NOT_LOGGED_IN, now_us);
		outbox_fail(&p->outbox, &p->fx, path, REASON_PATH_LOST);
		path_close(path, &p->fx, now_us);
	}
}

static void refuse_punch(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE],
                         enum reason reason)
{
	struct event e = { .type = EVENT_PUNCH_FAILED, .who = *who, .reason = reason, .asked_by_user = true };

	if (called != NULL)
		memcpy(e.name, called, sizeof e.name);
	effects_tell(&p->fx, e);
}

static void call(struct path *path, const uint8_t called[NAME_SIZE])
{
	memset(path->sought, 0, sizeof path->sought);
	if (called != NULL)
		memcpy(path->called, called, NAME_SIZE);
	else
		memset(path->called, 0, NAME_SIZE);
}

void peer_punch(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE], uint64_t now_us)
{
	struct path *path = paths_to(&p->paths, who);

	if (path != NULL && path->state == PATH_OPEN) {
		want(p, path);
		effects_tell(&p->fx,
		             (struct event){ .type = EVENT_PUNCHED, .who = *who, .via = path_address(path, &p->fx) });
	} else if (path != NULL && path_is_undecided(path)) {
		path->asked_by_user = true; /* one outcome answers both */
		want(p, path);
	} else if (!login_may_ask(&p->login)) {
		refuse_punch(p, who, called, REASON_NOT_LOGGED_IN);
	} else if ((path = paths_place_for_user(&p->paths, &p->fx, who, now_us)) == NULL) {
		refuse_punch(p, who, called, REASON_TOO_MANY_PATHS);
	} else {
		call(path, called);
		peer_paths_ask(p, path, who, true, now_us);
		tick_one(p, path, now_us);
	}
}

static bool takes_texts(const struct path *path)
{
	return path != NULL && (path->state == PATH_OPEN || path_is_undecided(path) || path->anew_us != 0);
}

bool peer_takes_texts(struct peer *p, const struct endpoint *who)
{
	return takes_texts(paths_to(&p->paths, who));
}

bool peer_has_room(struct peer *p, const struct endpoint *who)
{
	const struct path *path = paths_to(&p->paths, who);

	return !takes_texts(path) || outbox_has_room(&p->outbox, path);
}

void peer_send(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE], const uint8_t *text,
               size_t len, uint64_t now_us)
{
	struct path *path = paths_to(&p->paths, who);
	struct event failed = { .type = EVENT_NOT_DELIVERED, .who = *who };

	if (!takes_texts(path))
		failed.reason = REASON_NO_PATH;
	else if (!outbox_put(&p->outbox, path, text, len))
		failed.reason = REASON_TOO_MANY_TEXTS;
	if (failed.reason != REASON_NONE) {
		if (called != NULL)
			memcpy(failed.name, called, sizeof failed.name);
		eventq_put(&p->fx.events, failed, text, len);
		return;
	}
	want(p, path);
	if (path->state == PATH_OPEN)
		outbox_tick(&p->outbox, &p->fx, path, now_us);
}

void peer_give_up_text(struct peer *p, const uint8_t name[NAME_SIZE], enum reason reason, const uint8_t *text,
                       size_t len)
{
	struct event e = { .type = EVENT_NOT_DELIVERED, .reason = reason };

	memcpy(e.name, name, sizeof e.name);
	eventq_put(&p->fx.events, e, text, len);
}
