#include "fake_nat.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSIDE_ADDRESS 0x0a000002u /* 10.0.0.2 */
#define NEIGHBOUR_ADDRESS 0x0a000003u
#define ELSEWHERE 0xc0000201u       /* 192.0.2.1: whom the neighbour talks to */
#define OUTSIDE_ADDRESS 0xc6336407u /* 198.51.100.7 */
#define SERVER_ADDRESS 0xcb007101u  /* 203.0.113.1 */
#define TRAVEL_MS 5

struct mapping {
	struct endpoint inside;
	struct endpoint towards; /* the destination, as far as the mapping depends on it */
	struct endpoint contacts[FAKE_CONTACTS];
	size_t contact_count;
	uint16_t outside;
	bool answered;
	uint64_t born_ms, last_ms;
};

struct flight {
	uint64_t at_ms;
	struct endpoint from, to; /* as seen outside; inside for what was delivered */
	size_t len;
	uint8_t bytes[STUN_MESSAGE_ROOM];
};

static struct {
	const struct fake_setup *setup;
	struct mapping mappings[FAKE_MAPPINGS];
	size_t mapping_count;
	struct flight flights[FAKE_FLIGHTS];
	size_t flight_count;
	struct stun_service service;
	struct discovery discovery;
	bool taken[UINT16_MAX + 1]; /* ports that strangers' packets took */
	uint16_t next_port;
	uint32_t random;
	uint64_t now_ms, start_ms;
} net;

static const struct nat_transport *udp(void)
{
	return &net.setup->nat.transport[NAT_UDP];
}

static uint32_t next_random(void)
{
	net.random = net.random * 1664525u + 1013904223u;
	return net.random >> 8;
}

static bool is_lost(void)
{
	return next_random() % 100 < net.setup->loss_percent;
}

static void fly(struct endpoint from, struct endpoint to, const uint8_t *bytes, size_t len)
{
	struct flight *f = &net.flights[net.flight_count];

	if (is_lost())
		return;
	if (net.flight_count == FAKE_FLIGHTS) {
		fprintf(stderr, "fake_nat: too many datagrams under way\n");
		abort();
	}
	*f = (struct flight){ .at_ms = net.now_ms + TRAVEL_MS, .from = from, .to = to, .len = len };
	memcpy(f->bytes, bytes, len);
	net.flight_count++;
}

/* --- the tape ------------------------------------------------------------------------------------------ */

/* "   0.100 #4 (32800) > 203.0.113.1:3478 change=ip,port": the seconds, the discovery's socket and its port. */
static void note_line(uint16_t socket, char direction, const struct endpoint *other)
{
	char text[ENDPOINT_TEXT_SIZE];

	fprintf(net.setup->tape, "%8.3f #%u (%u) %c %s", (double)(net.now_ms - net.start_ms) / 1000, socket,
	        net.discovery.slots[socket].local.port, direction, endpoint_format(other, text));
}

static void note_question(const struct stun_datagram *d)
{
	struct stun_message m;

	if (net.setup->tape == NULL)
		return;
	note_line(d->socket, '>', &d->to);
	if (stun_decode(d->bytes, d->len, &m) != 0)
		fputs(" echo", net.setup->tape);
	else if (m.has_change)
		fprintf(net.setup->tape, " change=%s%s", m.change & STUN_CHANGE_IP ? "ip," : "",
		        m.change & STUN_CHANGE_PORT ? "port" : "");
	else if (m.has_response_port)
		fprintf(net.setup->tape, " response-port=%u", m.response_port);
	fputc('\n', net.setup->tape);
}

static void note_answer(uint16_t socket, const struct flight *f)
{
	char text[ENDPOINT_TEXT_SIZE];
	struct stun_message m;

	if (net.setup->tape == NULL)
		return;
	note_line(socket, '<', &f->from);
	if (stun_decode(f->bytes, f->len, &m) == 0 && m.xor_mapped.address.family != ADDRESS_NONE)
		fprintf(net.setup->tape, " mapped=%s", endpoint_format(&m.xor_mapped, text));
	fputc('\n', net.setup->tape);
}

/* --- the NAT ------------------------------------------------------------------------------------------- */

