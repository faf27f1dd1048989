#include "check/probe.h"

#include "check/probe_packet.h"

#include "io/log.h"
#include "model/topology_ipv6.h"
#include "world/ordering.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PORT 3478 /* STUN's, and the next */
#define PEER_PORT 4000  /* what programs under test often have, and the next */
#define NAME_SERVER_PORT 53
#define MAP_TRIES 3

void probe_fail(struct probe *p, const char *what)
{
	if (!p->failed)
		log_error("measuring a box: %s: %s", what, strerror(errno));
	p->failed = true;
}

bool probe_failed(const struct probe *p)
{
	return p->failed;
}

/* --- the fence --------------------------------------------------------------------------------- */

/* On the processor where packets are received a fence takes a few microseconds (ordering.h). */
static void open_fence(struct probe *p)
{
	/* From end to end without a hairpin; what that makes the other end send; and what that makes this one send. */
	p->links = topology_longest_way(&p->world->topology) / 2 * 3;
	if (ordering_join() != 0 || fence_open(&p->fence) != 0)
		probe_fail(p, "no fence");
}

/* --- packets ----------------------------------------------------------------------------------- */

#define TO_AT 8 /* where in a payload the endpoint stands that a packet is sent to */

static uint8_t *put_endpoint(uint8_t *at, const struct endpoint *e)
{
	unsigned size = address_size(&e->address);

	memcpy(at, e->address.bytes, size);
	at[size] = (uint8_t)(e->port >> 8);
	at[size + 1] = (uint8_t)e->port;
	return at + size + 2;
}

/*
 * The number, and the very addresses a box must not touch in a payload (RFC 4787 REQ-10): both inside's and outside's.
 */
static void make_payload(const struct probe *p, size_t number, uint8_t payload[PROBE_SEVERAL_PACKETS])
{
	const struct probe_packet *packet = &p->packets[number];
	uint8_t *at = payload;

	memset(payload, 0x5a, packet->size);
	*at++ = (uint8_t)(number >> 8);
	*at++ = (uint8_t)number;
	at = put_endpoint(at, &p->sockets[packet->from].local);
	put_endpoint(at, &packet->to);
}

/* An ICMP error that came meanwhile is reported by the next call, once, instead of sending. */
static void send_payload(struct probe *p, int from, const uint8_t *payload, size_t size, struct endpoint to)
{
	int fd = p->sockets[from].fd;
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)probe_to_sockaddr(p, p->sockets[from].node, &to, &sa);

	if (sendto(fd, payload, size, 0, (const struct sockaddr *)&sa, len) < 0 &&
	    sendto(fd, payload, size, 0, (const struct sockaddr *)&sa, len) < 0 && errno != EMSGSIZE)
		probe_fail(p, "cannot send");
}

int probe_note_packet(struct probe *p, int from, struct endpoint to, size_t size,
                      uint8_t payload[PROBE_SEVERAL_PACKETS])
{
	if (p->packet_count == PROBE_PACKETS) {
		errno = ENOBUFS;
		probe_fail(p, "packets");
	}
	if (p->failed)
		return 0;
	p->packets[p->packet_count] = (struct probe_packet){ .from = from, .to = to, .size = size, .arrived_at = -1 };
	make_payload(p, p->packet_count, payload);
	return (int)p->packet_count++;
}

int probe_send_sized(struct probe *p, int from, struct endpoint to, size_t size)
{
	uint8_t payload[PROBE_SEVERAL_PACKETS];
	int packet = probe_note_packet(p, from, to, size, payload);

	if (p->failed || !endpoint_is_sendable(&to))
		return packet;
	if (p->protocol == NAT_TCP)
		probe_tcp_send(p, packet);
	else
		send_payload(p, from, payload, size, to);
	return packet;
}

void probe_forbid_fragments(struct probe *p, int socket)
{
	const struct probe_socket *s = &p->sockets[socket];
	bool is_ipv6 = probe_domain(p, s->node) == AF_INET6;

	if (!p->failed && !(is_ipv6 ? probe_set_option(s->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE) &&
	                                  probe_set_option(s->fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1)
	                            : probe_set_option(s->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)))
		probe_fail(p, "cannot forbid fragments");
}

