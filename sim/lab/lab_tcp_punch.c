#include "lab/lab_tcp_punch.h"

#include "io/clock.h"
#include "lab/lab_socket.h"
#include "model/punch_family.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REDIAL_MS 100 /* after a refusal */
#define TICK_MS 1
#define CONNECTIONS 64 /* of one side: what it dialed, and what came in */
#define TOKEN_SIZE 2   /* whose it is, and whether that end was dialed: it comes whole or not at all */
#define WORD_SIZE 19   /* an address: its family, 16 bytes; and a port */

struct connection {
	int fd; /* -1: it came to nothing */
	struct endpoint peer;
	bool dialed, open;
	bool heard;       /* the other's token */
	bool peer_dialed; /* what that says */
};

struct party {
	const struct lab_tcp_puncher *how;
	struct endpoint local;
	int listener;
	int to_server, at_server; /* both ends of its connection to the server */
	bool told, dialed;
	uint64_t told_ms, dial_at_ms;
	struct endpoint target; /* where the server saw the other */
	struct connection connections[CONNECTIONS];
	size_t count;
	struct lab_tcp_end *end;
};

struct punch {
	struct lab *l;
	struct party sides[2];
	int listener; /* the server's */
	double timeout_s;
	uint64_t until_ms;
	enum address_family family;
};

static void start_clock(struct punch *p)
{
	p->until_ms = clock_now_ms() + (uint64_t)(p->timeout_s * 1000);
}

static bool is_over(const struct punch *p)
{
	return clock_now_ms() >= p->until_ms || lab_is_late(p->l);
}

/* --- the server -------------------------------------------------------------------------------- */

/* Where the server sees that host, which is the only one to come just now. 1; 0 if it does not come in time; or -1. */
static int meet(struct punch *p, struct party *s, const struct endpoint *server, char error[LAB_ERROR_SIZE])
{
	const struct endpoint to = punch_family_endpoint(lab_topology(p->l), s->how->host, server);

	s->to_server = lab_tcp_dial(p->l, s->how->host, &s->local, &to, error);
	if (s->to_server < 0)
		return -1;
	s->at_server = lab_tcp_accept(p->l, p->listener, &s->end->seen, p->until_ms);
	return s->at_server >= 0 && lab_tcp_wait_open(p->l, s->to_server, p->until_ms) == LAB_TCP_OPEN;
}

/* The word that starts a host: where the other was seen. */
static void send_word(const struct party *s, const struct endpoint *other)
{
	uint8_t word[WORD_SIZE];

	word[0] = other->address.family;
	memcpy(word + 1, other->address.bytes, sizeof other->address.bytes);
	word[17] = (uint8_t)(other->port >> 8);
	word[18] = (uint8_t)other->port;
	(void)send(s->at_server, word, sizeof word, MSG_NOSIGNAL);
}

static void take_word(const struct punch *p, struct party *s)
{
	struct endpoint other = { 0 };
	uint8_t w[WORD_SIZE];

	if (s->told || recv(s->to_server, w, sizeof w, MSG_DONTWAIT) != WORD_SIZE)
		return;
	s->told = true;
	s->told_ms = clock_now_ms();
	s->dial_at_ms = s->told_ms + (uint64_t)(s->how->late_s * 1000);
	other.address.family = w[0];
	memcpy(other.address.bytes, w + 1, sizeof other.address.bytes);
	other.port = (uint16_t)(w[17] << 8 | w[18]);
	s->target = punch_family_endpoint(lab_topology(p->l), s->how->host, &other);
}

/* --- a host ------------------------------------------------------------------------------------ */

static struct connection *add(struct party *s, int fd, struct endpoint peer, bool dialed)
{
	if (s->count == CONNECTIONS) {
		close(fd);
		return NULL;
	}
	s->connections[s->count] = (struct connection){ .fd = fd, .peer = peer, .dialed = dialed };
	return &s->connections[s->count++];
}

static void greet(const struct punch *p, const struct party *s, struct connection *c)
{
	const uint8_t token[TOKEN_SIZE] = { (uint8_t)(s - p->sides), c->dialed };

	c->open = true;
	(void)send(c->fd, token, sizeof token, MSG_NOSIGNAL);
}

static void take_callers(struct punch *p, struct party *s)
{
	struct pollfd ready = { .fd = s->listener, .events = POLLIN };

	while (poll(&ready, 1, 0) > 0) {
		struct endpoint peer;
		int fd = lab_tcp_accept(p->l, s->listener, &peer, 0);
		struct connection *c = fd >= 0 ? add(s, fd, peer, false) : NULL;

		if (c == NULL)
			return;
		greet(p, s, c);
	}
}

/* One at a time: the kernel repeats the SYN of one that is not answered. */
static bool may_dial(const struct party *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->connections[i].dialed && s->connections[i].fd >= 0)
			return false;
	return !(s->dialed && s->how->once) && clock_now_ms() >= s->dial_at_ms;
}

static void keep_dialing(struct punch *p, struct party *s)
{
	char error[LAB_ERROR_SIZE];
	int fd;

	if (!may_dial(s))
		return;
	s->dialed = true;
	s->dial_at_ms = clock_now_ms() + REDIAL_MS;
	/* Not where the other's call from there was answered before. */
	fd = lab_tcp_dial(p->l, s->how->host, &s->local, &s->target, error);
	if (fd >= 0)
		(void)add(s, fd, s->target, true);
}