static bool is_alive(const struct mapping *m)
{
	bool stream = m->answered && m->last_ms - m->born_ms > 2000 && udp()->refresh == NAT_REFRESH_BOTH;
	unsigned timeout_s = stream ? udp()->stream_timeout_s : udp()->timeout_s;

	return m->inside.port != 0 && (timeout_s == 0 || net.now_ms - m->last_ms < UINT64_C(1000) * timeout_s);
}

static bool is_free(uint16_t port)
{
	if (net.taken[port])
		return false;
	for (size_t i = 0; i < net.mapping_count; i++)
		if (net.mappings[i].outside == port && is_alive(&net.mappings[i]))
			return false;
	return true;
}

/* A port for a new mapping, or 0. */
static uint16_t allocate(uint16_t inside)
{
	uint16_t low = net.setup->nat.port_low != 0 ? net.setup->nat.port_low : 1024;
	uint16_t high = net.setup->nat.port_high != 0 ? net.setup->nat.port_high : UINT16_MAX;

	if (udp()->ports == NAT_PORTS_PRESERVE && inside >= low && inside <= high && is_free(inside))
		return inside;
	for (unsigned tries = 0; tries < 20u * (high - low + 1u); tries++) {
		uint16_t port = (uint16_t)(low + next_random() % (high - low + 1u));

		if (udp()->ports == NAT_PORTS_SEQUENTIAL) {
			port = net.next_port;
			net.next_port = (uint16_t)(port + 1);
		}
		if (port >= low && port <= high && is_free(port))
			return port;
	}
	return 0;
}

/* A port as the kernel gives it to whoever asks for any. */
static uint16_t ephemeral_port(void)
{
	return (uint16_t)(32768 + next_random() % 28232);
}

static struct endpoint dependent_part(enum nat_behaviour b, struct endpoint e)
{
	if (b == NAT_ENDPOINT_INDEPENDENT)
		return (struct endpoint){ 0 };
	if (b == NAT_ADDRESS_DEPENDENT)
		e.port = 0;
	return e;
}

/* A new one, or that of a mapping that has ended; NULL if there is none. */
static struct mapping *free_place(void)
{
	for (size_t i = 0; i < net.mapping_count; i++)
		if (!is_alive(&net.mappings[i]))
			return &net.mappings[i];
	return net.mapping_count < FAKE_MAPPINGS ? &net.mappings[net.mapping_count++] : NULL;
}

static struct mapping *mapping_for(const struct endpoint *inside, const struct endpoint *to)
{
	struct endpoint towards = dependent_part(udp()->mapping, *to);
	struct mapping *m;
	uint16_t port;

	for (size_t i = 0; i < net.mapping_count; i++) {
		m = &net.mappings[i];
		if (m->inside.port == inside->port && is_alive(m) && endpoint_equal(&m->inside, inside) &&
		    endpoint_equal(&m->towards, &towards))
			return m;
	}
	port = allocate(inside->port);
	m = free_place();
	if (port == 0 || m == NULL)
		return NULL;
	*m = (struct mapping){
		.inside = *inside, .towards = towards, .outside = port, .born_ms = net.now_ms, .last_ms = net.now_ms
	};
	return m;
}

static void note_contact(struct mapping *m, const struct endpoint *to)
{
	m->last_ms = net.now_ms;
	for (size_t i = 0; i < m->contact_count; i++)
		if (endpoint_equal(&m->contacts[i], to))
			return;
	if (m->contact_count < FAKE_CONTACTS)
		m->contacts[m->contact_count++] = *to;
}

static bool lets_in(const struct mapping *m, const struct endpoint *from)
{
	struct endpoint asks = dependent_part(udp()->filtering, *from);

	for (size_t i = 0; i < m->contact_count; i++) {
		struct endpoint allowed = dependent_part(udp()->filtering, m->contacts[i]);

		if (endpoint_equal(&allowed, &asks))
			return true;
	}
	return false;
}

static struct endpoint outside_of(uint16_t port)
{
	return endpoint_ipv4(OUTSIDE_ADDRESS, port);
}

static void neighbour_sends(void)
{
	struct endpoint inside = endpoint_ipv4(NEIGHBOUR_ADDRESS, ephemeral_port());
	struct endpoint to = endpoint_ipv4(ELSEWHERE + next_random() % 200, 443);
	struct mapping *m = mapping_for(&inside, &to);

	if (m != NULL)
		note_contact(m, &to);
}

