#include "chat/peer/lookup.h"

#include <string.h>

#define TIMEOUT_US 10000000u

static void begin(struct lookup *l, uint32_t serial, bool clock_runs, uint64_t now_us)
{
	l->state = LOOKUP_ASKING;
	l->serial = serial;
	l->deadline_us = UINT64_MAX;
	if (clock_runs)
		lookup_start_clock(l, now_us);
}

void lookup_ask(struct lookup *l, const uint8_t name[NAME_SIZE], uint32_t serial, bool clock_runs, uint64_t now_us)
{
	*l = (struct lookup){ 0 };
	memcpy(l->name, name, sizeof l->name);
	begin(l, serial, clock_runs, now_us);
}

void lookup_ask_key(struct lookup *l, const uint8_t key[CARD_KEY_SIZE], uint32_t serial, bool clock_runs,
                    uint64_t now_us)
{
	*l = (struct lookup){ 0 };
	memcpy(l->key, key, sizeof l->key);
	begin(l, serial, clock_runs, now_us);
}

static bool is_by_name(const struct lookup *l)
{
	return l->name[0] != 0;
}

void lookup_start_clock(struct lookup *l, uint64_t now_us)
{
	if (l->state != LOOKUP_ASKING || l->deadline_us != UINT64_MAX)
		return;
	l->deadline_us = now_us + TIMEOUT_US;
	retry_at_once(&l->retry, now_us);
}

void lookup_fail(struct lookup *l, enum reason reason)
{
	if (l->state != LOOKUP_ASKING)
		return;
	l->state = LOOKUP_FAILED;
	l->reason = reason;
}

void lookup_receive(struct lookup *l, struct effects *fx, const struct wire_message *m)
{
	if (l->state != LOOKUP_ASKING || m->serial != l->serial) {
		effects_drop(fx, DROP_LATE);
	} else if (m->type != WIRE_FOUND) {
		lookup_fail(l, REASON_NOBODY_CALLED);
	} else if (is_by_name(l) && !name_looks_like(m->name, l->name)) {
		effects_drop(fx, DROP_CARD);
		lookup_fail(l, REASON_OTHER_NAME);
	} else {
		l->state = LOOKUP_FOUND;
		l->who = m->who;
	}
}

void lookup_tick(struct lookup *l, struct effects *fx, const struct login *login, uint64_t now_us)
{
	struct wire_message m = { .type = is_by_name(l) ? WIRE_FIND : WIRE_SEEK, .serial = l->serial };

	if (l->state != LOOKUP_ASKING)
		return;
	if (now_us >= l->deadline_us) {
		lookup_fail(l, REASON_NO_ANSWER);
	} else if (login->state == LOGIN_IN && retry_due(&l->retry, now_us)) {
		memcpy(m.name, l->name, sizeof m.name);
		memcpy(m.card.exchange, l->key, sizeof m.card.exchange);
		login_send(login, fx, &m);
	}
}

uint64_t lookup_deadline(const struct lookup *l, const struct login *login)
{
	if (l->state != LOOKUP_ASKING)
		return UINT64_MAX;
	return login->state == LOGIN_IN ? retry_earlier(l->retry.next_us, l->deadline_us) : l->deadline_us;
}
