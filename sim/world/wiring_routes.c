#include "world/wiring_routes.h"

#include "model/topology_ipv6.h"
#include "world/wiring_ipv6.h"
#include "world/wiring_names.h"
#include "world/wiring_nat64.h"

bool wiring_leads_to_lan(const struct wiring *w, const struct link *l)
{
	return l->behind >= 0 && topology_link_realm(w->topology, l) == l->behind;
}

unsigned wiring_metric(const struct wiring *w, int node, int link)
{
	const struct node *n = &w->topology->nodes[node];

	return n->link_count > 1 ? n->links[link].metric : 0;
}

/* Where an address is made known: on `dev` of the node behind that handle. */
struct audience {
	struct rtnetlink *nl;
	struct rtnetlink_interface dev;
	unsigned metric;
	bool with_routes;
};

static int announce_link(const struct audience *to, const struct link *l, const uint8_t mac[RTNETLINK_MAC_SIZE])
{
	for (size_t k = 0; k < l->address_count; k++) {
		if (to->with_routes && rtnetlink_add_host_route(to->nl, &to->dev, &l->addresses[k], to->metric) != 0)
			return -1;
		if (rtnetlink_add_neighbour(to->nl, &to->dev, &l->addresses[k], mac) != 0)
			return -1;
	}
	return 0;
}

/*
 * Every address of the same realm that is the link's own or, if its node is a firewall, behind it, is reached by the
 * node's interface there.
 */
static int announce(struct wiring *w, int node, int link, const struct audience *to)
{
	const struct topology *t = w->topology;
	struct rtnetlink_interface dev = wiring_outward(w, node, link);
	int realm = topology_link_realm(t, &t->nodes[node].links[link]);

	if (announce_link(to, &t->nodes[node].links[link], dev.mac) != 0)
		return -1;
	for (int i = 0; i < (int)t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count && i != node; k++) {
			const struct link *l = &t->nodes[i].links[k];

			if (topology_link_realm(t, l) == realm && topology_is_behind(t, l->behind, node) &&
			    announce_link(to, l, dev.mac) != 0)
				return -1;
		}
	return 0;
}

/* The node gets to know another's link in the same lan, or behind the same firewall. */
static int introduce_to(struct wiring *w, int node, int link, int other, int other_link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct audience to = { .nl = &w->nodes[node],
		               .dev = wiring_outward(w, node, link),
		               .metric = wiring_metric(w, node, link),
		               .with_routes = !wiring_leads_to_lan(w, l) };

	return announce(w, other, other_link, &to);
}

/* What is in front has to know of the link, and, where they share a switch, all the others there. */
int wiring_introduce(struct wiring *w, int node, int link)
{
	const struct topology *t = w->topology;
	const struct link *own = &t->nodes[node].links[link];
	struct audience front = { .nl = wiring_handle(w, own->behind),
		                  .dev = wiring_near_side(w, node, link),
		                  .with_routes = !wiring_leads_to_lan(w, own) };

	if (topology_is_nat64(t, own->behind))
		return wiring_nat64_introduce(w, node, link) == 0 ? wiring_ipv6_introduce(w, node, link) : -1;
	if (announce(w, node, link, &front) != 0 || wiring_ipv6_introduce(w, node, link) != 0)
		return -1;
	for (int i = 0; own->behind != TOPOLOGY_INTERNET && i < (int)t->count; i++)
		for (int k = 0; k < (int)t->nodes[i].link_count && i != node; k++)
			if (t->nodes[i].links[k].behind == own->behind && introduce_to(w, i, k, node, link) != 0)
				return -1;
	return 0;
}

/* And the other way round, for one that comes later. */
int wiring_learn(struct wiring *w, int node, int link)
{
	const struct topology *t = w->topology;
	int front = t->nodes[node].links[link].behind;

	for (int i = 0; front != TOPOLOGY_INTERNET && i < (int)t->count; i++)
		for (int k = 0; k < (int)t->nodes[i].link_count && i != node; k++)
			if (t->nodes[i].links[k].behind == front && introduce_to(w, node, link, i, k) != 0)
				return -1;
	return 0;
}

static int add_way_out(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink *nl = &w->nodes[node];
	struct rtnetlink_interface dev = wiring_outward(w, node, link);
	struct address gateway = topology_lan_address(w->topology, l->behind);
	unsigned metric = wiring_metric(w, node, link);

	if (!wiring_leads_to_lan(w, l) && rtnetlink_add_host_route(nl, &dev, &gateway, metric) != 0)
		return -1;
	return rtnetlink_add_default_route(nl, &dev, &gateway, metric);
}

