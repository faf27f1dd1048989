#include "chat/rendezvous/rendezvous.h"

#include "chat/rendezvous/credentials.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US UINT64_C(1000000)

/* A cookie is good in its slice of time and the next: long enough for any round trip, too short to collect. */
#define COOKIE_SLICE_US (10 * SECOND_US)

/* One who left is remembered for as long as a repeat of its login could still carry a good cookie. */
#define GONE_US (2 * COOKIE_SLICE_US)

/* An offer is small, and needs no relay to be allowed. */
#define OFFER_MAX 256

/* One request in hand. */
struct request {
	struct rendezvous *r;
	const struct endpoint *local;
	const struct endpoint *from;
	const struct wire_message *m;
	struct roster_peer *peer; /* who asks, once its session is found right */
	uint64_t now_us;
};

void rendezvous_init(struct rendezvous *r, void *memory, uint32_t max_peers, uint64_t forget_us,
                     const uint8_t secret[RENDEZVOUS_SECRET_SIZE])
{
	uint8_t key[ROSTER_KEY_SIZE];

	memset(r, 0, sizeof *r);
	r->forget_us = forget_us;
	memcpy(r->secret, secret, sizeof r->secret);
	credentials_roster_key(secret, key);
	roster_init(&r->roster, memory, max_peers, key);
	limits_init(&r->limits, key);
}

static void drop(struct rendezvous *r, enum drop reason)
{
	r->drops.count[reason]++;
}

static bool events_are_full(const struct rendezvous *r)
{
	return r->event_count == RENDEZVOUS_EVENTS;
}

static void tell(struct rendezvous *r, struct rendezvous_event event)
{
	if (events_are_full(r))
		return;
	event.peers = roster_count(&r->roster);
	r->events[(r->first_event + r->event_count++) % RENDEZVOUS_EVENTS] = event;
}

static void send_to(struct rendezvous *r, const struct roster_peer *p, const struct wire_message *m)
{
	send_queue_put(&r->out, &r->roster.doors.list[p->door], &p->where, m);
}

static void notice(struct rendezvous *r, const struct roster_peer *about, enum wire_presence presence, uint64_t now_us)
{
	notices_tell(&r->notices, &r->roster, &r->out, about, presence, now_us);
}

static void answer(const struct request *q, const struct wire_message *m)
{
	send_queue_put(&q->r->out, q->local, q->from, m);
}

/* An answer that carries no more than the session it got. */
static void answer_session(const struct request *q, enum wire_type type)
{
	struct wire_message m = { .type = type };

	memcpy(m.session, q->m->session, sizeof m.session);
	answer(q, &m);
}

static bool cookie_is(const struct request *q, uint64_t slice)
{
	uint8_t cookie[WIRE_COOKIE_SIZE];

	credentials_cookie(q->r->secret, q->from, q->m->nonce, slice, cookie);
	return sodium_memcmp(cookie, q->m->cookie, sizeof cookie) == 0;
}

static bool cookie_is_good(const struct request *q)
{
	uint64_t slice = q->now_us / COOKIE_SLICE_US;

	return cookie_is(q, slice) || (slice > 0 && cookie_is(q, slice - 1));
}

static void challenge(const struct request *q)
{
	struct wire_message m = { .type = WIRE_CHALLENGE };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	credentials_cookie(q->r->secret, q->from, m.nonce, q->now_us / COOKIE_SLICE_US, m.cookie);
	answer(q, &m);
}

static void welcome(const struct request *q, const struct roster_peer *p)
{
	struct wire_message m = { .type = WIRE_WELCOME, .who = p->where };

	memcpy(m.nonce, p->nonce, sizeof m.nonce);
	memcpy(m.session, p->session, sizeof m.session);
	answer(q, &m);
}

static void refuse_login(const struct request *q, enum wire_reason reason)
{
	struct wire_message m = { .type = WIRE_DENIED, .reason = (uint8_t)reason };
	struct rendezvous_event event = { .type = RENDEZVOUS_NO_ROOM, .who = *q->from, .reason = m.reason };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	answer(q, &m);
	if (reason == WIRE_NO_ROOM) {
		drop(q->r, DROP_FULL);
	} else {
		event.type = RENDEZVOUS_NO_NAME;
		memcpy(event.name, q->m->card.name, sizeof event.name);
	}
	tell(q->r, event);
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
		notice(q->r, p, WIRE_HAS_GONE, q->now_us);
	roster_remove(&q->r->roster, p);
	if (was_here)
		tell(q->r, event);
}

