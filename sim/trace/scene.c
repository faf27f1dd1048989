#include "trace/scene.h"

#include "base/escape.h"

#include <stdio.h>
#include <string.h>

int scene_find(const struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (strcmp(s->nodes[i].name, name) == 0)
			return (int)i;
	return -1;
}

int scene_add_node(struct scene *s, enum node_kind kind, const char *name, int behind)
{
	char safe[SCENE_NAME_SIZE];
	struct scene_node *n;
	int found;

	escape_text(safe, sizeof safe, name, strlen(name), ESCAPE_KEPT_LINE);
	found = scene_find(s, safe);
	if (found >= 0)
		return found;
	if (s->node_count == SCENE_NODES)
		return -1;
	n = &s->nodes[s->node_count];
	*n = (struct scene_node){ .kind = kind, .behind = behind };
	memcpy(n->name, safe, sizeof safe);
	return (int)s->node_count++;
}

const char *scene_name(const struct scene *s, int node)
{
	return node >= 0 ? s->nodes[node].name : "somebody";
}

void scene_add_address(struct scene *s, int node, const struct endpoint *address)
{
	struct scene_node *n = &s->nodes[node];

	if (scene_has_address(s, node, address) || n->address_count == SCENE_ADDRESSES)
		return;
	n->addresses[n->address_count] = *address;
	n->addresses[n->address_count++].port = 0;
}

/* --- interfaces that are told apart, and move -------------------------------------------------- */

static int find_link(const struct scene_node *n, const char *interface)
{
	for (size_t k = 0; k < n->link_count; k++)
		if (strcmp(n->links[k], interface) == 0)
			return (int)k;
	return -1;
}

int scene_find_link(const struct scene *s, int node, const char *interface)
{
	return s->nodes[node].link_count == 0 ? 0 : find_link(&s->nodes[node], interface);
}

/* One interface, of which nothing was told as nothing had changed, was where its node is from the beginning. */
static bool add_first_stay(struct scene *s, int node, const char *interface)
{
	const struct scene_node *n = &s->nodes[node];
	struct scene_stay first = { .behind = n->behind };

	for (size_t i = 0;
	     i < n->address_count && first.address_count < sizeof first.addresses / sizeof *first.addresses; i++)
		first.addresses[first.address_count++] = n->addresses[i];
	return scene_add_stay(s, node, interface, &first);
}

bool scene_add_stay(struct scene *s, int node, const char *interface, const struct scene_stay *stay)
{
	struct scene_node *n = &s->nodes[node];
	char name[TOPOLOGY_INTERFACE_SIZE];
	int link;

	escape_text(name, sizeof name, interface, strlen(interface), ESCAPE_KEPT_ASCII);
	if (n->link_count == 0 && stay->since_ns > 0 && !add_first_stay(s, node, interface))
		return false;
	link = find_link(n, name);
	if (s->stay_count == SCENE_STAYS || (link < 0 && n->link_count == TOPOLOGY_LINKS))
		return false;
	if (link < 0) {
		link = (int)n->link_count++;
		memcpy(n->links[link], name, sizeof name);
	}
	s->stays[s->stay_count] = *stay;
	s->stays[s->stay_count].node = node;
	s->stays[s->stay_count++].link = link;
	for (size_t i = 0; i < stay->address_count; i++)
		scene_add_address(s, node, &stay->addresses[i]);
	return true;
}

/* The newest of an interface that began by then, or NULL. */
static const struct scene_stay *stay_at(const struct scene *s, int node, int link, uint64_t time_ns)
{
	const struct scene_stay *found = NULL;

	for (size_t i = 0; i < s->stay_count; i++)
		if (s->stays[i].node == node && s->stays[i].link == link && s->stays[i].since_ns <= time_ns &&
		    (found == NULL || s->stays[i].since_ns >= found->since_ns))
			found = &s->stays[i];
	return found;
}

int scene_wire(const struct scene *s, int node, int link, uint64_t time_ns)
{
	const struct scene_stay *stay = stay_at(s, node, link, time_ns);

	return stay != NULL ? stay->behind : s->nodes[node].behind;
}

bool scene_was_on_wire(const struct scene *s, int node, int link, int wire)
{
	if (s->nodes[node].link_count == 0)
		return s->nodes[node].behind == wire;
	for (size_t i = 0; i < s->stay_count; i++)
		if (s->stays[i].node == node && s->stays[i].link == link && s->stays[i].behind == wire)
			return true;
	return false;
}

