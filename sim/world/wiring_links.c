#include "world/wiring_links.h"

#include "model/topology_ipv6.h"
#include "world/wiring_names.h"
#include "world/wiring_nat64.h"

/*
 * Where neighbours come and go a lan is up without any too, as that of a home router: something is always plugged in,
 * at which nobody listens.
 */
static int add_idle_port(struct wiring *w, int box, const struct rtnetlink_interface *bridge)
{
	struct rtnetlink *nl = &w->nodes[box];
	struct rtnetlink_end port = wiring_end_of(w, wiring_idle(box, 0), box);
	struct rtnetlink_end other = wiring_end_of(w, wiring_idle(box, 1), box);

	if (rtnetlink_add_veth(&w->router, &port, &other) != 0 ||
	    rtnetlink_set_master(nl, &port.interface, bridge) != 0 || rtnetlink_stop_flooding(nl, &port.interface) != 0)
		return -1;
	return rtnetlink_set_up(nl, &port.interface) == 0 ? rtnetlink_set_up(nl, &other.interface) : -1;
}

static int add_switch(struct wiring *w, int box)
{
	struct rtnetlink_interface dev = wiring_lan(box);

	if (rtnetlink_add_bridge(&w->nodes[box], &dev) != 0)
		return -1;
	if (topology_is_movable(w->topology) && add_idle_port(w, box, &dev) != 0)
		return -1;
	return rtnetlink_set_up(&w->nodes[box], &dev);
}

static int plug_into_switch(struct wiring *w, int node, int link)
{
	int box = w->topology->nodes[node].links[link].behind;
	struct rtnetlink_interface port = wiring_far_end(w, node, link);
	struct rtnetlink_interface bridge = wiring_lan(box);
	struct rtnetlink_interface dev = wiring_outward(w, node, link);

	if (rtnetlink_set_master(&w->nodes[box], &port, &bridge) != 0)
		return -1;
	if (topology_is_movable(w->topology) && rtnetlink_stop_flooding(&w->nodes[box], &port) != 0)
		return -1;
	return rtnetlink_add_forwarding(&w->nodes[box], &port, dev.mac);
}

/* Both ends are joined, or each with one of two ends between which the cable process carries. */
static int join_ends(struct wiring *w, int node, int link, const struct rtnetlink_end *near,
                     const struct rtnetlink_end *far)
{
	struct rtnetlink_end in = { wiring_cable_end(node, link, WEATHER_UP), w->cable_fd, TOPOLOGY_CABLE_NAME };
	struct rtnetlink_end out = { wiring_cable_end(node, link, WEATHER_DOWN), w->cable_fd, TOPOLOGY_CABLE_NAME };

	if (!weather_needs_cable(&w->topology->nodes[node].links[link].weather))
		return rtnetlink_add_veth(&w->router, near, far);
	if (rtnetlink_add_veth(&w->router, near, &in) != 0 || rtnetlink_add_veth(&w->router, &out, far) != 0)
		return -1;
	return rtnetlink_set_up(&w->cable, &in.interface) == 0 ? rtnetlink_set_up(&w->cable, &out.interface) : -1;
}

/* What is too long for the link is seen to be so where it is sent. */
static int limit_length(struct wiring *w, int node, const struct link *l, const struct rtnetlink_end *near,
                        const struct rtnetlink_end *far)
{
	unsigned mtu = l->weather.mtu, box = w->topology->nodes[node].nat.wan_mtu;

	if (box != 0 && (mtu == 0 || box < mtu))
		mtu = box;
	if (mtu == 0)
		return 0;
	if (rtnetlink_set_mtu(&w->nodes[node], &near->interface, mtu) != 0)
		return -1;
	return rtnetlink_set_mtu(wiring_handle(w, l->behind), &far->interface, mtu);
}

/* The far end, where it belongs, plugged in and up; and the near one up. */
int wiring_plug_in(struct wiring *w, int node, int link)
{
	int front = w->topology->nodes[node].links[link].behind;
	struct rtnetlink_interface near = wiring_outward(w, node, link), far = wiring_far_end(w, node, link);

	if (wiring_has_switch(w, front) && plug_into_switch(w, node, link) != 0)
		return -1;
	if (rtnetlink_set_up(wiring_handle(w, front), &far) != 0)
		return -1;
	return rtnetlink_set_up(&w->nodes[node], &near);
}

/* A link from the node outward: both ends made, plugged in and up. */
static int add_link(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink_end near = wiring_end_of(w, wiring_outward(w, node, link), node);
	struct rtnetlink_end far = wiring_end_of(w, wiring_far_end(w, node, link), l->behind);

	w->last_fronts[node][link] = l->behind;
	if (join_ends(w, node, link, &near, &far) != 0 || limit_length(w, node, l, &near, &far) != 0)
		return -1;
	return wiring_plug_in(w, node, link);
}

int wiring_add_links(struct wiring *w)
{
	int count = (int)w->topology->count;

	for (int i = 0; i < count; i++) {
		if (w->topology->nodes[i].kind == NODE_BOX && wiring_has_switch(w, i) && add_switch(w, i) != 0)
			return -1;
		if (topology_has_siit(w->topology, i) && wiring_nat64_add(w, i) != 0)
			return -1;
		for (int k = 0; k < (int)w->topology->nodes[i].link_count; k++)
			if (add_link(w, i, k) != 0)
				return -1;
	}
	return 0;
}
