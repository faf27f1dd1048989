#include "chat/rendezvous/rendezvous.h"

#include "chat/rendezvous/credentials.h"
#include "chat/rendezvous/rendezvous_introductions.h"
#include "chat/rendezvous/rendezvous_login.h"

#include <sodium.h>
#include <string.h>

/* One who left is remembered for as long as a repeat of its login could still carry a good cookie. */
#define GONE_US (2 * RENDEZVOUS_COOKIE_SLICE_US)

#define LIST_PLACES 16384u /* of the roster that a page looks at: about a millisecond, where they are in no cache */

void rendezvous_init(struct rendezvous *r, void *memory, uint32_t max_peers, uint64_t forget_us,
                     const uint8_t secret[RENDEZVOUS_SECRET_SIZE])
{
	uint8_t key[ROSTER_KEY_SIZE];

	r->forget_us = forget_us;
	memcpy(r->secret, secret, sizeof r->secret);
	credentials_roster_key(secret, key);
	roster_init(&r->roster, memory, max_peers, key);
	limits_init(&r->limits, key);
	notices_init(&r->notices, key);
}

static void on_ping(const struct request *q)
{
	struct wire_message m = { .type = WIRE_PONG, .serial = q->m->serial };

	memcpy(m.session, q->peer->session, sizeof m.session);
	request_answer(q, &m);
}

/* Puts the peer on the page; false if it has no room there. *size is what the peers on it take, in bytes. */
static bool page_takes(struct wire_message *page, const struct roster_peer *p, size_t *size)
{
	size_t name_len = name_length(p->card.name), with = *size + wire_peer_size(&p->where, name_len);

	if (page->peer_count == WIRE_PEERS_MAX || with > WIRE_PEERS_ROOM)
		return false;
	*size = with;
	page->names[page->peer_count] = p->card.name;
	page->name_lens[page->peer_count] = (uint8_t)name_len;
	page->peers[page->peer_count++] = p->where;
	return true;
}

/* Where hardly anybody is left of very many, a page has hardly anybody, or nobody, and yet leads on. */
static void on_list(const struct request *q)
{
	struct wire_message m = { .type = WIRE_PEERS, .serial = q->m->serial, .start = q->m->start };
	uint32_t at = q->m->start, page_end = at, places = LIST_PLACES;
	const struct roster_peer *p;
	size_t size = 0;

	if (!request_is_allowed(q, LIMITS_LIST))
		return;
	memcpy(m.session, q->peer->session, sizeof m.session);
	while ((p = roster_walk_some(&q->r->roster, &at, &places)) != NULL && page_takes(&m, p, &size))
		page_end = at;
	if (p != NULL)
		m.next = page_end;
	else if (places == 0)
		m.next = at;
	request_answer(q, &m);
}

static void on_where(const struct request *q)
{
	struct wire_message m = { .type = WIRE_HERE, .who = *q->from };

	memcpy(m.nonce, q->m->nonce, sizeof m.nonce);
	request_answer(q, &m);
}

static void on_logout(const struct request *q)
{
	request_notice(q->r, q->peer, WIRE_HAS_GONE, q->now_us);
	roster_touch(&q->r->roster, q->peer, ROSTER_GONE, q->now_us);
	request_answer_session(q, WIRE_LOGGED_OUT);
	request_tell(q->r, (struct rendezvous_event){ .type = RENDEZVOUS_LOGOUT, .who = *q->from });
}

static bool session_is_right(const struct request *q)
{
	return q->peer != NULL && sodium_memcmp(q->peer->session, q->m->session, WIRE_SESSION_SIZE) == 0;
}

/* One who is not here: a logout whose answer was lost is answered again, everybody else is told to log in. */
static void on_stranger(const struct request *q, bool just_left)
{
	if (just_left && q->m->type == WIRE_LOGOUT) {
		request_answer_session(q, WIRE_LOGGED_OUT);
		return;
	}
	request_drop(q->r, just_left ? DROP_LATE : DROP_SESSION);
	request_answer_session(q, WIRE_UNKNOWN);
}

static void on_request(struct request *q, void (*handle)(const struct request *))
{
	q->peer = roster_find(&q->r->roster, q->from);
	if (!session_is_right(q) || !roster_is_logged_in(q->peer)) {
		on_stranger(q, session_is_right(q));
		return;
	}
	if (!limits_allow_request(&q->r->limits, &q->peer->limits, q->now_us)) {
		request_drop(q->r, DROP_RATE);
		return;
	}
	q->peer->door = request_door(q);
	roster_touch(&q->r->roster, q->peer, ROSTER_HERE, q->now_us);
	handle(q);
}