bool scene_had_address(const struct scene *s, int node, const struct endpoint *address, uint64_t time_ns)
{
	const struct scene_node *n = &s->nodes[node];

	for (size_t k = 0; k < n->link_count; k++) {
		const struct scene_stay *stay = stay_at(s, node, (int)k, time_ns);

		for (size_t i = 0; stay != NULL && i < stay->address_count; i++)
			if (endpoint_same_address(&stay->addresses[i], address))
				return true;
	}
	return n->link_count == 0 && scene_has_address(s, node, address);
}

/* --- what is captured ------------------------------------------------------------------------- */

static enum scene_side side_of_name(const char *word)
{
	if (strcmp(word, "lan") == 0)
		return SCENE_LAN_SIDE;
	if (strncmp(word, "wan", 3) == 0)
		return SCENE_WAN_SIDE;
	return strcmp(word, "eth0") == 0 ? SCENE_HOST_SIDE : SCENE_ANY_SIDE;
}

/* The side that the last word stands for: a usual one, or an interface that the record names of the node before it. */
static enum scene_side side_of(const struct scene *s, char *name, char *word, int *link)
{
	enum scene_side side = side_of_name(word);
	int node;

	word[-1] = '\0';
	node = scene_find(s, name);
	word[-1] = ' ';
	*link = node >= 0 && side != SCENE_LAN_SIDE ? find_link(&s->nodes[node], word) : -1;
	if (*link >= 0 && side == SCENE_ANY_SIDE)
		side = s->nodes[node].kind == NODE_BOX ? SCENE_WAN_SIDE : SCENE_HOST_SIDE;
	if (side == SCENE_ANY_SIDE && node >= 0 && !s->from_record && s->nodes[node].kind == NODE_HOST)
		side = SCENE_HOST_SIDE;
	*link = *link >= 0 ? *link : 0;
	return side;
}

enum scene_side scene_side_of_name(const char *name)
{
	const char *space = strrchr(name, ' ');

	return space != NULL && space != name ? side_of_name(space + 1) : SCENE_ANY_SIDE;
}

const char *scene_escape_name(const char *name, char out[2 * SCENE_NAME_SIZE])
{
	escape_text(out, (size_t)2 * SCENE_NAME_SIZE, name, strlen(name), ESCAPE_KEPT_LINE);
	return out;
}

static enum node_kind kind_of_side(enum scene_side side)
{
	return side == SCENE_LAN_SIDE || side == SCENE_WAN_SIDE ? NODE_BOX : NODE_HOST;
}

int scene_add_interface(struct scene *s, const char *name, uint16_t link_type)
{
	struct scene_interface *i = &s->interfaces[s->interface_count];
	char node_name[sizeof i->name];
	char *space;

	if (s->interface_count == SCENE_INTERFACES)
		return -1;
	*i = (struct scene_interface){ .side = SCENE_ANY_SIDE, .link_type = link_type };
	if (name == NULL)
		snprintf(node_name, sizeof node_name, "if%zu", s->interface_count);
	else
		snprintf(node_name, sizeof node_name, "%s", name);
	scene_escape_name(node_name, i->name);
	space = strrchr(node_name, ' ');
	if (space != NULL)
		i->side = side_of(s, node_name, space + 1, &i->link);
	if (space != NULL && i->side != SCENE_ANY_SIDE) /* "Ethernet 2" is one name */
		*space = '\0';
	i->node = scene_add_node(s, kind_of_side(i->side), node_name, SCENE_UNKNOWN);
	if (i->node >= 0 && i->side == SCENE_HOST_SIDE && s->nodes[i->node].kind == NODE_BOX)
		i->side = SCENE_ANY_SIDE;
	return (int)s->interface_count++;
}

bool scene_has_address(const struct scene *s, int node, const struct endpoint *e)
{
	const struct scene_node *n = &s->nodes[node];

	for (size_t i = 0; i < n->address_count; i++)
		if (endpoint_same_address(&n->addresses[i], e))
			return true;
	return false;
}

int scene_owner(const struct scene *s, const struct endpoint *e)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (scene_has_address(s, (int)i, e) || scene_is_lan_address(s, (int)i, e))
			return (int)i;
	return -1;
}

