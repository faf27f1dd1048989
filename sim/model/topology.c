#include "model/topology.h"

#include "model/topology_ipv6.h"
#include "model/topology_names.h"

#include <stdio.h>
#include <string.h>

/* Where a box's lan 10.0.N.0/24 comes from, and the next choices when one asked for covers all that. */
static const uint32_t home_ranges[] = { 0x0a000000u, 0xc0a80000u, 0xac100000u };
static const uint32_t carrier_ranges[] = { 0x64400000u }; /* RFC 6598 */
#define CARRIER_PREFIX 10
#define LAN_PREFIX 24
#define LANS_PER_RANGE 255

static bool translates(const struct node *n)
{
	return n->kind == NODE_BOX && n->nat.kind == NAT_TRANSLATE;
}

/* --- looking at it ------------------------------------------------------------------------- */

int topology_find(const struct topology *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->nodes[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *topology_link_name(const struct topology *t, int node, int link, char text[TOPOLOGY_LINK_NAME_SIZE])
{
	snprintf(text, TOPOLOGY_LINK_NAME_SIZE, "%s %s", t->nodes[node].name, t->nodes[node].links[link].interface);
	return text;
}

void topology_set_weather(struct topology *t, int node, int link, const struct weather *w)
{
	t->nodes[node].links[link].weather = *w;
}

bool topology_needs_cable(const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			if (weather_needs_cable(&t->nodes[i].links[k].weather))
				return true;
	return false;
}

size_t topology_count_behind(const struct topology *t, int box)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			n += t->nodes[i].links[k].behind == box;
	return n;
}

bool topology_is_behind(const struct topology *t, int node, int front)
{
	if (node == front || front == TOPOLOGY_INTERNET)
		return true;
	for (size_t k = 0; node >= 0 && k < t->nodes[node].link_count; k++)
		if (topology_is_behind(t, t->nodes[node].links[k].behind, front))
			return true;
	return false;
}

bool topology_is_movable(const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->nodes[i].is_movable)
			return true;
	return false;
}

/* 0: nowhere. */
static int leads(const struct link *l)
{
	return l->behind == TOPOLOGY_NOWHERE ? 0 : l->is_disabled ? 1 : 2;
}

static bool is_better_way(const struct link *l, const struct link *than)
{
	return leads(l) != leads(than) ? leads(l) > leads(than) : leads(l) > 0 && l->metric < than->metric;
}

const struct link *topology_way_out(const struct topology *t, int node)
{
	const struct node *n = &t->nodes[node];
	const struct link *out = &n->links[0];

	for (size_t k = 1; k < n->link_count; k++)
		if (is_better_way(&n->links[k], out))
			out = &n->links[k];
	return out;
}

bool topology_goes_by(const struct topology *t, int node, int front)
{
	while (node >= 0 && node != front)
		node = topology_way_out(t, node)->behind;
	return node == front || front == TOPOLOGY_INTERNET;
}

/* The realm of what stands directly behind `front`. */
static int realm_behind(const struct topology *t, int front)
{
	while (front >= 0 && !translates(&t->nodes[front]))
		front = t->nodes[front].links[0].behind;
	return front;
}

/* How many links a packet crosses from there to the internet, by the longest way. */
static unsigned depth_of(const struct topology *t, int node)
{
	unsigned deepest = 0;

	for (size_t k = 0; node >= 0 && k < t->nodes[node].link_count; k++) {
		unsigned depth = 1 + depth_of(t, t->nodes[node].links[k].behind);

		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

/* What can move may come to stand behind the innermost box. */
unsigned topology_longest_way(const struct topology *t)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < t->count; i++) {
		bool is_movable_box = topology_is_movable(t) && t->nodes[i].kind == NODE_BOX;
		unsigned depth = depth_of(t, (int)i) + is_movable_box;

		if (depth > deepest)
			deepest = depth;
	}
	return 4 * deepest;
}