static uint8_t door_of(const struct request *q)
{
	return doors_number(&q->r->roster.doors, q->local);
}

/* Of what one may not have so often. */
static bool is_allowed(const struct request *q, enum limits_kind kind)
{
	bool allowed = limits_allow(&q->r->limits, kind, &q->from->address, q->now_us);

	if (!allowed)
		drop(q->r, DROP_RATE);
	return allowed;
}

/* `before` is another program's at the same address, or NULL. */
static void log_in(const struct request *q, struct roster_peer *before)
{
	struct rendezvous_event event = { .type = RENDEZVOUS_LOGIN, .who = *q->from };
	struct roster_peer *p;

	if (before != NULL)
		roster_remove(&q->r->roster, before);
	make_room(q);
	p = roster_add(&q->r->roster, q->from, q->now_us);
	if (p == NULL) {
		refuse_login(q, WIRE_NO_ROOM);
		return;
	}
	p->door = door_of(q);
	memcpy(p->nonce, q->m->nonce, sizeof p->nonce);
	p->card = q->m->card;
	if (p->card.name[0] != 0)
		roster_call(&q->r->roster, p);
	credentials_session(q->r->secret, q->from, q->m->nonce, q->r->logins++, p->session);
	welcome(q, p);
	notice(q->r, p, WIRE_HAS_COME, q->now_us);
	memcpy(event.name, p->card.name, sizeof event.name);
	tell(q->r, event);
}

static void on_login(const struct request *q)
{
	static const uint8_t none[WIRE_COOKIE_SIZE];
	struct roster_peer *p;
	unsigned refusal;

	if (!cookie_is_good(q)) {
		if (memcmp(q->m->cookie, none, sizeof none) != 0)
			drop(q->r, DROP_COOKIE);
		challenge(q);
		return;
	}
	p = roster_find(&q->r->roster, q->from);
	if (p != NULL && memcmp(p->nonce, q->m->nonce, sizeof p->nonce) == 0) {
		if (p->state == ROSTER_GONE) {
			drop(q->r, DROP_LATE); /* a repeat that was overtaken by the logout */
			return;
		}
		roster_touch(&q->r->roster, p, p->state, q->now_us);
		welcome(q, p);
		return;
	}
	if (!is_allowed(q, LIMITS_LOGIN)) /* before anything that takes time: the proof of a name takes 0.1 ms */
		return;
	refusal = name_is_refused(q);
	if (refusal != 0)
		refuse_login(q, (enum wire_reason)refusal);
	else
		log_in(q, p);
}

static void on_ping(const struct request *q)
{
	struct wire_message m = { .type = WIRE_PONG, .serial = q->m->serial };

	memcpy(m.session, q->peer->session, sizeof m.session);
	answer(q, &m);
}

static void on_list(const struct request *q)
{
	struct wire_message m = { .type = WIRE_PEERS, .serial = q->m->serial, .start = q->m->start };
	const struct roster_peer *p;
	uint32_t at = q->m->start;
	uint32_t page_end = at;
	size_t size = 0;

	if (!is_allowed(q, LIMITS_LIST))
		return;
	memcpy(m.session, q->peer->session, sizeof m.session);
	while ((p = roster_walk(&q->r->roster, &at)) != NULL) {
		size_t name_len = name_length(p->card.name);

		size += wire_peer_size(&p->where, name_len);
		if (m.peer_count == WIRE_PEERS_MAX || size > WIRE_PEERS_ROOM) {
			m.next = page_end;
			break;
		}
		m.names[m.peer_count] = p->card.name;
		m.name_lens[m.peer_count] = (uint8_t)name_len;
		m.peers[m.peer_count++] = p->where;
		page_end = at;
	}
	answer(q, &m);
}

static void introduce(const struct request *q, const struct roster_peer *target)
{
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = q->m->serial };

	m.passes = q->r->relays ? WIRE_PASSES_ALL : WIRE_PASSES_OFFERS;
	credentials_path(q->r->secret, q->peer->session, target->session, m.token);
	m.role = WIRE_YOU_ARE_ASKED;
	m.who = q->peer->where;
	m.card = q->peer->card;
	memcpy(m.session, target->session, sizeof m.session);
	send_to(q->r, target, &m);
	m.role = WIRE_YOU_ASKED;
	m.who = target->where;
	m.card = target->card;
	memcpy(m.session, q->peer->session, sizeof m.session);
	answer(q, &m);
}