/* True if one of the node's interfaces was ever there. */
static bool was_there(const struct scene *s, int node, int wire)
{
	size_t links = s->nodes[node].link_count;

	for (size_t k = 0; k == 0 || k < links; k++)
		if (scene_was_on_wire(s, node, (int)k, wire))
			return true;
	return false;
}

int scene_owner_at(const struct scene *s, int box, const struct endpoint *e)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (scene_has_address(s, (int)i, e) && was_there(s, (int)i, box))
			return (int)i;
	return scene_owner(s, e);
}

static bool is_behind(const struct scene *s, int node, int box, size_t depth)
{
	if (node == box || node < 0 || depth > s->node_count)
		return node >= 0 && node == box;
	if (is_behind(s, s->nodes[node].behind, box, depth + 1))
		return true;
	for (size_t i = 0; i < s->stay_count; i++)
		if (s->stays[i].node == node && s->stays[i].behind != s->nodes[node].behind &&
		    is_behind(s, s->stays[i].behind, box, depth + 1))
			return true;
	return false;
}

bool scene_watches(const struct scene_interface *i, uint64_t time_ns)
{
	return i->to_ns == 0 || (time_ns >= i->from_ns && time_ns < i->to_ns);
}

bool scene_is_watched(const struct scene *s, int node, int except, uint64_t time_ns)
{
	for (int i = 0; i < (int)s->interface_count; i++)
		if (s->interfaces[i].node == node && i != except && scene_watches(&s->interfaces[i], time_ns))
			return true;
	return false;
}

bool scene_is_behind(const struct scene *s, int node, int box)
{
	return is_behind(s, node, box, 0);
}

static bool stay_has_address(const struct scene_stay *stay, const struct endpoint *e)
{
	for (size_t i = 0; i < stay->address_count; i++)
		if (endpoint_same_address(&stay->addresses[i], e))
			return true;
	return false;
}

/* Who moves has an address only where he got it. */
static bool had_address_behind(const struct scene *s, int node, int box, const struct endpoint *e)
{
	bool moves = false;

	for (size_t i = 0; i < s->stay_count; i++) {
		const struct scene_stay *stay = &s->stays[i];

		moves |= stay->node == node;
		if (stay->node == node && stay_has_address(stay, e) && is_behind(s, stay->behind, box, 0))
			return true;
	}
	return !moves && scene_has_address(s, node, e) && is_behind(s, node, box, 0);
}

bool scene_is_address_behind(const struct scene *s, int box, const struct endpoint *e)
{
	for (int i = 0; i < (int)s->node_count; i++)
		if ((scene_in_lan(s, i, e) && is_behind(s, i, box, 0)) ||
		    (i != box && had_address_behind(s, i, box, e)))
			return true;
	return false;
}

/* The outermost box in front of a node, or the node itself if it stands on the internet. */
static int front_of(const struct scene *s, int node)
{
	for (size_t depth = 0; s->nodes[node].behind >= 0 && depth <= s->node_count; depth++)
		node = s->nodes[node].behind;
	return node;
}

/* A neighbour on the same wire as the interface has the address, or the box in front of it leads there. */
int scene_next_node(const struct scene *s, unsigned interface, const struct endpoint *dst, uint64_t time_ns)
{
	int node = s->interfaces[interface].node, wire = scene_wire(s, node, s->interfaces[interface].link, time_ns);

	for (size_t i = 0; i < s->node_count; i++)
		if ((int)i != node && scene_has_address(s, (int)i, dst) && was_there(s, (int)i, wire))
			return (int)i;
	for (size_t i = 0; i < s->node_count; i++) /* public addresses behind a box that does not translate */
		if (s->nodes[i].behind >= 0 && wire == SCENE_INTERNET && scene_has_address(s, (int)i, dst) &&
		    address_scope(&dst->address) == ADDRESS_GLOBAL)
			return front_of(s, (int)i);
	return wire >= 0 ? wire : -1;
}

/*
 * A node's first address bears its name alone, the others their number, as in the world's host names; the same of those
 * it has outside.
 */
