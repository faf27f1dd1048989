#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

#define FIRST_NUMBER 2 /* 1 is the box of a lan */

/* 12 is 0x12: reads as decimal. */
static uint32_t number_of(int node)
{
	uint32_t n = (uint32_t)node + FIRST_NUMBER;

	return n / 10 * 16 + n % 10;
}

static bool routes(const struct node *n)
{
	return n->kind == NODE_BOX && n->nat.ipv6 != NAT_IPV6_NONE;
}

bool topology_has_ipv6(const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->nodes[i].ipv6_count > 0)
			return true;
	return false;
}

void topology_set_families(struct topology *t, int host, enum families families)
{
	struct node *n = &t->nodes[host];

	n->ipv6_count = families_have_ipv6(families) ? n->links[0].address_count : 0;
	if (families_have_ipv4(families))
		return;
	memset(n->links[0].addresses, 0, sizeof n->links[0].addresses);
	n->links[0].address_count = 0;
}

bool topology_passes_ipv6(const struct topology *t, int front)
{
	while (front >= 0 && routes(&t->nodes[front]))
		front = topology_way_out(t, front)->behind;
	return front == TOPOLOGY_INTERNET;
}

struct subnet topology_ipv6_lan(const struct topology *t, int box)
{
	if (!routes(&t->nodes[box]) || !topology_passes_ipv6(t, box))
		return (struct subnet){ 0 };
	return address_plan_home_ipv6(t->plan, number_of(box));
}

struct address topology_ipv6_lan_address(const struct topology *t, int box)
{
	struct subnet lan;

	if (box == TOPOLOGY_INTERNET)
		return address_plan_router_ipv6(t->plan);
	lan = topology_ipv6_lan(t, box);
	return subnet_host(&lan, 1);
}

/* The network in which a link's n-th address is. */
static struct subnet network_of(const struct topology *t, const struct node *node, const struct link *l, size_t n)
{
	bool is_peer = node->has_peer_address && n + 1 == node->ipv6_count;

	if (l->behind != TOPOLOGY_INTERNET)
		return topology_ipv6_lan(t, l->behind);
	return node->kind == NODE_BOX || is_peer ? address_plan_boxes_ipv6(t->plan) : address_plan_hosts_ipv6(t->plan);
}

size_t topology_ipv6_addresses(const struct topology *t, int node, int link, struct address out[TOPOLOGY_ADDRESSES])
{
	const struct node *n = &t->nodes[node];
	const struct link *l = &n->links[link];

	if (n->ipv6_count == 0 || !topology_passes_ipv6(t, l->behind))
		return 0;
	for (uint32_t i = 0; i < n->ipv6_count; i++) {
		struct subnet network = network_of(t, n, l, i);

		out[i] = subnet_host(&network, number_of(node) + (i << 16) + ((uint32_t)link << 24));
	}
	return n->ipv6_count;
}

struct address topology_main_address(const struct topology *t, int node, int link)
{
	const struct link *l = &t->nodes[node].links[link];
	struct address list[TOPOLOGY_ADDRESSES];

	if (l->address_count > 0)
		return l->addresses[0];
	return topology_ipv6_addresses(t, node, link, list) > 0 ? list[0] : (struct address){ 0 };
}

/* --- contradictions -------------------------------------------------------------------------- */

static bool has_ipv6_behind(const struct topology *t, int box)
{
	for (int i = 0; i < (int)t->count; i++)
		if (i != box && t->nodes[i].kind == NODE_HOST && t->nodes[i].ipv6_count > 0 &&
		    (topology_is_behind(t, i, box) || t->nodes[i].is_movable))
			return true;
	return false;
}

static int check_box(const struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[box];
	int front = n->links[0].behind;
	const char *word = nat_word(&n->nat, NAT_KEY_IPV6);

	if (!topology_passes_ipv6(t, front))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s': 'ipv6=%s', but '%s' in front of it passes no IPv6", n->name,
		         word, t->nodes[front].name);
	else if (!has_ipv6_behind(t, box))
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': 'ipv6=%s', but no host behind it has IPv6: families=\"46\", or --families 46", n->name,
		         word);
	else
		return 0;
	return -1;
}

static int check_host(const struct topology *t, int host, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[host];
	int front = n->links[0].behind;

	if (n->ipv6_count == 0 || n->links[0].address_count > 0)
		return 0;
	if (n->is_movable) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can be plugged in elsewhere: it has IPv4, alone or too",
		         n->name);
		return -1;
	}
	if (topology_passes_ipv6(t, front))
		return 0;
	snprintf(error, TOPOLOGY_ERROR_SIZE,
	         "'%s' has IPv6 alone, and '%s' in front of it passes none: say ipv6= there", n->name,
	         t->nodes[front].name);
	return -1;
}

static int check_links(const struct node *n, char error[TOPOLOGY_ERROR_SIZE])
{
	for (size_t k = 0; k < n->link_count && n->ipv6_count > 0; k++) {
		unsigned mtu = n->links[k].weather.mtu;

		if (mtu == 0 || mtu >= NAT_IPV6_MTU_MIN)
			continue;
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the link of '%s' takes %u bytes, and IPv6 needs %d (RFC 8200)",
		         n->name, mtu, NAT_IPV6_MTU_MIN);
		return -1;
	}
	return 0;
}

int topology_check_ipv6(const struct topology *t, char error[TOPOLOGY_ERROR_SIZE])
{
	for (int i = 0; i < (int)t->count; i++) {
		const struct node *n = &t->nodes[i];

		if (check_links(n, error) != 0 || (routes(n) && check_box(t, i, error) != 0) ||
		    (n->kind == NODE_HOST && check_host(t, i, error) != 0))
			return -1;
	}
	return 0;
}
