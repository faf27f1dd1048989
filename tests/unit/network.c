#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct nat_kind classic_nats[5] = {
	{ "open", MAP_NONE, LET_ALL_IN, PORTS_IN_ORDER },
	{ "full-cone", MAP_ENDPOINT_INDEPENDENT, LET_ALL_IN, PORTS_IN_ORDER },
	{ "restricted", MAP_ENDPOINT_INDEPENDENT, LET_ADDRESS_IN, PORTS_IN_ORDER },
	{ "port-restricted", MAP_ENDPOINT_INDEPENDENT, LET_ADDRESS_AND_PORT_IN, PORTS_IN_ORDER },
	{ "symmetric", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN, PORTS_IN_ORDER },
};

#define FORGET_US (60 * SECOND)
#define HOPS_USUAL 64

void network_start_server(struct network *n)
{
	uint8_t secret[RENDEZVOUS_SECRET_SIZE];

	n->dice = n->dice * 1664525u + 1013904223u;
	memset(secret, (int)(n->dice >> 24), sizeof secret);
	memset(&n->server, 0, sizeof n->server);
	memset(n->memory, 0, roster_memory_size(NETWORK_MAX_PEERS));
	rendezvous_init(&n->server, n->memory, NETWORK_MAX_PEERS, FORGET_US, secret);
	n->server_up = true;
}

void network_kill_server(struct network *n)
{
	n->server_up = false;
}

struct network *network_new(uint64_t latency_us)
{
	struct network *n = calloc(1, sizeof *n);

	if (n == NULL || (n->memory = calloc(1, roster_memory_size(NETWORK_MAX_PEERS))) == NULL)
		abort();
	n->now_us = 1000 * SECOND;
	n->latency_us = latency_us;
	n->server_at = endpoint_ipv4(0xcb007101, 5000); /* 203.0.113.1 */
	n->server_second = endpoint_ipv4(0xcb007101, 5001);
	n->server_by_ipv6 =
	    (struct endpoint){ .address = { .family = ADDRESS_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 0xff } },
		               .port = 5000 };
	n->strategies = STRATEGY_PLAIN;
	n->dice = 1;
	network_start_server(n);
	return n;
}

void network_free(struct network *n)
{
	free(n->memory);
	free(n);
}

void network_start(struct network *n, unsigned i, struct nat_kind nat, uint64_t punch_timeout_us, uint64_t keepalive_us)
{
	struct host *h = &n->hosts[i];
	struct peer_config config = { .server = n->server_at,
		                      .punch_timeout_us = punch_timeout_us,
		                      .keepalive_us = keepalive_us,
		                      .strategies = n->strategies,
		                      .host_count = 1 };

	memset(config.seed, (int)(i + 1 + h->events), sizeof config.seed);
	memset(config.identity, (int)(i + 101), sizeof config.identity);
	h->up = true;
	h->nat = nat;
	h->outside = endpoint_ipv4(0xcb00710a + i, 5000); /* 203.0.113.10 and on */
	h->inside = nat.mapping == MAP_NONE ? h->outside : endpoint_ipv4(0x0a000002, 5000);
	if (h->next_port == 0)
		h->next_port = 5000;
	memset(h->sockets, 0, sizeof h->sockets);
	h->sockets[0] = 5000;
	config.hosts[0] = h->inside;
	h->other = (struct endpoint){ 0 };
	h->swapped = false;
	if (n->both_families) {
		h->other = (struct endpoint){ .address = { .family = ADDRESS_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8 } },
			                      .port = 7000 };
		h->other.address.bytes[15] = (uint8_t)(i + 1);
		config.hosts[config.host_count++] = h->other;
		config.other_server = n->server_by_ipv6;
	}
	memset(&h->peer, 0, sizeof h->peer);
	peer_init(&h->peer, &config);
}

struct endpoint network_address(const struct network *n, unsigned i)
{
	return n->hosts[i].outside;
}

/* The flow of a socket to somebody; to anybody, if `to` is NULL. */
static struct nat_flow *flow_of(struct host *h, uint16_t number, const struct endpoint *to)
{
	for (size_t i = 0; i < h->flow_count; i++)
		if (h->flows[i].socket == h->sockets[number] && (to == NULL || endpoint_equal(&h->flows[i].to, to)))
			return &h->flows[i];
	return NULL;
}

static bool port_is_taken(const struct host *h, uint16_t port)
{
	for (size_t i = 0; i < h->flow_count; i++)
		if (h->flows[i].port == port)
			return true;
	return false;
}

