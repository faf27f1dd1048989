/*
 * What a datagram costs the server, beside what it costs programs that do nothing but send, and beside coturn: Binding
 * requests of STUN, beside an echo, and introductions, beside one that answers with two datagrams of their size, to two
 * addresses; from 4,096 addresses. Each is asked in turn, several times, in a world of their own, and the time that
 * counts is that of its processor: so the rates are those of one core, whatever else the machine does.
 * `make bench-server`.
 */
#include "chat/wire.h"
#include "io/clock.h"
#include "io/udp_batch.h"
#include "stun/stun_message.h"
#include "world/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOURCES 4096u /* each in another /24, so that no limit of the server's is met */
#define REQUESTS 100000u
#define ROUNDS 5
#define WINDOW 512u /* under way at a time */
#define PATIENCE_MS 200
#define CANNOT_RUN 77
#define LEAST_OF_ECHO 0.8
#define LEAST_OF_COTURN 3.0

#define NOT_THE_ANSWER '+'
#define INTRODUCTION_SIZE (WIRE_HEADER_SIZE + WIRE_SESSION_SIZE + 4 + 2 + 7 + WIRE_TOKEN_SIZE + CARD_SIZE)

enum { ECHO_PORT = 7, TWICE_PORT = 8, SERVER_PORT = 5000, COTURN_PORT = 3478, LOAD_PORT = 4000 };

struct service {
	const char *name;
	uint16_t port;
	pid_t pid;
};

struct source {
	struct endpoint at;
	uint8_t session[WIRE_SESSION_SIZE];
	bool is_in;
};

static struct source sources[SOURCES];
static struct udp_inbox in;
static struct udp_outbox out;
static int load_fd;
static const struct endpoint load = { .address.family = ADDRESS_IPV4, .port = LOAD_PORT };

static void __attribute__((noreturn)) give_up(const char *why)
{
	fprintf(stderr, "server_load: %s: %s\n", why, strerror(errno));
	exit(1);
}

static struct endpoint service_at(uint16_t port)
{
	return endpoint_ipv4(0x0aff0001, port); /* 10.255.0.1 */
}

/* --- the services ------------------------------------------------------------------------------------ */

static struct udp_slots bare;
static int bare_fd;

static void answer_alike(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		bare.parts[i].iov_len = bare.headers[i].msg_len;
	sendmmsg(bare_fd, bare.headers, count, 0);
}

/* Each is answered, and somebody else told. */
static void answer_twice(unsigned count)
{
	static uint8_t to_asker[INTRODUCTION_SIZE], to_other[INTRODUCTION_SIZE] = { NOT_THE_ANSWER };
	static struct iovec parts[2] = { { to_asker, sizeof to_asker }, { to_other, sizeof to_other } };
	static struct sockaddr_storage others[UDP_BATCH_SIZE];
	static struct mmsghdr answers[2 * UDP_BATCH_SIZE];
	static uint32_t other;

	for (unsigned i = 0; i < count; i++, other += 7) {
		void *to[2] = { &bare.addresses[i], &others[i] };

		endpoint_to_sockaddr(&sources[other % SOURCES].at, &others[i]);
		for (unsigned k = 0; k < 2; k++) {
			struct msghdr *h = &answers[2 * i + k].msg_hdr;

			*h = (struct msghdr){ .msg_name = to[k], .msg_iov = &parts[k], .msg_iovlen = 1 };
			h->msg_namelen = sizeof(struct sockaddr_in);
		}
	}
	sendmmsg(bare_fd, answers, 2 * count, 0);
}

static void __attribute__((noreturn)) serve_bare(uint16_t port, void (*answer)(unsigned count))
{
	struct endpoint at = service_at(port);

	bare_fd = udp_open(&at);
	for (unsigned i = 0; i < UDP_BATCH_SIZE; i++) {
		bare.parts[i].iov_base = bare.bytes[i];
		bare.headers[i].msg_hdr =
		    (struct msghdr){ .msg_name = &bare.addresses[i], .msg_iov = &bare.parts[i], .msg_iovlen = 1 };
	}
	for (;;) {
		struct pollfd p = { .fd = bare_fd, .events = POLLIN };
		int got;

		for (unsigned i = 0; i < UDP_BATCH_SIZE; i++) {
			bare.parts[i].iov_len = UDP_BATCH_ROOM;
			bare.headers[i].msg_hdr.msg_namelen = sizeof bare.addresses[i];
		}
		poll(&p, 1, -1);
		got = recvmmsg(bare_fd, bare.headers, UDP_BATCH_SIZE, MSG_DONTWAIT, NULL);
		if (got > 0)
			answer((unsigned)got);
	}
}

