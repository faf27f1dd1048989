#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

#define FIRST_NUMBER 2 /* 1 is the box of a lan */

_Static_assert(TOPOLOGY_NODES *TOPOLOGY_ADDRESSES <= SIIT_HOSTS, "a NAT64 knows everybody behind it");

/* 12 is 0x12. */
static uint32_t reads_as_decimal(uint32_t n)
{
	return n / 10 * 16 + n % 10;
}

static uint32_t number_of(int node)
{
	return reads_as_decimal((uint32_t)node + FIRST_NUMBER);
}

static bool routes(const struct node *n)
{
	return n->kind == NODE_BOX && n->nat.ipv6 != NAT_IPV6_NONE;
}

bool topology_is_nat64(const struct topology *t, int front)
{
	return front >= 0 && t->nodes[front].nat.ipv6 == NAT_IPV6_NAT64;
}

bool topology_has_nat64(const struct topology *t)
{
	for (int i = 0; i < (int)t->count; i++)
		if (topology_is_nat64(t, i))
			return true;
	return false;
}

bool topology_has_ipv4(const struct topology *t, int node, int link)
{
	const struct link *l = &t->nodes[node].links[link];

	return l->address_count > 0 && !topology_is_nat64(t, l->behind);
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
	if (families_have_ipv4(families) || topology_is_nat64(t, n->links[0].behind))
		return;
	memset(n->links[0].addresses, 0, sizeof n->links[0].addresses);
	n->links[0].address_count = 0;
}

void topology_ask_temporary(struct topology *t, int host)
{
	t->nodes[host].has_temporary = true;
}

void topology_add_temporary(struct topology *t, int host, int link, const struct address *a)
{
	struct link *l = &t->nodes[host].links[link];

	if (l->temporary_count == TOPOLOGY_TEMPORARY)
		memmove(l->temporary, l->temporary + 1, --l->temporary_count * sizeof l->temporary[0]);
	l->temporary[l->temporary_count++] = *a;
	l->temporary_made++;
}

/* True if what stands directly behind it has IPv6 addresses. */
static bool passes_ipv6(const struct topology *t, int front)
{
	while (front >= 0 && routes(&t->nodes[front]))
		front = topology_way_out(t, front)->behind;
	return front == TOPOLOGY_INTERNET;
}

int topology_ipv6_realm(const struct topology *t, int front)
{
	while (front >= 0 && !nat_hides_ipv6(&t->nodes[front].nat))
		front = topology_way_out(t, front)->behind;
	return front;
}

unsigned topology_ipv6_renumbered(const struct topology *t, int box)
{
	unsigned count = 0;

	for (int at = box; at >= 0 && !topology_is_nat64(t, at); at = topology_way_out(t, at)->behind)
		count += t->nodes[at].links[0].renumbered;
	return count;
}

/* A network of the internet bears its box's number; it is another one whenever that, or one in front, got another. */
static uint32_t network_number(const struct topology *t, int box)
{
	return number_of(box) + (reads_as_decimal(topology_ipv6_renumbered(t, box)) << 8);
}

/* Which of its carriers, and of those of the boxes in front, its packets pass: 0 where each has one. */
static unsigned carrier_number(const struct topology *t, int box)
{
	unsigned number = 0;

	for (int at = box; at >= 0 && topology_way_out(t, at)->behind >= 0; at = topology_way_out(t, at)->behind)
		number = number * TOPOLOGY_LINKS + (unsigned)(topology_way_out(t, at) - t->nodes[at].links);
	return number;
}

static struct subnet home_network(const struct topology *t, int box)
{
	return address_plan_home_ipv6(t->plan, network_number(t, box), carrier_number(t, box));
}

/* Of a chosen prefix: to its own lan goes the first network. */
static struct subnet network_in(const struct subnet *prefix, uint32_t number)
{
	struct subnet s = { prefix->network, ADDRESS_PLAN_IPV6_PREFIX };

	s.network.bytes[6] |= (uint8_t)(number >> 8);
	s.network.bytes[7] |= (uint8_t)number;
	return s;
}

static bool has_room_for(const struct subnet *prefix, uint32_t number)
{
	return number >> (ADDRESS_PLAN_IPV6_PREFIX - prefix->prefix) == 0;
}

