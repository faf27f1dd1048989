#include "chat/peer/path_probing.h"

#include "chat/peer/socket_set.h"
#include "chat/seal.h"

#include <string.h>

/*
 * The sequence of probes: quick at first, because at the start the first ones of either side are often lost to the
 * other's filter; RFC 8445 §14.2 has 50 ms as the pace of checks.
 */
#define QUICK_PROBES 5u
#define STEADY_PROBES 10u
#define STEADY_US 200000u
#define SLOW_UNTIL_US 5000000u
#define SLOW_US 500000u
#define SLOWEST_US 1000000u

#define LINGERING_PROBES 3u /* after opening: the peer may still need one (last-packet race) */

#define CHECK_US 4000000u      /* who has a path that is lost is better off with a new one, and texts wait */
#define PACE_US UINT64_C(5000) /* over all paths, never closer (RFC 8445 §14.2) */

static uint64_t pause_after(uint32_t step, uint64_t elapsed_us)
{
	if (step < QUICK_PROBES)
		return PATH_PROBING_QUICK_US;
	if (step < STEADY_PROBES)
		return STEADY_US;
	return elapsed_us < SLOW_UNTIL_US ? SLOW_US : SLOWEST_US;
}

static void seal(struct path *p, uint8_t *bytes, size_t len, const struct wire_message *m)
{
	if (m->type == WIRE_TEXT)
		seal_text(text_keys_to_send(&p->text_keys, m->serial), m->serial, bytes, len);
	else
		seal_stamp(p->key, bytes, len);
}

/* The whole datagram goes to the server, in another. */
static void send_by_server(struct path *p, struct effects *fx, const struct endpoint *to, const struct wire_message *m)
{
	uint8_t inner[WIRE_DATA_MAX];
	struct wire_message outer = { .type = WIRE_RELAY, .who = *to, .data = inner };

	outer.data_len = wire_encode(m, inner, sizeof inner);
	seal(p, inner, outer.data_len, m);
	memcpy(outer.session, fx->session, sizeof outer.session);
	send_queue_put(&fx->out, NULL, &fx->server, &outer);
}

void path_probing_send(struct path *p, struct effects *fx, const struct route *to, struct wire_message *m)
{
	struct datagram *d;

	memcpy(m->token, p->token, sizeof m->token);
	memcpy(m->from, p->mine, sizeof m->from);
	memcpy(m->ephemeral, p->mine, sizeof m->ephemeral);
	if (to->relayed) {
		send_by_server(p, fx, &to->where, m);
		return;
	}
	if (to->where.address.family != fx->server.address.family && to->socket != SOCKET_SET_OTHER_FAMILY)
		return; /* the peer's own address, where it has another family than ours */
	d = send_queue_put(&fx->out, NULL, &to->where, m);
	if (d == NULL)
		return;
	seal(p, d->bytes, d->len, m);
	d->socket = to->socket;
	d->hops = to->hops;
}

void path_probing_guess(struct path *p, struct effects *fx, const struct route *to)
{
	struct wire_message m = { .type = WIRE_PROBE, .serial = ++p->candidates.counter << CANDIDATE_BITS };

	memcpy(m.to, p->theirs, sizeof m.to);
	path_probing_send(p, fx, to, &m);
}

void path_probing_probe(struct path *p, struct effects *fx, struct candidate *to, uint64_t now_us)
{
	struct wire_message m = { .type = WIRE_PROBE, .serial = candidates_next_serial(&p->candidates, to, now_us) };

	memcpy(m.to, p->theirs, sizeof m.to);
	path_probing_send(p, fx, &to->route, &m);
}

void path_probing_step(struct path *p, struct effects *fx, uint64_t now_us)
{
	if (now_us < fx->probe_gate_us)
		return;
	for (uint32_t i = 0; i < p->candidates.count; i++)
		path_probing_probe(p, fx, &p->candidates.list[i], now_us);
	fx->probe_gate_us = now_us + p->candidates.count * PACE_US;
	p->step++;
	p->next_us = now_us + pause_after(p->step, now_us - p->started_us);
}

void path_probing_start(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	p->step = 0;
	p->next_us = now_us;
	p->deadline_us = now_us + times->punch_timeout_us;
	path_probing_step(p, fx, now_us);
}

void path_probing_linger(struct path *p, uint64_t from_us)
{
	p->lingering = LINGERING_PROBES;
	p->next_us = from_us;
}

void path_probing_check(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	if (p->checking)
		return;
	p->checking = true;
	p->lingering = 0;
	p->started_us = now_us;
	path_probing_start(p, fx, times, now_us);
	p->deadline_us = retry_earlier(p->deadline_us, now_us + CHECK_US);
}
