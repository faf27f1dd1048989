/* The requests of rtnetlink.h that say where packets go: addresses, routes, neighbours. */
#include "world/rtnetlink.h"

#include "world/rtnetlink_request.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#define MAC_TEXT_SIZE 18

static const char *format_mac(const uint8_t mac[RTNETLINK_MAC_SIZE], char text[MAC_TEXT_SIZE])
{
	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

static uint8_t family_of(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
}

static void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a)
{
	mnl_attr_put(h, type, address_size(a), a->bytes);
}

static struct nlmsghdr *begin_address(char buffer[RTNETLINK_REQUEST_SIZE], uint16_t type, unsigned flags,
                                      const struct rtnetlink_interface *dev, const struct address *address,
                                      unsigned prefix)
{
	struct nlmsghdr *h = rtnetlink_begin(buffer, type, flags);
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
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, dev, address, prefix);

	return rtnetlink_request(nl, h, "address add %s/%u dev %s%s", address_format(address, text), prefix, dev->name,
	                         address->family == ADDRESS_IPV6 ? " nodad" : "");
}

int rtnetlink_add_managing_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                   const struct address *address, unsigned prefix)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, dev, address, prefix);

	mnl_attr_put_u32(h, IFA_FLAGS, IFA_F_NODAD | IFA_F_MANAGETEMPADDR);
	return rtnetlink_request(nl, h, "address add %s/%u dev %s nodad mngtmpaddr", address_format(address, text),
	                         prefix, dev->name);
}

int rtnetlink_prefer_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned prefix, unsigned seconds, bool managing)
{
	const struct ifa_cacheinfo life = { .ifa_prefered = seconds, .ifa_valid = RTNETLINK_VALID_S };
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_NEWADDR, NLM_F_REPLACE, dev, address, prefix);

	mnl_attr_put_u32(h, IFA_FLAGS, IFA_F_NODAD | (managing ? IFA_F_MANAGETEMPADDR : 0));
	mnl_attr_put(h, IFA_CACHEINFO, sizeof life, &life);
	return rtnetlink_request(nl, h, "address change %s/%u dev %s preferred_lft %u valid_lft %u",
	                         address_format(address, text), prefix, dev->name, seconds, RTNETLINK_VALID_S);
}

int rtnetlink_delete_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned prefix)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_address(buffer, RTM_DELADDR, 0, dev, address, prefix);

	return rtnetlink_request(nl, h, "address del %s/%u dev %s", address_format(address, text), prefix, dev->name);
}

/* To be added, or to be deleted. */
struct route_change {
	uint16_t type;
	unsigned flags;
	const char *word;
};

static const struct route_change add_route = { RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, "add" };
static const struct route_change delete_route = { RTM_DELROUTE, 0, "del" };

static struct nlmsghdr *begin_route(char buffer[RTNETLINK_REQUEST_SIZE], const struct route_change *change,
                                    uint8_t family, uint8_t scope, unsigned prefix, int index, unsigned metric)
{
	struct nlmsghdr *h = rtnetlink_begin(buffer, change->type, change->flags);
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
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h =
	    begin_route(buffer, change, family_of(address), RT_SCOPE_LINK, address_bits(address), dev->index, metric);

	put_address(h, RTA_DST, address);
	return rtnetlink_request(nl, h, "route %s %s dev %s scope link metric %u", change->word,
	                         address_format(address, text), dev->name, metric);
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

static int change_route(struct rtnetlink *nl, const struct route_change *change, const struct rtnetlink_interface *dev,
                        const struct subnet *to, const struct address *gateway)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[SUBNET_TEXT_SIZE], gateway_text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h =
	    begin_route(buffer, change, family_of(gateway), RT_SCOPE_UNIVERSE, to->prefix, dev->index, 0);

	put_address(h, RTA_DST, &to->network);
	put_address(h, RTA_GATEWAY, gateway);
	return rtnetlink_request(nl, h, "route %s %s via %s dev %s", change->word, subnet_format(to, text),
	                         address_format(gateway, gateway_text), dev->name);
}

int rtnetlink_set_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct subnet *to,
                        const struct address *gateway)
{
	static const struct route_change set_route = { RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "replace" };

	return change_route(nl, &set_route, dev, to, gateway);
}

int rtnetlink_delete_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct subnet *to,
                           const struct address *gateway)
{
	return change_route(nl, &delete_route, dev, to, gateway);
}

static int change_default_route(struct rtnetlink *nl, const struct route_change *change,
                                const struct rtnetlink_interface *dev, const struct address *gateway, unsigned metric)
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	struct nlmsghdr *h = begin_route(buffer, change, family_of(gateway), RT_SCOPE_UNIVERSE, 0, dev->index, metric);
	struct rtmsg *info = mnl_nlmsg_get_payload(h);

	info->rtm_flags = RTNH_F_ONLINK;
	put_address(h, RTA_GATEWAY, gateway);
	return rtnetlink_request(nl, h, "route %s default via %s dev %s onlink metric %u", change->word,
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
	char buffer[RTNETLINK_REQUEST_SIZE];
	char text[ADDRESS_TEXT_SIZE];
	char mac_text[MAC_TEXT_SIZE];
	struct nlmsghdr *h = rtnetlink_begin(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ndm_family = family_of(address);
	info->ndm_ifindex = dev->index;
	info->ndm_state = NUD_PERMANENT;
	put_address(h, NDA_DST, address);
	mnl_attr_put(h, NDA_LLADDR, RTNETLINK_MAC_SIZE, mac);
	return rtnetlink_request(nl, h, "neighbour add %s lladdr %s dev %s", address_format(address, text),
	                         format_mac(mac, mac_text), dev->name);
}

int rtnetlink_add_forwarding(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                             const uint8_t mac[RTNETLINK_MAC_SIZE])
{
	char buffer[RTNETLINK_REQUEST_SIZE];
	char mac_text[MAC_TEXT_SIZE];
	struct nlmsghdr *h = rtnetlink_begin(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);

	info->ndm_family = AF_BRIDGE;
	info->ndm_ifindex = port->index;
	info->ndm_state = NUD_NOARP;
	info->ndm_flags = NTF_MASTER;
	mnl_attr_put(h, NDA_LLADDR, RTNETLINK_MAC_SIZE, mac);
	return rtnetlink_request(nl, h, "fdb add %s dev %s master static", format_mac(mac, mac_text), port->name);
}