static void look(const struct punch *p, struct party *s, struct connection *c)
{
	uint8_t token[TOKEN_SIZE];
	enum lab_tcp_state state = c->open ? LAB_TCP_OPEN : lab_tcp_look(c->fd);

	if (state == LAB_TCP_OPEN && !c->open) {
		greet(p, s, c);
	} else if (state != LAB_TCP_OPEN && state != LAB_TCP_WAITS) {
		close(c->fd);
		c->fd = -1;
		s->end->refused++;
		return;
	}
	if (c->open && !c->heard && recv(c->fd, token, sizeof token, MSG_DONTWAIT) == TOKEN_SIZE &&
	    token[0] != s - p->sides) {
		c->heard = true;
		c->peer_dialed = token[1] != 0;
	}
}

static void work(struct punch *p, struct party *s)
{
	take_word(p, s);
	if (!s->told)
		return;
	take_callers(p, s);
	keep_dialing(p, s);
	for (size_t i = 0; i < s->count; i++)
		if (s->connections[i].fd >= 0)
			look(p, s, &s->connections[i]);
}

/* --- all of it --------------------------------------------------------------------------------- */

/* The two ends of one connection. There is one of each sort at most: dialed by both, by the first, by the second. */
static bool find_pair(struct punch *p, struct connection *pair[2])
{
	struct party *a = &p->sides[0], *b = &p->sides[1];

	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++) {
			struct connection *x = &a->connections[i], *y = &b->connections[k];

			if (!x->heard || !y->heard || x->dialed != y->peer_dialed || y->dialed != x->peer_dialed)
				continue;
			pair[0] = x;
			pair[1] = y;
			return true;
		}
	return false;
}

static void hand_over(struct party *s, struct connection *c)
{
	s->end->peer = c->peer;
	s->end->dialed = c->dialed;
	s->end->fd = c->fd;
	c->fd = -1;
}

static unsigned since_word(const struct punch *p)
{
	uint64_t a = p->sides[0].told_ms, b = p->sides[1].told_ms;

	return (unsigned)(clock_now_ms() - (a < b ? a : b));
}

static int run(struct punch *p, unsigned *ms)
{
	struct connection *pair[2];

	start_clock(p);
	send_word(&p->sides[0], &p->sides[1].end->seen);
	send_word(&p->sides[1], &p->sides[0].end->seen);
	for (; !is_over(p); (void)poll(NULL, 0, TICK_MS)) {
		lab_pump(p->l);
		work(p, &p->sides[0]);
		work(p, &p->sides[1]);
		if (!find_pair(p, pair))
			continue;
		*ms = since_word(p);
		hand_over(&p->sides[0], pair[0]);
		hand_over(&p->sides[1], pair[1]);
		return 1;
	}
	return 0;
}

/* Listens on a host at that port of its own address (0: any, which is then in *local). */
static int open_listener(struct punch *p, int node, uint16_t port, struct endpoint *local, char error[LAB_ERROR_SIZE])
{
	int fd;

	local->address = punch_family_address(lab_topology(p->l), node, p->family);
	local->port = port;
	fd = lab_tcp_listen(p->l, node, local, error);
	if (fd >= 0 && lab_socket_local(fd, local) != 0) {
		lab_socket_fail(error, "listen");
		close(fd);
		return -1;
	}
	return fd;
}

static int come(struct punch *p, struct party *s, const struct endpoint *server, char error[LAB_ERROR_SIZE])
{
	start_clock(p);
	s->listener = open_listener(p, s->how->host, s->how->port, &s->local, error);
	return s->listener >= 0 ? meet(p, s, server, error) : -1;
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void close_all(struct punch *p)
{
	for (int i = 0; i < 2; i++) {
		struct party *s = &p->sides[i];

		for (size_t k = 0; k < s->count; k++)
			close_one(s->connections[k].fd);
		close_one(s->listener);
		close_one(s->to_server);
		close_one(s->at_server);
	}
	close_one(p->listener);
}

/* The world is ready, and there is a family in common: it is known. 0 or -1. */
static int prepare(struct punch *p, const struct lab_tcp_punch *how, char error[LAB_ERROR_SIZE])
{
	const int hosts[2] = { how->sides[0].host, how->sides[1].host };

	if (lab_ready(p->l, error) != 0)
		return -1;
	return punch_family_choose(lab_topology(p->l), hosts, how->server, how->family, &p->family, error);
}

int lab_tcp_punch(struct lab *l, const struct lab_tcp_punch *how, struct lab_tcp_end ends[2], unsigned *ms,
                  char error[LAB_ERROR_SIZE])
{
	struct punch p = { .l = l, .timeout_s = how->timeout_s, .listener = -1 };
	struct endpoint server = { 0 };
	int result = prepare(&p, how, error);

	for (int i = 0; i < 2; i++) {
		ends[i] = (struct lab_tcp_end){ .seen.address.family = ADDRESS_NONE, .fd = -1 };
		p.sides[i] = (struct party){ .how = &how->sides[i], .end = &ends[i] };
		p.sides[i].listener = p.sides[i].to_server = p.sides[i].at_server = -1;
	}
	p.listener = result == 0 ? open_listener(&p, how->server, 0, &server, error) : -1;
	result = p.listener >= 0 ? 1 : -1;
	for (int i = 0; i < 2 && result > 0; i++)
		result = come(&p, &p.sides[i], &server, error);
	if (result > 0)
		result = run(&p, ms);
	close_all(&p);
	return result;
}
