#include "check/probe.h"

#include "check/probe_packet.h"
#include "io/clock.h"
#include "io/tcp_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of what TCP carries only which packet it is. */
#define NUMBER_SIZE 2

#define TCP_HEADER_SIZE 20
#define TCP_FLAGS 13
#define SYN 0x02
#define ACK 0x10

/* --- connections ------------------------------------------------------------------------------- */

/* Without a word to the other end: a connection that ends in the regular way leaves more to wait for. */
static void drop(struct probe_connection *c)
{
	const struct linger now = { .l_onoff = 1 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(c->fd);
	c->fd = -1;
}

static struct probe_connection *add_connection(struct probe *p, int socket, int fd, struct endpoint peer)
{
	struct probe_connection *c = &p->connections[p->connection_count];

	if (p->connection_count == PROBE_CONNECTIONS) {
		errno = ENOBUFS;
		probe_fail(p, "connections");
		close(fd);
		return NULL;
	}
	p->connection_count++;
	if (tcp_socket_send_at_once(fd) != 0)
		probe_fail(p, "cannot send at once");
	*c = (struct probe_connection){ .socket = socket, .fd = fd, .peer = peer, .packet = -1 };
	return c;
}

static struct probe_connection *find_connection(struct probe *p, int socket, const struct endpoint *peer)
{
	for (size_t i = p->connection_count; i-- > 0;) {
		struct probe_connection *c = &p->connections[i];

		if (c->fd >= 0 && c->socket == socket && endpoint_equal(&c->peer, peer))
			return c;
	}
	return NULL;
}

static void send_number(struct probe_connection *c)
{
	uint8_t number[NUMBER_SIZE] = { (uint8_t)((unsigned)c->packet >> 8), (uint8_t)c->packet };

	/* One that was ended meanwhile carries nothing: the packet does not arrive. */
	if (c->packet >= 0 && send(c->fd, number, sizeof number, MSG_NOSIGNAL) < 0)
		drop(c);
	c->packet = -1;
}

static void dial(struct probe *p, int packet)
{
	const struct probe_packet *what = &p->packets[packet];
	const struct probe_socket *from = &p->sockets[what->from];
	struct endpoint local = from->local;
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)probe_to_sockaddr(p, from->node, &what->to, &sa);
	int fd = world_socket(p->world, from->node, probe_domain(p, from->node), SOCK_STREAM, 0);
	struct probe_connection *c;

	if (fd < 0 || tcp_socket_share_port(fd) != 0 || !probe_hear_errors(p, from->node, fd) ||
	    probe_bind(p, from->node, fd, &local) != 0) {
		probe_fail(p, "cannot open a socket");
		if (fd >= 0)
			close(fd);
		return;
	}
	c = add_connection(p, what->from, fd, what->to);
	if (c == NULL)
		return;
	c->packet = packet;
	if (connect(fd, (const struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS)
		drop(c);
}

/* What is dialed again is dialed anew: the kernel would repeat it only after a second. */
void probe_tcp_send(struct probe *p, int packet)
{
	struct probe_connection *c = find_connection(p, p->packets[packet].from, &p->packets[packet].to);

	if (c != NULL && !c->open) {
		drop(c);
		c = NULL;
	}
	if (c == NULL) {
		dial(p, packet);
		return;
	}
	c->packet = packet;
	send_number(c);
}

/* --- what came of it --------------------------------------------------------------------------- */

/* Of one that was dialed: open, refused, or still on its way. */
static void look(struct probe *p, struct probe_connection *c)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof error;

	if (poll(&fd, 1, 0) <= 0)
		return;
	if (tcp_socket_take_icmp(c->fd)) {
		p->sockets[c->socket].refused = true;
		drop(c);
	} else if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		p->sockets[c->socket].reset |= error == ECONNREFUSED;
		drop(c);
	} else {
		c->open = true;
		send_number(c);
	}
}

void probe_tcp_advance(struct probe *p)
{
	for (size_t i = 0; i < p->connection_count && !p->failed; i++)
		if (p->connections[i].fd >= 0 && !p->connections[i].open)
			look(p, &p->connections[i]);
}

