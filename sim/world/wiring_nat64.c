#include "world/wiring_nat64.h"

#include "model/topology_ipv6.h"
#include "world/wiring_ipv6.h"
#include "world/wiring_names.h"

int wiring_nat64_add(struct wiring *w, int box)
{
	struct rtnetlink_end near = wiring_end_of(w, wiring_nat64(box), box);
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
	const struct nat64_prefix prefix = nat64_well_known();
	const struct subnet to = { prefix.network, prefix.bits };
	struct rtnetlink_interface near = wiring_nat64(box), far = wiring_nat64_far(box);
	struct address own = topology_lan_address(w->topology, box), gateway = wiring_link_local(&far);
	struct rtnetlink *nl = &w->nodes[box];

	if (rtnetlink_add_address(nl, &near, &own, n->lan.prefix) != 0 ||
	    rtnetlink_add_neighbour(nl, &near, &gateway, far.mac) != 0)
		return -1;
	return rtnetlink_set_route(nl, &near, &to, &gateway);
}

int wiring_nat64_introduce(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink_interface near = wiring_nat64(l->behind), far = wiring_nat64_far(l->behind);

	for (size_t k = 0; k < l->address_count; k++)
		if (rtnetlink_add_neighbour(&w->nodes[l->behind], &near, &l->addresses[k], far.mac) != 0)
			return -1;
	return 0;
}
