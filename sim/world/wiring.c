#include "world/wiring.h"

#include "io/clock.h"
#include "io/log.h"
#include "model/topology_ipv6.h"
#include "world/command.h"
#include "world/ordering.h"
#include "world/sandbox.h"
#include "world/wiring_ipv6.h"
#include "world/wiring_links.h"
#include "world/wiring_names.h"
#include "world/wiring_routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- namespaces ------------------------------------------------------------------------------ */

/* The network namespace the thread is in becomes a host or a router. */
static int prepare(const struct wiring *w, struct rtnetlink *nl, const char *netns, struct sysctl_role role)
{
	static const struct rtnetlink_interface lo = { .index = RTNETLINK_LOOPBACK, .name = "lo" };

	if (sysctl_prepare(&w->machine, netns, w->order_mask, role) != 0 || rtnetlink_open(nl, netns) != 0)
		return -1;
	return rtnetlink_set_up(nl, &lo);
}

/* The thread moves there and comes back. Returns a descriptor, or -1 (logged). */
static int make_namespace(struct wiring *w, struct rtnetlink *nl, const char *name, struct sysctl_role role)
{
	int fd, result;

	command_note("ip netns add %s", name);
	fd = sandbox_new_netns(name);
	if (fd < 0) {
		log_error("cannot make network namespace '%s': %s", name,
		          errno == ENOSPC ? "the limit of them (user.max_net_namespaces) is reached" : strerror(errno));
		return -1;
	}
	result = prepare(w, nl, name, role);
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
	w->cable_fd = make_namespace(w, &w->cable, TOPOLOGY_CABLE_NAME, (struct sysctl_role){ 0 });
	return w->cable_fd >= 0 ? 0 : -1;
}

int wiring_begin(struct wiring *w, struct topology *t)
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
	if (prepare(w, &w->router, TOPOLOGY_ROUTER_NAME,
	            (struct sysctl_role){ .forwards = true, .has_ipv6 = wiring_has_ipv6(w, TOPOLOGY_INTERNET) }) != 0)
		return -1;
	return topology_needs_cable(t) || topology_has_nat64(t) ? make_cable_namespace(w) : 0;
}

int wiring_make_namespace(struct wiring *w, int node)
{
	const struct node *n = &w->topology->nodes[node];
	const struct sysctl_role role = { .forwards = n->kind == NODE_BOX || n->has_clat,
		                          .has_ipv6 = wiring_has_ipv6(w, node),
		                          .has_temporary = n->has_temporary };

	w->netns_fds[node] = make_namespace(w, &w->nodes[node], n->name, role);
	return w->netns_fds[node] >= 0 ? 0 : -1;
}

void wiring_finish(struct wiring *w)
{
	rtnetlink_close(&w->router);
	rtnetlink_close(&w->cable);
	for (size_t i = 0; i < w->topology->count; i++)
		rtnetlink_close(&w->nodes[i]);
}

/* --- the rest -------------------------------------------------------------------------------- */

void wiring_restore(struct wiring *w, int node)
{
	wiring_be_lenient(w, true);
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++)
		wiring_handle(w, i)->is_muted = i != node;
	if (wiring_add_addresses(w) != 0)
		log_warning("what %s knew of its network could not be put back", wiring_handle(w, node)->netns);
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++)
		wiring_handle(w, i)->is_muted = false;
	wiring_be_lenient(w, false);
}

/* Makes the interface carry packets as they should be, and waits until it does. The thread is where the interface is.
 */
static int finish_interface(struct wiring *w, int node, struct rtnetlink_interface dev)
{
	struct rtnetlink *nl = wiring_handle(w, node);
	bool is_empty_lan = node >= 0 && dev.index == wiring_lan(node).index &&
	                    topology_count_behind(w->topology, node) == 0 && !topology_is_movable(w->topology);

	if (rtnetlink_disable_checksum_offload(nl, &dev) != 0)
		return -1;
	return is_empty_lan ? 0 : rtnetlink_wait_operational(nl, &dev, clock_now_ms() + WIRING_OPERATIONAL_MS);
}

/* All interfaces of a node, or of the router. */
static int finish_node(struct wiring *w, int node)
{
	const struct topology *t = w->topology;

	if (sandbox_enter_netns(node == TOPOLOGY_INTERNET ? w->home_fd : w->netns_fds[node]) != 0)
		return -1;
	for (int k = 0; node != TOPOLOGY_INTERNET && k < (int)t->nodes[node].link_count; k++)
		if (finish_interface(w, node, wiring_outward(w, node, k)) != 0)
			return -1;
	if (node != TOPOLOGY_INTERNET && t->nodes[node].kind == NODE_BOX &&
	    finish_interface(w, node, wiring_lan(node)) != 0)
		return -1;
	if (topology_has_siit(t, node) && finish_interface(w, node, wiring_nat64(w, node)) != 0)
		return -1;
	for (int i = 0; i < (int)t->count; i++)
		for (int k = 0; k < (int)t->nodes[i].link_count; k++)
			if (t->nodes[i].links[k].behind == node &&
			    (node == TOPOLOGY_INTERNET || wiring_has_switch(w, node)) &&
			    finish_interface(w, node, wiring_far_end(w, i, k)) != 0)
				return -1;
	return wiring_ipv6_wait(w, node);
}

static int await_end(struct wiring *w, struct rtnetlink_interface end)
{
	return rtnetlink_wait_operational(&w->cable, &end, clock_now_ms() + WIRING_OPERATIONAL_MS);
}

/* The ends at which processes of the lab's own send: before such a one carries, the kernel drops it all and says
 * nothing. */
static int finish_cable_ends(struct wiring *w, int node)
{
	const struct node *n = &w->topology->nodes[node];

	if (topology_has_siit(w->topology, node) && await_end(w, wiring_nat64_far(node)) != 0)
		return -1;
	for (int k = 0; k < (int)n->link_count; k++)
		if (weather_needs_cable(&n->links[k].weather) &&
		    (await_end(w, wiring_cable_end(node, k, WEATHER_UP)) != 0 ||
		     await_end(w, wiring_cable_end(node, k, WEATHER_DOWN)) != 0))
			return -1;
	return 0;
}

static int finish_links(struct wiring *w)
{
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++)
		if (finish_node(w, i) != 0)
			return -1;
	if (w->cable_fd >= 0 && sandbox_enter_netns(w->cable_fd) != 0)
		return -1;
	for (int i = 0; i < (int)w->topology->count && w->cable_fd >= 0; i++)
		if (finish_cable_ends(w, i) != 0)
			return -1;
	return 0;
}

int wiring_connect(struct wiring *w)
{
	int result = wiring_add_links(w) != 0 || wiring_add_addresses(w) != 0 || finish_links(w) != 0 ? -1 : 0;

	return sandbox_enter_netns(w->home_fd) == 0 ? result : -1;
}
