/*
 * nat_type SERVER...: which NAT is between here and there, by STUN (RFC 8489, RFC 5780). What is asked and in which
 * order is discovery.h's business, what it shows conclusion.h's; here are the options, the sockets and the loop.
 */
#include "io/clock.h"
#include "base/endpoint.h"
#include "io/log.h"
#include "io/hairpin_sniffer.h"
#include "io/options.h"
#include "io/signs_of_life.h"
#include "io/tcp_discovery.h"
#include "stun/stun_message.h"
#include "nat_type/discovery.h"
#include "io/udp.h"
#include "nat_type/attempt.h"
#include "nat_type/conclusion_report.h"
#include "nat_type/conclusion_spec.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_S 30
#define DEFAULT_LIFETIME_S 180
#define DEFAULT_RTO_MS 500  /* RFC 8489 §6.2.1 */
#define TCP_TIMEOUT_MS 4000 /* of a question: the kernel repeats a SYN after 1 and 3 s */
#define PACE_MS 100         /* at most 10 new transactions a second (RFC 5780) */
#define RTO_FLOOR_MS 100
#define RTO_FLOOR_FAST_MS 50
#define SERVERS_MAX (DISCOVERY_OTHERS + 1)

enum {
	OPTION_SPEC = 256,
	OPTION_JSON,
	OPTION_LIFETIME,
	OPTION_LIFETIME_MAX,
	OPTION_RTO,
	OPTION_TIMEOUT,
	OPTION_FAST,
	OPTION_TCP
};

static const struct option_row rows[] = {
	{ OPTION_SPEC, "spec", NULL, "print only the NAT spec that reproduces it, for ./punchlab shell" },
	{ OPTION_JSON, "json", NULL, "print one JSON object" },
	{ OPTION_LIFETIME, "lifetime", NULL, "measure also how long idle mappings live; takes three times that" },
	{ OPTION_LIFETIME_MAX, "lifetime-max", "SECONDS",
	  "the same, waiting no longer than this (default 180, at most 300)" },
	{ '6', "ipv6", NULL, "ask by IPv6: which firewall stands there" },
	{ 'b', "bind", "ADDRESS", "the local address to ask from" },
	{ OPTION_RTO, "rto", "MS", "ask again if no first answer came for so long (default 500)" },
	{ OPTION_TIMEOUT, "timeout", "SECONDS", "be done by then, the lifetime not counted (default 30)" },
	{ OPTION_TCP, "tcp", NULL, "measure TCP instead: its mapping and ports, by a server that answers over TCP" },
	{ OPTION_FAST, "fast", NULL, "do not space the questions out: for a server of your own" },
	{ 0, NULL, NULL, NULL },
};

static const struct options options = {
	.usage = "[OPTIONS] SERVER[:PORT]...",
	.purpose =
	    "Tells which kind of NAT is between this host and a STUN server, and with whom one can punch through it.\n"
	    "The server should know NAT behaviour discovery (RFC 5780); PORT is 3478 unless given. Of several servers "
	    "the\n"
	    "next is asked where one does not suffice. Mapping shows with any two ordinary ones; filtering does not. "
	    "That\n"
	    "UDP is blocked shows only with two that are silent.\n"
	    "Exit status: 0 measured, 1 not everything could be measured, 2 usage, bad input, or no way to the server.",
	.rows = rows,
};

enum output { OUTPUT_TEXT, OUTPUT_SPEC, OUTPUT_JSON };

struct program {
	struct discovery_options options;
	enum output output;
	bool by_tcp, by_ipv6;
	struct endpoint bind;           /* the address to ask from, if given */
	const char *names[SERVERS_MAX]; /* of the servers, as given */
	struct attempt attempts[SERVERS_MAX];
	size_t server_count;
	struct discovery discovery;
	struct pollfd sockets[DISCOVERY_SOCKETS + 1]; /* fd -1 until it is open; the last is of hairpin_sniffer.h */
	bool prohibited, no_way; /* what somebody else said by ICMP about datagrams to the server */
};

static struct program program;

/* --- options ----------------------------------------------------------------------------------------- */

static uint32_t read_number(const char *option, const char *text, uint32_t most)
{
	uint32_t number = options_count(text, most);

	if (number == 0)
		options_refuse("%s: \"%s\" is not a whole number from 1 to %u", option, text, most);
	return number;
}