static uint16_t new_port(struct network *n, struct host *h, uint16_t number, bool first)
{
	uint16_t port;

	if (h->nat.choice == PORTS_BY_CHANCE) {
		do {
			n->dice = n->dice * 1664525u + 1013904223u;
			port = (uint16_t)(1024 + (n->dice >> 8) % 64512);
		} while (port_is_taken(h, port));
	} else if (h->nat.choice == PORTS_KEPT_AT_FIRST && first) {
		port = h->sockets[number];
	} else {
		do
			port = h->next_port++;
		while (port_is_taken(h, port));
	}
	return port;
}

static bool is_trapped(const struct host *h, uint16_t port, const struct endpoint *to)
{
	for (size_t i = 0; i < h->trapped_count; i++)
		if (h->trapped[i].port == port && endpoint_equal(&h->trapped[i].to, to))
			return true;
	return false;
}

/* The box takes a datagram for its own. */
static void trap(struct host *h, const struct flight *f)
{
	if (is_trapped(h, f->to.port, &f->from))
		return;
	if (h->trapped_count == NETWORK_TRAPPED)
		abort();
	h->trapped[h->trapped_count++] = (struct nat_flow){ .port = f->to.port, .to = f->from };
}

/* The number that a socket, or a peer's number for it, had at the start. */
static uint16_t unswapped(const struct host *h, uint16_t number)
{
	if (!h->swapped || (number != 0 && number != SOCKET_SET_OTHER_FAMILY))
		return number;
	return number == 0 ? SOCKET_SET_OTHER_FAMILY : 0;
}

/* The public source of what a host's socket sends there. */
static struct endpoint translate_out(struct network *n, struct host *h, uint16_t number, const struct endpoint *to)
{
	struct endpoint source = h->outside;
	struct nat_flow *flow, *any;

	if (number == SOCKET_SET_OTHER_FAMILY)
		return h->other;
	if (h->nat.mapping == MAP_NONE) {
		source = h->inside;
		source.port = h->sockets[number];
		return source;
	}
	any = flow_of(h, number, NULL);
	flow = flow_of(h, number, to);
	if (flow == NULL) {
		if (h->flow_count == NETWORK_MAPPINGS)
			abort();
		flow = &h->flows[h->flow_count++];
		*flow = (struct nat_flow){ .socket = h->sockets[number], .to = *to };
		if (any == NULL || h->nat.mapping == MAP_ADDRESS_AND_PORT_DEPENDENT)
			flow->port = new_port(n, h, number, any == NULL);
		else
			flow->port = any->port;
		if (is_trapped(h, flow->port, to))
			flow->port = new_port(n, h, number, false);
	}
	source.port = flow->port;
	return source;
}

/* The port of the socket that a datagram from outside reaches; 0 if it is not let in. */
static uint16_t lets_in(const struct host *h, const struct flight *f)
{
	for (size_t i = 0; i < h->flow_count; i++) {
		const struct nat_flow *flow = &h->flows[i];
		bool address = endpoint_same_address(&flow->to, &f->from);

		if (flow->port != f->to.port)
			continue;
		if (h->nat.filter == LET_ALL_IN || (h->nat.filter == LET_ADDRESS_IN && address) ||
		    (address && flow->to.port == f->from.port))
			return flow->socket;
	}
	return 0;
}

static void launch(struct network *n, const struct flight *f, uint64_t delay_us)
{
	if (n->flight_count == NETWORK_FLIGHTS)
		abort();
	n->flights[n->flight_count] = *f;
	n->flights[n->flight_count++].arrives_us = n->now_us + delay_us;
}

static uint64_t latency_of(const struct network *n, const struct flight *f)
{
	uint64_t latency_us = n->latency_us;

	for (unsigned i = 0; i < NETWORK_PEERS; i++)
		if (endpoint_same_address(&n->server_at, &f->from) &&
		    endpoint_same_address(&n->hosts[i].outside, &f->to))
			latency_us += n->hosts[i].delay_us;
	if (f->bytes[5] >= WIRE_PROBE)
		latency_us += n->late_us[f->to.address.family == ADDRESS_IPV6];
	return latency_us;
}

static void depart(struct network *n, struct flight *f)
{
	enum fate fate = n->fate != NULL ? n->fate(n, f) : ARRIVES;
	uint64_t latency_us = latency_of(n, f);

	if (n->watch != NULL)
		n->watch(n, f);
	n->sent++;
	switch (fate) {
	case LOST: break;
	case DAMAGED_BETWEEN_PEERS: /* past the UDP checksum; only there is a mac to notice it */
		if (f->bytes[5] >= WIRE_PROBE)
			f->bytes[f->len / 2] ^= 0x10;
		launch(n, f, latency_us);
		break;
	case TWICE:
		launch(n, f, latency_us);
		launch(n, f, latency_us + 1);
		break;
	case LATE_300_MS: launch(n, f, latency_us + 300 * MS); break;
	case LATE_3_S: launch(n, f, latency_us + 3 * SECOND); break;
	case ARRIVES: launch(n, f, latency_us); break;
	}
}