static void refuse(const struct request *q, enum wire_reason reason)
{
	struct wire_message m = { .type = WIRE_REFUSED, .serial = q->m->serial, .reason = (uint8_t)reason };

	memcpy(m.session, q->peer->session, sizeof m.session);
	answer(q, &m);
}

static void on_find(const struct request *q)
{
	const struct roster_peer *target = roster_called(&q->r->roster, q->m->name);
	struct wire_message m = { .type = WIRE_FOUND, .serial = q->m->serial };

	if (target == NULL) {
		refuse(q, WIRE_NOBODY_CALLED);
		return;
	}
	m.who = target->where;
	memcpy(m.name, target->card.name, sizeof m.name);
	memcpy(m.session, q->peer->session, sizeof m.session);
	answer(q, &m);
}

static void on_punch(const struct request *q)
{
	const struct roster_peer *target = roster_find(&q->r->roster, &q->m->who);
	struct rendezvous_event event = { .type = RENDEZVOUS_REFUSAL, .who = *q->from, .other = q->m->who };

	if (!is_allowed(q, LIMITS_INTRODUCTION))
		return;
	if (endpoint_equal(&q->m->who, q->from)) {
		event.reason = WIRE_PEER_IS_YOU;
	} else if (q->m->who.address.family != q->from->address.family) {
		event.reason = WIRE_PEER_OTHER_FAMILY;
	} else if (target == NULL || !roster_is_logged_in(target)) {
		event.reason = WIRE_PEER_UNKNOWN;
	} else {
		event.type = RENDEZVOUS_INTRODUCTION;
		q->r->introductions++;
		introduce(q, target);
	}
	if (event.type == RENDEZVOUS_REFUSAL)
		refuse(q, event.reason);
	if (!repeats_note(&q->r->repeats, q->m, q->r->roster.key))
		tell(q->r, event);
}

static bool is_offer(const struct request *q)
{
	struct wire_message inner;

	return q->m->data_len <= OFFER_MAX && wire_decode(q->m->data, q->m->data_len, &inner) == WIRE_OK &&
	       inner.type == WIRE_OFFER;
}

static void on_relay(const struct request *q)
{
	const struct roster_peer *target = roster_find(&q->r->roster, &q->m->who);
	struct wire_message m = {
		.type = WIRE_RELAYED, .who = *q->from, .data = q->m->data, .data_len = q->m->data_len
	};

	if (!q->r->relays && !is_offer(q)) {
		drop(q->r, DROP_NOT_FOR_US);
	} else if (target == NULL || !roster_is_logged_in(target) || target == q->peer) {
		drop(q->r, DROP_LATE);
	} else if (!limits_allow_relay(&q->r->limits, &q->peer->limits, &q->from->address, q->m->data_len, q->now_us)) {
		drop(q->r, DROP_RATE);
	} else {
		memcpy(m.session, target->session, sizeof m.session);
		send_to(q->r, target, &m);
		q->r->relayed++;
	}
}

static void on_where(const struct request *q)
{
	struct wire_message m = { .type = WIRE_HERE, .who = *q->from };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	answer(q, &m);
}

static void on_logout(const struct request *q)
{
	notice(q->r, q->peer, WIRE_HAS_GONE, q->now_us);
	roster_touch(&q->r->roster, q->peer, ROSTER_GONE, q->now_us);
	answer_session(q, WIRE_LOGGED_OUT);
	tell(q->r, (struct rendezvous_event){ .type = RENDEZVOUS_LOGOUT, .who = *q->from });
}

static bool session_is_right(const struct request *q)
{
	return q->peer != NULL && sodium_memcmp(q->peer->session, q->m->session, WIRE_SESSION_SIZE) == 0;
}

/* One who is not here: a logout whose answer was lost is answered again, everybody else is told to log in. */
static void on_stranger(const struct request *q, bool just_left)
{
	if (just_left && q->m->type == WIRE_LOGOUT) {
		answer_session(q, WIRE_LOGGED_OUT);
		return;
	}
	drop(q->r, just_left ? DROP_LATE : DROP_SESSION);
	answer_session(q, WIRE_UNKNOWN);
}

static void on_request(struct request *q, void (*handle)(const struct request *))
{
	q->peer = roster_find(&q->r->roster, q->from);
	if (!session_is_right(q) || !roster_is_logged_in(q->peer)) {
		on_stranger(q, session_is_right(q));
		return;
	}
	if (!limits_allow_request(&q->r->limits, &q->peer->limits, q->now_us)) {
		drop(q->r, DROP_RATE);
		return;
	}
	q->peer->door = door_of(q);
	roster_touch(&q->r->roster, q->peer, ROSTER_HERE, q->now_us);
	handle(q);
}

