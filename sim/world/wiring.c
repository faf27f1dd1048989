#include "world/wiring.h"

#include "io/clock.h"
#include "io/log.h"
#include "world/command.h"
#include "world/ordering.h"
#include "world/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDEX_OUTWARD 2 /* eth0, wan */
#define INDEX_LAN 3
#define INDEX_FAR 10 /* + node: the router's end, or the port of a bridge; in the cable's namespace + 2 * node */
#define MAC_OUTWARD 1
#define MAC_LAN 2
#define MAC_FAR 3
#define MAC_CABLE 4 /* and 5 */
#define OPERATIONAL_MS 10000

/* --- namespaces ------------------------------------------------------------------------------ */

/* The network namespace the thread is in becomes a host or a router. */
static int prepare(const struct wiring *w, struct rtnetlink *nl, const char *netns, bool forwards)
{
	static const struct rtnetlink_interface lo = { .index = RTNETLINK_LOOPBACK, .name = "lo" };

	if (sysctl_prepare(&w->machine, netns) != 0 || sysctl_set(netns, ORDERING_SYSCTL, w->order_mask) != 0 ||
	    sysctl_set(netns, "ipv4/ip_forward", forwards ? "1" : "0") != 0 || rtnetlink_open(nl, netns) != 0)
		return -1;
	return rtnetlink_set_up(nl, &lo);
}

/* The thread moves there and comes back. Returns a descriptor, or -1 (logged). */
static int make_namespace(struct wiring *w, struct rtnetlink *nl, const char *name, bool forwards)
{
	int fd, result;

	command_note("ip netns add %s", name);
	fd = sandbox_new_netns(name);
	if (fd < 0) {
		log_error("cannot make network namespace '%s': %s", name,
		          errno == ENOSPC ? "the limit of them (user.max_net_namespaces) is reached" : strerror(errno));
		return -1;
	}
	result = prepare(w, nl, name, forwards);
	if (sandbox_enter_netns(w->home_fd) != 0) {
		log_error("cannot return to the router's network namespace: %s", strerror(errno));
		result = -1;
	}
	if (result == 0)
		return fd;
	close(fd);
	return -1;
}

static int make_cable_namespace(struct wiring *w)
{
	w->cable_fd = make_namespace(w, &w->cable, TOPOLOGY_CABLE_NAME, false);
	return w->cable_fd >= 0 ? 0 : -1;
}

int wiring_begin(struct wiring *w, const struct topology *t)
{
	struct stat st;

	*w = (struct wiring){ .topology = t, .home_fd = sandbox_name_netns(TOPOLOGY_ROUTER_NAME), .cable_fd = -1 };
	for (size_t i = 0; i < t->count; i++)
		w->netns_fds[i] = -1;
	if (w->home_fd < 0 || fstat(w->home_fd, &st) != 0) {
		log_error("cannot name the router's network namespace: %s", strerror(errno));
		return -1;
	}
	ordering_pick((unsigned long)st.st_ino, w->order_mask); /* no two worlds have the same number */
	sysctl_look_at_machine(&w->machine);
	if (prepare(w, &w->router, TOPOLOGY_ROUTER_NAME, true) != 0)
		return -1;
	return topology_needs_cable(t) ? make_cable_namespace(w) : 0;
}

int wiring_make_namespace(struct wiring *w, int node)
{
	const struct node *n = &w->topology->nodes[node];

	w->netns_fds[node] = make_namespace(w, &w->nodes[node], n->name, n->kind == NODE_BOX);
	return w->netns_fds[node] >= 0 ? 0 : -1;
}

void wiring_finish(struct wiring *w)
{
	rtnetlink_close(&w->router);
	rtnetlink_close(&w->cable);
	for (size_t i = 0; i < w->topology->count; i++)
		rtnetlink_close(&w->nodes[i]);
}

/* --- who is called what ---------------------------------------------------------------------- */

static struct rtnetlink_interface interface(int node, int index, uint8_t role, const char *name)
{
	uint8_t number = (uint8_t)(node + 1);
	struct rtnetlink_interface dev = {
		.index = index,
		.mac = { 0x02, 0, 0, 0, (uint8_t)(number / 10 * 16 + number % 10), role }, /* reads as decimal */
	};