static pid_t start_bare(uint16_t port, void (*answer)(unsigned count))
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	serve_bare(port, answer);
}

static pid_t start(char *const argv[])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (freopen("/dev/null", "w", stdout) == NULL)
		_exit(1);
	execvp(argv[0], argv);
	_exit(127);
}

/* How long its processors worked for it, all its threads. */
static double processor_s(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		give_up("a service has ended");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- the load ---------------------------------------------------------------------------------------- */

static struct source *source_of(const struct endpoint *e)
{
	uint32_t i = (uint32_t)e->address.bytes[1] << 8 | e->address.bytes[2];

	return i < SOURCES ? &sources[i] : NULL;
}

static void ask(const struct source *s, uint16_t port, const uint8_t *bytes, size_t len)
{
	struct endpoint to = service_at(port);

	udp_outbox_put(&out, load_fd, &s->at, &to, bytes, len);
}

static void ask_in_words(const struct source *s, uint16_t port, const struct wire_message *m)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	ask(s, port, bytes, wire_encode(m, bytes, sizeof bytes));
}

/* Sends what was asked, and waits for answers. False if none came for a while. */
static bool take_answers(void)
{
	struct pollfd p = { .fd = load_fd, .events = POLLIN };

	udp_outbox_send(&out);
	return poll(&p, 1, PATIENCE_MS) > 0 && udp_inbox_fill(&in, load_fd, &load) > 0;
}

static void request_binding(uint32_t i, uint16_t port)
{
	struct stun_message m = { .class = STUN_REQUEST, .method = STUN_BINDING };
	uint8_t bytes[STUN_MESSAGE_ROOM];

	memcpy(m.id + 4, &i, sizeof i);
	ask(&sources[i % SOURCES], port, bytes, stun_encode(&m, bytes, sizeof bytes));
}

static void request_introduction(uint32_t i, uint16_t port)
{
	const struct source *s = &sources[i % SOURCES];
	struct wire_message m = { .type = WIRE_PUNCH, .serial = i + 1, .who = sources[(i * 7 + 1) % SOURCES].at };

	memcpy(m.session, s->session, sizeof m.session);
	ask_in_words(s, port, &m);
}

/* Whether the datagram ends a request: of the two of an introduction, that to the asker. */
static bool is_answer(const struct udp_packet *p)
{
	struct wire_message m;

	if (p->len < 2 || p->bytes[0] != 'P')
		return p->bytes[0] != NOT_THE_ANSWER;
	return wire_decode(p->bytes, p->len, &m) == WIRE_OK && m.type == WIRE_INTRODUCE && m.role == WIRE_YOU_ASKED;
}

/* Answers for each second of the service's processor. */
static double rate(const struct service *s, void (*request)(uint32_t i, uint16_t port))
{
	double before = processor_s(s->pid);
	uint32_t asked = 0, answered = 0, lost = 0;

	while (answered + lost < REQUESTS) {
		struct udp_packet p;

		while (asked < REQUESTS && asked - answered - lost < WINDOW)
			request(asked++, s->port);
		if (!take_answers()) {
			lost = asked - answered;
			continue;
		}
		for (unsigned i = 0; i < in.count; i++)
			answered += udp_inbox_read(&in, i, &p) && is_answer(&p);
	}
	if (answered < REQUESTS / 10 * 9)
		give_up(s->name);
	return answered / (processor_s(s->pid) - before);
}

static void on_login_answer(const struct udp_packet *p, uint32_t *logged_in)
{
	struct source *s = source_of(&p->to);
	struct wire_message m;

	if (s == NULL || wire_decode(p->bytes, p->len, &m) != WIRE_OK)
		return;
	if (m.type == WIRE_CHALLENGE) {
		m.type = WIRE_LOGIN;
		ask_in_words(s, SERVER_PORT, &m);
	} else if (m.type == WIRE_WELCOME && !s->is_in) {
		memcpy(s->session, m.session, sizeof s->session);
		s->is_in = true;
		++*logged_in;
	}
}

static void log_everybody_in(void)
{
	uint32_t logged_in = 0;

	for (unsigned tries = 0; logged_in < SOURCES && tries < 50; tries++) {
		struct wire_message m = { .type = WIRE_LOGIN };
		struct udp_packet p;

		for (uint32_t i = 0, n = 0; i < SOURCES && n < WINDOW / 2; i++)
			if (!sources[i].is_in && ++n > 0)
				ask_in_words(&sources[i], SERVER_PORT, &m);
		while (take_answers())
			for (unsigned i = 0; i < in.count; i++)
				if (udp_inbox_read(&in, i, &p))
					on_login_answer(&p, &logged_in);
	}
	if (logged_in < SOURCES)
		give_up("not everybody could log in");
}