int probe_send(struct probe *p, int from, struct endpoint to)
{
	return probe_send_sized(p, from, to, p->family == ADDRESS_IPV6 ? PROBE_IPV6_PAYLOAD_SIZE : PROBE_PAYLOAD_SIZE);
}

/* The TTL that came with a packet, or 0. */
static int ttl_of(struct msghdr *message)
{
	int ttl = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
	return ttl;
}

/* Where what a host sent came from, as the server saw it. */
static void note_outside(struct probe *p, int node, const struct address *a)
{
	size_t host = node == p->hosts[0] ? 0 : 1;
	size_t i = 0;

	while (i < p->outside_count[host] && !address_equal(&p->outside[host][i], a))
		i++;
	if (i == p->outside_count[host] && i < PROBE_OUTSIDE)
		p->outside[host][p->outside_count[host]++] = *a;
}

void probe_note_arrival(struct probe *p, struct probe_packet *packet, int at, struct endpoint source)
{
	packet->arrived_at = at;
	packet->source = source;
	if (p->sockets[packet->from].node == p->server)
		return;
	p->port_seen[source.port] = true;
	if (p->sockets[at].node == p->server)
		note_outside(p, p->sockets[packet->from].node, &source.address);
}

/* That very address is what a box replaces that knows no better (RFC 4787 REQ-10). */
static bool is_clobbered(const struct probe *p, int at, const struct probe_packet *packet, const uint8_t *bytes,
                         uint8_t *sent)
{
	memcpy(sent + TO_AT, p->sockets[at].local.address.bytes, 4);
	return p->sockets[packet->from].node == p->server && memcmp(bytes, sent, packet->size) == 0;
}

/* `message` is as recvmsg() left it. */
static void take_packet(struct probe *p, int at, const uint8_t *bytes, size_t len, struct msghdr *message)
{
	uint8_t sent[PROBE_SEVERAL_PACKETS];
	size_t number = len < 2 ? SIZE_MAX : (size_t)(bytes[0] << 8 | bytes[1]);
	struct probe_packet *packet = &p->packets[number < p->packet_count ? number : 0];
	struct endpoint source = { 0 };

	if (number >= p->packet_count) {
		p->payload_changed = true;
		return;
	}
	make_payload(p, number, sent);
	if (len == packet->size && memcmp(bytes, sent, len) != 0 && is_clobbered(p, at, packet, bytes, sent))
		p->payload_clobbered = true;
	else if (len != packet->size || memcmp(bytes, sent, len) != 0)
		p->payload_changed = true;
	packet->ttl = ttl_of(message);
	if (probe_from_sockaddr(p, p->sockets[at].node, message->msg_name, &source) != 0)
		probe_fail(p, "source address");
	probe_note_arrival(p, packet, at, source);
}

static void drain_socket(struct probe *p, int socket)
{
	uint8_t bytes[PROBE_SEVERAL_PACKETS + 1];
	struct sockaddr_storage from;
	ssize_t n;
	char control[512];
	struct iovec room = { bytes, sizeof bytes };
	const struct msghdr empty = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &room,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	struct msghdr message = empty;
	int fd = p->sockets[socket].fd;

	while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
		p->sockets[socket].refused = true;
		message = empty;
	}
	message = empty;
	/* A pending error comes out of the first call and is not the end. */
	while ((n = recvmsg(fd, &message, 0)) >= 0 || errno != EAGAIN) {
		if (n >= 0)
			take_packet(p, socket, bytes, (size_t)n, &message);
		message = empty;
	}
}

/* Whatever has been translated goes on, and may come to be again. */
static void wait_for_translator(struct probe *p)
{
	char error[TRANSLATOR_ERROR_SIZE];
	long news = 1;

	for (unsigned i = 0; i < p->links && !p->failed && news > 0; i++) {
		if (fence_wait(&p->fence, p->links) != 0)
			probe_fail(p, "a fence did not come back");
		news = translator_fence(p->world->translator[TRANSLATOR_MAKER], error);
		if (news < 0)
			probe_fail(p, error);
	}
}

static void wait_for_all(struct probe *p)
{
	if (p->world->translator[TRANSLATOR_MAKER] >= 0)
		wait_for_translator(p);
	if (!p->failed && fence_wait(&p->fence, p->links) != 0)
		probe_fail(p, "a fence did not come back");
}