static void dispatch(struct request *q)
{
	switch ((unsigned)q->m->type) {
	case WIRE_LOGIN: on_login(q); break;
	case WIRE_PING: on_request(q, on_ping); break;
	case WIRE_LIST: on_request(q, on_list); break;
	case WIRE_PUNCH: on_request(q, on_punch); break;
	case WIRE_LOGOUT: on_request(q, on_logout); break;
	case WIRE_RELAY: on_request(q, on_relay); break;
	case WIRE_WHERE: on_where(q); break;
	case WIRE_FIND: on_request(q, on_find); break;
	default: /* what servers send, and what peers send each other */ drop(q->r, DROP_NOT_FOR_US); break;
	}
}

/* Reads a datagram, and counts one that cannot be answered. */
static bool take(struct rendezvous *r, const struct endpoint *from, const uint8_t *bytes, size_t len,
                 struct wire_message *m)
{
	enum wire_error error = wire_decode(bytes, len, m);

	r->received++;
	if (error != WIRE_OK)
		r->drops.count[error]++;
	else if (!endpoint_is_sendable(from))
		drop(r, DROP_SOURCE);
	return error == WIRE_OK && endpoint_is_sendable(from);
}

void rendezvous_receive(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                        const uint8_t *bytes, size_t len, uint64_t now_us)
{
	struct wire_message m;
	struct request q = { .r = r, .local = local, .from = from, .m = &m, .now_us = now_us };

	if (take(r, from, bytes, len, &m))
		dispatch(&q);
}

void rendezvous_receive_aside(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                              const uint8_t *bytes, size_t len)
{
	struct wire_message m;
	struct request q = { .r = r, .local = local, .from = from, .m = &m };

	if (!take(r, from, bytes, len, &m))
		return;
	if (m.type == WIRE_WHERE)
		on_where(&q);
	else
		drop(r, DROP_NOT_FOR_US);
}

void rendezvous_allow_relay(struct rendezvous *r)
{
	r->relays = true;
}

/* When the oldest in that state has been silent for so long; UINT64_MAX if there is none. */
static uint64_t due_at(const struct rendezvous *r, enum roster_state state, uint64_t after_us)
{
	const struct roster_peer *p = roster_oldest(&r->roster, state);

	return p != NULL ? p->heard_us + after_us : UINT64_MAX;
}

static void forget(struct rendezvous *r, enum roster_state state, uint64_t now_us)
{
	while (!events_are_full(r) && due_at(r, state, r->forget_us) <= now_us) {
		struct roster_peer *p = roster_oldest(&r->roster, state);
		struct rendezvous_event event = { .type = RENDEZVOUS_FORGOTTEN, .who = p->where };

		notice(r, p, WIRE_HAS_GONE, now_us);
		roster_remove(&r->roster, p);
		tell(r, event);
	}
}

void rendezvous_tick(struct rendezvous *r, uint64_t now_us)
{
	while (due_at(r, ROSTER_GONE, GONE_US) <= now_us)
		roster_remove(&r->roster, roster_oldest(&r->roster, ROSTER_GONE));
	forget(r, ROSTER_NEW, now_us);
	forget(r, ROSTER_HERE, now_us);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t rendezvous_deadline(const struct rendezvous *r)
{
	uint64_t forget_at = earlier(due_at(r, ROSTER_NEW, r->forget_us), due_at(r, ROSTER_HERE, r->forget_us));

	return earlier(forget_at, due_at(r, ROSTER_GONE, GONE_US));
}

void rendezvous_stop(struct rendezvous *r)
{
	r->stopping = true;
}

bool rendezvous_next_datagram(struct rendezvous *r, struct datagram *out)
{
	const struct roster_peer *p;

	if (r->out.count == 0 && r->stopping && (p = roster_walk(&r->roster, &r->stop_at)) != NULL) {
		struct wire_message m = { .type = WIRE_SHUTDOWN };

		memcpy(m.session, p->session, sizeof m.session);
		send_to(r, p, &m);
	}
	return send_queue_take(&r->out, out);
}

bool rendezvous_next_event(struct rendezvous *r, struct rendezvous_event *out)
{
	if (r->event_count == 0)
		return false;
	*out = r->events[r->first_event];
	r->first_event = (r->first_event + 1) % RENDEZVOUS_EVENTS;
	r->event_count--;
	return true;
}
