#include "stun_streams.h"

#include "io/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
#define ACCEPTS 16 /* in one turn of the loop: datagrams are to get theirs */

/* As the datagrams' sockets: one of IPv6 is of that alone. Returns the descriptor or -1 and errno. */
static int listen_at(const struct endpoint *at)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(at, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, saved;

	if (fd < 0)
		return -1;
	/* A server that is started again must not wait for what the last one has closed. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    (sa.ss_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
	    bind(fd, (const struct sockaddr *)&sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

void stun_streams_open(struct stun_streams *s, const struct listeners *where)
{
	char text[ENDPOINT_TEXT_SIZE];

	s->listener_count = s->client_count = s->places_used = 0;
	for (unsigned i = 0; i < where->count; i++) {
		int fd = listen_at(&where->list[i].local);

		if (fd < 0)
			log_warning("no STUN over TCP on %s: %s", endpoint_format(&where->list[i].local, text),
			            strerror(errno));
		else
			s->listeners[s->listener_count++] = (struct stun_stream_listener){ fd, where->list[i].stun };
	}
}

unsigned stun_streams_wait_for(const struct stun_streams *s, struct pollfd *fds)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->listener_count; i++)
		fds[count++] = (struct pollfd){ .fd = s->listeners[i].fd, .events = POLLIN };
	for (unsigned i = 0; i < s->places_used && s->client_count > 0; i++)
		if (s->clients[i].fd >= 0)
			fds[count++] = (struct pollfd){ .fd = s->clients[i].fd, .events = POLLIN };
	return count;
}

static const struct stun_stream_client *longest_silent(const struct stun_streams *s)
{
	const struct stun_stream_client *found = NULL;

	for (unsigned i = 0; i < s->places_used && s->client_count > 0; i++)
		if (s->clients[i].fd >= 0 && (found == NULL || s->clients[i].heard_ms < found->heard_ms))
			found = &s->clients[i];
	return found;
}

uint64_t stun_streams_deadline_ms(const struct stun_streams *s)
{
	const struct stun_stream_client *c = longest_silent(s);

	return c != NULL ? c->heard_ms + STUN_STREAMS_IDLE_MS : UINT64_MAX;
}

static void leave(struct stun_streams *s, struct stun_stream_client *c)
{
	close(c->fd);
	c->fd = -1;
	s->client_count--;
}

static unsigned connections_of(const struct stun_streams *s, const struct endpoint *who)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->places_used; i++)
		count += s->clients[i].fd >= 0 && endpoint_same_address(&s->clients[i].peer, who);
	return count;
}

/* A free place, made free if need be. */
static struct stun_stream_client *make_room(struct stun_streams *s)
{
	struct stun_stream_client *c = s->clients;

	if (s->client_count == STUN_STREAMS_CLIENTS) {
		c = &s->clients[longest_silent(s) - s->clients];
		leave(s, c);
		return c;
	}
	if (s->client_count == s->places_used)
		return &s->clients[s->places_used++];
	while (c->fd >= 0)
		c++;
	return c;
}

/* Returns false if nobody was there. */
static bool take_one(struct stun_streams *s, const struct stun_stream_listener *l, uint64_t now_ms)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	struct endpoint peer;
	struct stun_stream_client *c;
	int fd = accept4(l->fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	if (endpoint_from_sockaddr(&sa, &peer) != 0 || connections_of(s, &peer) >= STUN_STREAMS_EACH) {
		close(fd);
		return true;
	}
	c = make_room(s);
	*c = (struct stun_stream_client){ .fd = fd, .stun = l->stun, .peer = peer, .heard_ms = now_ms };
	s->client_count++;
	return true;
}

/* One whole request. What does not go at once is lost with its reader. Returns false if the connection is to end. */
static bool answer(struct stun_stream_client *c, size_t len, struct stun_service *service, uint64_t now_ms)
{
	struct stun_reply reply;

	c->heard_ms = now_ms;
	if (!stun_service_receive_stream(service, c->stun, &c->peer, c->bytes, len, now_ms, &reply))
		return false;
	return send(c->fd, reply.bytes, reply.len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)reply.len;
}

static bool answer_all(struct stun_stream_client *c, struct stun_service *service, uint64_t now_ms)
{
	ssize_t size;

	while ((size = stun_frame_size(c->bytes, c->len)) > 0 && (size_t)size <= c->len) {
		if (!answer(c, (size_t)size, service, now_ms))
			return false;
		c->len -= (size_t)size;
		memmove(c->bytes, c->bytes + size, c->len);
	}
	return size >= 0 && (size_t)size <= sizeof c->bytes;
}

static void hear(struct stun_streams *s, struct stun_stream_client *c, struct stun_service *service, uint64_t now_ms)
{
	ssize_t got = recv(c->fd, c->bytes + c->len, sizeof c->bytes - c->len, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (got > 0)
		c->len += (size_t)got;
	if (got <= 0 || !answer_all(c, service, now_ms))
		leave(s, c);
}

static struct stun_stream_client *find_client(struct stun_streams *s, int fd)
{
	for (unsigned i = 0; i < s->places_used; i++)
		if (s->clients[i].fd == fd)
			return &s->clients[i];
	return NULL;
}

static void end_silent(struct stun_streams *s, uint64_t now_ms)
{
	const struct stun_stream_client *c;

	while ((c = longest_silent(s)) != NULL && now_ms - c->heard_ms >= STUN_STREAMS_IDLE_MS)
		leave(s, &s->clients[c - s->clients]);
}

void stun_streams_serve(struct stun_streams *s, const struct pollfd *fds, struct stun_service *service, uint64_t now_ms)
{
	unsigned count = s->listener_count + s->client_count;

	for (unsigned i = s->listener_count; i < count; i++) {
		struct stun_stream_client *c = fds[i].revents != 0 ? find_client(s, fds[i].fd) : NULL;

		if (c != NULL)
			hear(s, c, service, now_ms);
	}
	for (unsigned i = 0; i < s->listener_count; i++)
		for (unsigned k = 0; k < ACCEPTS && fds[i].revents != 0 && take_one(s, &s->listeners[i], now_ms); k++)
			continue;
	end_silent(s, now_ms);
}

void stun_streams_close(struct stun_streams *s)
{
	for (unsigned i = 0; i < s->places_used; i++)
		if (s->clients[i].fd >= 0)
			leave(s, &s->clients[i]);
	for (unsigned i = 0; i < s->listener_count; i++)
		close(s->listeners[i].fd);
	s->listener_count = 0;
}
