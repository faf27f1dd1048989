/*
 * p2pchat's rendezvous server: sockets, time and log lines around the state machine of rendezvous; and, on the same
 * port, a STUN server. With two addresses it serves NAT behaviour discovery (RFC 5780) too, for which both open a
 * second port.
 */
#include "base/escape.h"
#include "io/clock.h"
#include "listeners.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/options.h"
#include "io/http_page.h"
#include "io/output.h"
#include "io/privileges.h"
#include "io/table_memory.h"
#include "server_report.h"
#include "chat/rendezvous/rendezvous.h"
#include "stun/stun_service.h"
#include "stun_streams.h"
#include "io/udp_batch.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static_assert(UDP_BATCH_SIZE <= LOOP_DATAGRAMS, "all sockets get their turn");

#define DEFAULT_MAX_PEERS 65536u
#define NO_ROOM_PACE_US 1000000     /* between two lines that say so */
#define DEFAULT_FORGET_US 60000000u /* four keepalive intervals of a client */

enum { OPTION_MAX_PEERS = 256, OPTION_FORGET, OPTION_RELAY, OPTION_STUN_RATE, OPTION_METRICS };

static const struct option_row rows[] = {
	{ 'b', "bind", "ADDRESS",
	  "serve on this address only; may be repeated (default: all); two serve RFC 5780 too" },
	{ OPTION_MAX_PEERS, "max-peers", "N", "how many can be logged in (default 65536)" },
	{ OPTION_FORGET, "forget", "SECONDS", "forget a peer that is silent for so long (default 60)" },
	{ OPTION_RELAY, "relay", NULL,
	  "pass texts on between peers that find no path: 32 KiB a second for each, 4 MiB in all" },
	{ OPTION_STUN_RATE, "stun-rate", "N", "STUN answers a second in all (default 50000); 100 to one address" },
	{ OPTION_METRICS, "metrics", "[ADDRESS:]PORT",
	  "counters for Prometheus at http://ADDRESS:PORT/metrics (default address: 127.0.0.1)" },
	{ 'v', "verbose", NULL, "say more; at the end, what was dropped and why" },
	{ 'q', "quiet", NULL, "say only what is wrong" },
	{ 0, NULL, NULL, NULL },
};

static const struct options options = {
	.usage = "[OPTIONS] PORT",
	.purpose = "Rendezvous server of p2pchat: introduces peers behind NATs to each other.",
	.rows = rows,
};

struct server {
	struct rendezvous rendezvous;
	struct stun_service stun;
	void *memory;
	struct listeners sockets;
	struct udp_inbox in;
	struct udp_outbox out;
	struct listeners_binds binds;
	uint32_t max_peers;
	uint64_t forget_us;
	uint32_t stun_rate;
	bool relay;
	enum log_level level;
	uint64_t no_room_until_us; /* nothing more about that in the log before */
	uint32_t no_room_unsaid;
	struct endpoint metrics_at; /* no family: nowhere */
	struct http_page page;
	struct stun_streams streams;
	struct flood_watch floods;
};

static void read_bind(struct server *s, const char *text)
{
	if (s->binds.count == LISTENERS_BINDS_MAX)
		options_refuse("at most %d addresses to bind", LISTENERS_BINDS_MAX);
	if (endpoint_parse_address(text, 0, &s->binds.list[s->binds.count++]) != 0)
		options_refuse("-b: \"%s\" is not an IP address", text);
}

static void read_metrics(struct server *s, const char *text)
{
	uint16_t port;

	if (endpoint_parse_port(text, &port) == 0)
		s->metrics_at = endpoint_ipv4(0x7f000001, port);
	else if (endpoint_parse(text, &s->metrics_at) != 0)
		options_refuse("--metrics: \"%s\" is not PORT or ADDRESS:PORT", text);
}

