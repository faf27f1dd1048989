#include "nat_type/discovery.h"

#include "nat_type/discovery_steps.h"

#include <string.h>

/* --- for the steps ----------------------------------------------------------------------------------- */

void discovery_want(struct discovery *s, uint16_t socket, uint16_t wish)
{
	s->slots[socket].wanted = true;
	s->slots[socket].wish = wish;
}

void discovery_want_many(struct discovery *s, uint16_t first, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		discovery_want(s, (uint16_t)(first + i), 0);
}

struct stun_question discovery_plain(const struct discovery *s, uint16_t socket)
{
	return (struct stun_question){
		.socket = socket,
		.answer_socket = socket,
		.to = s->findings.server[0][0],
		.sends = DISCOVERY_SENDS,
		.rto_ms = s->rto_ms,
	};
}

void discovery_ask(struct discovery *s, const struct stun_question *q, uint64_t now_ms)
{
	s->handles[s->handle_count++] = stun_client_ask(&s->client, q, now_ms);
}

void discovery_ask_plain(struct discovery *s, uint16_t socket, uint64_t now_ms)
{
	struct stun_question q = discovery_plain(s, socket);

	discovery_ask(s, &q, now_ms);
}

void discovery_ask_nothing(struct discovery *s)
{
	s->handles[s->handle_count++] = -1;
}

struct stun_answer discovery_answer(const struct discovery *s, size_t i)
{
	struct stun_answer a = stun_client_answer(&s->client, i < s->handle_count ? s->handles[i] : -1);

	if (a.outcome == STUN_WAITING) /* the time ran out */
		a = (struct stun_answer){ .outcome = STUN_UNASKED };
	return a;
}

/* --- the run ----------------------------------------------------------------------------------------- */

void discovery_start(struct discovery *s, const struct discovery_options *options,
                     const uint8_t key[STUN_CLIENT_KEY_SIZE], uint64_t now_ms)
{
	memset(s, 0, sizeof *s);
	s->options = *options;
	s->findings.server[0][0] = options->server;
	s->findings.hairpin_mirrored = options->mirrored;
	s->findings.mapping_lifetime_wanted = options->mapping_lifetime_max_s > 0;
	s->rto_ms = options->rto_ms;
	s->end_ms = now_ms + options->time_ms;
	s->lifetime.done = true;
	stun_client_init(&s->client, key, options->pace_ms);
	discovery_steps[0].want(s);
}

bool discovery_wants_socket(const struct discovery *s, uint16_t *socket, uint16_t *port)
{
	for (unsigned i = 0; i < DISCOVERY_SOCKETS && !s->done; i++) {
		if (!s->slots[i].wanted || s->slots[i].open)
			continue;
		*socket = (uint16_t)i;
		*port = s->slots[i].wish;
		return true;
	}
	return false;
}

void discovery_opened(struct discovery *s, uint16_t socket, const struct endpoint *local)
{
	s->slots[socket].open = true;
	s->slots[socket].local = *local;
}

void discovery_receive(struct discovery *s, uint16_t socket, const struct endpoint *from, const uint8_t *bytes,
                       size_t len, uint64_t now_ms)
{
	stun_client_receive(&s->client, socket, from, bytes, len, now_ms);
	s->findings.malformed = s->client.malformed + s->client.strangers;
}

void discovery_unreachable(struct discovery *s, uint16_t socket, const struct endpoint *to)
{
	stun_client_unreachable(&s->client, socket, to);
}

static bool step_is_complete(const struct discovery *s)
{
	for (size_t i = 0; i < s->handle_count; i++)
		if (stun_client_answer(&s->client, s->handles[i]).outcome == STUN_WAITING)
			return false;
	return s->lifetime.done;
}

/* The quickest answer so far is what the path takes; a slower one met a busy host. */
static void learn_rtt(struct discovery *s)
{
	for (size_t i = 0; i < s->handle_count; i++) {
		struct stun_answer a = discovery_answer(s, i);
		uint32_t rto_ms = 2 * a.rtt_ms + s->options.rto_floor_ms;

		if (a.outcome == STUN_ANSWERED && rto_ms < s->rto_ms)
			s->rto_ms = rto_ms;
	}
}

static void end_step(struct discovery *s)
{
	learn_rtt(s);
	discovery_steps[s->step].conclude(s);
	for (size_t i = 0; i < s->handle_count; i++)
		stun_client_forget(&s->client, s->handles[i]);
	s->handle_count = 0;
	s->asked = false;
	s->step = s->another ? DISCOVERY_ROUND_STEP : s->step + 1;
	s->another = false;
	if (s->step == discovery_step_count)
		s->done = true;
	if (!s->done)
		discovery_steps[s->step].want(s);
}

static void run_out_of_time(struct discovery *s)
{
	end_step(s);
	s->findings.out_of_time = true;
	s->done = true;
}

bool discovery_next(struct discovery *s, uint64_t now_ms, struct stun_datagram *out)
{
	uint16_t socket, port;

	while (!s->done && !discovery_wants_socket(s, &socket, &port)) {
		if (now_ms >= s->end_ms) {
			run_out_of_time(s);
			break;
		}
		if (!s->asked) {
			s->asked = true;
			discovery_steps[s->step].ask(s, now_ms);
		}
		mapping_lifetime_step(&s->lifetime, &s->client, now_ms);
		if (stun_client_next(&s->client, now_ms, out))
			return true;
		mapping_lifetime_step(&s->lifetime, &s->client, now_ms);
		if (!step_is_complete(s))
			break;
		end_step(s);
	}
	return false;
}

uint64_t discovery_deadline(const struct discovery *s)
{
	uint64_t deadline = s->end_ms;
	uint16_t socket, port;

	if (s->done || discovery_wants_socket(s, &socket, &port))
		return 0;
	if (stun_client_deadline(&s->client) < deadline)
		deadline = stun_client_deadline(&s->client);
	if (mapping_lifetime_deadline(&s->lifetime) < deadline)
		deadline = mapping_lifetime_deadline(&s->lifetime);
	return deadline;
}

bool discovery_is_done(const struct discovery *s)
{
	return s->done;
}
