#include "nat_type/discovery.h"

#include "nat_type/discovery_steps.h"

#include <string.h>

/* --- for the steps ----------------------------------------------------------------------------------- */

void survey_want(struct survey *s, uint16_t socket, uint16_t wish)
{
	s->slots[socket].wanted = true;
	s->slots[socket].wish = wish;
}

void survey_want_many(struct survey *s, uint16_t first, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		survey_want(s, (uint16_t)(first + i), 0);
}

struct stun_question survey_plain(const struct survey *s, uint16_t socket)
{
	return (struct stun_question){
		.socket = socket,
		.answer_socket = socket,
		.to = s->findings.server[0][0],
		.sends = SURVEY_SENDS,
		.rto_ms = s->rto_ms,
	};
}

void survey_ask(struct survey *s, const struct stun_question *q, uint64_t now_ms)
{
	s->handles[s->handle_count++] = stun_client_ask(&s->client, q, now_ms);
}

void survey_ask_plain(struct survey *s, uint16_t socket, uint64_t now_ms)
{
	struct stun_question q = survey_plain(s, socket);

	survey_ask(s, &q, now_ms);
}

void survey_ask_nothing(struct survey *s)
{
	s->handles[s->handle_count++] = -1;
}

struct stun_answer survey_answer(const struct survey *s, size_t i)
{
	struct stun_answer a = stun_client_answer(&s->client, i < s->handle_count ? s->handles[i] : -1);

	if (a.outcome == STUN_WAITING) /* the time ran out */
		a = (struct stun_answer){ .outcome = STUN_UNASKED };
	return a;
}

/* --- the run ----------------------------------------------------------------------------------------- */

void survey_start(struct survey *s, const struct survey_options *options, const uint8_t key[STUN_CLIENT_KEY_SIZE],
                  uint64_t now_ms)
{
	memset(s, 0, sizeof *s);
	s->options = *options;
	s->findings.server[0][0] = options->server;
	s->findings.hairpin_mirrored = options->mirrored;
	s->findings.lifetime_wanted = options->lifetime_max_s > 0;
	s->rto_ms = options->rto_ms;
	s->end_ms = now_ms + options->time_ms;
	s->lifetime.done = true;
	stun_client_init(&s->client, key, options->pace_ms);
	survey_steps[0].want(s);
}

bool survey_wants_socket(const struct survey *s, uint16_t *socket, uint16_t *port)
{
	for (unsigned i = 0; i < SURVEY_SOCKETS && !s->done; i++) {
		if (!s->slots[i].wanted || s->slots[i].open)
			continue;
		*socket = (uint16_t)i;
		*port = s->slots[i].wish;
		return true;
	}
	return false;
}

void survey_opened(struct survey *s, uint16_t socket, const struct endpoint *local)
{
	s->slots[socket].open = true;
	s->slots[socket].local = *local;
}

void survey_receive(struct survey *s, uint16_t socket, const struct endpoint *from, const uint8_t *bytes, size_t len,
                    uint64_t now_ms)
{
	stun_client_receive(&s->client, socket, from, bytes, len, now_ms);
	s->findings.malformed = s->client.malformed + s->client.strangers;
}

void survey_unreachable(struct survey *s, uint16_t socket, const struct endpoint *to)
{
	stun_client_unreachable(&s->client, socket, to);
}

static bool step_is_complete(const struct survey *s)
{
	for (size_t i = 0; i < s->handle_count; i++)
		if (stun_client_answer(&s->client, s->handles[i]).outcome == STUN_WAITING)
			return false;
	return s->lifetime.done;
}

/* The quickest answer so far is what the path takes; a slower one met a busy host. */
static void learn_rtt(struct survey *s)
{
	for (size_t i = 0; i < s->handle_count; i++) {
		struct stun_answer a = survey_answer(s, i);
		uint32_t rto_ms = 2 * a.rtt_ms + s->options.rto_floor_ms;

		if (a.outcome == STUN_ANSWERED && rto_ms < s->rto_ms)
			s->rto_ms = rto_ms;
	}
}

static void end_step(struct survey *s)
{
	learn_rtt(s);
	survey_steps[s->step].conclude(s);
	for (size_t i = 0; i < s->handle_count; i++)
		stun_client_forget(&s->client, s->handles[i]);
	s->handle_count = 0;
	s->asked = false;
	if (++s->step == survey_step_count)
		s->done = true;
	if (!s->done)
		survey_steps[s->step].want(s);
}

static void run_out_of_time(struct survey *s)
{
	end_step(s);
	s->findings.out_of_time = true;
	s->done = true;
}

bool survey_next(struct survey *s, uint64_t now_ms, struct stun_datagram *out)
{
	uint16_t socket, port;

	while (!s->done && !survey_wants_socket(s, &socket, &port)) {
		if (now_ms >= s->end_ms) {
			run_out_of_time(s);
			break;
		}
		if (!s->asked) {
			s->asked = true;
			survey_steps[s->step].ask(s, now_ms);
		}
		lifetime_step(&s->lifetime, &s->client, now_ms);
		if (stun_client_next(&s->client, now_ms, out))
			return true;
		lifetime_step(&s->lifetime, &s->client, now_ms);
		if (!step_is_complete(s))
			break;
		end_step(s);
	}
	return false;
}

uint64_t survey_deadline(const struct survey *s)
{
	uint64_t deadline = s->end_ms;
	uint16_t socket, port;

	if (s->done || survey_wants_socket(s, &socket, &port))
		return 0;
	if (stun_client_deadline(&s->client) < deadline)
		deadline = stun_client_deadline(&s->client);
	if (lifetime_deadline(&s->lifetime) < deadline)
		deadline = lifetime_deadline(&s->lifetime);
	return deadline;
}

bool survey_is_done(const struct survey *s)
{
	return s->done;
}