/* What TCP carries goes once there is a connection. */
void probe_fence(struct probe *p)
{
	wait_for_all(p);
	if (p->protocol == NAT_TCP) {
		probe_tcp_advance(p);
		wait_for_all(p);
		probe_tcp_collect(p);
	} else {
		probe_take_ready(p, drain_socket);
	}
}

const struct probe_packet *probe_arrived(const struct probe *p, int packet)
{
	return !p->failed && p->packets[packet].arrived_at >= 0 ? &p->packets[packet] : NULL;
}

struct endpoint probe_map(struct probe *p, int from, int remote)
{
	for (int i = 0; i < MAP_TRIES; i++) {
		int packet = probe_send(p, from, p->sockets[remote].local);
		const struct probe_packet *arrived;

		probe_fence(p);
		arrived = probe_arrived(p, packet);
		if (arrived != NULL)
			return arrived->source;
	}
	return (struct endpoint){ .address.family = ADDRESS_NONE };
}

bool probe_reaches(struct probe *p, int from, struct endpoint to, int at)
{
	int packet;

	if (to.address.family == ADDRESS_NONE)
		return false;
	packet = probe_send(p, from, to);
	probe_fence(p);
	return !p->failed && p->packets[packet].arrived_at == at;
}

struct endpoint probe_outside(const struct probe *p)
{
	const struct topology *t = &p->world->topology;
	int front = topology_ipv6_realm(t, t->nodes[p->hosts[0]].links[0].behind);
	struct address list[TOPOLOGY_ADDRESSES];

	if (p->family == ADDRESS_IPV6 && topology_ipv6_outside(t, p->hosts[0], 0, list) > 0)
		return (struct endpoint){ list[0], 0 };
	if (p->family == ADDRESS_IPV6)
		return (struct endpoint){ probe_address(p, front >= 0 ? front : p->hosts[0], 0), 0 };
	return (struct endpoint){ topology_public_address(&p->world->topology, p->hosts[0]), 0 };
}

bool probe_take_refusal(struct probe *p, int socket)
{
	bool refused = p->sockets[socket].refused;

	p->sockets[socket].refused = false;
	return refused;
}

bool probe_take_reset(struct probe *p, int socket)
{
	bool reset = p->sockets[socket].reset;

	p->sockets[socket].reset = false;
	return reset;
}

/* --- beginning and end ------------------------------------------------------------------------- */

static void open_remotes(struct probe *p)
{
	for (size_t a = 0; a < PROBE_ADDRESSES; a++)
		for (size_t i = 0; i < PROBE_PORTS; i++) {
			size_t port = (a == PROBE_PEER ? PEER_PORT : FIRST_PORT) + i;

			p->remote[a][i] =
			    probe_open_socket(p, p->server, probe_address(p, p->server, a), (uint16_t)port);
		}
	p->name_server = probe_open_socket(p, p->server, probe_address(p, p->server, 0), NAME_SERVER_PORT);
}

int probe_open(struct probe *p, const struct world *w, enum nat_protocol protocol, enum address_family family,
               int server, const int *hosts, size_t host_count)
{
	int front;

	p->world = w;
	p->protocol = protocol;
	p->family = family;
	p->connection_count = 0;
	p->server = server;
	p->host_count = host_count;
	p->socket_count = 0;
	p->packet_count = 0;
	p->payload_changed = p->payload_clobbered = false;
	memset(p->port_seen, 0, sizeof p->port_seen);
	memset(p->outside_count, 0, sizeof p->outside_count);
	p->fence.fd = -1;
	p->failed = false;
	for (size_t i = 0; i < host_count; i++)
		p->hosts[i] = hosts[i];
	front = w->topology.nodes[hosts[0]].links[0].behind;
	p->is_translated = family == ADDRESS_IPV4 && topology_is_nat64(&w->topology, front);
	if (p->is_translated)
		p->siit = topology_siit(&w->topology, front);
	open_remotes(p);
	open_fence(p);
	return p->failed ? -1 : 0;
}

void probe_close(struct probe *p)
{
	for (size_t i = 0; i < p->socket_count; i++)
		close(p->sockets[i].fd);
	p->socket_count = 0;
	probe_tcp_close(p);
	fence_close(&p->fence);
}