static void read_option(struct program *p, int option, const char *argument)
{
	struct discovery_options *o = &p->options;

	switch (option) {
	case OPTION_SPEC: p->output = OUTPUT_SPEC; break;
	case OPTION_JSON: p->output = OUTPUT_JSON; break;
	case OPTION_LIFETIME: o->mapping_lifetime_max_s = DEFAULT_LIFETIME_S; break;
	case OPTION_LIFETIME_MAX:
		o->mapping_lifetime_max_s = read_number("--lifetime-max", argument, MAPPING_LIFETIME_MAX_S);
		break;
	case '6': p->by_ipv6 = true; break;
	case 'b':
		if (endpoint_parse_address(argument, 0, &p->bind) != 0)
			options_refuse("-b: \"%s\" is not an IP address", argument);
		break;
	case OPTION_RTO: o->rto_ms = read_number("--rto", argument, 10000); break;
	case OPTION_TIMEOUT: o->time_ms = 1000 * read_number("--timeout", argument, 3600); break;
	case OPTION_TCP: p->by_tcp = true; break;
	case OPTION_FAST:
		o->fast = true;
		o->pace_ms = 0;
		o->rto_floor_ms = RTO_FLOOR_FAST_MS;
		break;
	default: break;
	}
}

static void read_options(struct program *p, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = options_next(&options, argc, argv, &argument)) != -1)
		read_option(p, option, argument);
	if (optind == argc)
		options_refuse("which SERVER?");
	if (p->by_tcp && (p->output == OUTPUT_SPEC || p->options.mapping_lifetime_max_s > 0))
		options_refuse("--tcp measures mapping and ports alone: it takes no --spec and no --lifetime");
	if (p->by_tcp && argc - optind > 1)
		options_refuse("--tcp asks one SERVER");
	if (p->by_ipv6 && p->bind.address.family == ADDRESS_IPV4)
		options_refuse("-6 asks by IPv6, and -b has an IPv4 address");
	if (argc - optind > SERVERS_MAX)
		options_refuse("at most %d SERVERs", SERVERS_MAX);
	while (optind < argc)
		p->names[p->server_count++] = argv[optind++];
}

static void __attribute__((format(printf, 1, 2), noreturn)) give_up(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_error("%s", text);
	exit(OPTIONS_USAGE_STATUS);
}

static void find_servers(struct program *p)
{
	enum address_family family = p->by_ipv6 ? ADDRESS_IPV6 : (enum address_family)p->bind.address.family;
	char error[UDP_ERROR_SIZE];

	for (size_t i = 0; i < p->server_count; i++) {
		struct endpoint *server = &p->attempts[i].server;

		if (udp_resolve(p->names[i], STUN_PORT, family, server, error) != 0)
			give_up("%s: %s", p->names[i], error);
		if (!endpoint_is_sendable(server))
			give_up("%s: not the address of a host", p->names[i]);
	}
}

/* The address this host has on the way to a server. */
static struct endpoint source_for(const struct program *p, size_t server)
{
	struct endpoint local = p->bind;

	if (local.address.family == ADDRESS_NONE && udp_source_for(&p->attempts[server].server, &local) != 0)
		give_up("%s: no way there: %s", p->names[server], strerror(errno));
	return local;
}

/* --- sockets ----------------------------------------------------------------------------------------- */

/* At the port wished for, if it is free. */
static int open_at(const struct endpoint *local, uint16_t port)
{
	struct endpoint at = *local;
	int fd = -1;

	at.port = port;
	if (port != 0)
		fd = udp_open(&at);
	at.port = 0;
	return fd >= 0 ? fd : udp_open(&at);
}

static void open_socket(struct program *p, uint16_t socket, uint16_t port)
{
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint local;
	int fd = open_at(&p->options.local, port);

	if (fd < 0 || udp_local(fd, &local) != 0 || udp_keep_errors(fd) != 0)
		give_up("cannot open a socket at %s: %s", address_format(&p->options.local.address, where),
		        strerror(errno));
	p->sockets[socket] = (struct pollfd){ .fd = fd, .events = POLLIN };
	discovery_opened(&p->discovery, socket, &local);
}

static void send_due(struct program *p)
{
	struct stun_datagram d;
	uint16_t socket, port;

	do {
		while (discovery_wants_socket(&p->discovery, &socket, &port))
			open_socket(p, socket, port);
		while (discovery_next(&p->discovery, clock_now_ms(), &d))
			if (udp_send(p->sockets[d.socket].fd, &d.to, d.bytes, d.len) != 0)
				log_debug("send: %s", strerror(errno)); /* as good as lost: it is sent again */
	} while (discovery_wants_socket(&p->discovery, &socket, &port));
}

