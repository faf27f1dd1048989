#include "chat/peer/lookup.h"

#include <string.h>

#define TIMEOUT_US 10000000u

void lookup_ask(struct lookup *l, const uint8_t name[NAME_SIZE], uint32_t serial, bool clock_runs, uint64_t now_us)
{
	*l = (struct lookup){ .state = LOOKUP_ASKING, .serial = serial, .deadline_us = UINT64_MAX };
	memcpy(l->name, name, sizeof l->name);
	if (clock_runs)
		lookup_start_clock(l, now_us);
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
	} else if (!name_looks_like(m->name, l->name)) {
		effects_drop(fx, DROP_CARD);
		lookup_fail(l, REASON_OTHER_NAME);
	} else {
		l->state = LOOKUP_FOUND;
		l->who = m->who;
	}
}

void lookup_tick(struct lookup *l, struct effects *fx, const struct login *login, uint64_t now_us)
{
	struct wire_message m = { .type = WIRE_FIND, .serial = l->serial };

	if (l->state != LOOKUP_ASKING)
		return;
	if (now_us >= l->deadline_us) {
		lookup_fail(l, REASON_NO_ANSWER);
	} else if (login->state == LOGIN_IN && retry_due(&l->retry, now_us)) {
		memcpy(m.name, l->name, sizeof m.name);
		login_send(login, fx, &m);
	}
}

uint64_t lookup_deadline(const struct lookup *l, const struct login *login)
{
	if (l->state != LOOKUP_ASKING)
		return UINT64_MAX;
	return login->state == LOGIN_IN ? retry_earlier(l->retry.next_us, l->deadline_us) : l->deadline_us;
}
