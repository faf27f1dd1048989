/*
 * crowd: one host that means harm to a rendezvous server, from all ports of its address at once.
 *
 *     crowd logins SERVER:PORT PORTS         logs in from so many of its 65,535 ports; says how many were let in
 *     crowd junk SERVER:PORT RATE SECONDS    sends so many datagrams a second that mean nothing, as near as it can,
 *                                            until it is told anything, one second's worth at least
 *
 * One raw socket is all ports. Says "begun", and at the end what came of it.
 */
#include "chat/wire.h"
#include "io/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_HEADER 8
#define WINDOW 200u      /* logins begun at a time */
#define PATIENCE_MS 3000 /* of silence: then no answer comes any more */
#define JUNK_STEP_US 500u
#define BATCH 64u
#define PACKET_MAX (UDP_HEADER + WIRE_MAX_DATAGRAM)
#define PORTS 65536u

static int fd;
static struct endpoint server;
static uint8_t state[PORTS]; /* of a login from that port */

enum { NOT_ASKED, ASKED, LET_IN, SENT_AWAY };

static void __attribute__((noreturn)) give_up(const char *why)
{
	fprintf(stderr, "crowd: %s: %s\n", why, strerror(errno));
	exit(1);
}

/* Header and datagram, as a raw socket sends them; returns the length. */
static size_t make_packet(uint16_t port, const uint8_t *bytes, size_t len, uint8_t packet[PACKET_MAX])
{
	const uint16_t header[4] = { htons(port), htons(server.port), htons((uint16_t)(UDP_HEADER + len)), 0 };

	memcpy(packet, header, sizeof header);
	memcpy(packet + UDP_HEADER, bytes, len);
	return UDP_HEADER + len;
}

static socklen_t raw_address(struct sockaddr_storage *to)
{
	struct endpoint at = server;

	at.port = 0;
	return (socklen_t)endpoint_to_sockaddr(&at, to);
}

static bool must_wait(void)
{
	return errno == ENOBUFS || errno == EINTR || errno == EAGAIN;
}

static void send_from(uint16_t port, const uint8_t *bytes, size_t len)
{
	uint8_t packet[PACKET_MAX];
	struct sockaddr_storage to;
	socklen_t to_len = raw_address(&to);
	size_t size = make_packet(port, bytes, len, packet);

	while (sendto(fd, packet, size, 0, (const struct sockaddr *)&to, to_len) < 0)
		if (!must_wait())
			give_up("cannot send");
}

static void say_login(uint16_t port, const struct wire_message *challenge)
{
	struct wire_message m = { .type = WIRE_LOGIN };
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	if (challenge != NULL)
		memcpy(m.cookie, challenge->cookie, sizeof m.cookie);
	memcpy(m.nonce, &port, sizeof port);
	send_from(port, bytes, wire_encode(&m, bytes, sizeof bytes));
}

/* One datagram that came for one of the ports; false if none waits. */
static bool hear(uint16_t *port, struct wire_message *m)
{
	uint8_t packet[2048];
	ssize_t len = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
	size_t ip = (size_t)(packet[0] & 0x0f) * 4;

	if (len < 0)
		return false;
	m->type = 0;
	if ((size_t)len < ip + UDP_HEADER)
		return true;
	*port = (uint16_t)(packet[ip + 2] << 8 | packet[ip + 3]);
	if (wire_decode(packet + ip + UDP_HEADER, (size_t)len - ip - UDP_HEADER, m) != WIRE_OK)
		m->type = 0;
	return true;
}

static void take_answers(void)
{
	struct wire_message m;
	uint16_t port;

	while (hear(&port, &m)) {
		if (m.type == WIRE_CHALLENGE)
			say_login(port, &m);
		else if (m.type == WIRE_WELCOME)
			state[port] = LET_IN;
		else if (m.type == WIRE_DENIED)
			state[port] = SENT_AWAY;
	}
}

static void log_in_from(uint32_t ports)
{
	unsigned count[4] = { 0 };

	for (uint32_t port = 1; port <= ports; port++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		state[port] = ASKED;
		say_login((uint16_t)port, NULL);
		if (port % WINDOW == 0)
			poll(&p, 1, 1);
		take_answers();
	}
	for (struct pollfd p = { .fd = fd, .events = POLLIN }; poll(&p, 1, PATIENCE_MS) > 0;)
		take_answers();
	for (uint32_t port = 1; port <= ports; port++)
		count[state[port]]++;
	printf("%u let in, %u sent away, %u without an answer\n", count[LET_IN], count[SENT_AWAY], count[ASKED]);
}

/* Garbage, and what looks like p2pchat's and like STUN for a while. */
static size_t make_junk(uint32_t i, uint8_t *bytes)
{
	static const uint8_t ours[] = { 'P', '2', 'P', 'C', WIRE_VERSION },
			     stun[] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42 };
	uint32_t dice = i * 2654435761u;

	for (size_t at = 0; at < 64; at++)
		bytes[at] = (uint8_t)(dice >> (at % 24));
	if (i % 3 == 1)
		memcpy(bytes, ours, sizeof ours);
	if (i % 3 == 2)
		memcpy(bytes, stun, sizeof stun);
	return i % 3 == 2 ? 28 : 64;
}

/* The next `count` of them, in one call. Returns how many went. */
static unsigned send_batch(uint32_t first, unsigned count)
{
	static uint8_t packets[BATCH][PACKET_MAX];
	struct mmsghdr headers[BATCH] = { 0 };
	struct iovec parts[BATCH];
	struct sockaddr_storage to;
	socklen_t to_len = raw_address(&to);
	int sent;

	for (uint32_t i = 0; i < count; i++) {
		uint8_t bytes[64];
		size_t len = make_junk(first + i, bytes);

		parts[i].iov_base = packets[i];
		parts[i].iov_len = make_packet((uint16_t)(1024 + (first + i) % 60000), bytes, len, packets[i]);
		headers[i].msg_hdr =
		    (struct msghdr){ .msg_name = &to, .msg_namelen = to_len, .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	sent = sendmmsg(fd, headers, count, 0);
	if (sent < 0 && !must_wait())
		give_up("cannot send");
	return sent > 0 ? (unsigned)sent : 0;
}

static bool told_enough(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void send_junk(unsigned rate, unsigned seconds)
{
	uint64_t start = clock_now_us(), now = start, end = start + seconds * UINT64_C(1000000);
	uint32_t sent = 0;

	for (; now < end && (sent < rate || !told_enough()); now = clock_now_us()) {
		uint64_t due = (now - start) * rate / 1000000;

		if (sent < due)
			sent += send_batch(sent, due - sent < BATCH ? (unsigned)(due - sent) : BATCH);
		else
			usleep(JUNK_STEP_US);
	}
	printf("%u sent, %.0f a second\n", sent, sent * 1e6 / (double)(now - start));
}

static unsigned number(const char *word, unsigned most)
{
	unsigned long value = strtoul(word, NULL, 10);

	return value < most ? (unsigned)value : most;
}

int main(int argc, char **argv)
{
	int room = 1 << 20;
	bool junk = argc == 5 && strcmp(argv[1], "junk") == 0;

	if ((!junk && argc != 4) || endpoint_parse(argv[2], &server) != 0)
		return 2;
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	if (fd < 0)
		give_up("no raw socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	puts("begun");
	fflush(stdout);
	if (junk)
		send_junk(number(argv[3], 1000000), number(argv[4], 3600));
	else
		log_in_from(number(argv[3], PORTS - 1));
	return 0;
}
