#include "cable/cable_socket.h"

#include "io/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BUFFER (32 * 1024 * 1024)
#define NS_PER_S UINT64_C(1000000000)
/* The kernel has no room while it is busy: it is asked again so often, and no machine is busy for so long. */
#define NO_ROOM_NS 50000
#define NO_ROOM_MAX_NS (2 * NS_PER_S)
#define STAMP_OLDEST_NS NS_PER_S /* no frame waits longer to be read */

int cable_socket_open(const struct rtnetlink_interface *dev)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		                  .sll_protocol = htons(ETH_P_ALL),
		                  .sll_ifindex = dev->index };
	int on = 1, size = RECEIVE_BUFFER, one_copy = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* Where that is refused, as to an ordinary user, there is as much as anybody may have; overruns are seen. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one_copy, sizeof one_copy);
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The messages of one call, each in the one part that is its frame; and when each came. */
struct frame_messages {
	struct mmsghdr messages[CABLE_SOCKET_BATCH];
	struct iovec parts[CABLE_SOCKET_BATCH];
	_Alignas(struct cmsghdr) char stamps[CABLE_SOCKET_BATCH][CMSG_SPACE(sizeof(struct timespec))];
};

/* Both clocks, as they are when a call has read its frames. */
struct both_clocks {
	uint64_t now_ns, wall_ns;
};

static void put(struct frame_messages *b, size_t i, struct frame *one, size_t len)
{
	b->parts[i] = (struct iovec){ one->bytes, len };
	b->messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &b->parts[i], .msg_iovlen = 1 } };
}

/* By the kernel's stamp, which is of the wall's clock; one that cannot be, as where that was set meanwhile, is not
 * used. */
static uint64_t time_of_arrival(const struct msghdr *m, struct both_clocks at)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec stamp;
	uint64_t ago_ns;

	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return at.now_ns;
	memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
	ago_ns = at.wall_ns - ((uint64_t)stamp.tv_sec * NS_PER_S + (uint64_t)stamp.tv_nsec);
	return ago_ns < STAMP_OLDEST_NS ? at.now_ns - ago_ns : at.now_ns;
}

int cable_socket_receive(int fd, struct frame *const batch[CABLE_SOCKET_BATCH])
{
	struct frame_messages b;
	struct both_clocks at;
	int n;

	for (size_t i = 0; i < CABLE_SOCKET_BATCH; i++) {
		put(&b, i, batch[i], FRAME_SIZE);
		b.messages[i].msg_hdr.msg_control = b.stamps[i];
		b.messages[i].msg_hdr.msg_controllen = sizeof b.stamps[i];
	}
	n = recvmmsg(fd, b.messages, CABLE_SOCKET_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && errno == ENETDOWN) /* is told once, before what came in until then */
		n = recvmmsg(fd, b.messages, CABLE_SOCKET_BATCH, MSG_DONTWAIT, NULL);
	at = (struct both_clocks){ clock_now_ns(), clock_wall_ns() };
	for (int i = 0; i < n; i++) {
		bool is_whole = (b.messages[i].msg_hdr.msg_flags & MSG_TRUNC) == 0;

		batch[i]->len = is_whole && b.messages[i].msg_len > FRAME_HEADER ? b.messages[i].msg_len : 0;
		batch[i]->came_ns = time_of_arrival(&b.messages[i].msg_hdr, at);
	}
	return n > 0 ? n : 0;
}

/* The name of the interface that the socket is bound to, in *r. Returns 0 or -1. */
static int name_interface(int fd, struct ifreq *r)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof at;

	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return -1;
	r->ifr_ifindex = at.sll_ifindex;
	return ioctl(fd, SIOCGIFNAME, r);
}

/* Whether it can carry as far as its flags say, which come a moment later than the carrier. */
static bool is_running(int fd)
{
	struct ifreq r = { 0 };

	return name_interface(fd, &r) == 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_RUNNING) != 0;
}

/* As it is now. Not asked for each frame: that waits for the kernel's one lock of all interfaces. */
static bool has_carrier(int fd)
{
	struct ethtool_value has = { .cmd = ETHTOOL_GLINK };
	struct ifreq r = { 0 };

	if (name_interface(fd, &r) != 0)
		return false;
	r.ifr_data = (void *)&has;
	return ioctl(fd, SIOCETHTOOL, &r) == 0 && has.data != 0;
}

/* True after a moment, in which others get on too: room may be there then. */
static bool may_have_room_soon(int fd, uint64_t deadline_ns)
{
	if (!is_running(fd) || clock_now_ns() >= deadline_ns)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = NO_ROOM_NS }, NULL);
	return true;
}

static enum cable_refusal why_refused(int fd, int error)
{
	if (error == ENETDOWN || error == ENXIO)
		return CABLE_UNPLUGGED;
	return is_running(fd) && has_carrier(fd) ? CABLE_TAKES_IT_NOT : CABLE_INTERFACE_DOWN;
}

size_t cable_socket_send(int fd, struct frame *const *batch, size_t count, enum cable_refusal *why)
{
	uint64_t deadline_ns = clock_now_ns() + NO_ROOM_MAX_NS;
	struct frame_messages b;
	size_t sent = 0;

	for (size_t i = 0; i < count; i++)
		put(&b, i, batch[i], batch[i]->len);
	while (sent < count) {
		int n = sendmmsg(fd, b.messages + sent, (unsigned)(count - sent), MSG_DONTWAIT);
		int error = errno;

		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		if (error == EINTR)
			continue;
		if ((error == ENOBUFS || error == EAGAIN) && may_have_room_soon(fd, deadline_ns))
			continue;
		*why = why_refused(fd, error);
		break;
	}
	return sent;
}

unsigned cable_socket_overruns(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof stats;

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 ? stats.tp_drops : 0;
}