struct subnet topology_ipv6_lan(const struct topology *t, int box)
{
	int realm = topology_ipv6_realm(t, box);
	const struct subnet *chosen;

	if (!routes(&t->nodes[box]) || !passes_ipv6(t, box))
		return (struct subnet){ 0 };
	chosen =
	    nat_prefix(&t->nodes[realm >= 0 ? realm : box].nat, realm >= 0 ? NAT_KEY_IPV6_INSIDE : NAT_KEY_IPV6_PREFIX);
	if (chosen->prefix != 0)
		return network_in(chosen, realm >= 0 && realm != box ? number_of(box) : 0);
	return realm >= 0 ? address_plan_private_ipv6(number_of(realm), number_of(box)) : home_network(t, box);
}

struct nptv6 topology_nptv6(const struct topology *t, int box)
{
	struct nptv6 n = { .inside.prefix = 0 };

	if (box < 0 || !nat_maps_prefix(&t->nodes[box].nat) || !passes_ipv6(t, box))
		return n;
	if (nat_prefix(&t->nodes[box].nat, NAT_KEY_IPV6_INSIDE)->prefix != 0)
		return (struct nptv6){ *nat_prefix(&t->nodes[box].nat, NAT_KEY_IPV6_INSIDE),
			               *nat_prefix(&t->nodes[box].nat, NAT_KEY_IPV6_OUTSIDE) };
	n.inside = address_plan_private_ipv6(number_of(box), 0);
	n.outside = home_network(t, box);
	n.inside.prefix = n.outside.prefix = NPTV6_PREFIX;
	return n;
}

size_t topology_ipv6_outside(const struct topology *t, int node, int link, struct address out[TOPOLOGY_ADDRESSES])
{
	const struct nptv6 n = topology_nptv6(t, topology_ipv6_realm(t, t->nodes[node].links[link].behind));
	size_t count = n.inside.prefix != 0 ? topology_ipv6_addresses(t, node, link, out) : 0;

	for (size_t i = 0; i < count; i++)
		out[i] = nptv6_outside(&n, &out[i]);
	return count;
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
static struct subnet network_of(const struct topology *t, const struct node *node, int front, size_t n)
{
	bool is_peer = node->has_peer_address && n + 1 == node->ipv6_count;

	if (front != TOPOLOGY_INTERNET)
		return topology_ipv6_lan(t, front);
	return node->kind == NODE_BOX || is_peer ? address_plan_boxes_ipv6(t->plan) : address_plan_hosts_ipv6(t->plan);
}

size_t topology_ipv6_addresses(const struct topology *t, int node, int link, struct address out[TOPOLOGY_ADDRESSES])
{
	const struct link *l = &t->nodes[node].links[link];
	size_t count = topology_ipv6_addresses_at(t, node, link, l->behind, out);

	for (size_t i = 0; i < l->temporary_count && count > 0 && count < TOPOLOGY_ADDRESSES; i++)
		out[count++] = l->temporary[i];
	return count;
}

size_t topology_ipv6_addresses_at(const struct topology *t, int node, int link, int front,
                                  struct address out[TOPOLOGY_ADDRESSES])
{
	const struct node *n = &t->nodes[node];

	if (n->ipv6_count == 0 || !passes_ipv6(t, front))
		return 0;
	for (uint32_t i = 0; i < n->ipv6_count; i++) {
		struct subnet network = network_of(t, n, front, i);

		out[i] = subnet_host(&network, number_of(node) + (reads_as_decimal(n->links[link].renumbered) << 8) +
		                                   (i << 16) + ((uint32_t)link << 24));
	}
	return n->ipv6_count;
}

struct address topology_main_address(const struct topology *t, int node, int link)
{
	const struct link *l = &t->nodes[node].links[link];
	struct address list[TOPOLOGY_ADDRESSES];

	if (topology_has_ipv4(t, node, link))
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

/* A chosen prefix is a part of the internet that is nobody else's. */
static int check_network(const struct topology *t, int box, enum nat_key key, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct subnet *s = nat_prefix(&t->nodes[box].nat, key);
	char text[SUBNET_TEXT_SIZE];

	if (s->prefix == 0)
		return 0;
	if (address_plan_has_ipv6(t->plan, s)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': %s has addresses that the world gives to others: take another", t->nodes[box].name,
		         subnet_format(s, text));
		return -1;
	}
	for (int i = 0; i < (int)t->count; i++)
		for (enum nat_key k = NAT_KEY_IPV6_PREFIX; k <= NAT_KEY_IPV6_PREF64; k++) {
			const struct subnet *other = nat_prefix(&t->nodes[i].nat, k);
			bool is_same = i == box && k == key;
			bool is_shared = k == NAT_KEY_IPV6_PREF64 && key == k; /* it leads nowhere else */

			if (is_same || is_shared || other->prefix == 0 || !subnet_overlaps(s, other))
				continue;
			snprintf(error, TOPOLOGY_ERROR_SIZE,
			         "'%s' and '%s' cannot both have %s: each has a prefix of its own", t->nodes[i].name,
			         t->nodes[box].name, subnet_format(s, text));
			return -1;
		}
	return 0;
}

static int check_prefixes(const struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[box];
	int realm = topology_ipv6_realm(t, n->links[0].behind);
	const struct subnet *inside = realm >= 0 ? nat_prefix(&t->nodes[realm].nat, NAT_KEY_IPV6_INSIDE) : NULL;

	if (realm >= 0 && nat_prefix(&n->nat, NAT_KEY_IPV6_PREFIX)->prefix != 0) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': 'ipv6.prefix' is of the internet, which '%s' in front of it hides", n->name,
		         t->nodes[realm].name);
		return -1;
	}
	if (inside != NULL && inside->prefix != 0 && !nat_hides_ipv6(&n->nat) &&
	    !has_room_for(inside, number_of(box))) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': 'ipv6.inside' of '%s' has no room for one more network: take /56", n->name,
		         t->nodes[realm].name);
		return -1;
	}
	for (enum nat_key key = NAT_KEY_IPV6_PREFIX; key <= NAT_KEY_IPV6_PREF64; key++)
		if (key != NAT_KEY_IPV6_INSIDE && check_network(t, box, key, error) != 0)
			return -1;
	return 0;
}