/* From the inside: to the world, or back in. Without translation, the firewall keeps the same book. */
static void send_out(const struct endpoint *inside, const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	struct endpoint outside = outside_of(0);
	struct mapping *m;
	bool hairpin = endpoint_same_address(to, &outside);

	if (udp()->blocked || (hairpin && udp()->hairpin == NAT_HAIRPIN_NONE))
		return;
	m = mapping_for(inside, to);
	if (m == NULL)
		return;
	if (m->contact_count == 0 && next_random() % 100 < net.setup->chatter_percent)
		neighbour_sends();
	note_contact(m, to);
	outside.port = m->outside;
	if (hairpin && udp()->hairpin == NAT_HAIRPIN_INTERNAL)
		fly(*inside, *to, bytes, len);
	else
		fly(net.setup->nat.kind == NAT_TRANSLATE ? outside : *inside, *to, bytes, len);
}

static void deliver(const struct mapping *m, const struct flight *f)
{
	for (unsigned i = 0; i < DISCOVERY_SOCKETS; i++)
		if (net.discovery.slots[i].open && endpoint_equal(&net.discovery.slots[i].local, &m->inside)) {
			note_answer((uint16_t)i, f);
			discovery_receive(&net.discovery, (uint16_t)i, &f->from, f->bytes, f->len, net.now_ms);
		}
}

static void come_in(const struct flight *f)
{
	struct endpoint inside = endpoint_ipv4(INSIDE_ADDRESS, 0);
	bool from_inside = endpoint_same_address(&f->from, &inside);

	for (size_t i = 0; i < net.mapping_count; i++) {
		struct mapping *m = &net.mappings[i];
		bool its_port = net.setup->nat.kind == NAT_TRANSLATE ? m->outside == f->to.port
		                                                     : endpoint_equal(&m->inside, &f->to);

		if (!its_port || !is_alive(m))
			continue;
		if (!lets_in(m, &f->from) && !from_inside)
			continue;
		m->answered = true;
		if (udp()->refresh == NAT_REFRESH_BOTH)
			m->last_ms = net.now_ms;
		deliver(m, f);
		return;
	}
	if (net.setup->nat.input == NAT_INPUT_ACCEPT)
		net.taken[f->to.port] = true;
}

/* --- the server ---------------------------------------------------------------------------------------- */

static int server_socket(const struct endpoint *to)
{
	for (int i = 0; i < 4; i++)
		if (endpoint_equal(&net.service.at[0][i / 2][i % 2], to))
			return i;
	return -1;
}

static void misbehave(const struct flight *f, int socket, struct stun_reply *r)
{
	struct stun_message m;

	switch (net.setup->server) {
	case FAKE_CHANGE_IGNORED: r->socket = (size_t)socket; return;
	case FAKE_CHANGE_SILENT:
		if (r->socket != (size_t)socket)
			r->len = 0;
		return;
	case FAKE_OTHER_DEAD:
		if (socket >= 2 || r->socket >= 2)
			r->len = 0;
		return;
	case FAKE_OTHER_NAMED:
		if (stun_decode(r->bytes, r->len, &m) != 0)
			return;
		m.other_address = net.setup->other_said;
		r->len = stun_encode(&m, r->bytes, sizeof r->bytes);
		return;
	case FAKE_GARBAGE:
		memcpy(r->bytes, "HTTP/1.1 400 Bad Request\r\n", 26);
		r->len = 26;
		return;
	case FAKE_OTHER_ID: r->bytes[19] ^= 1; return;
	case FAKE_NO_RESPONSE_PORT: r->to = f->from; return;
	case FAKE_DEAD: r->len = 0; return;
	case FAKE_GOOD:
	case FAKE_ONE_ADDRESS: return;
	}
}

static void serve(const struct flight *f)
{
	static struct stun_reply r;
	int socket = net.setup->server == FAKE_ONE_ADDRESS ? 0 : server_socket(&f->to);

	if (socket < 0 ||
	    !stun_service_receive(&net.service, (size_t)socket, &f->from, f->bytes, f->len, net.now_ms, &r))
		return;
	misbehave(f, socket, &r);
	if (r.len > 0)
		fly(net.setup->server == FAKE_ONE_ADDRESS ? f->to : net.service.at[0][r.socket / 2][r.socket % 2], r.to,
		    r.bytes, r.len);
}