/* Only the server itself can say that it does not listen; the same error of a box on the way is a prohibition. */
static void read_errors(struct program *p, uint16_t socket)
{
	struct udp_error e;

	while (udp_next_error(p->sockets[socket].fd, &e)) {
		if (e.kind == UDP_ERROR_PORT && endpoint_same_address(&e.to, &e.reporter))
			discovery_unreachable(&p->discovery, socket, &e.to);
		if (e.reporter.address.family == ADDRESS_NONE || endpoint_same_address(&e.to, &e.reporter))
			continue;
		p->prohibited = p->prohibited || e.kind == UDP_ERROR_PORT || e.kind == UDP_ERROR_PROHIBITED;
		p->no_way = p->no_way || e.kind == UDP_ERROR_NO_WAY;
	}
}

static void receive(struct program *p, uint16_t socket)
{
	static uint8_t bytes[UDP_MAX_DATAGRAM];
	struct endpoint from;
	ssize_t len;

	read_errors(p, socket);
	while ((len = udp_receive(p->sockets[socket].fd, bytes, sizeof bytes, &from)) >= 0)
		discovery_receive(&p->discovery, socket, &from, bytes, (size_t)len, clock_now_ms());
}

/* A datagram that a NAT returned with this host's own source address: to the socket it is for, as if the kernel had let
 * it in. */
static void receive_mirrored(struct program *p)
{
	static uint8_t bytes[UDP_MAX_DATAGRAM];
	struct endpoint from, to;
	ssize_t len;

	while ((len = hairpin_sniffer_receive(p->sockets[DISCOVERY_SOCKETS].fd, bytes, sizeof bytes, &from, &to)) >=
	           0 ||
	       errno == EBADMSG)
		for (unsigned i = 0; i < DISCOVERY_SOCKETS && len >= 0; i++)
			if (p->discovery.slots[i].open && endpoint_equal(&p->discovery.slots[i].local, &to))
				discovery_receive(&p->discovery, (uint16_t)i, &from, bytes, (size_t)len,
				                  clock_now_ms());
}

static void wait_and_receive(struct program *p)
{
	uint64_t now = clock_now_ms();
	uint64_t deadline = discovery_deadline(&p->discovery);
	uint64_t wait_ms = deadline > now ? deadline - now : 0;

	if (poll(p->sockets, DISCOVERY_SOCKETS + 1, wait_ms < 60000 ? (int)wait_ms : 60000) <= 0)
		return;
	for (unsigned i = 0; i < DISCOVERY_SOCKETS; i++)
		if (p->sockets[i].fd >= 0 && p->sockets[i].revents != 0)
			receive(p, (uint16_t)i);
	if (p->sockets[DISCOVERY_SOCKETS].fd >= 0 && p->sockets[DISCOVERY_SOCKETS].revents != 0)
		receive_mirrored(p);
}

/* A discovery may need more sockets than a shell allows by default on some systems. */
static void allow_sockets(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DISCOVERY_SOCKETS + 64)
		return;
	limit.rlim_cur = limit.rlim_max < DISCOVERY_SOCKETS + 64 ? limit.rlim_max : DISCOVERY_SOCKETS + 64;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_debug("setrlimit: %s", strerror(errno));
}

static void ask(struct program *p)
{
	uint8_t key[STUN_CLIENT_KEY_SIZE];

	randombytes_buf(key, sizeof key);
	for (size_t i = 0; i < DISCOVERY_SOCKETS; i++)
		p->sockets[i].fd = -1;
	p->sockets[DISCOVERY_SOCKETS] =
	    (struct pollfd){ .fd = hairpin_sniffer_open(&p->options.local), .events = POLLIN };
	p->options.mirrored = p->sockets[DISCOVERY_SOCKETS].fd >= 0; /* as an ordinary user one goes without */
	if (p->options.mapping_lifetime_max_s > 0 && isatty(STDERR_FILENO))
		log_info("waiting for idle mappings to end, up to %u s and then as long again; Ctrl-C gives up",
		         p->options.mapping_lifetime_max_s);
	discovery_start(&p->discovery, &p->options, key, clock_now_ms());
	send_due(p);
	while (!discovery_is_done(&p->discovery)) {
		wait_and_receive(p);
		send_due(p);
	}
}

static void close_sockets(struct program *p)
{
	for (size_t i = 0; i <= DISCOVERY_SOCKETS; i++)
		if (p->sockets[i].fd >= 0)
			close(p->sockets[i].fd);
}

/* --- one server after the other ------------------------------------------------------------------------ */

/* Whatever else is to be known of a server that did not answer. */
static enum conclusion_host look_at_host(const struct program *p)
{
	struct signs_of_life signs;

	if (p->discovery.findings.contact.outcome != STUN_SILENT)
		return CONCLUSION_HOST_UNKNOWN;
	signs = signs_of_life_of(&p->options.server, &p->options.local);
	if (signs.udp)
		return CONCLUSION_HOST_HEARS;
	if (p->prohibited)
		return CONCLUSION_HOST_PROHIBITED;
	if (signs.tcp)
		return CONCLUSION_HOST_ALIVE;
	return p->no_way ? CONCLUSION_HOST_NO_WAY : CONCLUSION_HOST_UNKNOWN;
}