void network_inject(struct network *n, const struct endpoint *from, const struct endpoint *to, const uint8_t *bytes,
                    size_t len)
{
	struct flight f = { .from = *from, .to = *to, .hops = HOPS_USUAL, .len = len };

	memcpy(f.bytes, bytes, len);
	launch(n, &f, 0);
}

/* `hops` are those that it has left where it leaves the boxes. */
static void send_off(struct network *n, const struct datagram *d, const struct endpoint *from, unsigned hops)
{
	struct flight f = { .from = *from, .to = d->to, .hops = hops, .len = d->len };

	memcpy(f.bytes, d->bytes, d->len);
	depart(n, &f);
}

static void note_events(struct host *h, enum event_style style)
{
	char line[EVENT_LINE_SIZE];
	struct event e;

	while (peer_next_event(&h->peer, &e)) {
		size_t len = strlen(event_format(&e, style, line));

		h->events++;
		h->failures += event_is_failure(&e);
		if (h->log_len + len + 1 >= NETWORK_LOG)
			abort();
		memcpy(h->log + h->log_len, line, len);
		h->log[h->log_len + len] = '\n';
		h->log_len += len + 1;
	}
}

static void follow_sockets(struct host *h, uint64_t now_us)
{
	if (h->up && peer_wants_fresh_socket(&h->peer)) {
		uint16_t *port = h->swapped ? &h->other.port : &h->sockets[0];

		*port = (uint16_t)(40000 + h->opened++);
		peer_fresh_socket_opened(&h->peer, *port, now_us);
	}
	for (uint16_t i = 1; h->up && i < peer_sockets_end(&h->peer); i++) {
		bool wanted = peer_wants_socket(&h->peer, i);

		if (wanted && h->sockets[i] == 0) {
			h->sockets[i] = h->has_no_sockets ? 0 : (uint16_t)(40000 + h->opened++);
			peer_socket_opened(&h->peer, i, h->sockets[i]);
		} else if (!wanted) {
			h->sockets[i] = 0;
		}
	}
}

/* The number of the socket that a datagram reaches, -1 for none. */
static int reached(const struct host *h, const struct flight *f)
{
	bool is_here = endpoint_same_address(&f->to, h->nat.mapping == MAP_NONE ? &h->inside : &h->outside);
	uint16_t port = h->nat.mapping == MAP_NONE ? f->to.port : lets_in(h, f);

	if (endpoint_equal(&f->to, &h->other))
		return SOCKET_SET_OTHER_FAMILY;
	for (int i = 0; is_here && port != 0 && (i == 0 || i < peer_sockets_end(&h->peer)); i++)
		if (h->sockets[i] == port)
			return i;
	return -1;
}

static unsigned boxes_of(const struct host *h)
{
	return h->boxes > 0 ? h->boxes : 1;
}

/* Where it ends in a box, that has no flow of it. */
static void send_out(struct network *n, struct host *h, const struct datagram *d)
{
	unsigned hops = d->hops > 0 ? d->hops : HOPS_USUAL;
	struct endpoint from;

	if (hops <= boxes_of(h))
		return;
	from = translate_out(n, h, unswapped(h, d->socket), &d->to);
	if (h->up)
		send_off(n, d, &from, hops - boxes_of(h));
}

static void send_all(struct network *n, struct host *h)
{
	struct datagram d;

	follow_sockets(h, n->now_us);
	while (peer_next_datagram(&h->peer, &d))
		send_out(n, h, &d);
}

static void take_other_family(struct network *n, struct host *h)
{
	h->swapped = !h->swapped;
	peer_other_family_taken(&h->peer, n->now_us);
	send_all(n, h);
}

void network_carry_out(struct network *n)
{
	struct rendezvous_event event;
	struct datagram d;

	while (rendezvous_next_datagram(&n->server, &d))
		if (n->server_up)
			send_off(n, &d, &d.local, HOPS_USUAL);
	while (rendezvous_next_event(&n->server, &event)) {
	}
	for (unsigned i = 0; i < NETWORK_PEERS; i++) {
		struct host *h = &n->hosts[i];

		send_all(n, h);
		if (h->up && peer_wants_other_family(&h->peer, n->now_us))
			take_other_family(n, h);
		note_events(h, n->style);
	}
}

