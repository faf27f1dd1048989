#include "chat/rendezvous/rendezvous_request.h"

#include <string.h>

void request_drop(struct rendezvous *r, enum drop reason)
{
	r->drops.count[reason]++;
}

bool request_events_are_full(const struct rendezvous *r)
{
	return r->event_count == RENDEZVOUS_EVENTS;
}

void request_tell(struct rendezvous *r, struct rendezvous_event event)
{
	if (request_events_are_full(r))
		return;
	event.peers = roster_count(&r->roster);
	r->events[(r->first_event + r->event_count++) % RENDEZVOUS_EVENTS] = event;
}

void request_send(struct rendezvous *r, const struct roster_peer *p, const struct wire_message *m)
{
	send_queue_put(&r->out, &r->roster.doors.list[p->door], &p->where, m);
}

void request_notice(struct rendezvous *r, struct roster_peer *about, enum wire_presence presence, uint64_t now_us)
{
	notices_tell(&r->notices, &r->roster, about, presence, now_us);
}

void request_answer(const struct request *q, const struct wire_message *m)
{
	send_queue_put(&q->r->out, q->local, q->from, m);
}

/* An answer that carries no more than the session it got. */
void request_answer_session(const struct request *q, enum wire_type type)
{
	struct wire_message m = { .type = type };

	memcpy(m.session, q->m->session, sizeof m.session);
	request_answer(q, &m);
}

uint8_t request_door(const struct request *q)
{
	return doors_number(&q->r->roster.doors, q->local);
}

/* Of what one may not have so often. */
bool request_is_allowed(const struct request *q, enum limits_kind kind)
{
	bool allowed = limits_allow(&q->r->limits, kind, &q->from->address, q->now_us);

	if (!allowed)
		request_drop(q->r, DROP_RATE);
	return allowed;
}
