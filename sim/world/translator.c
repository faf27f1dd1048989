#include "world/translator.h"

#include "io/log.h"
#include "model/topology_ipv6.h"
#include "world/background.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"
#include "world/wiring_names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What may come while the translator has to wait for a processor: some 5,000 packets. In a ring of its own, as of a
 * socket's buffer an ordinary user gets no more than a few dozen.
 */
#define RING_SIZE (8 * 1024 * 1024)
#define FRAME_SIZE (ETH_HLEN + SIIT_MTU)
#define FENCE_MS 60000
#define BATCH 64 /* packets of one box before others get their turn */
#define MAC_SIZE RTNETLINK_MAC_SIZE

struct translated {
	pcap_t *end;
	struct siit siit;
};

struct translator {
	struct translated boxes[TOPOLOGY_NODES];
	size_t count;
	int seats[TRANSLATOR_SEATS];
	long packets;                /* that came */
	long told[TRANSLATOR_SEATS]; /* of them at the fence before */
};

/* To a byte that was sent to a seat. */
struct answer {
	long news;          /* packets since the one before */
	unsigned long lost; /* since the world stands */
};

/* --- packets ----------------------------------------------------------------------------------- */

/* Immediate mode: a packet can be read as soon as its sender has gone on, which is what a fence relies on. */
static pcap_t *open_end(const char *interface)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *end = pcap_create(interface, error);
	int on = 1;

	if (end == NULL) {
		log_error("%s: %s", interface, error);
		return NULL;
	}
	pcap_set_snaplen(end, FRAME_SIZE);
	pcap_set_immediate_mode(end, 1);
	pcap_set_buffer_size(end, RING_SIZE);
	if (pcap_activate(end) < 0 || pcap_setnonblock(end, 1, error) != 0)
		log_error("%s: %s", interface, pcap_geterr(end));
	else if (setsockopt(pcap_fileno(end), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
		log_error("%s: its incoming packets alone: %s", interface, strerror(errno));
	else
		return end;
	pcap_close(end);
	return NULL;
}

/* A full queue of the kernel's is a moment's; what it refuses else is lost, as on any wire. */
static void send_frame(int fd, const uint8_t *frame, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	for (int i = 0; i < BATCH && send(fd, frame, len, 0) < 0; i++) {
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return;
		poll(&p, 1, 1);
	}
}

/* Back to whoever sent it. */
static void give_back(int fd, const uint8_t *came, const struct siit_packet *packet)
{
	uint8_t frame[ETH_HLEN + SIIT_PACKET_SIZE];
	unsigned type = packet->bytes[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;

	memcpy(frame, came + MAC_SIZE, MAC_SIZE);
	memcpy(frame + MAC_SIZE, came, MAC_SIZE);
	frame[ETH_HLEN - 2] = (uint8_t)(type >> 8);
	frame[ETH_HLEN - 1] = (uint8_t)type;
	memcpy(frame + ETH_HLEN, packet->bytes, packet->len);
	send_frame(fd, frame, ETH_HLEN + packet->len);
}

static void translate(u_char *data, const struct pcap_pkthdr *h, const u_char *frame)
{
	struct translated *b = (struct translated *)(void *)data;
	struct siit_packet pieces[SIIT_PIECES];
	size_t count;

	if (h->len <= ETH_HLEN || h->caplen < h->len)
		return;
	count = siit_translate(&b->siit, frame + ETH_HLEN, h->len - ETH_HLEN, pieces);
	for (size_t i = 0; i < count; i++)
		give_back(pcap_fileno(b->end), frame, &pieces[i]);
}

/* Takes at most a batch. Returns how many came. Who cannot hear any more ends, and is missed at the next fence. */
static int serve(struct translator *x, struct translated *b)
{
	int n = pcap_dispatch(b->end, BATCH, translate, (u_char *)b);

	if (n < 0) {
		log_error("what translates for NAT64: %s", pcap_geterr(b->end));
		_exit(1);
	}
	x->packets += n;
	return n;
}

/* How many came faster than they were taken. */
static unsigned long count_lost(const struct translator *x)
{
	unsigned long lost = 0;

	for (size_t i = 0; i < x->count; i++) {
		struct pcap_stat stat;

		if (pcap_stats(x->boxes[i].end, &stat) == 0)
			lost += stat.ps_drop;
	}
	return lost;
}

/* --- the process ------------------------------------------------------------------------------- */

/* Returns false when whoever sat there is gone. */
static bool reply(struct translator *x, int seat)
{
	struct answer a;
	char byte;

	if (recv(x->seats[seat], &byte, 1, 0) != 1)
		return false;
	for (size_t i = 0; i < x->count; i++)
		while (serve(x, &x->boxes[i]) == BATCH)
			continue;
	a = (struct answer){ .news = x->packets - x->told[seat], .lost = count_lost(x) };
	x->told[seat] = x->packets;
	return send(x->seats[seat], &a, sizeof a, MSG_NOSIGNAL) == sizeof a;
}

/* Until the maker of the world is gone. */
static void run(struct translator *x)
{
	struct pollfd polled[TRANSLATOR_SEATS + TOPOLOGY_NODES];

	for (int i = 0; i < TRANSLATOR_SEATS; i++)
		polled[i] = (struct pollfd){ .fd = x->seats[i], .events = POLLIN };
	for (size_t i = 0; i < x->count; i++)
		polled[TRANSLATOR_SEATS + i] =
		    (struct pollfd){ .fd = pcap_get_selectable_fd(x->boxes[i].end), .events = POLLIN };
	for (;;) {
		if (poll(polled, TRANSLATOR_SEATS + x->count, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < x->count; i++)
			if (polled[TRANSLATOR_SEATS + i].revents != 0)
				serve(x, &x->boxes[i]);
		for (int i = 0; i < TRANSLATOR_SEATS; i++)
			if (polled[i].revents != 0 && !reply(x, i)) {
				if (i == TRANSLATOR_MAKER)
					return;
				polled[i].fd = -1;
			}
	}
}

static int open_boxes(struct translator *x, const struct topology *t)
{
	for (int i = 0; i < (int)t->count; i++) {
		struct rtnetlink_interface dev = wiring_nat64_far(i);
		struct translated *b = &x->boxes[x->count];

		if (!topology_has_siit(t, i))
			continue;
		b->end = open_end(dev.name);
		if (b->end == NULL)
			return -1;
		b->siit = topology_siit(t, i);
		x->count++;
	}
	return 0;
}

static void __attribute__((noreturn)) be_translator(const struct topology *t, int netns_fd, const int *seats)
{
	static struct translator x;
	int keep[] = { seats[0], seats[1], netns_fd };
	char byte = 0;

	memcpy(x.seats, seats, sizeof x.seats);
	background_become(keep, sizeof keep / sizeof *keep);
	if (sandbox_enter_netns(netns_fd) != 0) {
		log_error("the links' network namespace: %s", strerror(errno));
		_exit(1);
	}
	if (open_boxes(&x, t) != 0)
		_exit(1);
	if (send(x.seats[TRANSLATOR_MAKER], &byte, 1, MSG_NOSIGNAL) == 1)
		run(&x);
	_exit(0);
}

/* --- who waits for it -------------------------------------------------------------------------- */

static void close_all(const int *fds)
{
	for (int i = 0; i < TRANSLATOR_SEATS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int make_seats(int sockets[TRANSLATOR_SEATS], int seats[TRANSLATOR_SEATS])
{
	int ends[2];

	for (int i = 0; i < TRANSLATOR_SEATS; i++)
		sockets[i] = seats[i] = -1;
	for (int i = 0; i < TRANSLATOR_SEATS; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
			return -1;
		sockets[i] = ends[0];
		seats[i] = ends[1];
	}
	return 0;
}

/* True if an answer of that size came; else errno. */
static bool hear(int socket, void *answer, size_t size)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	ssize_t n = -1;
	int ready;

	do
		ready = poll(&p, 1, FENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready == 1)
		n = recv(socket, answer, size, 0);
	if (n >= 0 || ready == 0)
		errno = ready == 0 ? ETIMEDOUT : EPIPE;
	return n == (ssize_t)size;
}

int translator_start(const struct topology *t, int netns_fd, int sockets[TRANSLATOR_SEATS])
{
	int seats[TRANSLATOR_SEATS];
	char byte;
	pid_t pid;

	if (make_seats(sockets, seats) == 0) {
		pid = background_fork();
		if (pid == 0)
			be_translator(t, netns_fd, seats);
		close_all(seats);
		if (pid > 0 && hear(sockets[TRANSLATOR_MAKER], &byte, 1))
			return 0;
	} else {
		close_all(seats);
	}
	log_error("the translator of NAT64 does not start: %s", strerror(errno));
	close_all(sockets);
	return -1;
}

long translator_fence(int socket, char error[TRANSLATOR_ERROR_SIZE])
{
	struct answer a;
	char byte = 0;

	if (send(socket, &byte, 1, MSG_NOSIGNAL) != 1 || !hear(socket, &a, sizeof a)) {
		snprintf(error, TRANSLATOR_ERROR_SIZE, "what translates for NAT64 died, or does not answer");
		return -1;
	}
	if (a.lost == 0)
		return a.news;
	snprintf(error, TRANSLATOR_ERROR_SIZE,
	         "what translates for NAT64 lost %lu packets that came faster than it could take them", a.lost);
	errno = ENOBUFS;
	return -1;
}
