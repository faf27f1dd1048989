/*
 * What a request costs the rendezvous server when 65,536 peers are logged in, against 64, and what a login costs beside
 * a million of them, against a thousand: the roster is a hash table, so the ratios stay near 1 (what remains are cache
 * misses). The time of every request includes its keyed hashes.
 */
#include "io/table_memory.h"
#include "chat/rendezvous/rendezvous.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FEW 64u
#define MANY 65536u
#define PINGS 1000000u
#define PUNCHES 200000u
#define THOUSAND 1000u
#define MILLION 1000000u
#define LOGINS 20000u /* measured at each size */
#define LOGIN_ROUNDS 21
#define LOGIN_RATIO 1.2
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

/* One datagram in, all that it causes out; the last of it is the result, but for the word that here are too many. */
static struct wire_message exchange(struct bench *b, const struct client *c, const struct wire_message *m)
{
	static struct datagram d;
	struct rendezvous_event event;
	struct wire_message said, answer = { 0 };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(m, bytes, sizeof bytes);

	rendezvous_receive(&b->server, &local, &c->at, bytes, len, b->now);
	while (rendezvous_next_datagram(&b->server, &d)) {
		if (wire_decode(d.bytes, d.len, &said) != WIRE_OK)
			give_up("a datagram that cannot be read");
		if (said.type != WIRE_CROWDED)
			answer = said;
	}
	while (rendezvous_next_event(&b->server, &event)) {
	}
	return answer;
}

static void log_in(struct bench *b, uint32_t i)
{
	struct client *c = &b->clients[i];
	struct wire_message m = { .type = WIRE_LOGIN };

	c->at = endpoint_ipv4(0x0a000000 + i / 8, (uint16_t)(1024 + i % 8));
	b->now += 10000; /* so that no network meets its limit of logins */
	m = exchange(b, c, &m);
	m.type = WIRE_LOGIN;
	memcpy(m.card.exchange, &i, sizeof i); /* each is another run */
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

/* Of this process: what else the machine does is not counted. */
static uint64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static double per_item_ns(uint64_t since_us, uint32_t items)
{
	return (double)(processor_us() - since_us) * 1000.0 / items;
}

static double measure(struct bench *b, enum wire_type type, enum wire_type want, uint32_t items)
{
	uint64_t start = processor_us();
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
	b.memory = calloc(1, roster_memory_size(count));
	b.clients = calloc(count, sizeof *b.clients);
	if (b.memory == NULL || b.clients == NULL)
		give_up("no memory");
	memset(&b.server, 0, sizeof b.server);
	rendezvous_init(&b.server, b.memory, count, 60 * SECOND, secret);
	start = processor_us();
	for (uint32_t i = 0; i < count; i++)
		log_in(&b, i);
	cost.login_ns = per_item_ns(start, count);
	cost.ping_ns = measure(&b, WIRE_PING, WIRE_PONG, PINGS);
	cost.punch_ns = measure(&b, WIRE_PUNCH, WIRE_INTRODUCE, PUNCHES);
	free(b.memory);
	free(b.clients);
	return cost;
}

static void start(struct bench *b, uint32_t count)
{
	static const uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 1 };

	b->count = count;
	b->now = 1000 * SECOND;
	b->memory = table_memory(roster_memory_size(count + LOGINS));
	b->clients = calloc(count + LOGINS, sizeof *b->clients);
	if (b->memory == NULL || b->clients == NULL)
		give_up("no memory");
	memset(&b->server, 0, sizeof b->server);
	rendezvous_init(&b->server, b->memory, count + LOGINS, UINT64_MAX / 2, secret);
	for (uint32_t i = 0; i < count; i++)
		log_in(b, i);
}

/* Logs so many more in; then out, so that it can be done again. Returns what a login cost. */
static double login_ns(struct bench *b)
{
	uint64_t since = processor_us();
	double cost;

	for (uint32_t i = 0; i < LOGINS; i++)
		log_in(b, b->count + i);
	cost = per_item_ns(since, LOGINS);
	for (uint32_t i = 0; i < LOGINS; i++) {
		const struct client *c = &b->clients[b->count + i];
		struct wire_message m = { .type = WIRE_LOGOUT };

		memcpy(m.session, c->session, sizeof m.session);
		if (exchange(b, c, &m).type != WIRE_LOGGED_OUT)
			give_up("a logout was not answered");
	}
	b->now += 100 * SECOND;
	rendezvous_tick(&b->server, b->now);
	return cost;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* In turns, and the middle one of the ratios counts: what else the machine does slows both of a turn down. */
static bool compare_logins(void)
{
	static struct bench small, large;
	double many = 0, bytes, ratios[LOGIN_ROUNDS], ratio;
	bool ok;

	start(&small, THOUSAND);
	start(&large, MILLION);
	for (unsigned round = 0; round < LOGIN_ROUNDS; round++) {
		double a = login_ns(&small), b = login_ns(&large);

		ratios[round] = b / a;
		many = round == 0 || b < many ? b : many;
	}
	qsort(ratios, LOGIN_ROUNDS, sizeof *ratios, by_value);
	ratio = ratios[LOGIN_ROUNDS / 2];
	bytes = (double)(roster_memory_size(MILLION) - roster_memory_size(0)) / MILLION; /* one place is nobody's */
	ok = ratio <= LOGIN_RATIO && bytes <= ROSTER_BYTES_PER_PEER;
	printf("rendezvous, a million logged in: login %.1f us, %.0f bytes each (budget %d); a login there / with a "
	       "thousand: "
	       "%.2f (budget %.1f) %s\n",
	       many / 1000, bytes, ROSTER_BYTES_PER_PEER, ratio, LOGIN_RATIO, ok ? "ok" : "MISSED");
	free(small.clients);
	free(large.clients);
	return ok;
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
	return compare_logins() && ratio <= BUDGET_RATIO ? 0 : 1;
}