int topology_link_realm(const struct topology *t, const struct link *link)
{
	return realm_behind(t, link->behind);
}

int topology_realm(const struct topology *t, int node)
{
	return topology_link_realm(t, topology_way_out(t, node));
}

const char *topology_name(const struct topology *t, int node)
{
	return node == TOPOLOGY_INTERNET ? TOPOLOGY_ROUTER_NAME : t->nodes[node].name;
}

struct address topology_lan_address(const struct topology *t, int box)
{
	if (box == TOPOLOGY_INTERNET)
		return address_plan_router(t->plan);
	if (translates(&t->nodes[box]))
		return subnet_host(&t->nodes[box].lan, 1);
	return t->nodes[box].links[0].addresses[0];
}

struct address topology_public_address(const struct topology *t, int node)
{
	int realm = topology_realm(t, node);
	const struct link *out;

	while (realm >= 0 && topology_way_out(t, node)->address_count > 0) {
		node = realm;
		realm = topology_realm(t, node);
	}
	out = topology_way_out(t, node);
	if (out->address_count == 0 && t->nodes[node].ipv6_count > 0)
		return topology_main_address(t, node, (int)(out - t->nodes[node].links));
	return out->addresses[0];
}

static bool has_address(const struct link *l, const struct address *address)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (address_equal(&l->addresses[i], address))
			return true;
	return false;
}

int topology_find_address(const struct topology *t, int realm, const struct address *address)
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			if (topology_link_realm(t, &t->nodes[i].links[k]) == realm &&
			    has_address(&t->nodes[i].links[k], address))
				return (int)i;
	return -1;
}

/* Appends an interface, if there is room. Returns how many there are. */
static size_t add_interface(struct topology_interface *out, size_t room, size_t n, int node, int link, const char *name)
{
	if (n == room)
		return n;
	out[n].node = node;
	out[n].link = link;
	snprintf(out[n].name, sizeof out[n].name, "%s", name);
	return n + 1;
}

size_t topology_interfaces(const struct topology *t, struct topology_interface *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->nodes[i].kind == NODE_BOX)
			n = add_interface(out, room, n, (int)i, -1, "lan");
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			n = add_interface(out, room, n, (int)i, (int)k, t->nodes[i].links[k].interface);
	}
	return n;
}

/* --- adding to it -------------------------------------------------------------------------- */

bool topology_is_reserved(const char *name)
{
	static const char *const reserved[] = { TOPOLOGY_ROUTER_NAME,
		                                TOPOLOGY_CABLE_NAME,
		                                "localhost",
		                                "lo",
		                                "all",
		                                "default",
		                                "eth0",
		                                "lan",
		                                "wan",
		                                "nat64" };

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

/* A host name label (RFC 1123 §2.1) in small letters: it names a namespace, files and a DNS entry too. */
static bool is_label(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len < TOPOLOGY_NAME_SIZE && name[len] == '\0' && name[0] != '-' && name[len - 1] != '-';
}

static int check_new(const struct topology *t, const char *name, int behind, char error[TOPOLOGY_ERROR_SIZE])
{
	if (!is_label(name))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad name '%.40s': 1 to %d of a-z, 0-9 and -, no - at either end",
		         name, TOPOLOGY_NAME_SIZE - 1);
	else if (topology_is_reserved(name))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the name '%s' is taken by the lab itself", name);
	else if (topology_find(t, name) >= 0)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "there is already a '%s'", name);
	else if (topology_find_name(t, name) >= 0)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the name '%s' is taken: it is %s's already", name,
		         t->nodes[topology_find_name(t, name)].name);
	else if (t->count == TOPOLOGY_NODES)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "no room for '%s': a world has at most %d hosts and NAT boxes",
		         name, TOPOLOGY_NODES);
	else if (behind != TOPOLOGY_INTERNET &&
	         (behind < 0 || (size_t)behind >= t->count || t->nodes[behind].kind != NODE_BOX))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can stand behind a NAT box only, or on the internet", name);
	else
		return 0;
	return -1;
}