/* --- the comparison ---------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof *values, by_value);
	return values[ROUNDS / 2];
}

static bool say(const char *what, double ratio, double least)
{
	bool ok = ratio >= least;

	printf("server, %s: %.2f (goal at least %.1f) %s\n", what, ratio, least, ok ? "ok" : "MISSED");
	return ok;
}

/* Where system calls cost little, to take many datagrams in one gains little, and the echo is no three times coturn. */
static bool compare_with_coturn(double bindings, double echoes, double coturns)
{
	if (coturns <= 0) {
		printf("server, coturn's turnserver is not there (make deps-interop)\n");
		return true;
	}
	if (echoes * LEAST_OF_ECHO >= coturns * LEAST_OF_COTURN)
		return say("Binding requests / coturn's", bindings / coturns, LEAST_OF_COTURN);
	printf("server, Binding requests / coturn's: %.2f (goal at least %.1f, out of reach here: %.2f has the echo)\n",
	       bindings / coturns, LEAST_OF_COTURN, echoes / coturns);
	return true;
}

static bool compare(const struct service *echo, const struct service *twice, const struct service *ours,
                    const struct service *coturn)
{
	double echoes[ROUNDS], bindings[ROUNDS], twos[ROUNDS], introductions[ROUNDS], coturns[ROUNDS];
	double e, b, t, i, c;
	bool ok;

	for (unsigned round = 0; round < ROUNDS; round++) {
		echoes[round] = rate(echo, request_binding);
		bindings[round] = rate(ours, request_binding);
		twos[round] = rate(twice, request_introduction);
		introductions[round] = rate(ours, request_introduction);
		coturns[round] = coturn->pid > 0 ? rate(coturn, request_binding) : 0;
	}
	e = median(echoes);
	b = median(bindings);
	t = median(twos);
	i = median(introductions);
	c = median(coturns);
	printf("server, a second of one core: %.0f Binding requests, %.0f introductions; "
	       "echo %.0f, two for one %.0f, coturn %.0f\n",
	       b, i, e, t, c);
	ok = say("Binding requests / echo", b / e, LEAST_OF_ECHO);
	printf("server, introductions (one datagram in, two out) / what sends two for one: %.2f\n", i / t);
	printf("server, introductions / echo: %.2f, of %.2f that two for one are\n", i / e, t / e);
	return compare_with_coturn(b, e, c) && ok;
}

/* Waits until it answers; false if it does not. */
static bool answers(const struct service *s)
{
	for (unsigned tries = 0; tries < 50; tries++) {
		request_binding(tries, s->port);
		if (take_answers())
			return true;
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			return false;
	}
	return false;
}

static int in_the_world(void)
{
	static char *const server[] = { "p2pchat/server", "-q",        "-b",   "10.255.0.1",
		                        "--stun-rate",    "100000000", "5000", NULL };
	static char *const turnserver[] = { "turnserver", "-n", "--no-cli",   "--no-tcp",       "--no-tls",
		                            "--no-dtls",  "-S", "--log-file", "/dev/null",      "--pidfile",
		                            "/run/t.pid", "-p", "3478",       "--listening-ip", "10.255.0.1",
		                            "-m",         "1",  NULL };
	struct service echo = { "echo", ECHO_PORT, 0 }, twice = { "two for one", TWICE_PORT, 0 };
	struct service ours = { "server", SERVER_PORT, 0 }, coturn = { "coturn", COTURN_PORT, 0 };

	/* NOLINTNEXTLINE(cert-env33-c): the words are all its own */
	if (system("ip route add local 10.0.0.0/8 dev lo") != 0)
		return CANNOT_RUN;
	for (uint32_t i = 0; i < SOURCES; i++)
		sources[i].at = endpoint_ipv4(0x0a000001 + i * 256, LOAD_PORT);
	load_fd = udp_open(&load);
	echo.pid = start_bare(ECHO_PORT, answer_alike);
	twice.pid = start_bare(TWICE_PORT, answer_twice);
	ours.pid = start(server);
	coturn.pid = start(turnserver);
	if (load_fd < 0 || !answers(&echo) || !answers(&twice) || !answers(&ours))
		give_up("cannot start");
	if (!answers(&coturn))
		coturn.pid = 0;
	log_everybody_in();
	return compare(&echo, &twice, &ours, &coturn) ? 0 : 1;
}

int main(void)
{
	pid_t pid = sandbox_fork();
	int status = 0;

	if (pid == 0) {
		status = in_the_world();
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0)
		return CANNOT_RUN;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
