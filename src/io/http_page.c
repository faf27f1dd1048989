#include "io/http_page.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void http_page_init(struct http_page *h)
{
	h->fd = -1;
	h->next = 0;
	for (unsigned i = 0; i < HTTP_PAGE_CLIENTS; i++)
		h->clients[i].fd = -1;
}

static int listen_at(int fd, const struct endpoint *at)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(at, &sa);
	int on = 1;

	/* A program that is started again must not wait for what the last one has closed. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, (const struct sockaddr *)&sa, len) != 0)
		return -1;
	return listen(fd, HTTP_PAGE_CLIENTS);
}

int http_page_open(struct http_page *h, const struct endpoint *at)
{
	int family = at->address.family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && listen_at(fd, at) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	h->fd = fd;
	return fd >= 0 ? 0 : -1;
}

void http_page_wait_for(const struct http_page *h, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = h->fd, .events = POLLIN };
	for (unsigned i = 0; i < HTTP_PAGE_CLIENTS; i++)
		fds[1 + i] = (struct pollfd){ .fd = h->clients[i].fd, .events = POLLIN };
}

static void leave(struct http_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void take_client(struct http_page *h)
{
	int fd = accept4(h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct http_client *c = &h->clients[h->next];

	if (fd < 0)
		return;
	for (unsigned i = 0; i < HTTP_PAGE_CLIENTS && c->fd >= 0; i++)
		if (h->clients[i].fd < 0)
			c = &h->clients[i];
	if (c->fd >= 0)
		h->next = (h->next + 1) % HTTP_PAGE_CLIENTS;
	leave(c);
	c->fd = fd;
	c->len = 0;
}

/* A part of a request. */
struct request_part {
	const uint8_t *text;
	size_t len; /* bytes */
};

static bool is(struct request_part p, const char *text)
{
	return p.len == strlen(text) && memcmp(p.text, text, p.len) == 0;
}

/* What stands before the first `end`, or all of it; *rest, which may be the same, is what stands behind that. */
static struct request_part take_until(struct request_part p, uint8_t end, struct request_part *rest)
{
	const uint8_t *at = p.len > 0 ? memchr(p.text, end, p.len) : NULL;
	struct request_part taken = p;

	if (at != NULL)
		taken.len = (size_t)(at - p.text);
	rest->text = p.text + taken.len + (at != NULL);
	rest->len = p.len - taken.len - (at != NULL);
	return taken;
}

static bool is_whole(const struct http_client *c)
{
	return memmem(c->head, c->len, "\r\n\r\n", 4) != NULL || memmem(c->head, c->len, "\n\n", 2) != NULL;
}

/* The status line's end, and perhaps a header that belongs to it. A query is of no interest (RFC 9110 section 4.1). */
static const char *judge(struct request_part method, struct request_part target)
{
	struct request_part query, path = take_until(target, '?', &query);

	if (!is(method, "GET") && !is(method, "HEAD"))
		return "405 Method Not Allowed\r\nAllow: GET, HEAD";
	return is(path, "/metrics") || is(path, "/") ? NULL : "404 Not Found";
}

static void answer(struct http_client *c, http_page_writer *write_page, const void *context)
{
	char text[HTTP_PAGE_ROOM + 256], page[HTTP_PAGE_ROOM];
	struct request_part rest = { c->head, c->len }, method = take_until(rest, ' ', &rest);
	const char *fault = judge(method, take_until(rest, ' ', &rest));
	size_t page_len = fault == NULL ? write_page(context, page) : 0;
	int shown = is(method, "HEAD") ? 0 : (int)page_len;
	int len = snprintf(text, sizeof text,
	                   "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n"
	                   "Connection: close\r\n\r\n%.*s",
	                   fault == NULL ? "200 OK" : fault, page_len, shown, page);

	/* What does not go at once is lost with its reader: see HTTP_PAGE_ROOM. */
	if (len > 0 && send(c->fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		errno = 0;
}

static void hear(struct http_client *c, http_page_writer *write_page, const void *context)
{
	ssize_t got = recv(c->fd, c->head + c->len, sizeof c->head - c->len, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (got > 0)
		c->len += (size_t)got;
	if (got > 0 && is_whole(c))
		answer(c, write_page, context);
	else if (got > 0 && c->len < sizeof c->head)
		return;
	leave(c);
}

void http_page_serve(struct http_page *h, const struct pollfd *fds, http_page_writer *write_page, const void *context)
{
	for (unsigned i = 0; i < HTTP_PAGE_CLIENTS; i++)
		if (fds[1 + i].revents != 0 && h->clients[i].fd >= 0)
			hear(&h->clients[i], write_page, context);
	if (fds[0].revents != 0)
		take_client(h);
}

void http_page_close(struct http_page *h)
{
	for (unsigned i = 0; i < HTTP_PAGE_CLIENTS; i++)
		leave(&h->clients[i]);
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}