	if (strlen(name) < sizeof dev.name)
		memcpy(dev.name, name, strlen(name));
	else
		snprintf(dev.name, sizeof dev.name, "%.11s~%u", name, (unsigned)number); /* ~ is in no node's name */
	return dev;
}

static struct rtnetlink_interface outward(const struct wiring *w, int node)
{
	return interface(node, INDEX_OUTWARD, MAC_OUTWARD, w->topology->nodes[node].links[0].interface);
}

static struct rtnetlink_interface lan(int box)
{
	return interface(box, INDEX_LAN, MAC_LAN, "lan");
}

/* One neighbour needs no switch. A lan without any is a switch too, so that there is an interface `lan`. */
static bool has_switch(const struct wiring *w, int box)
{
	return box != TOPOLOGY_INTERNET && topology_count_behind(w->topology, box) != 1;
}

/* The other end of the node's outward cable. */
static struct rtnetlink_interface far_end(const struct wiring *w, int node)
{
	int front = w->topology->nodes[node].links[0].behind;

	if (front != TOPOLOGY_INTERNET && !has_switch(w, front))
		return lan(front);
	return interface(node, INDEX_FAR + node, MAC_FAR, w->topology->nodes[node].name);
}

/* Where `front` reaches the node by IP. */
static struct rtnetlink_interface near_side(const struct wiring *w, int node)
{
	int front = w->topology->nodes[node].links[0].behind;

	return front == TOPOLOGY_INTERNET ? far_end(w, node) : lan(front);
}

static struct rtnetlink *handle(struct wiring *w, int node)
{
	return node == TOPOLOGY_INTERNET ? &w->router : &w->nodes[node];
}

static struct rtnetlink_end end_of(const struct wiring *w, struct rtnetlink_interface dev, int node)
{
	return (struct rtnetlink_end){
		.interface = dev,
		.netns_fd = node == TOPOLOGY_INTERNET ? w->home_fd : w->netns_fds[node],
		.netns = node == TOPOLOGY_INTERNET ? TOPOLOGY_ROUTER_NAME : w->topology->nodes[node].name,
	};
}

/* --- links ----------------------------------------------------------------------------------- */

static int add_switch(struct wiring *w, int box)
{
	struct rtnetlink_interface dev = lan(box);

	if (rtnetlink_add_bridge(&w->nodes[box], &dev) != 0)
		return -1;
	return rtnetlink_set_up(&w->nodes[box], &dev);
}

static int plug_in(struct wiring *w, int node)
{
	int box = w->topology->nodes[node].links[0].behind;
	struct rtnetlink_interface port = far_end(w, node);
	struct rtnetlink_interface bridge = lan(box);
	struct rtnetlink_interface dev = outward(w, node);

	if (rtnetlink_set_master(&w->nodes[box], &port, &bridge) != 0)
		return -1;
	return rtnetlink_add_forwarding(&w->nodes[box], &port, dev.mac);
}

struct rtnetlink_interface wiring_cable_end(int node, enum weather_direction from)
{
	char name[16];

	snprintf(name, sizeof name, "%s-%d", from == WEATHER_UP ? "in" : "out", node);
	return interface(node, INDEX_FAR + 2 * node + (int)from, (uint8_t)(MAC_CABLE + from), name);
}

/* Both ends are joined, or each with one of two ends between which the cable process carries. */
static int join_ends(struct wiring *w, int node, const struct rtnetlink_end *near, const struct rtnetlink_end *far)
{
	struct rtnetlink_end in = { wiring_cable_end(node, WEATHER_UP), w->cable_fd, TOPOLOGY_CABLE_NAME };
	struct rtnetlink_end out = { wiring_cable_end(node, WEATHER_DOWN), w->cable_fd, TOPOLOGY_CABLE_NAME };

	if (!weather_needs_cable(&w->topology->nodes[node].links[0].weather))
		return rtnetlink_add_veth(&w->router, near, far);
	if (rtnetlink_add_veth(&w->router, near, &in) != 0 || rtnetlink_add_veth(&w->router, &out, far) != 0)
		return -1;
	return rtnetlink_set_up(&w->cable, &in.interface) == 0 ? rtnetlink_set_up(&w->cable, &out.interface) : -1;
}