static void dispatch(struct request *q)
{
	switch ((unsigned)q->m->type) {
	case WIRE_LOGIN: rendezvous_login_receive(q); break;
	case WIRE_PING: on_request(q, on_ping); break;
	case WIRE_LIST: on_request(q, on_list); break;
	case WIRE_PUNCH: on_request(q, rendezvous_introductions_ask); break;
	case WIRE_LOGOUT: on_request(q, on_logout); break;
	case WIRE_RELAY: on_request(q, rendezvous_introductions_pass_on); break;
	case WIRE_WHERE: on_where(q); break;
	case WIRE_FIND: on_request(q, rendezvous_introductions_find); break;
	case WIRE_SEEK: on_request(q, rendezvous_introductions_seek); break;
	default: /* what servers send, and what peers send each other */ request_drop(q->r, DROP_NOT_FOR_US); break;
	}
}

/* Whoever asks in another version is told so; an answer is never answered, or two servers would go on for ever. */
static void on_other_version(const struct request *q, const uint8_t *bytes)
{
	if (wire_is_for_server(wire_type_in(bytes)))
		request_answer(q, &(struct wire_message){ .type = WIRE_OTHER_VERSION });
}

/* Reads a datagram, and counts one that cannot be answered. */
static bool take(const struct request *q, const uint8_t *bytes, size_t len, struct wire_message *m)
{
	enum wire_error error = wire_decode(bytes, len, m);
	bool is_sendable = endpoint_is_sendable(q->from);

	q->r->received++;
	if (error != WIRE_OK)
		q->r->drops.count[error]++;
	else if (!is_sendable)
		request_drop(q->r, DROP_SOURCE);
	if (error == WIRE_BAD_VERSION && is_sendable)
		on_other_version(q, bytes);
	return error == WIRE_OK && is_sendable;
}

/* A login has nobody to be found. */
void rendezvous_expect(const struct rendezvous *r, const struct endpoint *from, const uint8_t *bytes, size_t len)
{
	unsigned type = len >= WIRE_HEADER_SIZE ? wire_type_in(bytes) : 0;

	if (wire_is_for_server(type) && type != WIRE_LOGIN)
		roster_expect(&r->roster, from);
}

void rendezvous_receive(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                        const uint8_t *bytes, size_t len, uint64_t now_us)
{
	struct wire_message m;
	struct request q = { .r = r, .local = local, .from = from, .m = &m, .now_us = now_us };

	if (take(&q, bytes, len, &m))
		dispatch(&q);
}

void rendezvous_receive_aside(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                              const uint8_t *bytes, size_t len)
{
	struct wire_message m;
	struct request q = { .r = r, .local = local, .from = from, .m = &m };

	if (!take(&q, bytes, len, &m))
		return;
	if (m.type == WIRE_WHERE)
		on_where(&q);
	else
		request_drop(r, DROP_NOT_FOR_US);
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
	while (!request_events_are_full(r) && due_at(r, state, r->forget_us) <= now_us) {
		struct roster_peer *p = roster_oldest(&r->roster, state);
		struct rendezvous_event event = { .type = RENDEZVOUS_FORGOTTEN, .who = p->where };

		request_notice(r, p, WIRE_HAS_GONE, now_us);
		roster_remove(&r->roster, p);
		request_tell(r, event);
	}
}

static void look_around(struct rendezvous *r, uint64_t now_us)
{
	struct rendezvous_event event = { .type = RENDEZVOUS_CROWDED };

	if (!notices_look_around(&r->notices, &r->roster, now_us))
		return;
	if (!r->notices.crowded)
		event.type = RENDEZVOUS_ROOMY;
	request_tell(r, event);
}

void rendezvous_tick(struct rendezvous *r, uint64_t now_us)
{
	while (due_at(r, ROSTER_GONE, GONE_US) <= now_us)
		roster_remove(&r->roster, roster_oldest(&r->roster, ROSTER_GONE));
	forget(r, ROSTER_NEW, now_us);
	forget(r, ROSTER_HERE, now_us);
	look_around(r, now_us);
	notices_tick(&r->notices, now_us);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t rendezvous_deadline(const struct rendezvous *r)
{
	uint64_t forget_at = earlier(due_at(r, ROSTER_NEW, r->forget_us), due_at(r, ROSTER_HERE, r->forget_us));

	return earlier(earlier(forget_at, due_at(r, ROSTER_GONE, GONE_US)), notices_deadline(&r->notices, &r->roster));
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
		request_send(r, p, &m);
	}
	if (r->out.count == 0)
		notices_send(&r->notices, &r->roster, &r->out);
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