static void arrive(struct network *n, const struct flight *f)
{
	if (n->server_up && (endpoint_equal(&f->to, &n->server_at) || endpoint_equal(&f->to, &n->server_by_ipv6))) {
		rendezvous_expect(&n->server, &f->from, f->bytes, f->len);
		rendezvous_receive(&n->server, &f->to, &f->from, f->bytes, f->len, n->now_us);
		return;
	}
	if (n->server_up && endpoint_equal(&f->to, &n->server_second)) {
		rendezvous_receive_aside(&n->server, &n->server_second, &f->from, f->bytes, f->len);
		return;
	}
	for (unsigned i = 0; i < NETWORK_PEERS; i++) {
		struct host *h = &n->hosts[i];
		int number = h->up ? reached(h, f) : -1;

		if (h->traps && number < 0 && f->hops > 1 && endpoint_same_address(&f->to, &h->outside))
			trap(h, f);
		if (number >= 0 && f->hops > 1 + boxes_of(h))
			peer_receive(&h->peer, unswapped(h, (uint16_t)number), &f->from, f->bytes, f->len, n->now_us);
	}
}

/* The time of the next thing to happen. */
static uint64_t next_time(const struct network *n)
{
	uint64_t next = n->server_up ? rendezvous_deadline(&n->server) : UINT64_MAX;

	for (size_t i = 0; i < n->flight_count; i++)
		next = retry_earlier(next, n->flights[i].arrives_us);
	for (unsigned i = 0; i < NETWORK_PEERS; i++)
		if (n->hosts[i].up)
			next = retry_earlier(next, peer_deadline(&n->hosts[i].peer));
	return next;
}

/* Takes out the flight that arrives first, if it is due; of equals the one that was sent first. */
static bool take_arrival(struct network *n, struct flight *out)
{
	size_t first = 0;

	for (size_t i = 1; i < n->flight_count; i++)
		if (n->flights[i].arrives_us < n->flights[first].arrives_us)
			first = i;
	if (n->flight_count == 0 || n->flights[first].arrives_us > n->now_us)
		return false;
	*out = n->flights[first];
	n->flight_count--;
	memmove(&n->flights[first], &n->flights[first + 1], (n->flight_count - first) * sizeof *out);
	return true;
}

static void tick(struct network *n)
{
	if (n->server_up)
		rendezvous_tick(&n->server, n->now_us);
	for (unsigned i = 0; i < NETWORK_PEERS; i++)
		if (n->hosts[i].up)
			peer_tick(&n->hosts[i].peer, n->now_us);
	network_carry_out(n);
}

static void step(struct network *n)
{
	struct flight f;

	while (take_arrival(n, &f)) {
		arrive(n, &f);
		network_carry_out(n);
		if (n->latency_us == 0)
			break;
	}
	tick(n);
}

void network_run(struct network *n, uint64_t us)
{
	uint64_t end_us = n->now_us + us;
	unsigned at_once = 0;

	network_carry_out(n);
	while (next_time(n) <= end_us) {
		uint64_t next_us = next_time(n);

		at_once = next_us <= n->now_us ? at_once + 1 : 0;
		if (at_once > 10000) {
			n->misbehaviour++; /* somebody wants to be woken again and again without doing anything */
			return;
		}
		if (next_us > n->now_us)
			n->now_us = next_us;
		step(n);
	}
	n->now_us = end_us;
}

static const char *find_line(const char *log, size_t len, const char *start)
{
	const char *line = log;

	while (line < log + len) {
		const char *end = memchr(line, '\n', len - (size_t)(line - log));

		if (strncmp(line, start, strlen(start)) == 0)
			return line;
		line = end + 1;
	}
	return NULL;
}

bool network_await(struct network *n, unsigned i, size_t *at, const char *start, uint64_t us)
{
	struct host *h = &n->hosts[i];
	uint64_t end_us = n->now_us + us;
	const char *found;

	network_carry_out(n);
	while ((found = find_line(h->log + *at, h->log_len - *at, start)) == NULL && n->now_us < end_us) {
		uint64_t next_us = retry_earlier(next_time(n), end_us);

		network_run(n, next_us > n->now_us ? next_us - n->now_us : 0);
		if (n->misbehaviour > 0)
			return false;
	}
	if (found == NULL)
		return false;
	*at = (size_t)((const char *)memchr(found, '\n', NETWORK_LOG) - h->log) + 1;
	return true;
}

unsigned network_count(const struct network *n, unsigned i, const char *start)
{
	const struct host *h = &n->hosts[i];
	const char *at = h->log;
	unsigned count = 0;

	while ((at = find_line(at, h->log_len - (size_t)(at - h->log), start)) != NULL) {
		at = (const char *)memchr(at, '\n', NETWORK_LOG) + 1;
		count++;
	}
	return count;
}

enum fate fate_of_the_chosen(struct network *n, const struct flight *f)
{
	(void)f;
	return n->sent == n->chosen ? n->chosen_fate : ARRIVES;
}

enum fate fate_by_dice(struct network *n, const struct flight *f)
{
	(void)f;
	n->dice = n->dice * 1664525u + 1013904223u;
	return (n->dice >> 8) % n->chosen == 0 ? n->chosen_fate : ARRIVES;
}