/* What is too long for the link is seen to be so where it is sent. */
static int limit_length(struct wiring *w, int node, const struct rtnetlink_end *near, const struct rtnetlink_end *far)
{
	const struct link *l = &w->topology->nodes[node].links[0];

	if (l->weather.mtu == 0)
		return 0;
	if (rtnetlink_set_mtu(&w->nodes[node], &near->interface, l->weather.mtu) != 0)
		return -1;
	return rtnetlink_set_mtu(handle(w, l->behind), &far->interface, l->weather.mtu);
}

/* The link from the node outward: both ends made, plugged in and up. */
static int add_link(struct wiring *w, int node)
{
	int front = w->topology->nodes[node].links[0].behind;
	struct rtnetlink_end near = end_of(w, outward(w, node), node);
	struct rtnetlink_end far = end_of(w, far_end(w, node), front);

	if (join_ends(w, node, &near, &far) != 0 || limit_length(w, node, &near, &far) != 0)
		return -1;
	if (has_switch(w, front) && plug_in(w, node) != 0)
		return -1;
	if (rtnetlink_set_up(handle(w, front), &far.interface) != 0)
		return -1;
	return rtnetlink_set_up(&w->nodes[node], &near.interface);
}

static int add_links(struct wiring *w)
{
	int count = (int)w->topology->count;

	for (int i = 0; i < count; i++) {
		if (w->topology->nodes[i].kind == NODE_BOX && has_switch(w, i) && add_switch(w, i) != 0)
			return -1;
		if (add_link(w, i) != 0)
			return -1;
	}
	return 0;
}

/* --- addresses and routes -------------------------------------------------------------------- */

/* The lan the node itself stands in, or NULL where every address stands alone (the internet, behind a firewall). */
static const struct subnet *own_lan(const struct wiring *w, int node)
{
	const struct topology *t = w->topology;
	int front = t->nodes[node].links[0].behind;

	return front != TOPOLOGY_INTERNET && topology_realm(t, node) == front ? &t->nodes[front].lan : NULL;
}

/*
 * For every address of the same realm that is the node's own or, if it is a firewall, behind it: makes it known on
 * `dev`, by a route if `with_routes`, as being reached by the node's outward interface.
 */
static int announce(struct wiring *w, int node, struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                    bool with_routes)
{
	const struct topology *t = w->topology;
	struct rtnetlink_interface to = outward(w, node);
	int realm = topology_realm(t, node);

	for (int i = node; i < (int)t->count; i++) {
		const struct node *n = &t->nodes[i];

		if (topology_realm(t, i) != realm || !topology_is_behind(t, i, node))
			continue;
		for (size_t k = 0; k < n->links[0].address_count; k++) {
			if (with_routes && rtnetlink_add_host_route(nl, dev, &n->links[0].addresses[k]) != 0)
				return -1;
			if (rtnetlink_add_neighbour(nl, dev, &n->links[0].addresses[k], to.mac) != 0)
				return -1;
		}
	}
	return 0;
}

/* What `front` has to know of the node, and, where they share a switch, all the others there. */
static int introduce(struct wiring *w, int node)
{
	const struct topology *t = w->topology;
	int front = t->nodes[node].links[0].behind;
	bool with_routes = own_lan(w, node) == NULL;
	struct rtnetlink_interface dev = near_side(w, node);

	if (announce(w, node, handle(w, front), &dev, with_routes) != 0)
		return -1;
	for (int i = 0; front != TOPOLOGY_INTERNET && i < (int)t->count; i++) {
		struct rtnetlink_interface other = outward(w, i);

		if (i != node && t->nodes[i].links[0].behind == front &&
		    announce(w, node, &w->nodes[i], &other, with_routes) != 0)
			return -1;
	}
	return 0;
}

