#include "chat/peer/listing.h"

#define PAGE_TIMEOUT_US 10000000u

static void request_page(const struct listing *l, struct effects *fx, const struct login *login)
{
	struct wire_message m = { .type = WIRE_LIST, .serial = l->serial, .start = l->start };

	login_send(login, fx, &m);
}

static void begin(struct listing *l, uint64_t now_us)
{
	l->serial++;
	l->start = 0;
	l->count = 0;
	l->deadline_us = now_us + PAGE_TIMEOUT_US;
	retry_at_once(&l->retry, now_us);
}

bool listing_ask(struct listing *l, bool clock_runs, uint64_t now_us)
{
	if (l->wanted == LISTING_WAITING_MAX)
		return false;
	l->wanted++;
	if (l->wanted == 1) {
		begin(l, now_us);
		l->deadline_us = clock_runs ? l->deadline_us : UINT64_MAX;
	}
	return true;
}

void listing_start_clock(struct listing *l, uint64_t now_us)
{
	if (l->wanted > 0 && l->deadline_us == UINT64_MAX)
		begin(l, now_us);
}

static void finish(struct listing *l, struct effects *fx, struct event answer, uint64_t now_us)
{
	eventq_put(&fx->events, answer, NULL, 0);
	l->wanted--;
	if (l->wanted > 0)
		begin(l, now_us);
}

void listing_fail(struct listing *l, struct effects *fx, enum reason reason)
{
	while (l->wanted > 0)
		finish(l, fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = reason }, 0);
}

/* A page of this list, that leads on or ends it. */
static bool is_awaited(const struct listing *l, const struct wire_message *m)
{
	return l->wanted > 0 && m->serial == l->serial && m->start == l->start && (m->next == 0 || m->next > m->start);
}

static void show(struct listing *l, struct effects *fx, const struct login *login, const struct wire_message *m)
{
	for (uint32_t i = 0; i < m->peer_count; i++) {
		struct event e = { .type = EVENT_LISTED, .who = m->peers[i] };

		e.is_you = endpoint_equal(&e.who, &login->you);
		eventq_put(&fx->events, e, NULL, 0);
	}
	l->count += m->peer_count;
}

void listing_receive(struct listing *l, struct effects *fx, const struct login *login, const struct wire_message *m,
                     uint64_t now_us)
{
	if (!is_awaited(l, m)) {
		effects_drop(fx, DROP_LATE);
		return;
	}
	show(l, fx, login, m);
	if (m->next == 0) {
		finish(l, fx, (struct event){ .type = EVENT_LIST_END, .count = l->count }, now_us);
		return;
	}
	l->start = m->next;
	l->deadline_us = now_us + PAGE_TIMEOUT_US;
	retry_start(&l->retry, now_us);
	request_page(l, fx, login);
}

void listing_tick(struct listing *l, struct effects *fx, const struct login *login, uint64_t now_us)
{
	if (l->wanted > 0 && now_us >= l->deadline_us)
		finish(l, fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_NO_ANSWER }, now_us);
	if (l->wanted > 0 && login->state == LOGIN_IN && retry_due(&l->retry, now_us))
		request_page(l, fx, login);
}

uint64_t listing_deadline(const struct listing *l, const struct login *login)
{
	if (l->wanted == 0)
		return UINT64_MAX;
	return login->state == LOGIN_IN ? retry_earlier(l->retry.next_us, l->deadline_us) : l->deadline_us;
}
