/* Nodes that are plugged in elsewhere: wiring_change(). */
#include "world/wiring.h"

#include "io/clock.h"
#include "world/sandbox.h"
#include "world/wiring_ipv6.h"
#include "world/wiring_links.h"
#include "world/wiring_names.h"
#include "world/wiring_routes.h"

static bool same_addresses(const struct link *a, const struct link *b)
{
	for (size_t i = 0; i < a->address_count && a->address_count == b->address_count; i++)
		if (!address_equal(&a->addresses[i], &b->addresses[i]))
			return false;
	return a->address_count == b->address_count;
}

/* Who is in front no longer has a route to the link's addresses, nor has anybody in front of a firewall. */
static void retract(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	int at = node, at_link = link;

	while (at >= 0 && !wiring_leads_to_lan(w, &w->topology->nodes[at].links[at_link])) {
		int front = w->topology->nodes[at].links[at_link].behind;
		struct rtnetlink_interface dev = wiring_near_side(w, at, at_link);

		for (size_t k = 0; k < l->address_count; k++)
			if (rtnetlink_delete_host_route(wiring_handle(w, front), &dev, &l->addresses[k], 0) != 0)
				return;
		at = front;
		at_link = 0;
	}
}

/* The kernel forgets routes and neighbours with the interface that goes down. Then it is up, without a carrier. */
static int withdraw(struct wiring *w, int node, int link, bool pull)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink_interface near = wiring_outward(w, node, link), far = wiring_far_end(w, node, link);

	retract(w, node, link);
	if (pull && rtnetlink_set_down(&w->nodes[node], &near) != 0)
		return -1;
	for (size_t k = l->address_count; k-- > 0;) /* the kernel takes further ones of a lan away with the first */
		if (rtnetlink_delete_address(&w->nodes[node], &near, &l->addresses[k],
		                             wiring_prefix(w, l, &l->addresses[k])) != 0)
			return -1;
	if (!pull)
		return 0;
	return rtnetlink_set_down(wiring_handle(w, l->behind), &far) == 0 ? rtnetlink_set_up(&w->nodes[node], &near)
	                                                                  : -1;
}

/* The far end goes where it belongs now, from wherever it was last. */
static int carry_over(struct wiring *w, int node, int link)
{
	int front = w->topology->nodes[node].links[link].behind, *last = &w->last_fronts[node][link];
	struct rtnetlink_interface far = wiring_far_end(w, node, link);
	struct rtnetlink_end there = wiring_end_of(w, far, front);

	if (*last != front && rtnetlink_move(wiring_handle(w, *last), &far, there.netns_fd, there.netns) != 0)
		return -1;
	*last = front;
	return wiring_plug_in(w, node, link);
}

/* Firewalls in front tell on who is behind them. */
static int introduce_all(struct wiring *w, int node, int link)
{
	const struct topology *t = w->topology;
	int front = t->nodes[node].links[link].behind;

	if (wiring_introduce(w, node, link) != 0 || wiring_learn(w, node, link) != 0)
		return -1;
	while (front >= 0 && t->nodes[front].nat.kind != NAT_TRANSLATE) {
		if (wiring_introduce(w, front, 0) != 0)
			return -1;
		front = t->nodes[front].links[0].behind;
	}
	return 0;
}

static int wait_for_neighbours(struct wiring *w, int node)
{
	int result = sandbox_enter_netns(node >= 0 ? w->netns_fds[node] : w->home_fd);

	if (result == 0)
		result = wiring_ipv6_wait(w, node);
	return sandbox_enter_netns(w->home_fd) == 0 ? result : -1;
}

static int wait_for(struct wiring *w, int node, struct rtnetlink_interface dev,
                    int (*until)(struct rtnetlink *nl, const struct rtnetlink_interface *dev, uint64_t deadline_ms))
{
	int result = sandbox_enter_netns(node >= 0 ? w->netns_fds[node] : w->home_fd);

	if (result == 0)
		result = until(wiring_handle(w, node), &dev, clock_now_ms() + WIRING_OPERATIONAL_MS);
	return sandbox_enter_netns(w->home_fd) == 0 ? result : -1;
}