static int address_outward(struct wiring *w, int node)
{
	const struct topology *t = w->topology;
	const struct node *n = &t->nodes[node];
	const struct subnet *net = own_lan(w, node);
	struct rtnetlink *nl = &w->nodes[node];
	struct rtnetlink_interface dev = outward(w, node);
	struct rtnetlink_interface gateway_dev = near_side(w, node);
	struct address gateway = topology_lan_address(t, n->links[0].behind);

	for (size_t k = 0; k < n->links[0].address_count; k++) {
		const struct address *a = &n->links[0].addresses[k];

		if (rtnetlink_add_address(nl, &dev, a, net == NULL ? address_bits(a) : net->prefix) != 0)
			return -1;
	}
	if (net == NULL && rtnetlink_add_host_route(nl, &dev, &gateway) != 0)
		return -1;
	if (rtnetlink_add_neighbour(nl, &dev, &gateway, gateway_dev.mac) != 0)
		return -1;
	return rtnetlink_add_default_route(nl, &dev, &gateway);
}

static int address_lan(struct wiring *w, int box)
{
	const struct node *n = &w->topology->nodes[box];
	struct rtnetlink_interface dev = lan(box);
	struct address a = topology_lan_address(w->topology, box);

	if (n->nat.kind != NAT_TRANSLATE)
		return 0;
	return rtnetlink_add_address(&w->nodes[box], &dev, &a, n->lan.prefix);
}

static int add_addresses(struct wiring *w)
{
	static const struct rtnetlink_interface lo = { .index = RTNETLINK_LOOPBACK, .name = "lo" };
	struct address router = topology_lan_address(w->topology, TOPOLOGY_INTERNET);
	int count = (int)w->topology->count;

	if (rtnetlink_add_address(&w->router, &lo, &router, address_bits(&router)) != 0)
		return -1;
	for (int i = 0; i < count; i++) {
		if (address_outward(w, i) != 0 || introduce(w, i) != 0)
			return -1;
		if (w->topology->nodes[i].kind == NODE_BOX && address_lan(w, i) != 0)
			return -1;
	}
	return 0;
}

void wiring_restore(struct wiring *w, int node)
{
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++) {
		handle(w, i)->is_muted = i != node;
		handle(w, i)->is_lenient = true;
	}
	if (add_addresses(w) != 0)
		log_warning("what %s knew of its network could not be put back", handle(w, node)->netns);
}

/* --- the rest -------------------------------------------------------------------------------- */

/* Makes the interface carry packets as they should be, and waits until it does. The thread is where the interface is.
 */
static int finish_interface(struct wiring *w, int node, struct rtnetlink_interface dev)
{
	struct rtnetlink *nl = handle(w, node);
	bool is_empty_lan = dev.index == INDEX_LAN && topology_count_behind(w->topology, node) == 0;

	if (rtnetlink_disable_checksum_offload(nl, &dev) != 0)
		return -1;
	return is_empty_lan ? 0 : rtnetlink_wait_operational(nl, &dev, clock_now_ms() + OPERATIONAL_MS);
}

/* All interfaces of a node, or of the router. */
static int finish_node(struct wiring *w, int node)
{
	const struct topology *t = w->topology;

	if (sandbox_enter_netns(node == TOPOLOGY_INTERNET ? w->home_fd : w->netns_fds[node]) != 0)
		return -1;
	if (node != TOPOLOGY_INTERNET && finish_interface(w, node, outward(w, node)) != 0)
		return -1;
	if (node != TOPOLOGY_INTERNET && t->nodes[node].kind == NODE_BOX && finish_interface(w, node, lan(node)) != 0)
		return -1;
	for (int i = 0; i < (int)t->count; i++)
		if (t->nodes[i].links[0].behind == node && (node == TOPOLOGY_INTERNET || has_switch(w, node)) &&
		    finish_interface(w, node, far_end(w, i)) != 0)
			return -1;
	return 0;
}

static int finish_links(struct wiring *w)
{
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++)
		if (finish_node(w, i) != 0)
			return -1;
	return 0;
}

int wiring_connect(struct wiring *w)
{
	int result = add_links(w) != 0 || add_addresses(w) != 0 || finish_links(w) != 0 ? -1 : 0;

	return sandbox_enter_netns(w->home_fd) == 0 ? result : -1;
}
