#include "chat/peer/outbox.h"

#include <string.h>

#define DELIVERY_TIMEOUT_US 10000000u
#define DOUBT_US 2000000u

bool outbox_has_room(const struct outbox *o, const struct path *p)
{
	uint32_t its_own = p->texts_waiting > 0 ? p->texts_waiting - 1 : 0; /* of the shared ones */

	return p->texts_waiting == 0 || its_own + 1 + o->shared < OUTBOX_SHARED;
}

static struct outgoing_text *free_place(struct outbox *o)
{
	struct outgoing_text *t = o->texts;

	while (t < o->texts + o->end && t->path != NULL)
		t++;
	o->end += t == o->texts + o->end;
	return t;
}

bool outbox_put(struct outbox *o, struct path *p, const uint8_t *text, size_t len)
{
	struct outgoing_text *t;

	if (!outbox_has_room(o, p))
		return false;
	t = free_place(o);
	*t = (struct outgoing_text){ .path = p, .serial = ++o->last_serial, .len = len };
	memcpy(t->bytes, text, len);
	o->waiting++;
	o->shared += p->texts_waiting > 0;
	p->texts_waiting++;
	return true;
}

/* The text of a path that is under way, or is next; NULL if there is none. */
static struct outgoing_text *head(struct outbox *o, const struct path *p)
{
	struct outgoing_text *first = NULL;

	if (p->texts_waiting == 0)
		return NULL;
	for (size_t i = 0; i < o->end; i++) {
		struct outgoing_text *t = &o->texts[i];

		if (t->path == p && (first == NULL || t->serial < first->serial))
			first = t;
	}
	return first;
}

static void finish(struct outbox *o, struct effects *fx, struct outgoing_text *t, enum reason reason)
{
	enum event_type type = reason == REASON_NONE ? EVENT_DELIVERED : EVENT_NOT_DELIVERED;

	eventq_put(&fx->events, (struct event){ .type = type, .who = t->path->peer, .reason = reason }, t->bytes,
	           t->len);
	o->waiting--;
	t->path->texts_waiting--;
	o->shared -= t->path->texts_waiting > 0;
	t->path = NULL;
}

void outbox_move(struct outbox *o, struct path *from, struct path *to)
{
	o->shared += from->texts_waiting > 0 && to->texts_waiting > 0;
	for (size_t i = 0; i < o->end; i++)
		if (o->texts[i].path == from)
			o->texts[i].path = to;
	to->texts_waiting += from->texts_waiting;
	from->texts_waiting = 0;
}

void outbox_fail(struct outbox *o, struct effects *fx, const struct path *p, enum reason reason)
{
	struct outgoing_text *t;

	while ((t = head(o, p)) != NULL)
		finish(o, fx, t, reason);
}

/* It was sent over the path as it is now, not only before that was lost. */
static bool is_under_way(const struct outgoing_text *t)
{
	return t->sent_us != 0 && t->sent_us >= t->path->opened_us;
}

static void transmit(const struct outgoing_text *t, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_TEXT, .serial = t->serial, .text = t->bytes, .text_len = t->len };

	path_send(t->path, fx, &m);
}

/* What is too much has no acknowledgement, and so comes again later, if its sender is one of us. */
static void on_text(struct effects *fx, struct path *p, const struct wire_message *m, uint64_t now_us)
{
	struct wire_message ack = { .type = WIRE_TEXT_ACK, .serial = m->serial };
	bool is_new = m->serial > p->text_heard; /* else it was shown already, and the acknowledgement lost */

	if (is_new && !path_hears_out(p, fx, 1, now_us))
		return;
	path_send(p, fx, &ack);
	if (!is_new)
		return;
	p->text_heard = m->serial;
	eventq_put(&fx->events, (struct event){ .type = EVENT_TEXT, .who = p->peer }, m->text, m->text_len);
}

static void on_ack(struct outbox *o, struct effects *fx, struct path *p, const struct wire_message *m, uint64_t now_us)
{
	struct outgoing_text *t = head(o, p);

	if (t == NULL || t->serial != m->serial || t->sent_us == 0) {
		effects_drop(fx, DROP_LATE);
		return;
	}
	finish(o, fx, t, REASON_NONE);
	outbox_tick(o, fx, p, now_us);
}

void outbox_receive(struct outbox *o, struct effects *fx, struct path *p, const struct wire_message *m, uint64_t now_us)
{
	if (m->type == WIRE_TEXT)
		on_text(fx, p, m, now_us);
	else
		on_ack(o, fx, p, m, now_us);
}

bool outbox_tick(struct outbox *o, struct effects *fx, struct path *p, uint64_t now_us)
{
	struct outgoing_text *t = head(o, p);

	if (t == NULL)
		return true;
	if (!is_under_way(t)) {
		t->sent_us = now_us;
		retry_start(&p->text_retry, now_us);
		transmit(t, fx);
	} else if (!p->checking && now_us >= t->sent_us + DELIVERY_TIMEOUT_US) {
		/* one after the other the rest would each take as long, and nobody would be told for minutes */
		outbox_fail(o, fx, p, REASON_NO_ANSWER);
	} else if (retry_due(&p->text_retry, now_us)) {
		transmit(t, fx);
		return p->checking || now_us < t->sent_us + DOUBT_US;
	}
	return true;
}

uint64_t outbox_deadline(const struct outbox *o, const struct path *p)
{
	uint64_t deadline_us = UINT64_MAX;

	for (size_t i = 0; i < o->end && o->waiting > 0; i++) {
		const struct outgoing_text *t = &o->texts[i];

		if (t->path != p)
			continue;
		if (is_under_way(t))
			return p->checking ? p->text_retry.next_us
			                   : retry_earlier(p->text_retry.next_us, t->sent_us + DELIVERY_TIMEOUT_US);
		deadline_us = 0;
	}
	return deadline_us;
}