static int check_box(const struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[box];
	int front = n->links[0].behind;
	const char *word = nat_word(&n->nat, NAT_KEY_IPV6);

	if (topology_is_nat64(t, front))
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s' cannot stand behind '%s': with 'ipv6=nat64' there is no IPv4 for its wan side", n->name,
		         t->nodes[front].name);
	else if (!passes_ipv6(t, front))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s': 'ipv6=%s', but '%s' in front of it passes no IPv6", n->name,
		         word, t->nodes[front].name);
	else if (nat_maps_prefix(&n->nat) && topology_ipv6_realm(t, front) != TOPOLOGY_INTERNET)
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': 'ipv6=nptv6' has a network of the internet outside, which '%s' in front of it hides",
		         n->name, t->nodes[topology_ipv6_realm(t, front)].name);
	else if (!has_ipv6_behind(t, box))
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s': 'ipv6=%s', but no host behind it has IPv6: families=\"46\", or --families 46", n->name,
		         word);
	else
		return check_prefixes(t, box, error);
	return -1;
}

static int check_host(const struct topology *t, int host, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[host];
	int front = n->links[0].behind;

	if (n->is_movable && topology_has_nat64(t)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s' can be plugged in elsewhere, and who moves cannot be in a world with 'ipv6=nat64'",
		         n->name);
		return -1;
	}
	if (n->ipv6_count == 0 && topology_is_nat64(t, front)) {
		snprintf(
		    error, TOPOLOGY_ERROR_SIZE,
		    "'%s' has IPv4 alone, and behind '%s' with 'ipv6=nat64' is none: families=\"6\", or --families 6",
		    n->name, t->nodes[front].name);
		return -1;
	}
	if (n->has_clat && !topology_is_nat64(t, front)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s' cannot have a translator of its own (clat): it is not behind a box with 'ipv6=nat64'",
		         n->name);
		return -1;
	}
	if (n->ipv6_count == 0 || topology_has_ipv4(t, host, 0))
		return 0;
	if (n->is_movable) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can be plugged in elsewhere: it has IPv4, alone or too",
		         n->name);
		return -1;
	}
	if (passes_ipv6(t, front))
		return 0;
	snprintf(error, TOPOLOGY_ERROR_SIZE,
	         "'%s' has IPv6 alone, and '%s' in front of it passes none: say ipv6= there", n->name,
	         t->nodes[front].name);
	return -1;
}

