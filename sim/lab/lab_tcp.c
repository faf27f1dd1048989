#include "lab/lab_tcp.h"

#include "lab/lab_socket.h"

#include "io/tcp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16

const char *lab_tcp_state_name(enum lab_tcp_state state)
{
	switch (state) {
	case LAB_TCP_WAITS: return "timed out";
	case LAB_TCP_OPEN: return "open";
	case LAB_TCP_REFUSED: return "refused";
	case LAB_TCP_UNREACHABLE: return "unreachable";
	case LAB_TCP_ENDED: return "ended";
	case LAB_TCP_RESET: return "reset";
	}
	return "";
}

int lab_tcp_listen(struct lab *l, int node, const struct endpoint *local, char error[LAB_ERROR_SIZE])
{
	int fd = lab_socket_open(l, node, SOCK_STREAM, local, error);

	if (fd < 0 || listen(fd, BACKLOG) == 0)
		return fd;
	lab_socket_fail(error, "listen");
	close(fd);
	return -1;
}

int lab_tcp_accept(struct lab *l, int listener, struct endpoint *peer, uint64_t until_ms)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	int fd;

	if (!lab_socket_wait(l, listener, POLLIN, until_ms))
		return -1;
	fd = accept4(listener, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0 && endpoint_from_sockaddr(&sa, peer) != 0) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		(void)!tcp_socket_send_at_once(fd);
	return fd;
}

/* Why nothing can be sent to there: the family, if the node has none of it, else errno. */
static void tell_why(struct lab *l, int node, const struct endpoint *to, char error[LAB_ERROR_SIZE])
{
	char text[ENDPOINT_TEXT_SIZE];

	if (node != TOPOLOGY_INTERNET && to->address.family == ADDRESS_IPV6 &&
	    lab_topology(l)->nodes[node].ipv6_count == 0) {
		snprintf(error, LAB_ERROR_SIZE,
		         "%s has no IPv6: families=\"46\" gives it some, behind a box with ipv6=",
		         topology_name(lab_topology(l), node));
		return;
	}
	lab_socket_fail(error, endpoint_format(to, text));
}

int lab_tcp_dial(struct lab *l, int node, const struct endpoint *local, const struct endpoint *to,
                 char error[LAB_ERROR_SIZE])
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(to, &sa);
	struct endpoint at = *local;
	int fd;

	if (at.address.family == ADDRESS_NONE)
		at.address.family = to->address.family;
	fd = lab_socket_open(l, node, SOCK_STREAM, &at, error);
	if (fd < 0)
		return -1;
	(void)!tcp_socket_send_at_once(fd);
	if (tcp_socket_tell_icmp(fd, true) == 0 &&
	    (connect(fd, (struct sockaddr *)&sa, len) == 0 || errno == EINPROGRESS))
		return fd;
	tell_why(l, node, to, error);
	close(fd);
	return -1;
}

enum lab_tcp_state lab_tcp_look(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof error;

	if (poll(&p, 1, 0) <= 0)
		return LAB_TCP_WAITS;
	if (tcp_socket_take_icmp(fd))
		return LAB_TCP_UNREACHABLE;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
		return error == ETIMEDOUT ? LAB_TCP_UNREACHABLE : LAB_TCP_REFUSED;
	(void)!tcp_socket_tell_icmp(fd, false); /* on an open connection they are none of its business (RFC 5927) */
	return LAB_TCP_OPEN;
}

enum lab_tcp_state lab_tcp_wait_open(struct lab *l, int fd, uint64_t until_ms)
{
	return lab_socket_wait(l, fd, POLLOUT, until_ms) ? lab_tcp_look(fd) : LAB_TCP_WAITS;
}

enum lab_tcp_state lab_tcp_send(struct lab *l, int fd, const void *bytes, size_t len, uint64_t until_ms)
{
	const char *from = bytes;

	while (len > 0) {
		ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

		if (n > 0) {
			from += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return LAB_TCP_RESET;
		} else if (!lab_socket_wait(l, fd, POLLOUT, until_ms)) {
			return LAB_TCP_WAITS;
		}
	}
	return LAB_TCP_OPEN;
}

size_t lab_tcp_receive(struct lab *l, int fd, void *bytes, size_t size, uint64_t until_ms, enum lab_tcp_state *state)
{
	ssize_t n;

	*state = LAB_TCP_WAITS;
	if (!lab_socket_wait(l, fd, POLLIN, until_ms))
		return 0;
	n = recv(fd, bytes, size, 0);
	if (n > 0)
		return (size_t)n;
	*state = n == 0 ? LAB_TCP_ENDED : errno == EAGAIN ? LAB_TCP_WAITS : LAB_TCP_RESET;
	return 0;
}

void lab_tcp_finish(int fd)
{
	(void)shutdown(fd, SHUT_WR);
}

void lab_tcp_reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}