static void read_options(struct server *s, int argc, char **argv)
{
	const char *argument;
	int letter;

	while ((letter = options_next(&options, argc, argv, &argument)) != -1) {
		switch (letter) {
		case 'b': read_bind(s, argument); break;
		case OPTION_MAX_PEERS:
			s->max_peers = options_count(argument, ROSTER_MAX_PEERS);
			if (s->max_peers == 0)
				options_refuse("--max-peers: \"%s\" is not 1 to %u", argument, ROSTER_MAX_PEERS);
			break;
		case OPTION_FORGET:
			s->forget_us = options_seconds(argument);
			if (s->forget_us == 0)
				options_refuse("--forget: \"%s\" is not a number of seconds", argument);
			break;
		case OPTION_RELAY: s->relay = true; break;
		case OPTION_STUN_RATE:
			s->stun_rate = options_count(argument, STUN_SERVICE_RATE_MOST);
			if (s->stun_rate == 0)
				options_refuse("--stun-rate: \"%s\" is not 1 to %u", argument, STUN_SERVICE_RATE_MOST);
			break;
		case OPTION_METRICS: read_metrics(s, argument); break;
		case 'v': s->level = LOG_DEBUG; break;
		case 'q': s->level = LOG_WARNING; break;
		default: break;
		}
	}
	if (optind + 1 != argc)
		options_refuse(optind == argc ? "which PORT?" : "one PORT, and nothing behind it");
	if (endpoint_parse_port(argv[optind], &s->binds.port) != 0)
		options_refuse("\"%s\" is not a port, 1 to 65535", argv[optind]);
}

static void start_stun(struct server *s)
{
	uint8_t key[STUN_SERVICE_KEY_SIZE];
	unsigned pairs = listeners_count_pairs(&s->binds);
	struct endpoint at[2 * STUN_SERVICE_PAIRS];

	memcpy(at, s->binds.list, sizeof at);
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
		at[i].port = s->binds.port;
	randombytes_buf(key, sizeof key);
	stun_service_init(&s->stun, key, &at[0], pairs > 0 ? &at[1] : NULL);
	if (pairs > 1)
		stun_service_add_pair(&s->stun, &at[2], &at[3]);
	stun_service_limit(&s->stun, s->stun_rate);
	sodium_memzero(key, sizeof key);
}

static void start(struct server *s)
{
	uint8_t secret[RENDEZVOUS_SECRET_SIZE];

	if (sodium_init() < 0) {
		log_error("no randomness: libsodium cannot start");
		exit(OPTIONS_USAGE_STATUS);
	}
	randombytes_buf(secret, sizeof secret);
	s->memory = table_memory(roster_memory_size(s->max_peers));
	if (s->memory == NULL) {
		log_error("no memory for %u peers; use a smaller --max-peers", s->max_peers);
		exit(OPTIONS_USAGE_STATUS);
	}
	rendezvous_init(&s->rendezvous, s->memory, s->max_peers, s->forget_us, secret);
	sodium_memzero(secret, sizeof secret);
	if (s->relay)
		rendezvous_allow_relay(&s->rendezvous);
	start_stun(s);
}

static const char *refusal(uint8_t reason)
{
	switch (reason) {
	case WIRE_PEER_IS_YOU: return "that is itself";
	case WIRE_PEER_OTHER_FAMILY: return "another address family";
	default: return "not logged in";
	}
}

/* Anybody can ask again and again: that must not fill the log. */
static void log_no_room(struct server *s, const char *who, uint32_t peers)
{
	uint64_t now_us = clock_now_us();

	if (now_us < s->no_room_until_us) {
		s->no_room_unsaid++;
		return;
	}
	log_warning("no room for %s: %u logged in, or its network has its share; see --max-peers", who, peers);
	if (s->no_room_unsaid > 0)
		log_warning("nor was there for %u more requests before it", s->no_room_unsaid);
	s->no_room_unsaid = 0;
	s->no_room_until_us = now_us + NO_ROOM_PACE_US;
}

static const char *shown_name(const struct rendezvous_event *e, char text[ESCAPE_ROOM(NAME_SIZE)])
{
	escape_text(text, ESCAPE_ROOM(NAME_SIZE), e->name, name_length(e->name), ESCAPE_KEPT_LINE);
	return text;
}

static void log_login(const struct rendezvous_event *e, const char *who)
{
	char name[ESCAPE_ROOM(NAME_SIZE)];

	if (e->name[0] != 0)
		log_info("login %s as \"%s\" (%u logged in)", who, shown_name(e, name), e->peers);
	else
		log_info("login %s (%u logged in)", who, e->peers);
}

static void log_no_name(const struct rendezvous_event *e, const char *who)
{
	char name[ESCAPE_ROOM(NAME_SIZE)];

	log_info("no login %s as \"%s\": %s", who, shown_name(e, name),
	         e->reason == WIRE_NAME_TAKEN ? "the name is taken" : "that is no name, or its key was not shown");
}