static int check_temporary(const struct topology *t, int host, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[host];
	int front = n->links[0].behind;
	int realm = topology_ipv6_realm(t, front);
	const char *why = NULL;

	if (n->ipv6_count == 0)
		why = "it has no IPv6: families=\"46\", or \"6\"";
	else if (n->ipv6_count > TOPOLOGY_ADDRESSES - TOPOLOGY_TEMPORARY)
		why = "of others it can have 2 at the most";
	else if (front == TOPOLOGY_INTERNET)
		why = "on the internet an address stands alone, without a network of its own";
	else if (topology_has_nat64(t) || (realm >= 0 && !nat_maps_prefix(&t->nodes[realm].nat)))
		why = "a box with 'ipv6=nat66' or 'ipv6=nat64' knows its hosts by their addresses";
	else if (topology_is_movable(t))
		why = "nothing can be plugged in elsewhere in such a world";
	if (why == NULL)
		return 0;
	snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' cannot have temporary addresses: %s", n->name, why);
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

		if (check_links(n, error) != 0 || (n->has_temporary && check_temporary(t, i, error) != 0) ||
		    (n->kind == NODE_BOX && (routes(n) || topology_is_nat64(t, n->links[0].behind)) &&
		     check_box(t, i, error) != 0) ||
		    (n->kind == NODE_HOST && check_host(t, i, error) != 0))
			return -1;
	}
	return 0;
}

/* --- NAT64 ------------------------------------------------------------------------------------- */

bool topology_ask_clat(struct topology *t, int host)
{
	struct node *n = &t->nodes[host];

	if (n->has_clat)
		return true;
	n->has_clat = true;
	if (!topology_is_nat64(t, n->links[0].behind)) /* that is refused later */
		return true;
	n->ipv6_count += n->ipv6_count > 0;
	return topology_give_address(t, host, 0, NODE_HOST);
}

bool topology_has_siit(const struct topology *t, int node)
{
	return node >= 0 && (topology_is_nat64(t, node) || t->nodes[node].has_clat);
}

/* Programs have one address, whatever the interfaces have. */
static struct siit siit_of_host(const struct topology *t, int host)
{
	const struct node *front = &t->nodes[t->nodes[host].links[0].behind];
	struct siit s = { .prefix = nat_pref64(&front->nat), .is_client = true, .host_count = 1 };
	struct address list[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(t, host, 0, list);

	s.own_ipv6 = list[0];
	s.own_ipv4 = address_ipv4(TOPOLOGY_CLAT_ROUTER);
	s.hosts[0] = (struct siit_host){ list[count - 1], address_ipv4(TOPOLOGY_CLAT_ADDRESS) };
	return s;
}

static struct siit siit_of_box(const struct topology *t, int box)
{
	struct siit s = { .prefix = nat_pref64(&t->nodes[box].nat), .own_ipv6 = topology_ipv6_lan_address(t, box) };
	const struct subnet *lan = &t->nodes[box].lan;

	s.own_ipv4 = subnet_host(lan, (uint32_t)subnet_size(lan) - 2);
	for (int i = 0; i < (int)t->count; i++) {
		const struct link *l = &t->nodes[i].links[0];
		struct address list[TOPOLOGY_ADDRESSES];
		size_t count = l->behind == box ? topology_ipv6_addresses(t, i, 0, list) : 0;

		for (size_t k = 0; k < count && k < l->address_count; k++)
			s.hosts[s.host_count++] = (struct siit_host){ list[k], l->addresses[k] };
	}
	return s;
}

struct siit topology_siit(const struct topology *t, int node)
{
	return t->nodes[node].kind == NODE_BOX ? siit_of_box(t, node) : siit_of_host(t, node);
}
