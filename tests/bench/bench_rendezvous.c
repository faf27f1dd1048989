/*
 * What a request costs the rendezvous server when 65,536 peers are logged in, against 64: the roster is a hash table,
 * so the ratio stays near 1 (what remains are cache misses). The time of every request includes its two keyed hashes.
 */
#include "io/clock.h"
#include "chat/rendezvous/rendezvous.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEW 64u
#define MANY 65536u
#define PINGS 1000000u
#define PUNCHES 200000u
#define BUDGET_RATIO 8.0 /* a list walked per request would be at 1000 */
#define SECOND UINT64_C(1000000)

struct client {
	struct endpoint at;
	uint8_t session[WIRE_SESSION_SIZE];
};

struct bench {
	struct rendezvous server;
	void *memory;
	struct client *clients;
	uint32_t count;
	uint64_t now; /* of the server; moves on, so that no rate limit is met */
};

struct cost {
	double login_ns, ping_ns, punch_ns;
};

static const struct endpoint local = { .address.family = ADDRESS_IPV4,
	                               .address.bytes = { 203, 0, 113, 1 },
	                               .port = 5000 };

static void give_up(const char *why)
{
	fprintf(stderr, "bench_rendezvous: %s\n", why);
	exit(1);
}

/* One datagram in, all that it causes out; the last of it is the result. */
static struct wire_message exchange(struct bench *b, const struct client *c, const struct wire_message *m)
{
	static struct datagram d;
	struct rendezvous_event event;
	struct wire_message answer = { 0 };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(m, bytes, sizeof bytes);

	rendezvous_receive(&b->server, &local, &c->at, bytes, len, b->now);
	while (rendezvous_next_datagram(&b->server, &d))
		if (wire_decode(d.bytes, d.len, &answer) != WIRE_OK)
			give_up("a datagram that cannot be read");
	while (rendezvous_next_event(&b->server, &event)) {
	}
	return answer;
}

static void log_in(struct bench *b, uint32_t i)
{
	struct client *c = &b->clients[i];
	struct wire_message m = { .type = WIRE_LOGIN };

	c->at = endpoint_ipv4(0x0a000000 + i / 16, (uint16_t)(1024 + i % 16));
	m = exchange(b, c, &m);
	m.type = WIRE_LOGIN;
	m = exchange(b, c, &m);
	if (m.type != WIRE_WELCOME)
		give_up("a login was not welcomed");
	memcpy(c->session, m.session, sizeof c->session);
}

static struct client *any_client(struct bench *b, uint32_t *dice)
{
	*dice = *dice * 1664525u + 1013904223u;
	return &b->clients[(*dice >> 8) % b->count];
}

static double per_item_ns(uint64_t since_us, uint32_t items)
{
	return (double)(clock_now_us() - since_us) * 1000.0 / items;
}

static double measure(struct bench *b, enum wire_type type, enum wire_type want, uint32_t items)
{
	uint64_t start = clock_now_us();
	uint32_t dice = 1;

	for (uint32_t i = 0; i < items; i++) {
		const struct client *c = any_client(b, &dice);
		struct wire_message m = { .type = type, .serial = i + 1 };

		do
			m.who = any_client(b, &dice)->at;
		while (endpoint_equal(&m.who, &c->at));
		memcpy(m.session, c->session, sizeof m.session);
		b->now += 10000; /* what a request costs by the rate limit, if one peer sent them all */
		b->server.forget_us = UINT64_MAX / 2;
		if (exchange(b, c, &m).type != want)
			give_up("a request was not answered");
	}
	return per_item_ns(start, items);
}

static struct cost run(uint32_t count)
{
	static struct bench b;
	static const uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 1 };
	struct cost cost;
	uint64_t start;

	b.count = count;
	b.now = 1000 * SECOND;
	b.memory = malloc(roster_memory_size(count));
	b.clients = calloc(count, sizeof *b.clients);
	if (b.memory == NULL || b.clients == NULL)
		give_up("no memory");
	rendezvous_init(&b.server, b.memory, count, 60 * SECOND, secret);
	start = clock_now_us();
	for (uint32_t i = 0; i < count; i++)
		log_in(&b, i);
	cost.login_ns = per_item_ns(start, count);
	cost.ping_ns = measure(&b, WIRE_PING, WIRE_PONG, PINGS);
	cost.punch_ns = measure(&b, WIRE_PUNCH, WIRE_INTRODUCE, PUNCHES);
	free(b.memory);
	free(b.clients);
	return cost;
}

int main(void)
{
	struct cost few = run(FEW);
	struct cost many = run(MANY);
	double ratio = many.ping_ns / few.ping_ns;

	printf("rendezvous, %u logged in: login %.1f us, ping %.2f us, introduction %.2f us; %zu KiB\n", MANY,
	       many.login_ns / 1000, many.ping_ns / 1000, many.punch_ns / 1000, roster_memory_size(MANY) / 1024);
	printf("rendezvous, a request with %u logged in / with %u: %.2f (budget %.1f) %s\n", MANY, FEW, ratio,
	       BUDGET_RATIO, ratio <= BUDGET_RATIO ? "ok" : "MISSED");
	return ratio <= BUDGET_RATIO ? 0 : 1;
}
