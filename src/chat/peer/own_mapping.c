#include "chat/peer/own_mapping.h"

#include "stun/stun_service.h"

#include <string.h>

#define TIMEOUT_US 5000000u
#define HALF_US 1500000u   /* after one answer: a server without a second port does not hold the rest up longer */
#define KEPT_US 100000u    /* whoever wants the socket takes it in the next tick */
#define STEADY_STEP_MAX 16 /* what is further apart is chance */
#define STEPS_AROUND 8     /* mappings of others, or of our own, made between two */

void own_mapping_start(struct own_mapping *m, struct socket_set *sockets, struct effects *fx, uint64_t now_us)
{
	if (m->running)
		return;
	socket_set_release(sockets, m, 0);
	m->kept = 0;
	m->socket = socket_set_take(sockets, m);
	m->running = true;
	m->deadline_us = now_us + TIMEOUT_US;
	m->seen[0] = m->seen[1] = 0;
	effects_nonce(fx, m->nonces[0]);
	effects_nonce(fx, m->nonces[1]);
	retry_at_once(&m->retry, now_us);
}

static void ask(const struct own_mapping *m, struct effects *fx, unsigned which)
{
	struct wire_message where = { .type = WIRE_WHERE };
	struct endpoint to = fx->server;
	struct datagram *d;

	if (m->seen[which] != 0)
		return;
	memcpy(where.nonce, m->nonces[which], sizeof where.nonce);
	to.port = which == 0 ? to.port : stun_service_other_port(to.port);
	d = send_queue_put(&fx->out, NULL, &to, &where);
	if (d != NULL)
		d->socket = m->socket;
}

static void expect_around(struct own_mapping *m, int low, int high, int step)
{
	int around = STEPS_AROUND * (step < 0 ? -step : step);

	low = low - around < 1 ? 1 : low - around;
	high = high + around > UINT16_MAX ? UINT16_MAX : high + around;
	m->port = (uint16_t)low;
	m->span = (uint16_t)(high - low + 1);
}

static void conclude(struct own_mapping *m, uint16_t local_port)
{
	int first = m->seen[0], second = m->seen[1], step = second - first;

	m->span = 0;
	if (first == 0 || second == 0)
		m->kind = WIRE_MAPPING_UNKNOWN;
	else if (step == 0)
		m->kind = WIRE_MAPPING_SAME;
	else if (first == local_port)
		m->kind = WIRE_MAPPING_FRESH;
	else if (step >= -STEADY_STEP_MAX && step <= STEADY_STEP_MAX)
		m->kind = WIRE_MAPPING_STEADY;
	else
		m->kind = WIRE_MAPPING_RANDOM;
	if (m->kind == WIRE_MAPPING_STEADY)
		expect_around(m, step > 0 ? first : second, step > 0 ? second : first, step);
}

static void finish(struct own_mapping *m, struct socket_set *sockets, uint64_t now_us)
{
	conclude(m, socket_set_port(sockets, m->socket));
	m->kept = m->kind == WIRE_MAPPING_SAME ? m->socket : 0;
	socket_set_release(sockets, m, m->kept);
	m->running = false;
	m->found_us = now_us;
}

void own_mapping_receive(struct own_mapping *m, struct socket_set *sockets, struct effects *fx,
                         const struct wire_message *here, uint64_t now_us)
{
	bool known = false;

	for (unsigned i = 0; i < 2 && m->running; i++) {
		if (memcmp(m->nonces[i], here->nonce, sizeof here->nonce) != 0)
			continue;
		known = true;
		m->seen[i] = here->who.port;
		m->deadline_us = retry_earlier(m->deadline_us, now_us + HALF_US);
	}
	if (!known)
		effects_drop(fx, DROP_LATE);
	else if (m->seen[0] != 0 && m->seen[1] != 0)
		finish(m, sockets, now_us);
}

uint16_t own_mapping_hand_over(struct own_mapping *m, struct socket_set *sockets, const void *owner, uint16_t *port)
{
	uint16_t number = m->kept;

	m->kept = 0;
	if (number == 0 || !socket_set_wants(sockets, number))
		return 0;
	socket_set_hand_over(sockets, number, owner);
	*port = m->seen[0];
	return number;
}

void own_mapping_tick(struct own_mapping *m, struct socket_set *sockets, struct effects *fx, uint64_t now_us)
{
	if (m->kept != 0 && now_us >= m->found_us + KEPT_US) {
		socket_set_release(sockets, m, 0);
		m->kept = 0;
	}
	if (!m->running)
		return;
	if (now_us >= m->deadline_us || !socket_set_wants(sockets, m->socket)) {
		finish(m, sockets, now_us);
	} else if (socket_set_port(sockets, m->socket) != 0 && retry_due(&m->retry, now_us)) {
		ask(m, fx, 0);
		ask(m, fx, 1);
	}
}

uint64_t own_mapping_deadline(const struct own_mapping *m)
{
	if (m->running)
		return retry_earlier(m->retry.next_us, m->deadline_us);
	return m->kept != 0 ? m->found_us + KEPT_US : UINT64_MAX;
}
