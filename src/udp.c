#include "udp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int socket_for(const struct endpoint *e)
{
	int family = e->family == ENDPOINT_IPV6 ? AF_INET6 : AF_INET;

	return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int close_and_fail(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int udp_open(const struct endpoint *at)
{
	struct sockaddr_storage sa;
	size_t len = endpoint_to_sockaddr(at, &sa);
	int fd = socket_for(at);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&sa, (socklen_t)len) != 0)
		return close_and_fail(fd);
	return fd;
}

int udp_local(int fd, struct endpoint *out)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	return endpoint_from_sockaddr(&sa, out);
}

ssize_t udp_receive(int fd, uint8_t *bytes, size_t room, struct endpoint *from)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;
	ssize_t got;

	do {
		got = recvfrom(fd, bytes, room, MSG_TRUNC, (struct sockaddr *)&sa, &len);
	} while (got < 0 && errno == EINTR);
	if (got >= 0 && endpoint_from_sockaddr(&sa, from) != 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return got;
}

int udp_send(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = (socklen_t)endpoint_to_sockaddr(to, &sa);
	ssize_t sent;

	do {
		sent = sendto(fd, bytes, len, 0, (const struct sockaddr *)&sa, sa_len);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int udp_source_for(const struct endpoint *to, struct endpoint *out)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(to, &sa);
	int fd = socket_for(to);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sa, len) != 0 || udp_local(fd, out) != 0)
		return close_and_fail(fd);
	close(fd);
	out->port = 0;
	return 0;
}

/* Cuts "HOST:PORT" in two; a text without a port, or an IPv6 address without brackets, gives `port`. */
static int split(const char *text, char *host, size_t room, uint16_t *port, char *error)
{
	const char *colon = strrchr(text, ':');
	struct endpoint alone;
	size_t len = strlen(text);

	if (*port != 0 && (colon == NULL || endpoint_parse_address(text, *port, &alone) == 0))
		colon = NULL;
	else if (colon == NULL) {
		snprintf(error, UDP_ERROR_SIZE, "no port; write HOST:PORT");
		return -1;
	} else if (endpoint_parse_port(colon + 1, port) != 0) {
		snprintf(error, UDP_ERROR_SIZE, "bad port; it is a number from 1 to 65535");
		return -1;
	} else {
		len = (size_t)(colon - text);
	}
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= room) {
		snprintf(error, UDP_ERROR_SIZE, "bad host name");
		return -1;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

static int look_up(const char *host, int family, uint16_t port, struct endpoint *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	struct sockaddr_storage sa = { 0 };
	int failure = getaddrinfo(host, NULL, &hints, &found);

	if (failure != 0)
		return failure;
	memcpy(&sa, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (endpoint_from_sockaddr(&sa, out) != 0)
		return EAI_FAMILY;
	out->port = port;
	return 0;
}

int udp_resolve(const char *text, uint16_t port, enum endpoint_family family, struct endpoint *out,
                char error[UDP_ERROR_SIZE])
{
	char host[NI_MAXHOST];
	int failure;

	if (split(text, host, sizeof host, &port, error) != 0)
		return -1;
	failure = look_up(host, family == ENDPOINT_IPV6 ? AF_INET6 : AF_INET, port, out);
	if (failure != 0 && family == ENDPOINT_NONE)
		failure = look_up(host, AF_INET6, port, out);
	if (failure == 0)
		return 0;
	snprintf(error, UDP_ERROR_SIZE, "cannot find that host: %s",
	         failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
	return -1;
}
