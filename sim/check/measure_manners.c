#include "check/measure.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What happens to what a mapping carries: ICMP errors about it, and datagrams of every size. */

#define IP_HEADER_SIZE 20
#define IPV6_HEADER_SIZE 40
#define UDP_HEADER_SIZE 8
#define ICMP_HEADER_SIZE 8
#define TTL 64
#define ERROR_SIZE_MAX (ICMP_HEADER_SIZE + IPV6_HEADER_SIZE + UDP_HEADER_SIZE)
#define IPV6_HEADER_MORE 20 /* than IPv4's */

/* --- ICMP -------------------------------------------------------------------------------------- */

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The header of a packet that carries as much as a header of UDP. Returns its size. */
static size_t make_ip(uint8_t protocol, const struct endpoint *from, const struct endpoint *to, uint8_t *ip)
{
	ip[0] = 0x45;
	put16(ip + 2, IP_HEADER_SIZE + UDP_HEADER_SIZE);
	ip[8] = TTL;
	ip[9] = protocol;
	memcpy(ip + 12, from->address.bytes, 4);
	memcpy(ip + 16, to->address.bytes, 4);
	put16(ip + 10, checksum(ip, IP_HEADER_SIZE));
	return IP_HEADER_SIZE;
}

static size_t make_ipv6(uint8_t protocol, const struct endpoint *from, const struct endpoint *to, uint8_t *ip)
{
	ip[0] = 0x60;
	put16(ip + 4, UDP_HEADER_SIZE);
	ip[6] = protocol;
	ip[7] = TTL;
	memcpy(ip + 8, from->address.bytes, 16);
	memcpy(ip + 24, to->address.bytes, 16);
	return IPV6_HEADER_SIZE;
}

/*
 * "Port unreachable" (RFC 792, RFC 4443) about a packet from `from` to `to`, as the host of `to` would send it. The
 * kernel fills in ICMPv6's checksum. Returns the size.
 */
static size_t make_port_unreachable(uint8_t protocol, struct endpoint from, struct endpoint to,
                                    uint8_t message[ERROR_SIZE_MAX])
{
	bool is_ipv6 = from.address.family == ADDRESS_IPV6;
	uint8_t *ip = message + ICMP_HEADER_SIZE, *udp;

	memset(message, 0, ERROR_SIZE_MAX);
	message[0] = is_ipv6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH;
	message[1] = is_ipv6 ? ICMP6_DST_UNREACH_NOPORT : ICMP_PORT_UNREACH;
	udp = ip + (is_ipv6 ? make_ipv6(protocol, &from, &to, ip) : make_ip(protocol, &from, &to, ip));
	put16(udp, from.port);
	put16(udp + 2, to.port);
	put16(udp + 4, UDP_HEADER_SIZE);
	if (!is_ipv6)
		put16(message + 2, checksum(message, (size_t)(udp - message) + UDP_HEADER_SIZE));
	return (size_t)(udp - message) + UDP_HEADER_SIZE;
}

