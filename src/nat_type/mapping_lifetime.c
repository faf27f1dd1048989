#include "nat_type/mapping_lifetime.h"

#include <string.h>

/* Linux takes traffic for a stream once it is two seconds old. */
#define STREAM_AGE_MS 2500
#define STREAM_PACE_FAST_MS 800 /* a mapping that lives a second must not die on the way to that age */

/* Waits end half a second before a round figure: whoever has no turn until later asks about another one. */
#define LATE_MS 400
#define TRIES 3

/* The i-th time to wait: half a second below or above round figures, so that what lives 30 s is told from what
 * lives 29. */
static uint32_t wait_of(size_t i)
{
	if (i <= 40)
		return (uint32_t)(1000 * i + 500);
	if (i <= 68)
		return (uint32_t)(44500 + 5000 * (i - 41));
	return (uint32_t)(189500 + 10000 * (i - 69));
}

static size_t steps_of(unsigned max_s)
{
	size_t steps = 0;

	while (steps < MAPPING_LIFETIME_STEPS && wait_of(steps) <= max_s * 1000u + 500)
		steps++;
	return steps;
}

size_t mapping_lifetime_sockets(unsigned max_s)
{
	return 2 * steps_of(max_s) + MAPPING_LIFETIME_REFRESHES;
}

static void ask_server(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l, struct stun_client *c,
                       uint64_t now_ms)
{
	struct stun_question q = {
		.socket = p->socket,
		.answer_socket = p->socket,
		.to = l->plan.server,
		.sends = l->plan.sends,
		.rto_ms = l->plan.rto_ms,
	};

	p->state = MAPPING_LIFETIME_WARMING;
	p->handle = stun_client_ask(c, &q, now_ms);
}

/* Another socket has the server answer to this one's mapping: it comes through if the mapping lives. */
static void ask_whether_alive(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l, struct stun_client *c,
                              uint64_t now_ms)
{
	struct stun_question q = {
		.socket = l->plan.asker,
		.answer_socket = p->socket,
		.to = l->plan.server,
		.response_port = p->mapped_port,
		.sends = l->plan.sends,
		.rto_ms = l->plan.rto_ms,
	};

	p->state = MAPPING_LIFETIME_CHECKED;
	p->handle = stun_client_ask(c, &q, now_ms);
}

static unsigned exchanges_of(const struct mapping_lifetime *l, enum mapping_lifetime_kind kind)
{
	if (kind != MAPPING_LIFETIME_STREAM)
		return 1;
	return l->plan.fast ? 1 + STREAM_AGE_MS / STREAM_PACE_FAST_MS : 2;
}

static void begin_probe(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l, struct stun_client *c,
                        uint64_t now_ms)
{
	p->exchanges_left = exchanges_of(l, p->kind);
	p->checks_left = p->kind == MAPPING_LIFETIME_REFRESHED ? 2 : 1;
	ask_server(p, l, c, now_ms);
}

static void add_probe(struct mapping_lifetime *l, struct stun_client *c, enum mapping_lifetime_kind kind,
                      uint32_t wait_ms, uint64_t now_ms)
{
	struct mapping_lifetime_probe *p = &l->probes[l->count];

	*p = (struct mapping_lifetime_probe){
		.kind = kind,
		.socket = (uint16_t)(l->plan.first_socket + l->count),
		.tries_left = TRIES,
		.wait_ms = wait_ms,
	};
	l->count++;
	begin_probe(p, l, c, now_ms);
}

void mapping_lifetime_start(struct mapping_lifetime *l, const struct mapping_lifetime_plan *plan)
{
	memset(l, 0, sizeof *l);
	l->plan = *plan;
	l->planned = 2 * steps_of(plan->max_s);
}

/*
 * Starts what is planned, the shorter waits first, one when the pace allows it: a queue of them would hold up the
 * checks, whose time matters.
 */
static void start_planned(struct mapping_lifetime *l, struct stun_client *c, uint64_t now_ms)
{
	while (l->count < l->planned && c->next_start_ms <= now_ms)
		add_probe(l, c, l->count % 2 == 0 ? MAPPING_LIFETIME_FRESH : MAPPING_LIFETIME_STREAM,
		          wait_of(l->count / 2), now_ms);
	if (l->count < l->planned)
		l->start_ms = c->next_start_ms;
}

