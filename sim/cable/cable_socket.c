#include "cable/cable_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BUFFER (32 * 1024 * 1024)

int cable_socket_open(const struct rtnetlink_interface *dev)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		                  .sll_protocol = htons(ETH_P_ALL),
		                  .sll_ifindex = dev->index };
	int on = 1, size = RECEIVE_BUFFER, one_copy = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size); /* overruns are seen, where it is refused */
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one_copy, sizeof one_copy);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The messages of a batch, each in the one part that is its frame. */
struct batch {
	struct mmsghdr messages[CABLE_SOCKET_BATCH];
	struct iovec parts[CABLE_SOCKET_BATCH];
};

static void put(struct batch *b, size_t i, struct frame *one, size_t len)
{
	b->parts[i] = (struct iovec){ one->bytes, len };
	b->messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &b->parts[i], .msg_iovlen = 1 } };
}

int cable_socket_receive(int fd, struct frame *const batch[CABLE_SOCKET_BATCH])
{
	struct batch b;
	int n;

	for (size_t i = 0; i < CABLE_SOCKET_BATCH; i++)
		put(&b, i, batch[i], FRAME_SIZE);
	n = recvmmsg(fd, b.messages, CABLE_SOCKET_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		bool is_whole = (b.messages[i].msg_hdr.msg_flags & MSG_TRUNC) == 0;

		batch[i]->len = is_whole && b.messages[i].msg_len > FRAME_HEADER ? b.messages[i].msg_len : 0;
	}
	return n > 0 ? n : 0;
}

static void wait_for_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, 1);
}

/* The kernel may have no room for a moment. */
void cable_socket_send(int fd, struct frame *const *batch, size_t count)
{
	struct batch b;
	size_t sent = 0;

	for (size_t i = 0; i < count; i++)
		put(&b, i, batch[i], batch[i]->len);
	while (sent < count) {
		int n = sendmmsg(fd, b.messages + sent, (unsigned)(count - sent), MSG_DONTWAIT);

		if (n > 0)
			sent += (size_t)n;
		else if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR)
			wait_for_room(fd);
		else
			sent++;
	}
}

bool cable_socket_has_overrun(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof stats;

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 && stats.tp_drops > 0;
}