static void take_callers(struct probe *p, int socket)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	struct endpoint peer;
	int fd;

	while ((fd = accept4(p->sockets[socket].fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct probe_connection *c;

		len = sizeof sa;
		c = probe_from_sockaddr(p, p->sockets[socket].node, &sa, &peer) == 0
		        ? add_connection(p, socket, fd, peer)
		        : NULL;
		if (c != NULL)
			c->open = true;
	}
}

static void take_numbers(struct probe *p, struct probe_connection *c)
{
	uint8_t bytes[NUMBER_SIZE];
	ssize_t n;

	while ((n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT)) == NUMBER_SIZE) {
		size_t number = (size_t)(bytes[0] << 8 | bytes[1]);

		if (number < p->packet_count)
			probe_note_arrival(p, &p->packets[number], c->socket, c->peer);
		else
			p->payload_changed = true;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN))
		drop(c);
}

/* Only looked for where poll() finds something. */
static void collect_numbers(struct probe *p)
{
	static struct pollfd fds[PROBE_CONNECTIONS];
	static struct probe_connection *of[PROBE_CONNECTIONS];
	size_t count = 0;

	for (size_t i = 0; i < p->connection_count; i++)
		if (p->connections[i].fd >= 0 && p->connections[i].open) {
			fds[count] = (struct pollfd){ .fd = p->connections[i].fd, .events = POLLIN };
			of[count++] = &p->connections[i];
		}
	if (poll(fds, count, 0) < 0) /* poll() takes as many as there may be open, not more */
		probe_fail(p, "poll");
	for (size_t i = 0; i < count; i++)
		if (fds[i].revents != 0)
			take_numbers(p, of[i]);
}

/* Callers first: what they bring may be there already. */
void probe_tcp_collect(struct probe *p)
{
	probe_take_ready(p, take_callers);
	collect_numbers(p);
}

void probe_wait_for_refusal(struct probe *p, int socket, uint64_t until_ms)
{
	struct probe_connection *c = &p->connections[p->connection_count - 1];
	uint64_t now;

	while (!p->failed && c->socket == socket && c->fd >= 0 && !c->open && (now = clock_now_ms()) < until_ms) {
		struct pollfd fd = { .fd = c->fd, .events = POLLOUT };

		(void)poll(&fd, 1, (int)(until_ms - now));
		look(p, c);
	}
}

int probe_watch_syns(struct probe *p, int node)
{
	int watch = p->failed ? -1 : world_socket(p->world, node, probe_domain(p, node), SOCK_RAW, IPPROTO_TCP);

	if (watch < 0)
		probe_fail(p, "cannot watch SYNs");
	return watch;
}

struct endpoint probe_syn_seen(const struct probe *p, int node, int watch, struct endpoint to)
{
	bool shows_header = probe_domain(p, node) == AF_INET; /* a raw socket of IPv6 does not */
	struct endpoint source = { .address.family = ADDRESS_NONE }, from;
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof sa;
	uint8_t packet[256];
	ssize_t n;

	while (watch >= 0 &&
	       (n = recvfrom(watch, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&sa, &sa_len)) > 0) {
		const uint8_t *tcp = packet + (shows_header ? (packet[0] & 15) * 4 : 0);
		bool whole = tcp + TCP_HEADER_SIZE <= packet + n;

		sa_len = sizeof sa;
		if (!whole || (tcp[TCP_FLAGS] & (SYN | ACK)) != SYN || (tcp[2] << 8 | tcp[3]) != to.port ||
		    probe_from_sockaddr(p, node, &sa, &from) != 0)
			continue;
		source = from;
		source.port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	}
	if (watch >= 0)
		close(watch);
	return source;
}

/* It answers nothing by itself from now on, as if what comes to it were still on the way. */
static void keep_silent(struct probe *p, int socket)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	const struct sock_fprog filter = { .len = 1, .filter = &nothing };

	if (!p->failed && setsockopt(p->sockets[socket].fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
		probe_fail(p, "cannot keep a socket silent");
}

struct endpoint probe_call_silent(struct probe *p, int from, int silent)
{
	int watch = probe_watch_syns(p, p->server);

	keep_silent(p, silent);
	(void)probe_send(p, from, probe_local(p, silent));
	probe_fence(p);
	return probe_syn_seen(p, p->server, watch, probe_local(p, silent));
}

void probe_hang_up(struct probe *p, int socket)
{
	for (size_t i = 0; i < p->connection_count; i++)
		if (p->connections[i].fd >= 0 && p->connections[i].socket == socket)
			drop(&p->connections[i]);
}

void probe_tcp_close(struct probe *p)
{
	for (size_t i = 0; i < p->connection_count; i++)
		if (p->connections[i].fd >= 0)
			drop(&p->connections[i]);
	p->connection_count = 0;
}
