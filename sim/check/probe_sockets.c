#include "check/probe_packet.h"

#include "io/tcp_socket.h"
#include "model/topology_ipv6.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16
#define PORT_TRIES 100 /* of some 28,000 ports a few hundred are in use at the most */

/* True of a host that has no IPv4 though it is asked about that. */
static bool is_translated(const struct probe *p, int node)
{
	return p->is_translated && node != p->server;
}

int probe_domain(const struct probe *p, int node)
{
	return p->family == ADDRESS_IPV6 || is_translated(p, node) ? AF_INET6 : AF_INET;
}

size_t probe_to_sockaddr(const struct probe *p, int node, const struct endpoint *e, struct sockaddr_storage *sa)
{
	struct endpoint own = *e;

	if (is_translated(p, node))
		own.address = siit_address(&p->siit, &e->address);
	return endpoint_to_sockaddr(&own, sa);
}

int probe_from_sockaddr(const struct probe *p, int node, const struct sockaddr_storage *sa, struct endpoint *out)
{
	if (endpoint_from_sockaddr(sa, out) != 0)
		return -1;
	if (is_translated(p, node))
		out->address = siit_address(&p->siit, &out->address);
	return 0;
}

int probe_bind(const struct probe *p, int node, int fd, struct endpoint *local)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)probe_to_sockaddr(p, node, local, &sa);
	struct endpoint bound;

	if (bind(fd, (const struct sockaddr *)&sa, len) != 0)
		return -1;
	len = sizeof sa;
	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0 || probe_from_sockaddr(p, node, &sa, &bound) != 0)
		return -1;
	*local = bound;
	return 0;
}

bool probe_set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool probe_hear_errors(const struct probe *p, int node, int fd)
{
	return probe_domain(p, node) == AF_INET6 ? probe_set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
	                                         : probe_set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
}

/* Of a datagram: errors about it, and its TTL. */
static bool tells_all(const struct probe *p, int node, int fd)
{
	bool is_ipv6 = probe_domain(p, node) == AF_INET6;
	int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;

	return probe_hear_errors(p, node, fd) &&
	       probe_set_option(fd, level, is_ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1) &&
	       probe_set_option(fd, level, is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, PROBE_TTL);
}

struct address probe_address(const struct probe *p, int node, size_t n)
{
	const struct topology *t = &p->world->topology;
	struct address list[TOPOLOGY_ADDRESSES] = { { 0 } };

	if (p->family == ADDRESS_IPV4)
		return t->nodes[node].links[0].addresses[n];
	return topology_ipv6_addresses(t, node, 0, list) > n ? list[n] : (struct address){ 0 };
}

int probe_open_socket(struct probe *p, int node, struct address address, uint16_t port)
{
	struct probe_socket *s = &p->sockets[p->socket_count];

	if (p->failed)
		return 0;
	if (p->socket_count == PROBE_SOCKETS) {
		errno = ENOBUFS;
		probe_fail(p, "sockets");
		return 0;
	}
	*s = (struct probe_socket){ .node = node, .local = { address, port } };
	s->fd =
	    world_socket(p->world, node, probe_domain(p, node), p->protocol == NAT_TCP ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (s->fd < 0 || !(p->protocol == NAT_TCP ? tcp_socket_share_port(s->fd) == 0 : tells_all(p, node, s->fd)) ||
	    probe_bind(p, node, s->fd, &s->local) != 0 || (p->protocol == NAT_TCP && listen(s->fd, BACKLOG) != 0)) {
		probe_fail(p, "cannot open a socket");
		if (s->fd >= 0)
			close(s->fd);
		return 0;
	}
	return (int)p->socket_count++;
}

/* Of the hosts' sockets, the first `count`, none has this port, and no packet of theirs was seen with it. */
static bool is_unused(const struct probe *p, uint16_t port, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (p->sockets[i].node != p->server && p->sockets[i].local.port == port)
			return false;
	return !p->port_seen[port];
}

bool probe_port_is_unused(const struct probe *p, uint16_t port)
{
	return is_unused(p, port, p->socket_count);
}

/*
 * A port that the box may have given out already, to another socket, would not be free for this one: what it gets then
 * tells nothing of the box's ways. The kernel picks ports at random, so another one is soon found.
 */
int probe_socket(struct probe *p, int node, uint16_t port)
{
	int s = 0;

	for (int i = 0; i < PORT_TRIES; i++) {
		s = probe_open_socket(p, node, probe_address(p, node, 0), port);
		if (p->failed || port != 0 || is_unused(p, p->sockets[s].local.port, (size_t)s))
			return s;
		close(p->sockets[s].fd);
		p->socket_count--;
	}
	errno = EADDRNOTAVAIL;
	probe_fail(p, "no port is left that the box has not given out");
	return 0;
}

struct endpoint probe_local(const struct probe *p, int socket)
{
	return p->sockets[socket].local;
}

void probe_take_ready(struct probe *p, void (*take)(struct probe *p, int socket))
{
	static struct pollfd fds[PROBE_SOCKETS];

	for (size_t i = 0; i < p->socket_count; i++)
		fds[i] = (struct pollfd){ .fd = p->sockets[i].fd, .events = POLLIN };
	if (poll(fds, p->socket_count, 0) < 0)
		probe_fail(p, "poll");
	for (size_t i = 0; i < p->socket_count; i++)
		if (fds[i].revents != 0)
			take(p, (int)i);
}