static bool send_port_unreachable(const struct probe *p, struct endpoint from, struct endpoint to)
{
	uint8_t message[ERROR_SIZE_MAX];
	size_t size = make_port_unreachable(p->protocol == NAT_TCP ? IPPROTO_TCP : IPPROTO_UDP, from, to, message);
	const struct endpoint host = { .address = from.address }; /* a raw socket of IPv6 wants no port */
	bool is_ipv6 = from.address.family == ADDRESS_IPV6;
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(&host, &sa);
	int fd = world_socket(p->world, p->server, is_ipv6 ? AF_INET6 : AF_INET, SOCK_RAW,
	                      is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	bool sent;

	if (fd < 0)
		return false;
	sent = sendto(fd, message, size, 0, (const struct sockaddr *)&sa, len) == (ssize_t)size;
	close(fd);
	return sent;
}

void measure_icmp(struct probe *p, struct observation *seen)
{
	int s = probe_socket(p, p->hosts[0], 0);
	int remote = p->remote[0][0];
	struct endpoint before = probe_map(p, s, remote);
	struct endpoint after;

	if (!send_port_unreachable(p, before, probe_local(p, remote))) {
		probe_fail(p, "cannot send an ICMP error");
		return;
	}
	probe_fence(p);
	seen->icmp_arrives = probe_take_refusal(p, s);
	seen->survives_icmp = probe_reaches(p, remote, before, s);
	after = probe_map(p, s, remote);
	seen->survives_icmp = seen->survives_icmp && endpoint_equal(&before, &after);
}

/* --- TCP --------------------------------------------------------------------------------------- */

void measure_tcp_icmp(struct probe *p, struct observation *seen)
{
	int s = probe_socket(p, p->hosts[0], 0);
	int remote = p->remote[0][0];
	struct endpoint before = probe_map(p, s, remote);

	if (!send_port_unreachable(p, before, probe_local(p, remote))) {
		probe_fail(p, "cannot send an ICMP error");
		return;
	}
	probe_fence(p);
	seen->survives_icmp =
	    probe_reaches(p, remote, before, s) && probe_reaches(p, s, probe_local(p, remote), remote);
}

/*
 * The inside SYN is out and unanswered when the outside one comes, from where that went. The server's end says nothing
 * of its own, so that it is the box that hears a SYN as the answer to a SYN.
 */
void measure_simultaneous(struct probe *p, struct observation *seen)
{
	int inside = probe_socket(p, p->hosts[0], 0), outside = probe_socket(p, p->server, 0);
	struct endpoint from = probe_call_silent(p, inside, outside);
	int in = probe_send(p, outside, from);

	probe_fence(p);
	probe_fence(p); /* one crosses the links once more than a SYN and its answers */
	seen->simultaneous_seen = from.address.family != ADDRESS_NONE;
	seen->simultaneous = probe_arrived(p, in) != NULL && probe_reaches(p, inside, probe_local(p, outside), outside);
}

/* --- datagrams --------------------------------------------------------------------------------- */

/* One packet each: what programs send most, what the smallest link carries, and so on to the largest there is. */
static const size_t sizes[] = { 300, 576, 900, 1200, 1400, PROBE_ONE_PACKET };
#define SIZES (sizeof sizes / sizeof *sizes)

/* The most of it: a host without IPv4 has a longer header. */
static size_t one_packet(const struct probe *p)
{
	return p->is_translated ? PROBE_ONE_PACKET - IPV6_HEADER_MORE : PROBE_ONE_PACKET;
}

/* A datagram out and one in. */
struct exchange {
	int out, in;
};

static struct exchange exchange(struct probe *p, int s, struct endpoint outside, size_t size)
{
	int remote = p->remote[0][0];

	return (struct exchange){
		.out = probe_send_sized(p, s, probe_local(p, remote), size),
		.in = probe_send_sized(p, remote, outside, size),
	};
}

static bool both_arrived(const struct probe *p, struct exchange e)
{
	return probe_arrived(p, e.out) != NULL && probe_arrived(p, e.in) != NULL;
}

/* The boxes in front of the host, and the internet's router. */
static int routers_before(const struct topology *t, int host)
{
	int count = 1;

	for (int box = t->nodes[host].links[0].behind; box != TOPOLOGY_INTERNET; box = t->nodes[box].links[0].behind)
		count++;
	return count;
}

/* By how much it was less where it arrived; -1 if it did not. */
static int ttl_lost(const struct probe *p, int packet)
{
	const struct probe_packet *arrived = probe_arrived(p, packet);

	return arrived != NULL ? PROBE_TTL - arrived->ttl : -1;
}

static bool fits(struct probe *p, int s, size_t size)
{
	int packet = probe_send_sized(p, s, probe_local(p, p->remote[0][0]), size);

	probe_fence(p);
	return probe_arrived(p, packet) != NULL;
}

/*
 * How long a packet may be that goes out in one piece, found by halves, and whether whoever sends a longer one is told.
 * By a socket of its own: its host keeps what it is told of the way.
 */
static void measure_mtu(struct probe *p, struct observation *seen)
{
	const size_t headers = IP_HEADER_SIZE + UDP_HEADER_SIZE;
	size_t low = sizes[0], most = one_packet(p), high = most;
	int s = probe_socket(p, p->hosts[0], 0);

	probe_forbid_fragments(p, s);
	(void)probe_map(p, s, p->remote[0][0]);
	if (fits(p, s, high))
		low = high;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		if (fits(p, s, middle))
			low = middle;
		else
			high = middle - 1;
	}
	seen->wan_mtu = (unsigned)((low == most ? PROBE_ONE_PACKET : low) + headers);
	seen->too_big_told = probe_take_refusal(p, s);
}

void measure_datagrams(struct probe *p, struct observation *seen)
{
	int s = probe_socket(p, p->hosts[0], 0), in_order = probe_socket(p, p->hosts[0], 0);
	struct endpoint outside = probe_map(p, s, p->remote[0][0]);
	struct endpoint reordered_outside = probe_map(p, in_order, p->remote[0][0]);
	struct exchange several = exchange(p, s, outside, PROBE_SEVERAL_PACKETS);
	struct exchange reordered = {
		.out = probe_send_reordered(p, in_order, probe_local(p, p->remote[0][0])),
		.in = probe_send_reordered(p, p->remote[0][0], reordered_outside),
	};
	struct exchange one[SIZES];
	size_t most = one_packet(p);

	probe_fence(p);
	seen->fragments_pass = both_arrived(p, several);
	seen->reordered_pass = both_arrived(p, reordered);
	measure_mtu(p, seen);
	for (size_t i = 0; i < SIZES; i++)
		one[i] = exchange(p, s, outside, sizes[i] < most ? sizes[i] : most);
	probe_fence(p);
	seen->size_lost = 0;
	for (size_t i = SIZES; i-- > 0;)
		if (!both_arrived(p, one[i]))
			seen->size_lost = (unsigned)sizes[i];
	seen->routers = routers_before(&p->world->topology, p->hosts[0]);
	seen->ttl_lost_out = ttl_lost(p, one[0].out);
	seen->ttl_lost_in = ttl_lost(p, one[0].in);
}
