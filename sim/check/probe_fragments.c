/* A datagram in two fragments that come in the wrong order: what no socket sends by itself. */
#include "check/probe_packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IP_HEADER_SIZE 20
#define UDP_HEADER_SIZE 8
#define FIRST_SIZE 24 /* of the first fragment, behind its IP header: a multiple of 8 */
#define MORE_FRAGMENTS 0x2000

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The kernel fills in length and checksum. */
static void put_header(uint8_t *ip, const struct endpoint *from, const struct endpoint *to, unsigned id,
                       unsigned fragment)
{
	memset(ip, 0, IP_HEADER_SIZE);
	ip[0] = 0x45;
	put16(ip + 4, id);
	put16(ip + 6, fragment);
	ip[8] = PROBE_TTL;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, from->address.bytes, 4);
	memcpy(ip + 16, to->address.bytes, 4);
}

static bool send_fragment(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = (socklen_t)endpoint_to_sockaddr(to, &sa);

	return sendto(fd, bytes, len, 0, (const struct sockaddr *)&sa, sa_len) == (ssize_t)len;
}

/* `udp`: header and payload. Without a checksum (RFC 768), which would have to be worked out. */
static bool send_parts(int fd, struct endpoint from, struct endpoint to, unsigned id, const uint8_t *udp, size_t len)
{
	uint8_t packet[IP_HEADER_SIZE + UDP_HEADER_SIZE + PROBE_PAYLOAD_SIZE];

	put_header(packet, &from, &to, id, FIRST_SIZE / 8);
	memcpy(packet + IP_HEADER_SIZE, udp + FIRST_SIZE, len - FIRST_SIZE);
	if (!send_fragment(fd, &to, packet, IP_HEADER_SIZE + len - FIRST_SIZE))
		return false;
	put_header(packet, &from, &to, id, MORE_FRAGMENTS);
	memcpy(packet + IP_HEADER_SIZE, udp, FIRST_SIZE);
	return send_fragment(fd, &to, packet, IP_HEADER_SIZE + FIRST_SIZE);
}

int probe_send_reordered(struct probe *p, int from, struct endpoint to)
{
	uint8_t udp[UDP_HEADER_SIZE + PROBE_SEVERAL_PACKETS] = { 0 };
	struct endpoint local = probe_local(p, from);
	int packet = probe_note_packet(p, from, to, PROBE_PAYLOAD_SIZE, udp + UDP_HEADER_SIZE);
	int fd;

	if (probe_failed(p) || !endpoint_is_sendable(&to))
		return packet;
	fd = world_socket(p->world, p->sockets[from].node, AF_INET, SOCK_RAW, IPPROTO_RAW);
	put16(udp, local.port);
	put16(udp + 2, to.port);
	put16(udp + 4, UDP_HEADER_SIZE + PROBE_PAYLOAD_SIZE);
	if (fd < 0 || !send_parts(fd, local, to, (unsigned)packet + 1, udp, UDP_HEADER_SIZE + PROBE_PAYLOAD_SIZE))
		probe_fail(p, "cannot send fragments");
	if (fd >= 0)
		close(fd);
	return packet;
}
