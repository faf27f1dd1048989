#include "world/rtnetlink.h"

#include "io/clock.h"
#include "io/log.h"
#include "world/command.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAC_TEXT_SIZE 18
#define LINE_SIZE 256
#define REQUEST_SIZE 1024
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

static struct nlmsghdr *begin(char buffer[REQUEST_SIZE], uint16_t type, unsigned flags)
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

/* Does what the `ip` command of that text does. */
static int __attribute__((format(printf, 3, 4)))
request(struct rtnetlink *nl, struct nlmsghdr *h, const char *format, ...)
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

static const char *format_mac(const uint8_t mac[RTNETLINK_MAC_SIZE], char text[MAC_TEXT_SIZE])
{
	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

/* --- links ----------------------------------------------------------------------------------- */

static struct nlmsghdr *begin_link(char buffer[REQUEST_SIZE], uint16_t type, unsigned flags, int index)
{
	struct nlmsghdr *h = begin(buffer, type, flags);
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
	char buffer[REQUEST_SIZE];
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
	return request(nl, h, "link add %s netns %s numtxqueues 1 type veth peer name %s netns %s", a->interface.name,
	               a->netns, b->interface.name, b->netns);
}

int rtnetlink_add_bridge(struct rtnetlink *nl, const struct rtnetlink_interface *bridge)
{
	char buffer[REQUEST_SIZE];
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
	return request(nl, h, "link add %s type bridge stp_state 0 forward_delay 0 mcast_snooping 0", bridge->name);
}

int rtnetlink_set_master(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                         const struct rtnetlink_interface *bridge)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, port->index);

	mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)bridge->index);
	return request(nl, h, "link set %s master %s", port->name, bridge->name);
}

int rtnetlink_stop_flooding(struct rtnetlink *nl, const struct rtnetlink_interface *port)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, port->index);
	struct nlattr *kind, *data;

	kind = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(h, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(h, IFLA_BRPORT_UNICAST_FLOOD, 0);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, kind);
	return request(nl, h, "link set %s type bridge_slave flood off", port->name);
}

int rtnetlink_move(struct rtnetlink *nl, const struct rtnetlink_interface *dev, int netns_fd, const char *netns)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);

	mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	return request(nl, h, "link set %s netns %s", dev->name, netns);
}

int rtnetlink_set_mtu(struct rtnetlink *nl, const struct rtnetlink_interface *dev, unsigned mtu)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);

	mnl_attr_put_u32(h, IFLA_MTU, mtu);
	return request(nl, h, "link set %s mtu %u", dev->name, mtu);
}

int rtnetlink_set_down(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	info->ifi_change = IFF_UP;
	return request(nl, h, "link set %s down", dev->name);
}

int rtnetlink_set_up(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *h = begin_link(buffer, RTM_NEWLINK, 0, dev->index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	return request(nl, h, "link set %s up", dev->name);
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
	char buffer[REQUEST_SIZE];
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
	return p.revents == 0 || mnl_socket_recvfrom(events, message, sizeof message) >= 0 ? 0 : -1;
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

/* --- addresses ------------------------------------------------------------------------------- */

static uint8_t family_of(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
}

static void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a)
{
	mnl_attr_put(h, type, address_size(a), a->bytes);
}

static struct nlmsghdr *begin_address(char buffer[REQUEST_SIZE], uint16_t type, unsigned flags,
                                      const struct rtnetlink_interface *dev, const struct address *address,
                                      unsigned prefix)
{
	struct nlmsghdr *h = begin(buffer, type, flags);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ifa_family = family_of(address);
	info->ifa_prefixlen = (uint8_t)prefix;
	info->ifa_flags = address->family == ADDRESS_IPV6 ? IFA_F_NODAD : 0; /* good at once: no two are the same */
	info->ifa_index = (uint32_t)dev->index;
	info->ifa_scope = RT_SCOPE_UNIVERSE;
	put_address(h, IFA_LOCAL, address);
	put_address(h, IFA_ADDRESS, address);
	return h;
}

int rtnetlink_add_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                          unsigned prefix)
{
	char buffer[REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, dev, address, prefix);

	return request(nl, h, "address add %s/%u dev %s%s", address_format(address, text), prefix, dev->name,
	               address->family == ADDRESS_IPV6 ? " nodad" : "");
}

int rtnetlink_delete_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned prefix)
{
	char buffer[REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_DELADDR, 0, dev, address, prefix);

	return request(nl, h, "address del %s/%u dev %s", address_format(address, text), prefix, dev->name);
}