static void log_event(struct server *s, const struct rendezvous_event *e)
{
	char who[ENDPOINT_TEXT_SIZE];
	char other[ENDPOINT_TEXT_SIZE];

	if (e->type != RENDEZVOUS_NO_ROOM && !log_says(LOG_INFO))
		return;
	endpoint_format(&e->who, who);
	endpoint_format(&e->other, other);
	switch (e->type) {
	case RENDEZVOUS_LOGIN: log_login(e, who); break;
	case RENDEZVOUS_LOGOUT: log_info("logout %s (%u logged in)", who, e->peers); break;
	case RENDEZVOUS_FORGOTTEN: log_info("logout %s: silent (%u logged in)", who, e->peers); break;
	case RENDEZVOUS_DISPLACED: log_info("logout %s: made room for %s (%u logged in)", who, other, e->peers); break;
	case RENDEZVOUS_INTRODUCTION: log_info("introduction %s and %s", who, other); break;
	case RENDEZVOUS_REFUSAL: log_info("no introduction %s and %s: %s", who, other, refusal(e->reason)); break;
	case RENDEZVOUS_CROWDED:
		log_info("who comes and goes is told to nobody from now on: too many (%u logged in)", e->peers);
		break;
	case RENDEZVOUS_ROOMY: log_info("who comes and goes is told again (%u logged in)", e->peers); break;
	case RENDEZVOUS_NO_ROOM: log_no_room(s, who, e->peers); break;
	case RENDEZVOUS_NO_NAME: log_no_name(e, who); break;
	}
}

static void send_out(struct server *s)
{
	uint64_t unsent = s->out.unsent;

	udp_outbox_send(&s->out);
	if (s->out.unsent > unsent)
		log_debug("cannot send %llu datagrams: %s", (unsigned long long)(s->out.unsent - unsent),
		          strerror(s->out.error));
}

/* A socket that is bound to one address sends from there by itself. */
static void put(struct server *s, const struct listener *u, const struct endpoint *local, const struct endpoint *to,
                const uint8_t *bytes, size_t len)
{
	static const struct endpoint as_bound;
	bool any = address_scope(&u->local.address) == ADDRESS_UNSPECIFIED;

	udp_outbox_put(&s->out, u->fd, any ? local : &as_bound, to, bytes, len);
}

/* Puts what the state machine has to send with the rest, and says what it has to say. */
static void carry_out(struct server *s)
{
	struct rendezvous_event event;
	struct datagram d;

	while (rendezvous_next_datagram(&s->rendezvous, &d)) {
		const struct listener *u = listeners_find(&s->sockets, &d.local);

		if (u != NULL)
			put(s, u, &d.local, &d.to, d.bytes, d.len);
	}
	while (rendezvous_next_event(&s->rendezvous, &event))
		log_event(s, &event);
}

/* The answer leaves from where the service says; without a second address that is where the request came to. */
static void receive_stun(struct server *s, const struct listener *u, const struct udp_packet *p, uint64_t now_us)
{
	struct stun_reply reply;
	struct endpoint local = p->to;

	if (!stun_service_receive(&s->stun, u->stun, &p->from, p->bytes, p->len, now_us / 1000, &reply))
		return;
	for (unsigned i = 0; i < s->sockets.count && s->stun.pairs > 0; i++) {
		if (s->sockets.list[i].stun != reply.socket)
			continue;
		u = &s->sockets.list[i];
		local = u->local;
	}
	put(s, u, &local, &reply.to, reply.bytes, reply.len);
}

static void receive_one(struct server *s, const struct listener *u, const struct udp_packet *p, uint64_t now_us)
{
	if (p->len <= UDP_BATCH_ROOM && stun_looks_like(p->bytes, p->len)) {
		receive_stun(s, u, p, now_us);
		return;
	}
	if (u->is_second)
		rendezvous_receive_aside(&s->rendezvous, &p->to, &p->from, p->bytes, p->len);
	else
		rendezvous_receive(&s->rendezvous, &p->to, &p->from, p->bytes, p->len, now_us);
	carry_out(s);
}

/* Takes what has come, but the other sockets and the clock are to get theirs. Returns whether nothing is left. */
static bool receive(struct server *s, const struct listener *u)
{
	unsigned count = udp_inbox_fill(&s->in, u->fd, &u->local);
	uint64_t now_us = clock_now_us();
	struct udp_packet packet;

	for (unsigned i = 0; i < count && !u->is_second; i++)
		if (udp_inbox_read(&s->in, i, &packet))
			rendezvous_expect(&s->rendezvous, &packet.from, packet.bytes, packet.len);
	for (unsigned i = 0; i < count; i++)
		if (udp_inbox_read(&s->in, i, &packet))
			receive_one(s, u, &packet, now_us);
	send_out(s);
	return count < UDP_BATCH_SIZE;
}

static struct server_counts counts(const struct server *s)
{
	return (struct server_counts){ &s->rendezvous, &s->stun, s->out.unsent, listeners_overruns(&s->sockets) };
}

