#include "observe/tap.h"

#include "world/sandbox.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ethernet header and a VLAN tag. */
#define LINK_OVERHEAD 18

/* What tpacket_rcv() puts before a packet's bytes, and how it aligns (linux/if_packet.h); only to ask for a size. */
#define SLOT_OVERHEAD 80

/* A ring this full when it is drained is about to be too small. */
#define FILLING(slots) ((slots) / 8)

struct sink {
	struct tap *tap;
	struct batch *batch;
	bool twin, failed;
};

/* MAC address and MTU. */
static int look_up(struct tap *t)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };
	int status = -1;

	if (fd < 0)
		return -1;
	memcpy(request.ifr_name, t->interface, sizeof request.ifr_name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) == 0) {
		memcpy(t->mac, request.ifr_hwaddr.sa_data, sizeof t->mac);
		status = ioctl(fd, SIOCGIFMTU, &request);
	}
	t->snap_length = request.ifr_mtu + LINK_OVERHEAD;
	close(fd);
	return status;
}

/*
 * Immediate mode: a packet can be read as soon as its sender has gone on, which is what a flush relies on. It costs a slot
 * of full length for each packet (TPACKET_V2).
 */
static pcap_t *open_ring(const struct tap *t, unsigned slots, char error[TAP_ERROR_SIZE])
{
	char pcap_error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p = pcap_create(t->interface, pcap_error);
	int status;

	if (p == NULL) {
		snprintf(error, TAP_ERROR_SIZE, "%.200s", pcap_error);
		return NULL;
	}
	pcap_set_snaplen(p, t->snap_length);
	pcap_set_immediate_mode(p, 1);
	pcap_set_buffer_size(p, (int)slots * (t->snap_length + SLOT_OVERHEAD));
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(p);
	if (status >= 0 && pcap_setnonblock(p, 1, pcap_error) == 0)
		return p;
	snprintf(error, TAP_ERROR_SIZE, "%.100s: %.120s", pcap_statustostr(status), pcap_geterr(p));
	pcap_close(p);
	return NULL;
}

int tap_open(struct tap *t, int netns_fd, const char *interface, uint32_t number, char error[TAP_ERROR_SIZE])
{
	*t = (struct tap){ .netns_fd = netns_fd, .number = number, .slots = TAP_SLOTS };
	snprintf(t->interface, sizeof t->interface, "%s", interface);
	if (sandbox_enter_netns(netns_fd) != 0 || look_up(t) != 0) {
		snprintf(error, TAP_ERROR_SIZE, "%s", strerror(errno));
		return -1;
	}
	t->pcap = open_ring(t, t->slots, error);
	return t->pcap != NULL ? 0 : -1;
}

void tap_close(struct tap *t)
{
	if (t->pcap != NULL)
		pcap_close(t->pcap);
	if (t->before != NULL)
		pcap_close(t->before);
	t->pcap = t->before = NULL;
}

int tap_fd(const struct tap *t)
{
	return pcap_get_selectable_fd(t->pcap);
}

static void take(u_char *data, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct sink *s = (struct sink *)(void *)data;
	struct pcapng_packet p = {
		.interface = s->tap->number,
		/* with nanosecond precision tv_usec holds nanoseconds */
		.time_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec,
		.bytes = bytes,
		.captured = h->caplen,
		.length = h->len,
		.direction = PCAPNG_INBOUND,
	};

	/* an Ethernet frame's source is its second address */
	if (h->caplen >= 12 && memcmp(bytes + 6, s->tap->mac, sizeof s->tap->mac) == 0)
		p.direction = PCAPNG_OUTBOUND;
	if (batch_add(s->batch, &p, s->twin) != 0) {
		s->failed = true;
		pcap_breakloop(s->tap->pcap);
	}
}

static int drain(struct tap *t, pcap_t *pcap, struct batch *b, bool twin, char error[TAP_ERROR_SIZE])
{
	struct sink sink = { .tap = t, .batch = b, .twin = twin };
	int n = pcap_dispatch(pcap, (int)t->slots, take, (u_char *)(void *)&sink);

	if (sink.failed)
		snprintf(error, TAP_ERROR_SIZE, "%s", strerror(ENOMEM));
	else if (n < 0)
		snprintf(error, TAP_ERROR_SIZE, "%.200s", pcap_geterr(pcap));
	return sink.failed ? -1 : n;
}

int tap_drain(struct tap *t, struct batch *b, bool *moved, char error[TAP_ERROR_SIZE])
{
	(void)moved;
	return drain(t, t->pcap, b, false, error);
}

static int add_statistics(pcap_t *pcap, uint64_t *received, uint64_t *dropped)
{
	struct pcap_stat stat;

	if (pcap == NULL)
		return 0;
	if (pcap_stats(pcap, &stat) != 0)
		return -1;
	*received += stat.ps_recv;
	*dropped += stat.ps_drop;
	return 0;
}

int tap_statistics(const struct tap *t, uint64_t *received, uint64_t *dropped)
{
	*received = *dropped = 0;
	return add_statistics(t->pcap, received, dropped) == 0 ? add_statistics(t->before, received, dropped) : -1;
}