static void after_exchange(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l,
                           const struct stun_answer *a, uint64_t now_ms)
{
	if (a->outcome != STUN_ANSWERED || a->mapped.port < 1024) { /* a server refuses to answer to a low port */
		p->state = MAPPING_LIFETIME_SPOILED;
		return;
	}
	p->mapped_port = a->mapped.port;
	p->last_ms = now_ms;
	p->exchanges_left--;
	p->state = p->exchanges_left > 0 ? MAPPING_LIFETIME_PAUSED : MAPPING_LIFETIME_IDLE;
	p->due_ms = now_ms + (p->exchanges_left == 0 ? p->wait_ms : l->plan.fast ? STREAM_PACE_FAST_MS : STREAM_AGE_MS);
}

static void after_check(struct mapping_lifetime_probe *p, const struct stun_answer *a)
{
	bool alive = a->outcome == STUN_ANSWERED;

	p->idle_ms = (uint32_t)(a->asked_ms - p->last_ms);
	p->checks_left--;
	p->state = MAPPING_LIFETIME_SPOILED; /* refused; or the traffic that was to refresh it came too late */
	if (p->checks_left == 0 && (alive || a->outcome == STUN_SILENT)) {
		p->state = alive ? MAPPING_LIFETIME_ALIVE : MAPPING_LIFETIME_DEAD;
	} else if (alive) {
		p->state = MAPPING_LIFETIME_IDLE;
		p->due_ms = p->last_ms + 2 * (uint64_t)p->wait_ms;
	}
}

/* Whether it lived when it was to be asked about is not known then. */
static bool died_late(const struct mapping_lifetime_probe *p)
{
	return p->state == MAPPING_LIFETIME_DEAD && p->kind != MAPPING_LIFETIME_REFRESHED &&
	       p->idle_ms > p->wait_ms + LATE_MS;
}

static void conclude(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l, struct stun_client *c,
                     const struct stun_answer *a, uint64_t now_ms)
{
	after_check(p, a);
	if (!died_late(p) || p->tries_left <= 1)
		return;
	p->tries_left--;
	begin_probe(p, l, c, now_ms);
}

static void step_probe(struct mapping_lifetime_probe *p, const struct mapping_lifetime *l, struct stun_client *c,
                       uint64_t now_ms)
{
	struct stun_answer a = stun_client_answer(c, p->handle);

	switch (p->state) {
	case MAPPING_LIFETIME_WARMING:
	case MAPPING_LIFETIME_CHECKED:
		if (a.outcome == STUN_WAITING)
			return;
		stun_client_forget(c, p->handle);
		if (p->state == MAPPING_LIFETIME_WARMING)
			after_exchange(p, l, &a, now_ms);
		else
			conclude(p, l, c, &a, now_ms);
		return;
	case MAPPING_LIFETIME_PAUSED:
		if (p->due_ms <= now_ms)
			ask_server(p, l, c, now_ms);
		return;
	case MAPPING_LIFETIME_IDLE:
		if (p->due_ms <= now_ms)
			ask_whether_alive(p, l, c, now_ms);
		return;
	case MAPPING_LIFETIME_UNUSED:
	case MAPPING_LIFETIME_ALIVE:
	case MAPPING_LIFETIME_DEAD:
	case MAPPING_LIFETIME_SPOILED: return;
	}
}

static bool is_final(const struct mapping_lifetime_probe *p)
{
	return p->state == MAPPING_LIFETIME_ALIVE || p->state == MAPPING_LIFETIME_DEAD ||
	       p->state == MAPPING_LIFETIME_SPOILED;
}

/* Two that died are enough: the longer waits are called off. One may be three losses in a row. */
static void call_off_the_longer(struct mapping_lifetime *l, struct stun_client *c, enum mapping_lifetime_kind kind)
{
	unsigned dead = 0;

	for (size_t i = 0; i < l->count; i++) { /* the shorter waits stand first */
		struct mapping_lifetime_probe *p = &l->probes[i];

		if (p->kind != kind)
			continue;
		if (p->state == MAPPING_LIFETIME_DEAD)
			dead++;
		if (dead < 2 || is_final(p))
			continue;
		if (p->state == MAPPING_LIFETIME_WARMING || p->state == MAPPING_LIFETIME_CHECKED)
			stun_client_forget(c, p->handle);
		p->state = MAPPING_LIFETIME_SPOILED;
	}
}