/* --- the run ------------------------------------------------------------------------------------------- */

static bool is_bound(const struct endpoint *local)
{
	for (unsigned i = 0; i < DISCOVERY_SOCKETS; i++)
		if (net.discovery.slots[i].open && endpoint_equal(&net.discovery.slots[i].local, local))
			return true;
	return false;
}

static void open_wanted(void)
{
	uint16_t socket, port;

	while (discovery_wants_socket(&net.discovery, &socket, &port)) {
		struct endpoint local = endpoint_ipv4(INSIDE_ADDRESS, port);

		while (local.port == 0 || is_bound(&local))
			local.port = ephemeral_port();

		discovery_opened(&net.discovery, socket, &local);
	}
}

static void send_due(void)
{
	struct stun_datagram d;
	uint16_t socket, port;

	do {
		open_wanted();
		while (discovery_next(&net.discovery, net.now_ms, &d)) {
			note_question(&d);
			send_out(&net.discovery.slots[d.socket].local, &d.to, d.bytes, d.len);
		}
	} while (discovery_wants_socket(&net.discovery, &socket, &port));
}

/* Lets the earliest datagram arrive, if it does before the discovery has something to do. */
static void pass_time(void)
{
	uint64_t deadline = discovery_deadline(&net.discovery);
	size_t first = 0;
	struct flight f;
	struct endpoint outside = outside_of(0);
	struct endpoint inside = endpoint_ipv4(INSIDE_ADDRESS, 0);

	for (size_t i = 1; i < net.flight_count; i++)
		if (net.flights[i].at_ms < net.flights[first].at_ms)
			first = i;
	if (net.flight_count == 0 || net.flights[first].at_ms > deadline) {
		net.now_ms = deadline > net.now_ms ? deadline : net.now_ms + 1;
		return;
	}
	f = net.flights[first];
	net.flights[first] = net.flights[--net.flight_count];
	net.now_ms = f.at_ms;
	if (endpoint_same_address(&f.to, &outside) || endpoint_same_address(&f.to, &inside))
		come_in(&f);
	else
		serve(&f);
}

static void start_server(void)
{
	struct endpoint first = endpoint_ipv4(SERVER_ADDRESS, 3478);
	struct endpoint second = endpoint_ipv4(SERVER_ADDRESS + 1, 3478);

	memset(&net.service, 0, sizeof net.service);
	stun_service_init(&net.service, (const uint8_t *)"0123456789abcdef", &first,
	                  net.setup->server == FAKE_ONE_ADDRESS ? NULL : &second);
}

struct fake_setup fake_setup_of(const char *spec)
{
	struct fake_setup setup = { 0 };
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &setup.nat, error), 0);
	return setup;
}

const struct discovery_findings *fake_discovery(const struct fake_setup *setup, unsigned mapping_lifetime_max_s,
                                                uint64_t *took_ms)
{
	struct discovery_options options = {
		.server = endpoint_ipv4(SERVER_ADDRESS, 3478),
		.local = endpoint_ipv4(INSIDE_ADDRESS, 0),
		.rto_ms = 500,
		.rto_floor_ms = 100,
		.pace_ms = 100,
		.time_ms = setup->time_ms != 0 ? setup->time_ms : 30000,
		.fast = setup->fast,
		.mirrored = setup->mirrored,
		.mapping_lifetime_max_s = mapping_lifetime_max_s,
	};

	memcpy(options.others, setup->others, sizeof options.others);
	options.other_count = setup->other_count;
	if (!setup->stays) {
		memset(&net, 0, sizeof net);
		net.next_port = setup->nat.port_low != 0 ? setup->nat.port_low : 20000;
		net.random = 12345 + setup->seed;
		net.now_ms = 1000;
	}
	net.start_ms = net.now_ms;
	net.setup = setup;
	net.flight_count = 0;
	memset(net.taken, 0, sizeof net.taken);
	for (unsigned i = 0; !setup->stays && i < setup->neighbour_mappings; i++)
		neighbour_sends();
	start_server();
	discovery_start(&net.discovery, &options, (const uint8_t *)"fedcba9876543210", net.now_ms);
	send_due();
	while (!discovery_is_done(&net.discovery)) {
		pass_time();
		send_due();
	}
	*took_ms = net.now_ms - net.start_ms;
	return &net.discovery.findings;
}
