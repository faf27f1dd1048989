#include "chat/rendezvous/rendezvous_introductions.h"

#include "chat/rendezvous/credentials.h"

#include <string.h>

/* An offer is small, and needs no relay to be allowed. */
#define OFFER_MAX 256

static void introduce(const struct request *q, const struct roster_peer *target)
{
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = q->m->serial };

	m.passes = q->r->relays ? WIRE_PASSES_ALL : WIRE_PASSES_OFFERS;
	credentials_path(q->r->secret, q->peer->session, target->session, m.token);
	m.role = WIRE_YOU_ARE_ASKED;
	m.who = q->peer->where;
	m.card = q->peer->card;
	memcpy(m.session, target->session, sizeof m.session);
	request_send(q->r, target, &m);
	m.role = WIRE_YOU_ASKED;
	m.who = target->where;
	m.card = target->card;
	memcpy(m.session, q->peer->session, sizeof m.session);
	request_answer(q, &m);
}

static void refuse(const struct request *q, enum wire_reason reason)
{
	struct wire_message m = { .type = WIRE_REFUSED, .serial = q->m->serial, .reason = (uint8_t)reason };

	memcpy(m.session, q->peer->session, sizeof m.session);
	request_answer(q, &m);
}

static void tell_where(const struct request *q, const struct roster_peer *target)
{
	struct wire_message m = { .type = WIRE_FOUND, .serial = q->m->serial };

	if (target == NULL) {
		refuse(q, WIRE_NOBODY_CALLED);
		return;
	}
	m.who = target->where;
	memcpy(m.name, target->card.name, sizeof m.name);
	memcpy(m.session, q->peer->session, sizeof m.session);
	request_answer(q, &m);
}

void rendezvous_introductions_find(const struct request *q)
{
	tell_where(q, roster_called(&q->r->roster, q->m->name));
}

void rendezvous_introductions_seek(const struct request *q)
{
	roster_call(&q->r->roster, q->peer);
	tell_where(q, roster_with_key(&q->r->roster, q->m->card.exchange));
}

void rendezvous_introductions_ask(const struct request *q)
{
	const struct roster_peer *target = roster_find(&q->r->roster, &q->m->who);
	struct rendezvous_event event = { .type = RENDEZVOUS_REFUSAL, .who = *q->from, .other = q->m->who };

	if (!request_is_allowed(q, LIMITS_INTRODUCTION))
		return;
	if (endpoint_equal(&q->m->who, q->from)) {
		event.reason = WIRE_PEER_IS_YOU;
	} else if (q->m->who.address.family != q->from->address.family && !q->r->relays) {
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
		request_tell(q->r, event);
}

static bool is_offer(const struct request *q)
{
	struct wire_message inner;

	return q->m->data_len <= OFFER_MAX && wire_decode(q->m->data, q->m->data_len, &inner) == WIRE_OK &&
	       inner.type == WIRE_OFFER;
}

void rendezvous_introductions_pass_on(const struct request *q)
{
	const struct roster_peer *target = roster_find(&q->r->roster, &q->m->who);
	struct wire_message m = {
		.type = WIRE_RELAYED, .who = *q->from, .data = q->m->data, .data_len = q->m->data_len
	};

	if (!q->r->relays && !is_offer(q)) {
		request_drop(q->r, DROP_NOT_FOR_US);
	} else if (target == NULL || !roster_is_logged_in(target) || target == q->peer) {
		request_drop(q->r, DROP_LATE);
	} else if (!limits_allow_relay(&q->r->limits, &q->peer->limits, &q->from->address, q->m->data_len, q->now_us)) {
		request_drop(q->r, DROP_RATE);
	} else {
		memcpy(m.session, target->session, sizeof m.session);
		request_send(q->r, target, &m);
		q->r->relayed++;
	}
}