static int wait_for_carrier(struct wiring *w, int node, struct rtnetlink_interface dev)
{
	return wait_for(w, node, dev, rtnetlink_wait_operational);
}

/* Until then the kernel throws away what is sent there; a lan that was empty comes up with its first port. */
static int wait_until_operational(struct wiring *w, int node, int link)
{
	int front = w->topology->nodes[node].links[link].behind;

	if (wait_for_carrier(w, node, wiring_outward(w, node, link)) != 0 ||
	    wait_for_carrier(w, front, wiring_far_end(w, node, link)) != 0)
		return -1;
	if (front >= 0 && wait_for_carrier(w, front, wiring_lan(front)) != 0)
		return -1;
	return wait_for_neighbours(w, node) == 0 ? wait_for_neighbours(w, front) : -1;
}

static int wait_until_settled(struct wiring *w, int node, struct rtnetlink_interface dev)
{
	return wait_for(w, node, dev, rtnetlink_wait_settled);
}

int wiring_wait(struct wiring *w, int node)
{
	const struct node *n = &w->topology->nodes[node];
	int result = n->kind == NODE_BOX ? wait_until_settled(w, node, wiring_lan(node)) : 0;

	for (int k = 0; k < (int)n->link_count; k++) {
		int front = n->links[k].behind;

		if (front == TOPOLOGY_NOWHERE)
			continue;
		result |= wait_until_settled(w, node, wiring_outward(w, node, k));
		result |= wait_until_settled(w, front, wiring_far_end(w, node, k));
		if (front >= 0)
			result |= wait_until_settled(w, front, wiring_lan(front));
	}
	return result;
}

static int settle_in(struct wiring *w, int node, int link, bool pulled)
{
	int result;

	if (pulled && carry_over(w, node, link) != 0)
		return -1;
	wiring_be_lenient(w, true); /* most of this is there */
	result = wiring_address(w, node, link) == 0 ? introduce_all(w, node, link) : -1;
	wiring_be_lenient(w, false);
	return result == 0 ? wait_until_operational(w, node, link) : -1;
}

/* Returns when neighbours can find all of the new addresses. */
static int replace_networks(struct wiring *w, struct topology *before, int box)
{
	int result;

	wiring_be_lenient(w, true); /* part of it is done */
	result = wiring_ipv6_replace(w, before, box);
	wiring_be_lenient(w, false);
	for (int i = 0; i < (int)before->count && result == 0; i++)
		result = topology_is_behind(w->topology, i, box) ? wait_for_neighbours(w, i) : 0;
	return result;
}

/* First all that goes, then all that comes: no two routes may be the same meanwhile. */
int wiring_change(struct wiring *w, int node, const struct link links[TOPOLOGY_LINKS])
{
	static struct topology before;
	struct node *n = &w->topology->nodes[node];
	bool moves[TOPOLOGY_LINKS] = { false }, changes[TOPOLOGY_LINKS] = { false };

	before = *w->topology;
	for (int k = 0; k < (int)n->link_count; k++) {
		const struct link *now = &n->links[k];

		moves[k] = now->behind != links[k].behind;
		changes[k] = moves[k] || !same_addresses(now, &links[k]);
		if (now->behind == TOPOLOGY_NOWHERE)
			continue;
		if (changes[k] ? withdraw(w, node, k, moves[k]) != 0
		               : now->metric != links[k].metric && wiring_delete_way_out(w, node, k) != 0)
			return -1;
	}
	for (int k = 0; k < (int)n->link_count; k++) {
		unsigned metric = n->links[k].metric;

		n->links[k] = links[k];
		if (links[k].behind == TOPOLOGY_NOWHERE)
			continue;
		if (changes[k] ? settle_in(w, node, k, moves[k]) != 0
		               : metric != links[k].metric && wiring_add_way_out(w, node, k) != 0)
			return -1;
	}
	return n->kind == NODE_BOX && wiring_has_ipv6(w, node) ? replace_networks(w, &before, node) : 0;
}