static bool is_leased(const struct topology *t, int realm, const struct address *a)
{
	for (size_t i = 0; i < t->lease_count; i++)
		for (size_t k = 0; k < t->leases[i].address_count; k++)
			if (t->leases[i].realm == realm && address_equal(&t->leases[i].addresses[k], a))
				return true;
	return false;
}

bool topology_give_address(struct topology *t, int node, int link, enum node_kind kind)
{
	struct link *l = &t->nodes[node].links[link];
	int realm = topology_link_realm(t, l);
	bool is_public = realm == TOPOLOGY_INTERNET;
	struct subnet s = !is_public         ? t->nodes[realm].lan
	                  : kind == NODE_BOX ? address_plan_boxes(t->plan)
	                                     : address_plan_hosts(t->plan);

	for (uint32_t i = is_public ? 1 : 2; i < subnet_size(&s) - 1; i++) { /* of a lan, .1 is the box */
		struct address a = subnet_host(&s, i);

		if (l->address_count == TOPOLOGY_ADDRESSES)
			return false;
		if (topology_find_address(t, realm, &a) >= 0 || is_leased(t, realm, &a))
			continue;
		l->addresses[l->address_count++] = a;
		return true;
	}
	return false;
}

/* Appends the node with its addresses. On failure the table is as before. */
static int append(struct topology *t, const struct node *node, size_t address_count, char error[TOPOLOGY_ERROR_SIZE])
{
	int index = (int)t->count;
	struct node *n = &t->nodes[index];

	*n = *node;
	n->links[0].address_count = 0;
	t->count++; /* so that addresses given a moment ago count as used */
	while (n->links[0].address_count < address_count) {
		if (topology_give_address(t, index, 0, n->kind))
			continue;
		t->count--;
		snprintf(error, TOPOLOGY_ERROR_SIZE, "no address is left for '%s'", node->name);
		return -1;
	}
	return index;
}

int topology_add_host(struct topology *t, const char *name, int behind, size_t address_count,
                      char error[TOPOLOGY_ERROR_SIZE])
{
	struct node n = { .kind = NODE_HOST, .links = { { .interface = "eth0", .behind = behind } }, .link_count = 1 };

	if (check_new(t, name, behind, error) != 0)
		return -1;
	if (address_count < 1 || address_count > TOPOLOGY_ADDRESSES) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can have 1 to %d addresses", name, TOPOLOGY_ADDRESSES);
		return -1;
	}
	snprintf(n.name, sizeof n.name, "%s", name);
	return append(t, &n, address_count, error);
}

int topology_add_peer_address(struct topology *t, int host, char error[TOPOLOGY_ERROR_SIZE])
{
	struct node *n = &t->nodes[host];

	if (topology_realm(t, host) == TOPOLOGY_INTERNET && topology_give_address(t, host, 0, NODE_BOX)) {
		n->has_peer_address = true;
		n->ipv6_count += n->ipv6_count > 0;
		return 0;
	}
	snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' cannot have a peer's address as well", n->name);
	return -1;
}

/* True if no box has any of this network, so that every address in a trace speaks for one lan. */
static bool is_unused(const struct topology *t, const struct subnet *lan)
{
	for (size_t i = 0; i < t->count; i++)
		if (translates(&t->nodes[i]) && subnet_overlaps(lan, &t->nodes[i].lan))
			return false;
	return true;
}

/* The first unused 10.0.N.0/24 or the like of these ranges. Returns 0, or -1 when there is none. */
static int free_lan(const struct topology *t, const uint32_t *ranges, size_t range_count, struct subnet *out)
{
	for (size_t r = 0; r < range_count; r++)
		for (uint32_t n = 1; n <= LANS_PER_RANGE; n++) {
			struct subnet lan = subnet_ipv4(ranges[r] + (n << (32 - LAN_PREFIX)), LAN_PREFIX);

			if (is_unused(t, &lan)) {
				*out = lan;
				return 0;
			}
		}
	return -1;
}

