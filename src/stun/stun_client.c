#include "stun/stun_client.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(STUN_CLIENT_KEY_SIZE == crypto_shorthash_KEYBYTES, "ids are made by the short hash");

void stun_client_init(struct stun_client *c, const uint8_t key[STUN_CLIENT_KEY_SIZE], uint32_t pace_ms)
{
	memset(c, 0, sizeof *c);
	memcpy(c->key, key, sizeof c->key);
	c->pace_ms = pace_ms;
}

/* 96 bits that cannot be guessed without the key (RFC 8489 §5), behind the cookie. */
static void make_id(struct stun_client *c, uint8_t id[STUN_ID_SIZE])
{
	static const uint8_t cookie[] = { STUN_COOKIE >> 24, STUN_COOKIE >> 16 & 0xff, STUN_COOKIE >> 8 & 0xff,
		                          STUN_COOKIE & 0xff };
	uint8_t hash[2][crypto_shorthash_BYTES];

	for (size_t half = 0; half < 2; half++) {
		uint64_t serial = c->serial++;

		crypto_shorthash(hash[half], (const uint8_t *)&serial, sizeof serial, c->key);
	}
	memcpy(id, cookie, sizeof cookie);
	memcpy(id + sizeof cookie, hash, STUN_ID_SIZE - sizeof cookie);
}

int stun_client_ask(struct stun_client *c, const struct stun_question *q, uint64_t now_ms)
{
	for (int i = 0; i < STUN_CLIENT_MAX; i++) {
		struct stun_transaction *t = &c->transactions[i];

		if (t->used)
			continue;
		*t = (struct stun_transaction){ .used = true, .question = *q };
		t->answer.outcome = STUN_WAITING;
		make_id(c, t->id);
		if (c->next_start_ms < now_ms)
			c->next_start_ms = now_ms;
		t->due_ms = c->next_start_ms;
		c->next_start_ms += c->pace_ms;
		return i;
	}
	return -1;
}

static bool is_waiting(const struct stun_transaction *t)
{
	return t->used && t->answer.outcome == STUN_WAITING;
}

static bool answers(const struct stun_message *m, const struct stun_question *q)
{
	if (m->method != STUN_BINDING)
		return false;
	return q->echo ? m->class == STUN_REQUEST : m->class == STUN_SUCCESS || m->class == STUN_ERROR;
}

static bool is_rewritten(const struct stun_message *m)
{
	return m->mapped.address.family != ADDRESS_NONE && m->xor_mapped.address.family != ADDRESS_NONE &&
	       !endpoint_equal(&m->mapped, &m->xor_mapped);
}

static void note_answer(struct stun_transaction *t, const struct stun_message *m, const struct endpoint *from,
                        uint64_t now_ms)
{
	struct stun_answer *a = &t->answer;

	a->outcome = m->class == STUN_ERROR ? STUN_REFUSED : STUN_ANSWERED;
	a->from = *from;
	a->mapped = t->question.echo ? *from : stun_mapped(m);
	a->other_address = m->other_address;
	a->rewritten = is_rewritten(m);
	a->code = m->code;
	a->rtt_ms = (uint32_t)(now_ms - t->sent_ms);
}

/* A success response without the one thing it is for, or an error without a code (RFC 8489 §6.3). */
static bool says_nothing(const struct stun_message *m)
{
	return (m->class == STUN_SUCCESS && stun_mapped(m).address.family == ADDRESS_NONE) ||
	       (m->class == STUN_ERROR && m->code == 0);
}

bool stun_client_receive(struct stun_client *c, uint16_t socket, const struct endpoint *from, const uint8_t *bytes,
                         size_t len, uint64_t now_ms)
{
	struct stun_message m;

	if (stun_decode(bytes, len, &m) != 0 || says_nothing(&m)) {
		c->malformed++;
		return false;
	}
	for (size_t i = 0; i < STUN_CLIENT_MAX; i++) {
		struct stun_transaction *t = &c->transactions[i];

		if (!is_waiting(t) || t->sent == 0 || t->question.answer_socket != socket ||
		    !answers(&m, &t->question) || sodium_memcmp(t->id, m.id, sizeof m.id) != 0)
			continue;
		note_answer(t, &m, from, now_ms);
		return true;
	}
	c->strangers++;
	return false;
}

void stun_client_unreachable(struct stun_client *c, uint16_t socket, const struct endpoint *to)
{
	for (size_t i = 0; i < STUN_CLIENT_MAX; i++) {
		struct stun_transaction *t = &c->transactions[i];

		if (is_waiting(t) && t->sent > 0 && t->question.socket == socket && endpoint_equal(&t->question.to, to))
			t->answer.outcome = STUN_UNREACHABLE;
	}
}

static void write_question(const struct stun_transaction *t, struct stun_datagram *out)
{
	struct stun_message m = {
		.class = STUN_REQUEST,
		.method = STUN_BINDING,
		.has_change = t->question.change != 0,
		.change = t->question.change,
		.has_response_port = t->question.response_port != 0,
		.response_port = t->question.response_port,
	};

	memcpy(m.id, t->id, sizeof m.id);
	out->socket = t->question.socket;
	out->to = t->question.to;
	out->len = stun_encode(&m, out->bytes, sizeof out->bytes); /* fits: a header and two attributes */
}

static void note_sent(struct stun_transaction *t, uint64_t now_ms)
{
	uint64_t wait_ms = (uint64_t)t->question.rto_ms << t->sent;

	if (t->sent == 0)
		t->answer.asked_ms = now_ms;
	t->sent++;
	t->sent_ms = now_ms;
	t->due_ms = now_ms + wait_ms;
}

/* The waiting transaction that is due first, or NULL. */
static struct stun_transaction *earliest(struct stun_client *c)
{
	struct stun_transaction *first = NULL;

	for (size_t i = 0; i < STUN_CLIENT_MAX; i++) {
		struct stun_transaction *t = &c->transactions[i];

		if (is_waiting(t) && (first == NULL || t->due_ms < first->due_ms))
			first = t;
	}
	return first;
}

bool stun_client_next(struct stun_client *c, uint64_t now_ms, struct stun_datagram *out)
{
	struct stun_transaction *t;

	while ((t = earliest(c)) != NULL && t->due_ms <= now_ms) {
		if (t->sent < t->question.sends) {
			write_question(t, out);
			note_sent(t, now_ms);
			return true;
		}
		t->answer.outcome = STUN_SILENT;
	}
	return false;
}

uint64_t stun_client_deadline(const struct stun_client *c)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < STUN_CLIENT_MAX; i++) {
		const struct stun_transaction *t = &c->transactions[i];

		if (is_waiting(t) && t->due_ms < deadline)
			deadline = t->due_ms;
	}
	return deadline;
}

struct stun_answer stun_client_answer(const struct stun_client *c, int handle)
{
	if (handle < 0 || handle >= STUN_CLIENT_MAX || !c->transactions[handle].used)
		return (struct stun_answer){ .outcome = STUN_UNASKED };
	return c->transactions[handle].answer;
}

void stun_client_forget(struct stun_client *c, int handle)
{
	if (handle >= 0 && handle < STUN_CLIENT_MAX)
		c->transactions[handle].used = false;
}
