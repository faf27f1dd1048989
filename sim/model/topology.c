#include "model/topology.h"

#include <stdio.h>
#include <string.h>

static const struct subnet public_hosts = { 0xc6336400u, 24 }; /* 198.51.100.0/24, TEST-NET-2 (RFC 5737) */
static const struct subnet public_boxes = { 0xcb007100u, 24 }; /* 203.0.113.0/24, TEST-NET-3 */

/* Where a box's lan 10.0.N.0/24 comes from, and the next choices when one asked for covers all that. */
static const uint32_t home_ranges[] = { 0x0a000000u, 0xc0a80000u, 0xac100000u };
static const uint32_t carrier_ranges[] = { 0x64400000u }; /* RFC 6598 */
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

size_t topology_count_behind(const struct topology *t, int box)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += t->nodes[i].behind == box;
	return n;
}

bool topology_is_behind(const struct topology *t, int node, int front)
{
	while (node != front && node != TOPOLOGY_INTERNET)
		node = t->nodes[node].behind;
	return node == front;
}

/* The realm of what stands directly behind `front`. */
static int realm_behind(const struct topology *t, int front)
{
	while (front != TOPOLOGY_INTERNET && !translates(&t->nodes[front]))
		front = t->nodes[front].behind;
	return front;
}

int topology_realm(const struct topology *t, int node)
{
	return realm_behind(t, t->nodes[node].behind);
}

uint32_t topology_lan_address(const struct topology *t, int box)
{
	if (box == TOPOLOGY_INTERNET)
		return TOPOLOGY_ROUTER_ADDRESS;
	if (translates(&t->nodes[box]))
		return t->nodes[box].lan.network + 1;
	return t->nodes[box].addresses[0];
}

uint32_t topology_public_address(const struct topology *t, int node)
{
	int realm = topology_realm(t, node);

	while (realm != TOPOLOGY_INTERNET) {
		node = realm;
		realm = topology_realm(t, node);
	}
	return t->nodes[node].addresses[0];
}

static bool has_address(const struct node *n, uint32_t address)
{
	for (size_t i = 0; i < n->address_count; i++)
		if (n->addresses[i] == address)
			return true;
	return false;
}

int topology_find_address(const struct topology *t, int realm, uint32_t address)
{
	for (size_t i = 0; i < t->count; i++)
		if (topology_realm(t, (int)i) == realm && has_address(&t->nodes[i], address))
			return (int)i;
	return -1;
}

size_t topology_interfaces(const struct topology *t, struct topology_interface *out, size_t room)
{
	static const char *const names[][2] = { [NODE_HOST] = { "eth0", NULL }, [NODE_BOX] = { "lan", "wan" } };
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < 2 && names[t->nodes[i].kind][k] != NULL && n < room; k++, n++) {
			out[n].node = (int)i;
			snprintf(out[n].name, sizeof out[n].name, "%s", names[t->nodes[i].kind][k]);
		}
	return n;
}

size_t topology_hosts_file(const struct topology *t, char text[TOPOLOGY_HOSTS_SIZE])
{
	char address[SUBNET_ADDRESS_TEXT_SIZE];
	char name[TOPOLOGY_NAME_SIZE + 4];
	size_t len = (size_t)snprintf(text, TOPOLOGY_HOSTS_SIZE, "127.0.0.1\tlocalhost\n%s\t%s\n",
	                              subnet_format_address(TOPOLOGY_ROUTER_ADDRESS, address), TOPOLOGY_ROUTER_NAME);

	for (size_t i = 0; i < t->count; i++) {
		const struct node *n = &t->nodes[i];

		for (size_t k = 0; k < n->address_count; k++) {
			if (k == 0)
				snprintf(name, sizeof name, "%s", n->name);
			else
				snprintf(name, sizeof name, "%s-%u", n->name, (unsigned)k % 10 + 1);
			if (k > 0 && topology_find(t, name) >= 0)
				continue; /* a node of that very name goes before */
			len += (size_t)snprintf(text + len, TOPOLOGY_HOSTS_SIZE - len, "%s\t%s\n",
			                        subnet_format_address(n->addresses[k], address), name);
		}
	}
	return len;
}

/* --- adding to it -------------------------------------------------------------------------- */

/* Names that already mean something as an interface, a sysctl folder or a host. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {
		TOPOLOGY_ROUTER_NAME, "localhost", "lo", "all", "default", "eth0", "lan", "wan"
	};

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
	else if (is_reserved(name))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the name '%s' is taken by the lab itself", name);
	else if (topology_find(t, name) >= 0)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "there is already a '%s'", name);
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

static struct subnet public_range(enum node_kind kind)
{
	return kind == NODE_BOX ? public_boxes : public_hosts;
}

/* The next unused address of the realm, in order, on the internet from `s`; 0 when it is full. */
static uint32_t free_address(const struct topology *t, int realm, struct subnet s)
{
	uint32_t first = 1;

	if (realm != TOPOLOGY_INTERNET) {
		s = t->nodes[realm].lan;
		first = 2; /* the box itself is .1 */
	}
	for (uint32_t a = s.network + first; a < (s.network | ~subnet_mask(s.prefix)); a++)
		if (topology_find_address(t, realm, a) < 0)
			return a;
	return 0;
}