/* To be added, or to be deleted. */
struct route_change {
	uint16_t type;
	unsigned flags;
	const char *word;
};

static const struct route_change add_route = { RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, "add" };
static const struct route_change delete_route = { RTM_DELROUTE, 0, "del" };

static struct nlmsghdr *begin_route(char buffer[REQUEST_SIZE], const struct route_change *change, uint8_t family,
                                    uint8_t scope, unsigned prefix, int index, unsigned metric)
{
	struct nlmsghdr *h = begin(buffer, change->type, change->flags);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->rtm_family = family;
	info->rtm_dst_len = (uint8_t)prefix;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_scope = scope;
	info->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)index);
	if (metric != 0)
		mnl_attr_put_u32(h, RTA_PRIORITY, metric);
	return h;
}

static int change_host_route(struct rtnetlink *nl, const struct route_change *change,
                             const struct rtnetlink_interface *dev, const struct address *address, unsigned metric)
{
	char buffer[REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h =
	    begin_route(buffer, change, family_of(address), RT_SCOPE_LINK, address_bits(address), dev->index, metric);

	put_address(h, RTA_DST, address);
	return request(nl, h, "route %s %s dev %s scope link metric %u", change->word, address_format(address, text),
	               dev->name, metric);
}

int rtnetlink_add_host_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned metric)
{
	return change_host_route(nl, &add_route, dev, address, metric);
}

int rtnetlink_delete_host_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                const struct address *address, unsigned metric)
{
	return change_host_route(nl, &delete_route, dev, address, metric);
}

int rtnetlink_set_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct subnet *to,
                        const struct address *gateway)
{
	static const struct route_change set_route = { RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "replace" };
	char buffer[REQUEST_SIZE];
	char text[SUBNET_TEXT_SIZE], gateway_text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h =
	    begin_route(buffer, &set_route, family_of(gateway), RT_SCOPE_UNIVERSE, to->prefix, dev->index, 0);

	put_address(h, RTA_DST, &to->network);
	put_address(h, RTA_GATEWAY, gateway);
	return request(nl, h, "route replace %s via %s dev %s", subnet_format(to, text),
	               address_format(gateway, gateway_text), dev->name);
}

static int change_default_route(struct rtnetlink *nl, const struct route_change *change,
                                const struct rtnetlink_interface *dev, const struct address *gateway, unsigned metric)
{
	char buffer[REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_route(buffer, change, family_of(gateway), RT_SCOPE_UNIVERSE, 0, dev->index, metric);
	struct rtmsg *info = mnl_nlmsg_get_payload(h);

	info->rtm_flags = RTNH_F_ONLINK;
	put_address(h, RTA_GATEWAY, gateway);
	return request(nl, h, "route %s default via %s dev %s onlink metric %u", change->word,
	               address_format(gateway, text), dev->name, metric);
}

int rtnetlink_add_default_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                const struct address *gateway, unsigned metric)
{
	return change_default_route(nl, &add_route, dev, gateway, metric);
}

int rtnetlink_delete_default_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                   const struct address *gateway, unsigned metric)
{
	return change_default_route(nl, &delete_route, dev, gateway, metric);
}

int rtnetlink_add_neighbour(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                            const uint8_t mac[RTNETLINK_MAC_SIZE])
{
	char buffer[REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	char mac_text[MAC_TEXT_SIZE];
	struct nlmsghdr *h = begin(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ndm_family = family_of(address);
	info->ndm_ifindex = dev->index;
	info->ndm_state = NUD_PERMANENT;
	put_address(h, NDA_DST, address);
	mnl_attr_put(h, NDA_LLADDR, RTNETLINK_MAC_SIZE, mac);
	return request(nl, h, "neighbour add %s lladdr %s dev %s", address_format(address, text),
	               format_mac(mac, mac_text), dev->name);
}

int rtnetlink_add_forwarding(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                             const uint8_t mac[RTNETLINK_MAC_SIZE])
{
	char buffer[REQUEST_SIZE];
	char mac_text[MAC_TEXT_SIZE];
	struct nlmsghdr *h = begin(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ndm_family = AF_BRIDGE;
	info->ndm_ifindex = port->index;
	info->ndm_state = NUD_NOARP;
	info->ndm_flags = NTF_MASTER;
	mnl_attr_put(h, NDA_LLADDR, RTNETLINK_MAC_SIZE, mac);
	return request(nl, h, "fdb add %s dev %s master static", format_mac(mac, mac_text), port->name);
}