static int format_name(const struct scene *s, const struct scene_node *n, const struct endpoint *e, char *text)
{
	bool mapped = scene_is_outside(s, e);
	const char *where = mapped ? "-outside" : "";
	size_t i = 0, number = 1; /* of its kind */

	for (; i < n->address_count && !endpoint_same_address(&n->addresses[i], e); i++)
		number += n->addresses[i].address.family == e->address.family &&
		          scene_is_outside(s, &n->addresses[i]) == mapped;
	if (number == 1 || i == n->address_count)
		return snprintf(text, SCENE_ENDPOINT_SIZE, "%s%s", n->name, where);
	return snprintf(text, SCENE_ENDPOINT_SIZE, "%s-%zu%s", n->name, number, where);
}

static const char *format_owned(const struct scene *s, int owner, const struct endpoint *e, char *text)
{
	int len;

	if (owner < 0) {
		if (e->port == 0)
			address_format(&e->address, text);
		else
			endpoint_format(e, text);
		return text;
	}
	len = format_name(s, &s->nodes[owner], e, text);
	if (e->port != 0 && len > 0)
		snprintf(text + len, SCENE_ENDPOINT_SIZE - (size_t)len, ":%u", (unsigned)e->port);
	return text;
}

const char *scene_format(const struct scene *s, const struct endpoint *e, char text[SCENE_ENDPOINT_SIZE])
{
	return format_owned(s, scene_owner(s, e), e, text);
}

const char *scene_format_at(const struct scene *s, int box, const struct endpoint *e, char text[SCENE_ENDPOINT_SIZE])
{
	return format_owned(s, scene_owner_at(s, box, e), e, text);
}

static enum pcapng_direction direction_by_mac(const struct scene_interface *i, const struct packet *p)
{
	if (!i->mac_known || !p->has_macs)
		return PCAPNG_DIRECTION_UNKNOWN;
	return memcmp(i->mac, p->src_mac, sizeof i->mac) == 0 ? PCAPNG_OUTBOUND : PCAPNG_INBOUND;
}

/* Where the lan's network is not known, private addresses are taken to be in it. */
static bool seems_inside(const struct endpoint *e)
{
	return address_scope(&e->address) == ADDRESS_PRIVATE;
}

/* What a box's lan side shows by the addresses alone; both in the lan tells nothing (hairpin, or a flooded frame). */
static enum pcapng_direction direction_in_lan(const struct scene *s, int box, const struct packet_ip *ip)
{
	bool src = scene_in_lan(s, box, &ip->src);
	bool dst = scene_in_lan(s, box, &ip->dst);

	if (!scene_knows_lan(s, box, &ip->src)) {
		src = seems_inside(&ip->src);
		dst = seems_inside(&ip->dst);
	}
	if (scene_is_lan_address(s, box, &ip->src))
		return PCAPNG_OUTBOUND;
	if (scene_is_lan_address(s, box, &ip->dst))
		return PCAPNG_INBOUND;
	if (src != dst)
		return src ? PCAPNG_INBOUND : PCAPNG_OUTBOUND;
	return PCAPNG_DIRECTION_UNKNOWN;
}

static enum pcapng_direction direction_by_address(const struct scene *s, const struct scene_interface *i,
                                                  const struct packet_ip *ip)
{
	int owner;

	if (i->node < 0)
		return PCAPNG_DIRECTION_UNKNOWN;
	if (i->side == SCENE_LAN_SIDE)
		return direction_in_lan(s, i->node, ip);
	if (scene_has_address(s, i->node, &ip->src))
		return PCAPNG_OUTBOUND;
	if (scene_has_address(s, i->node, &ip->dst))
		return PCAPNG_INBOUND;
	owner = scene_owner(s, &ip->src);
	if (i->side == SCENE_WAN_SIDE && owner >= 0)
		return scene_is_behind(s, owner, i->node) ? PCAPNG_OUTBOUND : PCAPNG_INBOUND;
	return PCAPNG_DIRECTION_UNKNOWN;
}

enum pcapng_direction scene_direction(struct scene *s, unsigned interface, enum pcapng_direction said,
                                      const struct packet *p)
{
	struct scene_interface *i = &s->interfaces[interface];
	enum pcapng_direction d = said;

	if (d == PCAPNG_DIRECTION_UNKNOWN)
		d = direction_by_mac(i, p);
	if (d == PCAPNG_DIRECTION_UNKNOWN && p->kind == PACKET_IP)
		d = direction_by_address(s, i, &p->ip);
	if (d == PCAPNG_OUTBOUND && !i->mac_known && p->has_macs) {
		i->mac_known = true;
		memcpy(i->mac, p->src_mac, sizeof i->mac);
	}
	return d;
}