static int delete_way_out(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink *nl = &w->nodes[node];
	struct rtnetlink_interface dev = wiring_outward(w, node, link);
	struct address gateway = topology_lan_address(w->topology, l->behind);
	unsigned metric = wiring_metric(w, node, link);

	if (rtnetlink_delete_default_route(nl, &dev, &gateway, metric) != 0)
		return -1;
	return !wiring_leads_to_lan(w, l) ? rtnetlink_delete_host_route(nl, &dev, &gateway, metric) : 0;
}

static bool has_ipv4(const struct wiring *w, int node, int link)
{
	return topology_has_ipv4(w->topology, node, link);
}

int wiring_add_way_out(struct wiring *w, int node, int link)
{
	if (has_ipv4(w, node, link) && add_way_out(w, node, link) != 0)
		return -1;
	return wiring_ipv6_add_way_out(w, node, link);
}

int wiring_delete_way_out(struct wiring *w, int node, int link)
{
	if (has_ipv4(w, node, link) && delete_way_out(w, node, link) != 0)
		return -1;
	return wiring_ipv6_delete_way_out(w, node, link);
}

unsigned wiring_prefix(const struct wiring *w, const struct link *l, const struct address *a)
{
	return wiring_leads_to_lan(w, l) ? w->topology->nodes[l->behind].lan.prefix : address_bits(a);
}

int wiring_address(struct wiring *w, int node, int link)
{
	const struct link *l = &w->topology->nodes[node].links[link];
	struct rtnetlink *nl = &w->nodes[node];
	struct rtnetlink_interface dev = wiring_outward(w, node, link);
	struct rtnetlink_interface gateway_dev = wiring_near_side(w, node, link);
	struct address gateway = topology_lan_address(w->topology, l->behind);

	for (size_t k = 0; has_ipv4(w, node, link) && k < l->address_count; k++) {
		const struct address *a = &l->addresses[k];

		if (rtnetlink_add_address(nl, &dev, a, wiring_prefix(w, l, a)) != 0)
			return -1;
	}
	if (has_ipv4(w, node, link) && rtnetlink_add_neighbour(nl, &dev, &gateway, gateway_dev.mac) != 0)
		return -1;
	if (wiring_ipv6_address(w, node, link) != 0)
		return -1;
	return wiring_add_way_out(w, node, link);
}

static int address_lan(struct wiring *w, int box)
{
	const struct node *n = &w->topology->nodes[box];
	struct rtnetlink_interface dev = wiring_lan(box);
	struct address a = topology_lan_address(w->topology, box);

	if (topology_is_nat64(w->topology, box) && wiring_nat64_address(w, box) != 0)
		return -1;
	if (n->nat.kind == NAT_TRANSLATE && !topology_is_nat64(w->topology, box) &&
	    rtnetlink_add_address(&w->nodes[box], &dev, &a, n->lan.prefix) != 0)
		return -1;
	return wiring_ipv6_address_lan(w, box);
}

int wiring_add_addresses(struct wiring *w)
{
	static const struct rtnetlink_interface lo = { .index = RTNETLINK_LOOPBACK, .name = "lo" };
	struct address router = topology_lan_address(w->topology, TOPOLOGY_INTERNET);
	int count = (int)w->topology->count;

	if (rtnetlink_add_address(&w->router, &lo, &router, address_bits(&router)) != 0 ||
	    wiring_ipv6_address_router(w) != 0)
		return -1;
	for (int i = 0; i < count; i++) {
		const struct node *n = &w->topology->nodes[i];

		for (int k = 0; k < (int)n->link_count; k++)
			if (n->links[k].behind != TOPOLOGY_NOWHERE &&
			    (wiring_address(w, i, k) != 0 || wiring_introduce(w, i, k) != 0))
				return -1;
		if (n->kind == NODE_BOX ? address_lan(w, i) != 0 : n->has_clat && wiring_nat64_address_host(w, i) != 0)
			return -1;
	}
	return 0;
}

void wiring_be_lenient(struct wiring *w, bool lenient)
{
	for (int i = TOPOLOGY_INTERNET; i < (int)w->topology->count; i++)
		wiring_handle(w, i)->is_lenient = lenient;
}
