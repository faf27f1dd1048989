#include "chat/rendezvous/rendezvous_login.h"

#include "chat/rendezvous/credentials.h"

#include <sodium.h>
#include <string.h>

static bool cookie_is(const struct request *q, uint64_t slice)
{
	uint8_t cookie[WIRE_COOKIE_SIZE];

	credentials_cookie(q->r->secret, q->from, q->m->nonce, slice, cookie);
	return sodium_memcmp(cookie, q->m->cookie, sizeof cookie) == 0;
}

static bool cookie_is_good(const struct request *q)
{
	uint64_t slice = q->now_us / RENDEZVOUS_COOKIE_SLICE_US;

	return cookie_is(q, slice) || (slice > 0 && cookie_is(q, slice - 1));
}

static void challenge(const struct request *q)
{
	struct wire_message m = { .type = WIRE_CHALLENGE };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	credentials_cookie(q->r->secret, q->from, m.nonce, q->now_us / RENDEZVOUS_COOKIE_SLICE_US, m.cookie);
	request_answer(q, &m);
}

/* Who comes into a crowd is to know that it will not hear of others. */
static void welcome(const struct request *q, const struct roster_peer *p)
{
	struct wire_message m = { .type = WIRE_WELCOME, .who = p->where };

	memcpy(m.nonce, p->nonce, sizeof m.nonce);
	memcpy(m.session, p->session, sizeof m.session);
	request_answer(q, &m);
	m.type = WIRE_CROWDED;
	m.crowded = 1;
	if (q->r->notices.crowded)
		request_answer(q, &m);
}

static void refuse_login(const struct request *q, enum wire_reason reason)
{
	struct wire_message m = { .type = WIRE_DENIED, .reason = (uint8_t)reason };
	struct rendezvous_event event = { .type = RENDEZVOUS_NO_ROOM, .who = *q->from, .reason = m.reason };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	request_answer(q, &m);
	if (reason == WIRE_NO_ROOM) {
		request_drop(q->r, DROP_FULL);
	} else {
		event.type = RENDEZVOUS_NO_NAME;
		memcpy(event.name, q->m->card.name, sizeof event.name);
	}
	request_tell(q->r, event);
}

/* Cookie and nonce of a login, which its proof is made over. */
static bool is_proved(const struct request *q)
{
	uint8_t challenge[WIRE_COOKIE_SIZE + WIRE_NONCE_SIZE];

	memcpy(challenge, q->m->cookie, WIRE_COOKIE_SIZE);
	memcpy(challenge + WIRE_COOKIE_SIZE, q->m->nonce, WIRE_NONCE_SIZE);
	return card_is_proved(&q->m->card, challenge, sizeof challenge, q->m->proof);
}

/* 0 if the login can have its name, or has none. A name belongs to the key that has it: only that takes it anew. */
static unsigned name_is_refused(const struct request *q)
{
	const uint8_t *name = q->m->card.name;
	const struct roster_peer *holder;

	if (name[0] == 0)
		return 0;
	holder = roster_called(&q->r->roster, name);
	if (holder != NULL && !endpoint_equal(&holder->where, q->from) &&
	    memcmp(holder->card.identity, q->m->card.identity, CARD_KEY_SIZE) != 0)
		return WIRE_NAME_TAKEN;
	return name_check(name, name_length(name), NULL) != NAME_IS_GOOD || !is_proved(q) ? WIRE_NAME_REFUSED : 0;
}

static void make_room(const struct request *q)
{
	struct roster_peer *p = roster_who_makes_room(&q->r->roster, q->from, q->now_us);
	struct rendezvous_event event = { .type = RENDEZVOUS_DISPLACED, .other = *q->from };
	bool was_here = p != NULL && roster_is_logged_in(p);

	if (p == NULL)
		return;
	event.who = p->where;
	if (was_here)
		request_notice(q->r, p, WIRE_HAS_GONE, q->now_us);
	roster_remove(&q->r->roster, p);
	if (was_here)
		request_tell(q->r, event);
}

/* Another program, or another run of one, has the same address. Returns whether it is still who was there before. */
static bool take_over(const struct request *q, struct roster_peer *before)
{
	bool was_here = roster_is_logged_in(before);
	bool stays = was_here && name_looks_like(before->card.name, q->m->card.name);

	if (was_here && !stays)
		request_notice(q->r, before, WIRE_HAS_GONE, q->now_us);
	roster_remove(&q->r->roster, before);
	return stays;
}

/* `before` is another program's at the same address, or NULL. */
static void log_in(const struct request *q, struct roster_peer *before)
{
	struct rendezvous_event event = { .type = RENDEZVOUS_LOGIN, .who = *q->from };
	bool is_paid = before != NULL && before->leave_is_paid, stays = before != NULL && take_over(q, before);
	struct roster_peer *p;

	make_room(q);
	p = roster_add(&q->r->roster, q->from, q->now_us);
	if (p == NULL) {
		refuse_login(q, WIRE_NO_ROOM);
		return;
	}
	p->door = request_door(q);
	memcpy(p->nonce, q->m->nonce, sizeof p->nonce);
	p->card = q->m->card;
	if (p->card.name[0] != 0)
		roster_call(&q->r->roster, p);
	credentials_session(q->r->secret, q->from, q->m->nonce, q->r->logins++, p->session);
	welcome(q, p);
	if (stays)
		p->leave_is_paid = is_paid;
	else
		request_notice(q->r, p, WIRE_HAS_COME, q->now_us);
	memcpy(event.name, p->card.name, sizeof event.name);
	request_tell(q->r, event);
}

void rendezvous_login_receive(const struct request *q)
{
	static const uint8_t none[WIRE_COOKIE_SIZE];
	bool has_cookie = memcmp(q->m->cookie, none, sizeof none) != 0;
	struct roster_peer *p;
	unsigned refusal;

	if (has_cookie)
		roster_expect_new(&q->r->roster, q->from);
	if (!cookie_is_good(q)) {
		if (has_cookie)
			request_drop(q->r, DROP_COOKIE);
		challenge(q);
		return;
	}
	p = roster_find(&q->r->roster, q->from);
	if (p != NULL && memcmp(p->nonce, q->m->nonce, sizeof p->nonce) == 0) {
		if (p->state == ROSTER_GONE) {
			request_drop(q->r, DROP_LATE); /* a repeat that was overtaken by the logout */
			return;
		}
		roster_touch(&q->r->roster, p, p->state, q->now_us);
		welcome(q, p);
		return;
	}
	if (!request_is_allowed(q,
	                        LIMITS_LOGIN)) /* before anything that takes time: the proof of a name takes 0.1 ms */
		return;
	refusal = name_is_refused(q);
	if (refusal != 0)
		refuse_login(q, (enum wire_reason)refusal);
	else
		log_in(q, p);
}
