#include "chat/peer/other_family.h"

#include "chat/peer/socket_set.h"

#include <string.h>

#define PATIENCE_US 3000000u /* another socket was tried by then, see login_doubts_socket() */

static bool is_needed(const struct other_family *o, const struct login *l)
{
	return o->server.address.family != ADDRESS_NONE && login_is_in_vain(l);
}

static void begin(struct other_family *o, struct effects *fx, uint64_t now_us)
{
	o->asking = true;
	o->heard = false;
	effects_nonce(fx, o->nonce);
	retry_at_once(&o->retry, now_us);
}

/* For our own address, which needs no login. */
static void ask(const struct other_family *o, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_WHERE };
	struct datagram *d;

	memcpy(m.nonce, o->nonce, sizeof m.nonce);
	d = send_queue_put(&fx->out, NULL, &o->server, &m);
	if (d != NULL)
		d->socket = SOCKET_SET_OTHER_FAMILY;
}

void other_family_receive(struct other_family *o, struct effects *fx, const struct wire_message *here, uint64_t now_us)
{
	if (!o->asking || memcmp(o->nonce, here->nonce, sizeof o->nonce) != 0) {
		effects_drop(fx, DROP_LATE);
	} else if (!o->heard) {
		o->heard = true;
		o->heard_us = now_us;
	}
}

void other_family_tick(struct other_family *o, struct effects *fx, const struct login *l, uint64_t now_us)
{
	if (!is_needed(o, l)) {
		o->asking = false;
		return;
	}
	if (!o->asking)
		begin(o, fx, now_us);
	if (!o->heard && retry_due(&o->retry, now_us))
		ask(o, fx);
}

bool other_family_wins(const struct other_family *o, uint64_t now_us)
{
	return o->asking && o->heard && now_us >= o->heard_us + PATIENCE_US;
}

uint64_t other_family_deadline(const struct other_family *o, const struct login *l)
{
	if (!is_needed(o, l))
		return UINT64_MAX;
	if (!o->asking)
		return 0;
	return o->heard ? o->heard_us + PATIENCE_US : o->retry.next_us;
}
