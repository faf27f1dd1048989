#include "desk.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

struct rendezvous desk;
static void *memory;
uint64_t desk_now;
const struct endpoint desk_address = { .address.family = ADDRESS_IPV4,
	                               .address.bytes = { 203, 0, 113, 1 },
	                               .port = 5000 };

void desk_start(uint32_t max_peers)
{
	static const uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 7, 7, 7 };

	free(memory);
	memory = calloc(1, roster_memory_size(max_peers));
	desk_now = 500 * DESK_SECOND;
	memset(&desk, 0, sizeof desk);
	rendezvous_init(&desk, memory, max_peers, DESK_FORGET, secret);
}

void desk_close(void)
{
	free(memory);
	memory = NULL;
}

struct endpoint desk_client_at(uint32_t i)
{
	return endpoint_ipv4(0xc6336401 + i, 1000); /* 198.51.100.1 and on */
}

void desk_deliver(const struct endpoint *from, const struct wire_message *m)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(m, bytes, sizeof bytes);

	CU_ASSERT_TRUE_FATAL(len > 0);
	rendezvous_expect(&desk, from, bytes, len);
	rendezvous_receive(&desk, &desk_address, from, bytes, len, desk_now);
}

bool desk_answer(struct endpoint *to, struct wire_message *m)
{
	static struct datagram d;

	*m = (struct wire_message){ 0 };
	if (!rendezvous_next_datagram(&desk, &d))
		return false;
	*to = d.to;
	CU_ASSERT_TRUE(endpoint_equal(&d.local, &desk_address));
	CU_ASSERT_EQUAL_FATAL(wire_decode(d.bytes, d.len, m), WIRE_OK);
	return true;
}

enum wire_type desk_ask(const struct endpoint *from, const struct wire_message *question, struct wire_message *m)
{
	struct wire_message other;
	struct endpoint to;

	desk_deliver(from, question);
	if (!desk_answer(&to, m))
		return 0;
	CU_ASSERT_TRUE(endpoint_equal(&to, from));
	CU_ASSERT_FALSE(desk_answer(&to, &other));
	return m->type;
}

struct wire_message desk_login_message(uint32_t i)
{
	struct wire_message m = { .type = WIRE_LOGIN };

	memset(m.nonce, (int)(i % 255 + 1), sizeof m.nonce);
	m.nonce[0] = (uint8_t)(i >> 8);
	m.card.identity[0] = desk_client_at(i).address.bytes[3]; /* the server reads nothing of it */
	return m;
}

struct wire_message desk_log_in(uint32_t i)
{
	struct endpoint from = desk_client_at(i);
	struct wire_message m, question = desk_login_message(i);

	CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_TRUE(endpoint_equal(&m.who, &from));
	return m;
}

enum wire_type desk_log_in_as(const struct endpoint *from, const char *name, uint32_t key, uint32_t prover,
                              struct wire_message *m)
{
	uint8_t seeds[2][CARD_SEED_SIZE] = { { 1 }, { 1 } }, challenge[WIRE_COOKIE_SIZE + WIRE_NONCE_SIZE];
	const uint8_t secret[CARD_SECRET_SIZE] = { 7 };
	struct wire_message question = { .type = WIRE_LOGIN };
	static uint32_t logins;

	memcpy(seeds[0] + 1, &key, sizeof key);
	memcpy(seeds[1] + 1, &prover, sizeof prover);
	logins++;
	memcpy(question.nonce, &logins, sizeof logins);
	card_make(&question.card, seeds[0], secret, name);
	CU_ASSERT_EQUAL_FATAL(desk_ask(from, &question, m), WIRE_CHALLENGE);
	memcpy(question.cookie, m->cookie, sizeof question.cookie);
	memcpy(challenge, m->cookie, WIRE_COOKIE_SIZE);
	memcpy(challenge + WIRE_COOKIE_SIZE, question.nonce, WIRE_NONCE_SIZE);
	card_prove(seeds[1], challenge, sizeof challenge, question.proof);
	return desk_ask(from, &question, m);
}

unsigned desk_notices(enum wire_presence presence)
{
	struct wire_message m;
	struct endpoint to;
	unsigned count = 0;

	while (desk.notices.count > 0) {
		uint64_t due_us = rendezvous_deadline(&desk);

		CU_ASSERT_TRUE_FATAL(due_us <= desk_now + DESK_SECOND);
		desk_now = due_us > desk_now ? due_us : desk_now;
		rendezvous_tick(&desk, desk_now);
		while (desk_answer(&to, &m))
			count += m.type == WIRE_NOTICE && m.presence == presence;
	}
	return count;
}

void desk_use(uint32_t i, const struct wire_message *welcome)
{
	struct endpoint from = desk_client_at(i);
	struct wire_message m = desk_request(WIRE_PING, welcome);

	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_PONG);
}

struct wire_message desk_request(enum wire_type type, const struct wire_message *welcome)
{
	struct wire_message m = { .type = type, .serial = 1 };

	memcpy(m.session, welcome->session, sizeof m.session);
	return m;
}

unsigned desk_take_events(enum rendezvous_event_type type)
{
	struct rendezvous_event e;
	unsigned count = 0;

	while (rendezvous_next_event(&desk, &e))
		count += e.type == type;
	return count;
}