static bool all_final(const struct mapping_lifetime *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!is_final(&l->probes[i]))
			return false;
	return true;
}

static struct mapping_lifetime_span span_of(const struct mapping_lifetime *l, enum mapping_lifetime_kind kind)
{
	struct mapping_lifetime_span span = { 0 };

	for (size_t i = 0; i < l->count; i++)
		if (l->probes[i].kind == kind && l->probes[i].state == MAPPING_LIFETIME_ALIVE &&
		    l->probes[i].idle_ms > span.alive_ms)
			span.alive_ms = l->probes[i].idle_ms;
	for (size_t i = 0; i < l->count; i++) {
		const struct mapping_lifetime_probe *p = &l->probes[i];

		if (p->kind == kind && p->state == MAPPING_LIFETIME_DEAD && p->idle_ms > span.alive_ms &&
		    (span.dead_ms == 0 || p->idle_ms < span.dead_ms))
			span.dead_ms = p->idle_ms;
	}
	span.measured = span.alive_ms != 0 || span.dead_ms != 0;
	return span;
}

/* Inbound traffic after 0.6 of the life, and a question after 1.2 of it: does it still live? */
static void ask_refresh(struct mapping_lifetime *l, struct stun_client *c, uint64_t now_ms)
{
	struct mapping_lifetime_span fresh = span_of(l, MAPPING_LIFETIME_FRESH);
	uint32_t life_ms = (fresh.alive_ms + fresh.dead_ms) / 2;

	l->refresh_asked = true;
	if (fresh.alive_ms == 0 || fresh.dead_ms == 0)
		return;
	for (size_t i = 0; i < MAPPING_LIFETIME_REFRESHES; i++)
		add_probe(l, c, MAPPING_LIFETIME_REFRESHED, life_ms * 6 / 10, now_ms);
}

void mapping_lifetime_step(struct mapping_lifetime *l, struct stun_client *c, uint64_t now_ms)
{
	if (l->done)
		return;
	for (size_t i = 0; i < l->count; i++)
		step_probe(&l->probes[i], l, c, now_ms);
	call_off_the_longer(l, c, MAPPING_LIFETIME_FRESH);
	call_off_the_longer(l, c, MAPPING_LIFETIME_STREAM);
	start_planned(l, c, now_ms);
	if (l->count >= l->planned && all_final(l) && !l->refresh_asked)
		ask_refresh(l, c, now_ms);
	l->done = l->count >= l->planned && all_final(l);
}

uint64_t mapping_lifetime_deadline(const struct mapping_lifetime *l)
{
	uint64_t deadline = l->count < l->planned ? l->start_ms : UINT64_MAX;

	for (size_t i = 0; i < l->count && !l->done; i++) {
		const struct mapping_lifetime_probe *p = &l->probes[i];

		if ((p->state == MAPPING_LIFETIME_IDLE || p->state == MAPPING_LIFETIME_PAUSED) && p->due_ms < deadline)
			deadline = p->due_ms;
	}
	return deadline;
}

struct mapping_lifetime_findings mapping_lifetime_findings(const struct mapping_lifetime *l)
{
	struct mapping_lifetime_findings f = { .fresh = span_of(l, MAPPING_LIFETIME_FRESH),
		                               .stream = span_of(l, MAPPING_LIFETIME_STREAM) };
	unsigned alive = 0, dead = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (l->probes[i].kind != MAPPING_LIFETIME_REFRESHED)
			continue;
		alive += l->probes[i].state == MAPPING_LIFETIME_ALIVE;
		dead += l->probes[i].state == MAPPING_LIFETIME_DEAD;
	}
	f.refresh_measured = alive != dead;
	f.refresh = alive > dead ? NAT_REFRESH_BOTH : NAT_REFRESH_OUTBOUND;
	return f;
}