/* The same host in a network of the same size. */
static void move_address(struct address *a, const struct subnet *lan)
{
	struct address host = address_host_part(a, lan->prefix);

	*a = lan->network;
	for (size_t i = 0; i < sizeof a->bytes; i++)
		a->bytes[i] |= host.bytes[i];
}

static void move_addresses(const struct topology *t, struct link *l, int realm, const struct subnet *lan)
{
	for (size_t i = 0; i < l->address_count && topology_link_realm(t, l) == realm; i++)
		move_address(&l->addresses[i], lan);
}

/* A box that gets a box behind it becomes a carrier: its lan moves to 100.64.N.0/24, unless it was asked for. */
static void renumber_as_carrier(struct topology *t, int realm)
{
	struct node *carrier;
	struct subnet lan;
	struct subnet carriers = subnet_ipv4(carrier_ranges[0], CARRIER_PREFIX);

	if (realm == TOPOLOGY_INTERNET)
		return;
	carrier = &t->nodes[realm];
	if (carrier->lan_is_given || subnet_contains(&carriers, &carrier->lan.network) ||
	    free_lan(t, carrier_ranges, 1, &lan) != 0)
		return;
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			move_addresses(t, &t->nodes[i].links[k], realm, &lan);
	carrier->lan = lan;
}

/* Takes the lan that was asked for. A box whose two sides have the same addresses could not tell them apart. */
static int take_lan(const struct topology *t, struct node *n, const char *text, char error[TOPOLOGY_ERROR_SIZE])
{
	char why[SUBNET_ERROR_SIZE];
	char outside[SUBNET_TEXT_SIZE];
	int realm = realm_behind(t, n->links[0].behind);

	if (subnet_parse_private(text, &n->lan, why) != 0) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad lan of '%s': %s", n->name, why);
		return -1;
	}
	if (realm != TOPOLOGY_INTERNET && subnet_overlaps(&n->lan, &t->nodes[realm].lan)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad lan '%s' of '%s': its wan side is in %s, which overlaps",
		         text, n->name, subnet_format(&t->nodes[realm].lan, outside));
		return -1;
	}
	n->lan_is_given = true;
	return 0;
}

static int choose_lan(const struct topology *t, struct node *n, const char *lan, char error[TOPOLOGY_ERROR_SIZE])
{
	if (lan != NULL && !translates(n)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%s' translates nothing: no lan of its own, so not '%.40s' either", n->name, lan);
		return -1;
	}
	if (lan != NULL)
		return take_lan(t, n, lan, error);
	if (!translates(n) || free_lan(t, home_ranges, sizeof home_ranges / sizeof *home_ranges, &n->lan) == 0)
		return 0;
	snprintf(error, TOPOLOGY_ERROR_SIZE, "no private network is left for '%s': say which lan it has", n->name);
	return -1;
}

int topology_add_box(struct topology *t, const char *name, int behind, const struct nat *nat, const char *lan,
                     char error[TOPOLOGY_ERROR_SIZE])
{
	struct node n = {
		.kind = NODE_BOX,
		.links = { { .interface = "wan", .behind = behind } },
		.link_count = 1,
		.ipv6_count = nat->ipv6 != NAT_IPV6_NONE,
		.nat = *nat,
	};
	struct topology next = *t;
	int index;

	if (check_new(t, name, behind, error) != 0)
		return -1;
	snprintf(n.name, sizeof n.name, "%s", name);
	if (nat->kind == NAT_TRANSLATE)
		renumber_as_carrier(&next, realm_behind(&next, behind));
	if (choose_lan(&next, &n, lan, error) != 0)
		return -1;
	index = append(&next, &n, nat_addresses(nat), error);
	if (index >= 0)
		*t = next;
	return index;
}
