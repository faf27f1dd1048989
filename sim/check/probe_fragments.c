/* A datagram in two fragments that come in the wrong order: what no socket sends by itself. */
#include "check/probe_packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IPV4_HEADER_SIZE 20
#define IPV6_HEADER_SIZE 48 /* with a fragment's */
#define UDP_HEADER_SIZE 8
#define FIRST_SIZE 24 /* of the first fragment, behind its IP header: a multiple of 8 */
#define UDP_SIZE (UDP_HEADER_SIZE + PROBE_PAYLOAD_SIZE)
#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_HEADER 44

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Who sends to whom, as their sockets know it; and the identification. */
struct ends {
	struct endpoint from, to;
	unsigned id;
};

static bool is_ipv6(const struct ends *e)
{
	return e->to.address.family == ADDRESS_IPV6;
}

/* The kernel fills in length and checksum. */
static size_t put_ipv4(uint8_t *ip, const struct ends *e, size_t offset)
{
	memset(ip, 0, IPV4_HEADER_SIZE);
	ip[0] = 0x45;
	put16(ip + 4, e->id);
	put16(ip + 6, offset > 0 ? (unsigned)offset / 8 : MORE_FRAGMENTS);
	ip[8] = PROBE_TTL;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, e->from.address.bytes, 4);
	memcpy(ip + 16, e->to.address.bytes, 4);
	return IPV4_HEADER_SIZE;
}

static size_t put_ipv6(uint8_t *ip, const struct ends *e, size_t offset, size_t len)
{
	memset(ip, 0, IPV6_HEADER_SIZE);
	ip[0] = 0x60;
	put16(ip + 4, (unsigned)len + 8);
	ip[6] = FRAGMENT_HEADER;
	ip[7] = PROBE_TTL;
	memcpy(ip + 8, e->from.address.bytes, 16);
	memcpy(ip + 24, e->to.address.bytes, 16);
	ip[40] = IPPROTO_UDP;
	put16(ip + 42, offset > 0 ? (unsigned)offset : 1);
	put16(ip + 46, e->id);
	return IPV6_HEADER_SIZE;
}

static bool send_fragment(int fd, const struct ends *e, const uint8_t *udp, size_t offset, size_t len)
{
	uint8_t packet[IPV6_HEADER_SIZE + UDP_SIZE];
	size_t header = is_ipv6(e) ? put_ipv6(packet, e, offset, len) : put_ipv4(packet, e, offset);
	struct endpoint to = { .address = e->to.address };
	struct sockaddr_storage sa;
	socklen_t sa_len = (socklen_t)endpoint_to_sockaddr(&to, &sa);

	memcpy(packet + header, udp + offset, len);
	return sendto(fd, packet, header + len, 0, (const struct sockaddr *)&sa, sa_len) == (ssize_t)(header + len);
}

static uint32_t sum_of(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	return sum;
}

/* A datagram without one (RFC 768) is none of IPv6, and cannot become one (RFC 7915 §4.5). */
static void put_checksum(const struct ends *e, uint8_t udp[UDP_SIZE])
{
	uint32_t sum = IPPROTO_UDP + UDP_SIZE + sum_of(udp, UDP_SIZE) + sum_of(e->from.address.bytes, 16) +
	               sum_of(e->to.address.bytes, 16);

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(udp + 6, sum == 0xffff ? 0xffff : ~sum & 0xffff); /* zero would say that there is none */
}

/* As the node's sockets know it. */
static struct endpoint own_endpoint(const struct probe *p, int node, struct endpoint e)
{
	struct sockaddr_storage sa;

	return probe_to_sockaddr(p, node, &e, &sa) > 0 && endpoint_from_sockaddr(&sa, &e) == 0 ? e
	                                                                                       : (struct endpoint){ 0 };
}

int probe_send_reordered(struct probe *p, int from, struct endpoint to)
{
	uint8_t udp[UDP_HEADER_SIZE + PROBE_SEVERAL_PACKETS] = { 0 };
	int node = p->sockets[from].node;
	int packet = probe_note_packet(p, from, to, PROBE_PAYLOAD_SIZE, udp + UDP_HEADER_SIZE);
	struct ends e = { own_endpoint(p, node, probe_local(p, from)), own_endpoint(p, node, to),
		          (unsigned)packet + 1 };
	int fd;

	if (probe_failed(p) || !endpoint_is_sendable(&to))
		return packet;
	fd = world_socket(p->world, node, probe_domain(p, node), SOCK_RAW, IPPROTO_RAW);
	put16(udp, e.from.port);
	put16(udp + 2, e.to.port);
	put16(udp + 4, UDP_SIZE);
	put_checksum(&e, udp);
	if (fd < 0 || !send_fragment(fd, &e, udp, FIRST_SIZE, UDP_SIZE - FIRST_SIZE) ||
	    !send_fragment(fd, &e, udp, 0, FIRST_SIZE))
		probe_fail(p, "cannot send fragments");
	if (fd >= 0)
		close(fd);
	return packet;
}