/* Appends the node with its addresses. On failure the table is as before. */
static int append(struct topology *t, const struct node *node, size_t address_count, char error[TOPOLOGY_ERROR_SIZE])
{
	int index = (int)t->count;
	struct node *n = &t->nodes[index];

	*n = *node;
	n->address_count = 0;
	t->count++; /* so that addresses given a moment ago count as used */
	while (n->address_count < address_count) {
		uint32_t a = free_address(t, topology_realm(t, index), public_range(n->kind));

		if (a == 0) {
			t->count--;
			snprintf(error, TOPOLOGY_ERROR_SIZE, "no address is left for '%s'", node->name);
			return -1;
		}
		n->addresses[n->address_count++] = a;
	}
	return index;
}

int topology_add_host(struct topology *t, const char *name, int behind, size_t address_count,
                      char error[TOPOLOGY_ERROR_SIZE])
{
	struct node n = { .kind = NODE_HOST, .behind = behind };

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
	uint32_t a = free_address(t, TOPOLOGY_INTERNET, public_boxes);

	if (topology_realm(t, host) != TOPOLOGY_INTERNET || n->address_count == TOPOLOGY_ADDRESSES || a == 0) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' cannot have a peer's address as well", n->name);
		return -1;
	}
	n->addresses[n->address_count++] = a;
	return 0;
}

/* True if no box has any of this network, so that every address in a trace speaks for one lan. */
static bool is_unused(const struct topology *t, struct subnet lan)
{
	for (size_t i = 0; i < t->count; i++)
		if (translates(&t->nodes[i]) && subnet_overlaps(lan, t->nodes[i].lan))
			return false;
	return true;
}

/* The first unused 10.0.N.0/24 or the like of these ranges. Returns 0, or -1 when there is none. */
static int free_lan(const struct topology *t, const uint32_t *ranges, size_t range_count, struct subnet *out)
{
	for (size_t r = 0; r < range_count; r++)
		for (uint32_t n = 1; n <= LANS_PER_RANGE; n++) {
			struct subnet lan = { ranges[r] + (n << (32 - LAN_PREFIX)), LAN_PREFIX };

			if (is_unused(t, lan)) {
				*out = lan;
				return 0;
			}
		}
	return -1;
}

/* A box that gets a box behind it becomes a carrier: its lan moves to 100.64.N.0/24, unless it was asked for. */
static void renumber_as_carrier(struct topology *t, int realm)
{
	struct node *carrier;
	struct subnet lan;
	struct subnet carriers = { carrier_ranges[0], 10 };

	if (realm == TOPOLOGY_INTERNET)
		return;
	carrier = &t->nodes[realm];
	if (carrier->lan_is_given || subnet_contains(carriers, carrier->lan.network) ||
	    free_lan(t, carrier_ranges, 1, &lan) != 0)
		return;
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].address_count && topology_realm(t, (int)i) == realm; k++)
			t->nodes[i].addresses[k] += lan.network - carrier->lan.network;
	carrier->lan = lan;
}

/* Takes the lan that was asked for. A box whose two sides have the same addresses could not tell them apart. */
static int take_lan(const struct topology *t, struct node *n, const char *text, char error[TOPOLOGY_ERROR_SIZE])
{
	char why[SUBNET_ERROR_SIZE];
	char outside[SUBNET_ADDRESS_TEXT_SIZE];
	int realm = realm_behind(t, n->behind);

	if (subnet_parse_private(text, &n->lan, why) != 0) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad lan of '%s': %s", n->name, why);
		return -1;
	}
	if (realm != TOPOLOGY_INTERNET && subnet_overlaps(n->lan, t->nodes[realm].lan)) {
		subnet_format_address(t->nodes[realm].lan.network, outside);
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad lan '%s' of '%s': its wan side is in %s/%u, which overlaps",
		         text, n->name, outside, t->nodes[realm].lan.prefix);
		return -1;
	}
	n->lan_is_given = true;
	return 0;
}

static int choose_lan(const struct topology *t, struct node *n, const char *lan, char error[TOPOLOGY_ERROR_SIZE])
{
	if (lan != NULL && !translates(n)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' is a firewall: no lan of its own, so not '%.40s' either",
		         n->name, lan);
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
	struct node n = { .kind = NODE_BOX, .behind = behind, .nat = *nat };
	struct topology next = *t;
	int index;

	if (check_new(t, name, behind, error) != 0)
		return -1;
	if (nat->kind == NAT_OPEN) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s': open means no NAT box; put the host on the internet itself",
		         name);
		return -1;
	}
	snprintf(n.name, sizeof n.name, "%s", name);
	if (nat->kind == NAT_TRANSLATE)
		renumber_as_carrier(&next, realm_behind(&next, behind));
	if (choose_lan(&next, &n, lan, error) != 0)
		return -1;
	index = append(&next, &n, 1, error);
	if (index >= 0)
		*t = next;
	return index;
}