static void report(const struct server *s, enum log_level level)
{
	struct server_counts c = counts(s);

	server_report(&c, level);
}

static size_t write_metrics(const void *context, char *text)
{
	struct server_counts c = counts(context);

	return server_metrics(&c, text, HTTP_PAGE_ROOM);
}

/* When the loop is to turn at the latest. */
static uint64_t deadline_us(const struct server *s)
{
	uint64_t peers_us = rendezvous_deadline(&s->rendezvous), streams_ms = stun_streams_deadline_ms(&s->streams);

	return streams_ms < peers_us / 1000 ? streams_ms * 1000 : peers_us;
}

/* What is not the business of any peer. */
static void look_after_itself(struct server *s, const struct pollfd *output, const struct pollfd *page)
{
	uint64_t now_us = clock_now_us();

	log_catch_up();
	if (output->revents != 0)
		output_flush();
	if (loop_takes_report())
		report(s, LOG_WARNING);
	if (server_flood_watch_is_due(&s->floods, now_us)) {
		struct server_counts c = counts(s);

		server_watch_for_floods(&s->floods, &c, now_us);
	}
	http_page_serve(&s->page, page, write_metrics, s);
}

static void serve(struct server *s)
{
	struct pollfd fds[LISTENERS_MAX + 1 + HTTP_PAGE_FDS + STUN_STREAMS_FDS];
	struct pollfd *output = &fds[s->sockets.count], *page = output + 1, *streams = page + HTTP_PAGE_FDS;

	for (unsigned i = 0; i < s->sockets.count; i++)
		fds[i] = (struct pollfd){ .fd = s->sockets.list[i].fd, .events = POLLIN };
	while (!loop_is_stopping()) {
		unsigned stream_count = stun_streams_wait_for(&s->streams, streams);
		/* Sockets that are found empty were so later than that, wherever the process is stopped for a while. */
		const uint64_t looked_us = clock_now_us();
		bool empty = true;

		*output = output_pollfd();
		http_page_wait_for(&s->page, page);
		loop_wait(fds, s->sockets.count + 1 + HTTP_PAGE_FDS + stream_count, deadline_us(s));
		look_after_itself(s, output, page);
		for (unsigned i = 0; i < s->sockets.count; i++)
			if (fds[i].revents != 0)
				empty &= receive(s, &s->sockets.list[i]);
		stun_streams_serve(&s->streams, streams, &s->stun, clock_now_us() / 1000);
		if (loop_may_judge(empty))
			rendezvous_tick(&s->rendezvous, looked_us);
		carry_out(s);
		send_out(s);
	}
}

static void stop(struct server *s)
{
	log_info("stopping, %u logged in", roster_count(&s->rendezvous.roster));
	rendezvous_stop(&s->rendezvous);
	carry_out(s);
	send_out(s);
	report(s, LOG_DEBUG);
	listeners_close(&s->sockets);
	stun_streams_close(&s->streams);
	http_page_close(&s->page);
}

static void open_page(struct server *s)
{
	char text[ENDPOINT_TEXT_SIZE];

	http_page_init(&s->page);
	if (s->metrics_at.address.family == ADDRESS_NONE || http_page_open(&s->page, &s->metrics_at) == 0)
		return;
	log_error("--metrics: cannot listen on %s: %s", endpoint_format(&s->metrics_at, text), strerror(errno));
	exit(OPTIONS_USAGE_STATUS);
}

/* Whoever starts a server waits for these lines; whoever does not read them shall not hold it up. */
static void announce(const struct server *s)
{
	output_open();
	listeners_announce(&s->sockets);
	if (!output_is_waiting() && output_finish() != 0)
		exit(OPTIONS_USAGE_STATUS);
}

int main(int argc, char **argv)
{
	static struct server server; /* large, all zero, and touched only where it is used */

	server.max_peers = DEFAULT_MAX_PEERS;
	server.forget_us = DEFAULT_FORGET_US;
	server.stun_rate = STUN_SERVICE_RATE_IN_ALL;
	server.level = LOG_INFO;
	log_init(program_invocation_short_name, LOG_INFO);
	read_options(&server, argc, argv);
	log_init(program_invocation_short_name, server.level);
	loop_init();
	log_never_wait();
	privileges_give_up();
	start(&server);
	listeners_open(&server.sockets, &server.binds);
	stun_streams_open(&server.streams, &server.sockets);
	open_page(&server);
	announce(&server);
	privileges_confine(PRIVILEGES_SOCKETS_OPEN);
	serve(&server);
	stop(&server);
	return 0;
}
