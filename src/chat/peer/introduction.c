#include "chat/peer/introduction.h"

#include "chat/peer/path_probing.h"

#include <string.h>

void introduction_ask(struct path *p, const struct endpoint *peer, uint32_t request, bool by_user)
{
	p->state = PATH_ASKING;
	p->peer = *peer;
	p->request = request;
	p->asked_by_user = by_user;
	p->refused = false;
	p->started_us = 0;
	p->deadline_us = UINT64_MAX;
	p->ask.next_us = UINT64_MAX;
}

void introduction_start_clock(struct path *p, const struct path_times *times, uint64_t now_us)
{
	p->started_us = now_us;
	p->deadline_us = now_us + times->punch_timeout_us;
	retry_at_once(&p->ask, now_us);
}

#define REFUSED_PAUSE_US 1000000u

void introduction_wait(struct path *p, uint64_t until_us, uint64_t now_us)
{
	p->refused = true;
	p->deadline_us = until_us;
	p->ask.next_us = now_us + REFUSED_PAUSE_US;
}

/* The request is repeated while nothing is heard of the peer: its copy of the introduction may be the one that is lost.
 */
static bool request_is_open(const struct path *p)
{
	return p->state == PATH_ASKING || (p->state == PATH_PUNCHING && p->request != 0 && !p->heard);
}

bool introduction_is_due(struct path *p, uint64_t now_us)
{
	return request_is_open(p) && retry_due(&p->ask, now_us);
}

uint64_t introduction_deadline(const struct path *p)
{
	return request_is_open(p) ? p->ask.next_us : UINT64_MAX;
}

/*
 * A peer that gives up before we do asks again, and its later tries get all our time too; but not for ever, or whoever
 * asks again and again holds a place for good. What comes after that begins anew when this life has failed.
 */
#define TRIES 3u

static bool may_try_again(const struct path *p, const struct path_times *times, uint64_t now_us)
{
	return p->request != 0 || now_us + times->punch_timeout_us <= p->begun_us + TRIES * times->punch_timeout_us;
}

static void tell_asked(const struct path *p, struct effects *fx)
{
	effects_tell(fx, (struct event){ .type = EVENT_ASKED, .who = p->peer });
}

/* Starts the probes; who asked waits no longer than from the asking on, but for one who was not there yet. */
static void start(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	uint64_t deadline_us = p->deadline_us;

	path_probing_start(p, fx, times, now_us);
	if (p->request != 0 && !p->refused)
		p->deadline_us = deadline_us;
}

static void take_name(struct path *p, struct effects *fx, const struct wire_message *m)
{
	struct event named = { .type = EVENT_NAMED, .who = m->who };

	if (memcmp(p->name, m->card.name, sizeof p->name) == 0)
		return;
	memcpy(p->name, m->card.name, sizeof p->name);
	memcpy(named.name, p->name, sizeof named.name);
	p->pinned = false;
	if (p->name[0] != 0)
		effects_tell(fx, named);
}

/* A new life of the path begins. Texts go on being counted if the peer is the same run of its program. */
static void begin(struct path *p, struct effects *fx, const struct path_times *times, const struct wire_message *m,
                  uint64_t now_us)
{
	if (memcmp(p->token, m->token, sizeof p->token) != 0)
		p->their_request = 0;
	if (memcmp(p->run, m->card.exchange, sizeof p->run) != 0)
		p->text_heard = 0;
	if (p->state != PATH_ASKING && p->state != PATH_PUNCHING) {
		p->request = 0;
		p->asked_by_user = false;
		p->begun_us = now_us;
		p->started_us = now_us;
	}
	if (!secrets_path_key(fx->exchange, &fx->card, &m->card, m->token, p->key)) {
		effects_drop(fx, DROP_CARD);
		return;
	}
	p->state = PATH_PUNCHING;
	p->introduced = true;
	p->another_until_us = 0;
	p->peer = m->who;
	memcpy(p->token, m->token, sizeof p->token);
	memcpy(p->identity, m->card.identity, sizeof p->identity);
	memcpy(p->run, m->card.exchange, sizeof p->run);
	memset(p->sought, 0, sizeof p->sought);
	take_name(p, fx, m);
	effects_secret(fx, p->secret);
	secrets_public(p->secret, p->mine);
	p->text_keys = (struct text_keys){ 0 };
	memset(p->theirs, 0, sizeof p->theirs);
	candidates_init(&p->candidates, &m->who);
	p->via = NULL;
	p->ways = (struct path_ways){ 0 };
	p->may_relay = m->passes == WIRE_PASSES_ALL;
	p->last_answered = 0;
	p->heard = false;
	p->sources = 0;
	p->checking = false;
	p->chosen = false;
	p->unanswered = 0;
	start(p, fx, times, now_us);
}

/* The peer gave up before we did, and tries again. */
static void start_over(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	if (p->request == 0)
		p->started_us = now_us;
	start(p, fx, times, now_us);
}

static void introduce_asker(struct path *p, struct effects *fx, const struct path_times *times,
                            const struct wire_message *m, bool same_token, uint64_t now_us)
{
	bool ours = m->serial == p->request && (p->state == PATH_ASKING || p->state == PATH_PUNCHING);

	if (ours && (p->state == PATH_ASKING || !same_token))
		begin(p, fx, times, m, now_us);
	else if (!same_token)
		effects_drop(fx, DROP_LATE);
}

#define LINES_OF_A_LIFE 10u /* that it asks, has a name, how the punch ends, which way, that it is lost */

static void introduce_asked(struct path *p, struct effects *fx, const struct path_times *times,
                            const struct wire_message *m, bool same_token, uint64_t now_us)
{
	if (same_token && m->serial <= p->their_request)
		return; /* repeated by the server because the asker repeated */
	switch (p->state) {
	case PATH_FREE:
	case PATH_DOWN:
		if (!path_hears_out(p, fx, LINES_OF_A_LIFE, now_us))
			return;
		begin(p, fx, times, m, now_us);
		tell_asked(p, fx);
		break;
	case PATH_ASKING:
		begin(p, fx, times, m, now_us); /* both ask: one path */
		break;
	case PATH_PUNCHING:
		if (!may_try_again(p, times, now_us))
			return;
		if (!same_token)
			begin(p, fx, times, m, now_us);
		else if (p->their_request != 0)
			start_over(p, fx, times, now_us);
		break;
	case PATH_OPEN: path_probing_check(p, fx, times, now_us); break;
	case PATH_CLOSING: return;
	}
	p->their_request = m->serial;
}

static bool has_token(const struct path *p, const struct wire_message *m)
{
	return p->introduced && memcmp(p->token, m->token, sizeof p->token) == 0;
}

bool introduction_ends_path(const struct path *p, const struct wire_message *m)
{
	return p->state == PATH_OPEN && m->role == WIRE_YOU_ARE_ASKED && !has_token(p, m);
}

void introduction_receive(struct path *p, struct effects *fx, const struct path_times *times,
                          const struct wire_message *m, uint64_t now_us)
{
	if (m->role == WIRE_YOU_ASKED)
		introduce_asker(p, fx, times, m, has_token(p, m), now_us);
	else
		introduce_asked(p, fx, times, m, has_token(p, m), now_us);
}