/* Where this one has no second address the others stand in for it. */
static void name_others(struct program *p, size_t server)
{
	p->options.other_count = 0;
	for (size_t i = 0; i < p->server_count; i++)
		if (i != server && p->attempts[i].server.address.family == p->attempts[server].server.address.family &&
		    !endpoint_equal(&p->attempts[i].server, &p->attempts[server].server))
			p->options.others[p->options.other_count++] = p->attempts[i].server;
}

static void try(struct program *p, size_t server)
{
	struct attempt *a = &p->attempts[server];

	p->options.server = a->server;
	name_others(p, server);
	p->options.local = source_for(p, server);
	p->prohibited = p->no_way = false;
	ask(p);
	a->host = look_at_host(p);
	a->findings = p->discovery.findings;
	close_sockets(p);
}

/* Asks until one server suffices or the time is up. Returns how many were asked. */
static size_t try_all(struct program *p)
{
	uint64_t end_ms = clock_now_ms() + p->options.time_ms;
	char problems[CONCLUSION_PROBLEM_NAMES_ROOM];

	for (size_t i = 0;; i++) {
		uint64_t now_ms = clock_now_ms();
		struct conclusion v;

		p->options.time_ms = now_ms < end_ms ? (uint32_t)(end_ms - now_ms) : 0;
		try(p, i);
		v = attempt_conclusion(p->attempts, i + 1, i);
		if (v.complete || p->discovery.findings.mapping_lifetime_asked || i + 1 == p->server_count ||
		    clock_now_ms() >= end_ms)
			return i + 1;
		log_info("%s does not suffice (%s): asking %s", p->names[i],
		         conclusion_problem_names(&v, problems, sizeof problems), p->names[i + 1]);
	}
}

/* --- the answer ---------------------------------------------------------------------------------------- */

static int print_conclusion(const struct program *p, const struct conclusion *v, const struct discovery_findings *f)
{
	static char text[CONCLUSION_REPORT_ROOM];
	char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];

	switch (p->output) {
	case OUTPUT_TEXT: fputs(conclusion_report_text(v, f, text, sizeof text), stdout); break;
	case OUTPUT_JSON: fputs(conclusion_report_json(v, f, text, sizeof text), stdout); break;
	case OUTPUT_SPEC:
		if (conclusion_spec(v, spec, error) == NULL) {
			fputs(conclusion_report_text(v, f, text, sizeof text), stderr);
			return 1;
		}
		puts(spec);
		break;
	}
	return v->complete ? 0 : 1;
}

static int discover_by_tcp(const struct program *p)
{
	static const char *const words[] = { [STUN_TCP_REFUSED] = "nobody answers over TCP there",
		                             [STUN_TCP_SILENT] = "no answer over TCP",
		                             [STUN_TCP_NO_STUN] = "what answers over TCP there does not speak STUN",
		                             [STUN_TCP_NO_SOCKET] = "cannot open a socket there" };
	const struct endpoint local = source_for(p, 0);
	struct tcp_mapping_findings f;
	enum stun_tcp_outcome outcome = tcp_discovery(&local, &p->attempts[0].server, TCP_TIMEOUT_MS, &f);
	char text[TCP_MAPPING_TEXT_SIZE];

	if (outcome != STUN_TCP_ANSWERED)
		give_up("%s: %s", p->names[0], words[outcome]);
	fputs(p->output == OUTPUT_JSON ? tcp_mapping_json(&f, text) : tcp_mapping_text(&f, text), stdout);
	return tcp_mapping_of(&f).mapping_known ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct program *p = &program;
	struct conclusion v;
	size_t asked, best;

	log_init(program_invocation_short_name, LOG_INFO);
	p->options = (struct discovery_options){
		.rto_ms = DEFAULT_RTO_MS,
		.rto_floor_ms = RTO_FLOOR_MS,
		.pace_ms = PACE_MS,
		.time_ms = 1000 * DEFAULT_TIMEOUT_S,
	};
	read_options(p, argc, argv);
	if (sodium_init() < 0)
		give_up("no randomness: libsodium cannot start");
	find_servers(p);
	if (p->by_tcp)
		return options_finish(discover_by_tcp(p));
	allow_sockets();
	asked = try_all(p);
	best = attempt_best(p->attempts, asked);
	v = attempt_conclusion(p->attempts, asked, best);
	return options_finish(print_conclusion(p, &v, &p->attempts[best].findings));
}
