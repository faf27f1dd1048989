#include "world/rtnetlink.h"

#include "world/rtnetlink_request.h"

#include "io/clock.h"
#include "io/log.h"
#include "world/command.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_SIZE 256
#define REPLY_SIZE 8192 /* an interface's description with all its attributes */

/* Interfaces hand over packets as they are on a wire: no super-packets in captures. */
#define GSO_SEGMENTS 1

/* --- asking the kernel ----------------------------------------------------------------------- */

int rtnetlink_open(struct rtnetlink *nl, const char *netns)
{
	nl->netns = netns;
	nl->sequence = 0;
	nl->is_muted = nl->is_lenient = false;
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (nl->socket != NULL && mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return 0;
	log_error("cannot open rtnetlink in %s: %s", netns, strerror(errno));
	rtnetlink_close(nl);
	return -1;
}

void rtnetlink_close(struct rtnetlink *nl)
{
	if (nl->socket != NULL)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
}

struct nlmsghdr *rtnetlink_begin(char buffer[RTNETLINK_REQUEST_SIZE], uint16_t type, unsigned flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	return h;
}

/* Sends the request and waits for its answer. `use` sees the answer's messages, if there are any. 0, or -1 with errno.
 */
static int talk(struct rtnetlink *nl, struct nlmsghdr *h, mnl_cb_t use, void *data)
{
	char reply[REPLY_SIZE];
	int status = MNL_CB_OK;

	h->nlmsg_seq = ++nl->sequence;
	if (mnl_socket_sendto(nl->socket, h, h->nlmsg_len) < 0)
		return -1;
	while (status > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl->socket, reply, sizeof reply);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		status = mnl_cb_run(reply, (size_t)n, nl->sequence, mnl_socket_get_portid(nl->socket), use, data);
	}
	return status == MNL_CB_ERROR ? -1 : 0;
}

int rtnetlink_request(struct rtnetlink *nl, struct nlmsghdr *h, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	if (nl->is_muted)
		return 0;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	command_note("ip -n %s %s", nl->netns, line);
	if (talk(nl, h, NULL, NULL) == 0 || nl->is_lenient)
		return 0;
	log_error("'ip -n %s %s' was refused: %s", nl->netns, line, strerror(errno));
	return -1;
}

/* --- links ----------------------------------------------------------------------------------- */

static struct nlmsghdr *begin_link(char buffer[RTNETLINK_REQUEST_SIZE], uint16_t type, unsigned flags, int index)
{
	struct nlmsghdr *h = rtnetlink_begin(buffer, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ifi_family = AF_UNSPEC;
	info->ifi_index = index;
	return h;
}

static void put_end(struct nlmsghdr *h, const struct rtnetlink_end *end)
{
	mnl_attr_put_strz(h, IFLA_IFNAME, end->interface.name);
	mnl_attr_put(h, IFLA_ADDRESS, RTNETLINK_MAC_SIZE, end->interface.mac);
	mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)end->netns_fd);
	mnl_attr_put_u32(h, IFLA_NUM_TX_QUEUES, 1); /* one, or packets could pass one another */
	mnl_attr_put_u32(h, IFLA_NUM_RX_QUEUES, 1);
	mnl_attr_put_u32(h, IFLA_GSO_MAX_SEGS, GSO_SEGMENTS);
}

int rtnetlink_add_veth(struct rtnetlink *nl, const struct rtnetlink_end *a, const struct rtnetlink_end *b)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, a->interface.index);
	struct nlattr *kind, *data, *peer;
	struct ifinfomsg *info;

	put_end(h, a);
	kind = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
	info = mnl_nlmsg_put_extra_header(h, sizeof *info);
	info->ifi_index = b->interface.index;
	put_end(h, b);
	mnl_attr_nest_end(h, peer);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, kind);
	return rtnetlink_request(nl, h, "link add %s netns %s numtxqueues 1 type veth peer name %s netns %s",
	                         a->interface.name, a->netns, b->interface.name, b->netns);
}

int rtnetlink_add_bridge(struct rtnetlink *nl, const struct rtnetlink_interface *bridge)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, bridge->index);
	struct nlattr *kind, *data;

	mnl_attr_put_strz(h, IFLA_IFNAME, bridge->name);
	mnl_attr_put(h, IFLA_ADDRESS, RTNETLINK_MAC_SIZE, bridge->mac);
	kind = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	mnl_attr_put_u32(h, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u32(h, IFLA_BR_FORWARD_DELAY, 0);
	mnl_attr_put_u8(h, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, kind);
	return rtnetlink_request(nl, h, "link add %s type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
	                         bridge->name);
}

int rtnetlink_set_master(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                         const struct rtnetlink_interface *bridge)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, port->index);

	mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)bridge->index);
	return rtnetlink_request(nl, h, "link set %s master %s", port->name, bridge->name);
}

int rtnetlink_stop_flooding(struct rtnetlink *nl, const struct rtnetlink_interface *port)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, port->index);
	struct nlattr *kind, *data;

	kind = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(h, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(h, IFLA_BRPORT_UNICAST_FLOOD, 0);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, kind);
	return rtnetlink_request(nl, h, "link set %s type bridge_slave flood off", port->name);
}

