#include <linux/filter.h>

#include "observe/link_capture.h"

#include "world/sandbox.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ethernet header and a VLAN tag. */
#define LINK_OVERHEAD 18

/* Slots of a ring that is meant for a flow at full speed. */
#define LARGE 4096

static int fail(struct link_capture *t, const char *why)
{
	snprintf(t->error, sizeof t->error, "%.200s", why);
	return -1;
}

/* --- opening --------------------------------------------------------------------------------- */

/* MAC address and MTU. */
static int look_up(struct link_capture *t, int *mtu)
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
	*mtu = request.ifr_mtu;
	close(fd);
	return status;
}

/*
 * Immediate mode: a packet can be read as soon as its sender has gone on, which is what a flush relies on. It costs a
 * slot of full length for each packet (TPACKET_V2).
 */
static pcap_t *open_ring(struct link_capture *t, int mtu)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p = pcap_create(t->interface, error);
	int status;

	if (p == NULL) {
		fail(t, error);
		return NULL;
	}
	pcap_set_snaplen(p, mtu + LINK_OVERHEAD);
	pcap_set_immediate_mode(p, 1);
	pcap_set_buffer_size(p, (int)(t->slots * LINK_CAPTURE_SLOT_SIZE));
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(p);
	if (status >= 0 && pcap_setnonblock(p, 1, error) == 0)
		return p;
	snprintf(t->error, sizeof t->error, "%.100s: %.120s", pcap_statustostr(status), pcap_geterr(p));
	pcap_close(p);
	return NULL;
}

/* Writes to every page of the mapping without changing it: the kernel may be storing a packet there just now. */
static void touch(uintptr_t from, uintptr_t to)
{
	for (uintptr_t at = from; at < to; at += (uintptr_t)sysconf(_SC_PAGESIZE))
		__atomic_fetch_or((volatile char *)at, 0, __ATOMIC_RELAXED);
}

/*
 * On a virtual machine a page's first use can cost ten microseconds, so much that the first pass over a large ring is
 * too slow for the flow it was wanted for. libpcap does not tell where the ring is; the kernel does ("7f00-7fff rw-s
 * ... socket:[123]").
 */
static void touch_ring(pcap_t *p)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct stat ring;
	char name[64], line[512];

	if (maps == NULL)
		return;
	if (fstat(pcap_fileno(p), &ring) == 0)
		snprintf(name, sizeof name, "socket:[%lu]\n", (unsigned long)ring.st_ino);
	else
		name[0] = '\0';
	while (name[0] != '\0' && fgets(line, sizeof line, maps) != NULL) {
		char *dash;
		unsigned long from = strtoul(line, &dash, 16);

		if (*dash == '-' && strstr(line, name) != NULL)
			touch(from, strtoul(dash + 1, NULL, 16));
	}
	fclose(maps);
}

static void *run_opener(void *data)
{
	struct link_capture *t = data;
	int mtu;

	if (sandbox_enter_netns(t->netns_fd) == 0 && look_up(t, &mtu) == 0)
		t->pcap = open_ring(t, mtu);
	else
		fail(t, strerror(errno));
	if (t->pcap != NULL && t->slots >= LARGE)
		touch_ring(t->pcap);
	return NULL;
}

int link_capture_open_start(struct link_capture *t, int netns_fd, const char *interface, unsigned slots,
                            uint32_t number)
{
	int error;

	*t = (struct link_capture){ .netns_fd = netns_fd, .slots = slots, .number = number };
	snprintf(t->interface, sizeof t->interface, "%s", interface);
	error = pthread_create(&t->opener, NULL, run_opener, t);
	return error == 0 ? 0 : fail(t, strerror(error));
}

int link_capture_open_finish(struct link_capture *t)
{
	pthread_join(t->opener, NULL);
	return t->pcap != NULL ? 0 : -1;
}

/* --- packets --------------------------------------------------------------------------------- */

struct sink {
	const struct link_capture *capture;
	struct reorder_buffer *buffer;
	bool failed;
};

static void take(u_char *data, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct sink *s = (struct sink *)(void *)data;
	struct pcapng_packet p = {
		.interface = s->capture->number,
		/* with nanosecond precision tv_usec holds nanoseconds */
		.time_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec,
		.bytes = bytes,
		.captured = h->caplen,
		.length = h->len,
		.direction = PCAPNG_INBOUND,
	};

	/* an Ethernet frame's source is its second address */
	if (h->caplen >= 12 && memcmp(bytes + 6, s->capture->mac, sizeof s->capture->mac) == 0)
		p.direction = PCAPNG_OUTBOUND;
	if (reorder_buffer_add(s->buffer, &p) != 0) {
		s->failed = true;
		pcap_breakloop(s->capture->pcap);
	}
}

int link_capture_fd(const struct link_capture *t)
{
	return pcap_get_selectable_fd(t->pcap);
}

int link_capture_drain(struct link_capture *t, struct reorder_buffer *b)
{
	struct sink sink = { .capture = t, .buffer = b };
	int n = pcap_dispatch(t->pcap, (int)t->slots, take, (u_char *)(void *)&sink);

	if (sink.failed)
		return fail(t, strerror(ENOMEM));
	return n >= 0 ? n : fail(t, pcap_geterr(t->pcap));
}

/* Not by pcap_setfilter(), which would drop what is in the ring too. */
int link_capture_mute(struct link_capture *t)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K };
	struct sock_fprog program = { .len = 1, .filter = &nothing };

	if (setsockopt(pcap_fileno(t->pcap), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0)
		return 0;
	return fail(t, strerror(errno));
}

int link_capture_statistics(struct link_capture *t, uint64_t *received, uint64_t *dropped)
{
	struct pcap_stat stat;

	if (pcap_stats(t->pcap, &stat) != 0)
		return fail(t, pcap_geterr(t->pcap));
	*received = stat.ps_recv;
	*dropped = stat.ps_drop;
	return 0;
}
