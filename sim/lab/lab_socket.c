#include "lab/lab_socket.h"

#include "io/clock.h"
#include "io/tcp_socket.h"
#include "model/topology_ipv6.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int lab_socket_fail(char error[LAB_ERROR_SIZE], const char *what)
{
	snprintf(error, LAB_ERROR_SIZE, "%s: %s", what, strerror(errno));
	return -1;
}

static bool has_ipv6(const struct topology *t, int node)
{
	return node == TOPOLOGY_INTERNET ? topology_has_ipv6(t) : t->nodes[node].ipv6_count > 0;
}

/* A TCP socket is of one family, unless it is of `both`, and shares its port. 0 or -1. */
static int prepare_stream(int fd, int domain, bool both)
{
	int alone = !both;

	if (domain == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &alone, sizeof alone) != 0)
		return -1;
	return tcp_socket_share_port(fd);
}

int lab_socket_open(struct lab *l, int node, int type, const struct endpoint *local, char error[LAB_ERROR_SIZE])
{
	struct endpoint at = *local;
	bool both = at.address.family == ADDRESS_NONE && has_ipv6(lab_topology(l), node);
	struct sockaddr_storage sa;
	socklen_t len;
	char text[ENDPOINT_TEXT_SIZE];
	int fd;

	if (lab_ready(l, error) != 0)
		return -1;
	if (both)
		at.address.family = ADDRESS_IPV6;
	len = (socklen_t)endpoint_to_sockaddr(&at, &sa);
	fd = world_socket(lab_world(l), node, sa.ss_family, type, 0);
	if (fd < 0)
		return lab_socket_fail(error, "socket");
	if ((type != SOCK_STREAM || prepare_stream(fd, sa.ss_family, both) == 0) &&
	    bind(fd, (struct sockaddr *)&sa, len) == 0)
		return fd;
	lab_socket_fail(error, endpoint_format(&at, text));
	close(fd);
	return -1;
}

/* What the socket's datagrams to there are like from now on. Returns 0 or -1. */
static int prepare(int fd, const struct endpoint *to, const struct lab_sending *how)
{
	static const int discoveries[] = { /* IPV6_PMTUDISC_... are the same */
		                           [LAB_DF_UNTOLD] = IP_PMTUDISC_WANT,
		                           [LAB_DF_SET] = IP_PMTUDISC_DO,
		                           [LAB_DF_CLEAR] = IP_PMTUDISC_DONT
	};
	bool is_ipv6 = to->address.family == ADDRESS_IPV6;
	int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int no_check = how->no_checksum, ttl = how->ttl != 0 ? how->ttl : -1; /* -1: the kernel's */
	int discover = discoveries[how->df];

	return setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &no_check, sizeof no_check) == 0 &&
	               setsockopt(fd, level, is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl, sizeof ttl) == 0 &&
	               setsockopt(fd, level, is_ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover,
	                          sizeof discover) == 0
	           ? 0
	           : -1;
}

/* With at most so many bytes a packet is sent in no more fragments than are counted. */
#define FRAGMENT 1400

/* After a send that failed: true once there is room again, or may be. What is under way is what takes it. */
static bool waits_for_room(struct lab *l, int fd)
{
	char error[LAB_ERROR_SIZE];

	return (errno == EAGAIN || errno == ENOBUFS) && !lab_is_late(l) && lab_catch_up(l, error) == 0 &&
	       lab_socket_wait(l, fd, POLLOUT, UINT64_MAX);
}

int lab_socket_send(struct lab *l, int fd, const struct endpoint *to, const void *bytes, size_t len,
                    const struct lab_sending *how, char error[LAB_ERROR_SIZE])
{
	struct sockaddr_storage sa;
	socklen_t sa_len = (socklen_t)endpoint_to_sockaddr(to, &sa);
	char text[ENDPOINT_TEXT_SIZE], what[ENDPOINT_TEXT_SIZE + 8];

	if (prepare(fd, to, how) != 0)
		return lab_socket_fail(error, "socket");
	do
		if (sendto(fd, bytes, len, 0, (struct sockaddr *)&sa, sa_len) == (ssize_t)len)
			return lab_note_sent(l, 1 + len / FRAGMENT, error);
	while (waits_for_room(l, fd));
	snprintf(what, sizeof what, "send to %s", endpoint_format(to, text));
	return lab_socket_fail(error, what);
}

bool lab_socket_wait(struct lab *l, int fd, short events, uint64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, 1) == 0) {
		if (lab_is_late(l) || clock_now_ms() >= until_ms)
			return false;
		lab_pump(l);
	}
	return true;
}

ssize_t lab_socket_receive(struct lab *l, int fd, void *bytes, size_t size, struct endpoint *from, uint64_t until_ms)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof sa;
	ssize_t len;

	if (!lab_socket_wait(l, fd, POLLIN, until_ms))
		return -1;
	len = recvfrom(fd, bytes, size, 0, (struct sockaddr *)&sa, &sa_len);
	return len >= 0 && endpoint_from_sockaddr(&sa, from) == 0 ? len : -1;
}

int lab_socket_local(int fd, struct endpoint *out)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;

	return getsockname(fd, (struct sockaddr *)&sa, &len) == 0 ? endpoint_from_sockaddr(&sa, out) : -1;
}
