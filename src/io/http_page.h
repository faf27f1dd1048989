/*
 * One page over HTTP/1.0, for whoever watches the program: a request in, the page out, the connection closed. A loop's
 * part, not a server of its own: nothing here waits, and who dawdles gives way to who comes next. (A library for HTTP
 * would bring threads or a loop of its own, for one answer.)
 */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include "base/endpoint.h"

#include <poll.h>

#define HTTP_PAGE_CLIENTS 4
#define HTTP_PAGE_FDS (1 + HTTP_PAGE_CLIENTS)
#define HTTP_PAGE_HEAD 1024 /* bytes of a request */
#define HTTP_PAGE_ROOM 8192 /* bytes of the page: a socket takes that much without waiting */

struct http_page {
	int fd; /* -1: there is none */
	struct http_client {
		int fd; /* -1: none */
		size_t len;
		uint8_t head[HTTP_PAGE_HEAD];
	} clients[HTTP_PAGE_CLIENTS];
	unsigned next; /* who gives way */
};

/* No page. */
void http_page_init(struct http_page *h);

/* Listens there. Returns 0, or -1 and errno. */
int http_page_open(struct http_page *h, const struct endpoint *at) __attribute__((warn_unused_result));

/* What to wait for: HTTP_PAGE_FDS places, those not needed with fd -1. */
void http_page_wait_for(const struct http_page *h, struct pollfd *fds);

/* Writes the page to `text`, of HTTP_PAGE_ROOM bytes; returns its length. */
typedef size_t http_page_writer(const void *context, char *text);

/* Does what these have come to. */
void http_page_serve(struct http_page *h, const struct pollfd *fds, http_page_writer *write_page, const void *context);

void http_page_close(struct http_page *h);

#endif