int rtnetlink_move(struct rtnetlink *nl, const struct rtnetlink_interface *dev, int netns_fd, const char *netns)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);

	mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	return rtnetlink_request(nl, h, "link set %s netns %s", dev->name, netns);
}

int rtnetlink_set_mtu(struct rtnetlink *nl, const struct rtnetlink_interface *dev, unsigned mtu)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);

	mnl_attr_put_u32(h, IFLA_MTU, mtu);
	return rtnetlink_request(nl, h, "link set %s mtu %u", dev->name, mtu);
}

int rtnetlink_set_down(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	info->ifi_change = IFF_UP;
	return rtnetlink_request(nl, h, "link set %s down", dev->name);
}

int rtnetlink_set_up(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	return rtnetlink_request(nl, h, "link set %s up", dev->name);
}

struct link_state {
	unsigned flags;    /* IFF_... */
	uint8_t operstate; /* IF_OPER_... */
};

static bool has_carrier(const struct link_state *s)
{
	return (s->flags & IFF_UP) != 0 && (s->flags & IFF_LOWER_UP) != 0;
}

static bool is_operational(const struct link_state *s)
{
	return s->operstate == IF_OPER_UP;
}

static bool is_settled(const struct link_state *s)
{
	return is_operational(s) == has_carrier(s);
}

static int take_operstate(const struct nlattr *a, void *data)
{
	if (mnl_attr_get_type(a) == IFLA_OPERSTATE)
		*(uint8_t *)data = mnl_attr_get_u8(a);
	return MNL_CB_OK;
}

static int read_state(const struct nlmsghdr *h, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct link_state *s = data;

	s->flags = info->ifi_flags;
	return mnl_attr_parse(h, sizeof *info, take_operstate, &s->operstate);
}

/* 1, 0 for not yet, -1 with errno. */
static int does_hold(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                     bool (*holds)(const struct link_state *s))
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_GETLINK, 0, dev->index);
	struct link_state s = { .operstate = IF_OPER_UNKNOWN };

	return talk(nl, h, read_state, &s) == 0 ? holds(&s) : -1;
}

/* Waits for the next change of any link here. 0, or -1 with errno. */
static int wait_for_change(struct mnl_socket *events, uint64_t deadline_ms)
{
	char message[REPLY_SIZE];
	struct pollfd p = { .fd = mnl_socket_get_fd(events), .events = POLLIN };
	uint64_t now = clock_now_ms();

	if (now >= deadline_ms || poll(&p, 1, (int)(deadline_ms - now)) == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (p.revents == 0 || mnl_socket_recvfrom(events, message, sizeof message) >= 0)
		return 0;
	return errno == ENOBUFS ? 0 : -1; /* more changes than it has room for are changes, too */
}

/* The slow way, with a second socket that hears of changes. 0, or -1 with errno. */
static int wait_slowly(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                       bool (*holds)(const struct link_state *s), uint64_t deadline_ms)
{
	struct mnl_socket *events = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int state = -1;
	int error;

	if (events != NULL && mnl_socket_bind(events, RTMGRP_LINK, MNL_SOCKET_AUTOPID) == 0)
		while ((state = does_hold(nl, dev, holds)) == 0)
			if (wait_for_change(events, deadline_ms) != 0)
				break;
	error = errno;
	if (events != NULL)
		mnl_socket_close(events);
	errno = error;
	return state == 1 ? 0 : -1;
}

static int wait_until(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                      bool (*holds)(const struct link_state *s), uint64_t deadline_ms)
{
	return does_hold(nl, dev, holds) == 1 ? 0 : wait_slowly(nl, dev, holds, deadline_ms);
}

int rtnetlink_wait_operational(struct rtnetlink *nl, const struct rtnetlink_interface *dev, uint64_t deadline_ms)
{
	if (wait_until(nl, dev, is_operational, deadline_ms) == 0)
		return 0;
	log_error("the link %s of %s does not come up: %s", dev->name, nl->netns, strerror(errno));
	return -1;
}

int rtnetlink_wait_settled(struct rtnetlink *nl, const struct rtnetlink_interface *dev, uint64_t deadline_ms)
{
	if (wait_until(nl, dev, is_settled, deadline_ms) == 0)
		return 0;
	log_error("the kernel takes no notice of the carrier of %s of %s: %s", dev->name, nl->netns, strerror(errno));
	return -1;
}

int rtnetlink_disable_checksum_offload(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM, .data = 0 };
	struct ifreq r = { .ifr_data = (void *)&off };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", dev->name);
	command_note("ip netns exec %s ethtool -K %s tx off", nl->netns, dev->name);
	result = fd < 0 ? -1 : ioctl(fd, SIOCETHTOOL, &r);
	if (result != 0)
		log_error("cannot switch off the checksum offload of %s in %s: %s", dev->name, nl->netns,
		          strerror(errno));
	if (fd >= 0)
		close(fd);
	return result;
}
