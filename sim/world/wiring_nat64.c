#include "world/wiring_nat64.h"

#include "model/topology_ipv6.h"
#include "world/wiring_ipv6.h"
#include "world/wiring_names.h"

int wiring_nat64_add(struct wiring *w, int box)
{
	struct rtnetlink_end near = wiring_end_of(w, wiring_nat64(w, box), box);
	struct rtnetlink_end far = { wiring_nat64_far(box), w->cable_fd, TOPOLOGY_CABLE_NAME };
	struct rtnetlink *nl = &w->nodes[box];

	if (rtnetlink_add_veth(&w->router, &near, &far) != 0 || rtnetlink_set_mtu(nl, &near.interface, SIIT_MTU) != 0 ||
	    rtnetlink_set_mtu(&w->cable, &far.interface, SIIT_MTU) != 0)
		return -1;
	return rtnetlink_set_up(&w->cable, &far.interface) == 0 ? rtnetlink_set_up(nl, &near.interface) : -1;
}

/* Nobody answers there who is asked where an address is. */
int wiring_nat64_address(struct wiring *w, int box)
{
	const struct node *n = &w->topology->nodes[box];
	const struct nat64_prefix prefix = nat_pref64(&n->nat);
	const struct subnet to = { prefix.network, prefix.bits };
	struct rtnetlink_interface near = wiring_nat64(w, box), far = wiring_nat64_far(box);
	struct address own = topology_lan_address(w->topology, box), gateway = wiring_link_local(&far);
	struct rtnetlink *nl = &w->nodes[box];

	if (rtnetlink_add_address(nl, &near, &own, n->lan.prefix) != 0 ||
	    rtnetlink_add_neighbour(nl, &near, &gateway, far.mac) != 0)
		return -1;
	return rtnetlink_set_route(nl, &near, &to, &gateway);
}

/* The address of a host's own translator, which no interface has. */
static struct address clat_address(const struct wiring *w, int host)
{
	return topology_siit(w->topology, host).hosts[0].ipv6;
}

/* What is for the translator comes to the host, which does not answer for it. */
static int introduce_clat(struct wiring *w, int host, int link)
{
	struct rtnetlink_interface near = wiring_near_side(w, host, link), dev = wiring_outward(w, host, link);
	struct address own = clat_address(w, host);

	return rtnetlink_add_neighbour(&w->nodes[w->topology->nodes[host].links[link].behind], &near, &own, dev.mac);
}

/* Whatever is IPv4 goes there, and so does what comes for the translator's address. */
int wiring_nat64_address_host(struct wiring *w, int host)
{
	const struct address own = address_ipv4(TOPOLOGY_CLAT_ADDRESS), router = address_ipv4(TOPOLOGY_CLAT_ROUTER);
	struct rtnetlink_interface near = wiring_nat64(w, host), far = wiring_nat64_far(host);
	struct address outside = clat_address(w, host);
	struct rtnetlink *nl = &w->nodes[host];

	if (rtnetlink_add_address(nl, &near, &own, TOPOLOGY_CLAT_PREFIX) != 0 ||
	    rtnetlink_add_neighbour(nl, &near, &router, far.mac) != 0 ||
	    rtnetlink_add_neighbour(nl, &near, &outside, far.mac) != 0 ||
	    rtnetlink_add_host_route(nl, &near, &outside, 0) != 0)
		return -1;
	return rtnetlink_add_default_route(nl, &near, &router, 0);
}

int wiring_nat64_introduce(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink_interface near = wiring_nat64(w, l->behind), far = wiring_nat64_far(l->behind);

	if (w->topology->nodes[node].has_clat && introduce_clat(w, node, link) != 0)
		return -1;
	for (size_t k = 0; k < l->address_count; k++)
		if (rtnetlink_add_neighbour(&w->nodes[l->behind], &near, &l->addresses[k], far.mac) != 0)
			return -1;
	return 0;
}
