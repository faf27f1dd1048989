#include "lab/world_notes.h"

#include "model/topology_ipv6.h"
#include "nat/nat.h"

#include <string.h>

static const char *box_name(const struct topology *t, int behind)
{
	return behind >= 0 ? t->nodes[behind].name : NULL;
}

/* Of both families, those outside included that a box has for them. Returns how many. */
static size_t addresses_of(const struct topology *t, int node, int place, struct address *out)
{
	const struct link *link = &t->nodes[node].links[place];

	size_t count = link->address_count;

	memcpy(out, link->addresses, sizeof link->addresses);
	count += topology_ipv6_addresses(t, node, place, out + count);
	return count + topology_ipv6_outside(t, node, place, out + count);
}

static struct record_interface interface_of(const struct topology *t, int node, int place)
{
	const struct link *link = &t->nodes[node].links[place];
	struct record_interface i = { .name = link->interface,
		                      .behind = box_name(t, link->behind),
		                      .is_unplugged = link->behind == TOPOLOGY_NOWHERE };

	i.address_count = addresses_of(t, node, place, i.addresses);
	return i;
}

static void write_node(struct record *r, const struct topology *t, int node)
{
	const struct node *n = &t->nodes[node];
	char spec[NAT_TEXT_SIZE];
	struct record_line line = { .type = RECORD_NODE, .node.name = n->name, .node.kind = n->kind };

	line.node.behind = box_name(t, topology_way_out(t, node)->behind);
	for (int k = 0; k < (int)n->link_count; k++) {
		line.node.address_count += addresses_of(t, node, k, line.node.addresses + line.node.address_count);
		if (n->is_movable || n->link_count > 1 || n->has_temporary)
			line.node.interfaces[line.node.interface_count++] = interface_of(t, node, k);
	}
	if (n->kind == NODE_BOX) {
		line.node.nat = nat_format(&n->nat, spec);
		line.node.lan = n->lan; /* a firewall has none of its own */
		line.node.ipv6_lan = topology_ipv6_lan(t, node);
		line.node.ipv6_outside = topology_nptv6(t, node).outside;
	}
	record_write(r, &line);
}

void world_notes_begin(struct record *r, const struct topology *t, const char *scenario, const char *file)
{
	record_write(r, &(struct record_line){ .type = RECORD_WORLD, .world.scenario = scenario, .world.file = file });
	for (size_t i = 0; i < t->count; i++)
		write_node(r, t, (int)i);
}

static bool same_addresses(const struct topology *a, const struct topology *b, int node, int place)
{
	struct address of_a[RECORD_LINK_ADDRESSES], of_b[RECORD_LINK_ADDRESSES];
	size_t count = addresses_of(a, node, place, of_a);

	if (addresses_of(b, node, place, of_b) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!address_equal(&of_a[i], &of_b[i]))
			return false;
	return true;
}

static bool same_network(const struct subnet *a, const struct subnet *b)
{
	return a->prefix == b->prefix && (a->prefix == 0 || address_equal(&a->network, &b->network));
}

static void write_network(struct record *r, const struct topology *before, const struct topology *now, int box,
                          uint64_t since_ns)
{
	const struct subnet lan = topology_ipv6_lan(before, box), outside = topology_nptv6(before, box).outside;
	struct record_line line = { .type = RECORD_NETWORK,
		                    .time_ns = since_ns,
		                    .network.box = now->nodes[box].name,
		                    .network.ipv6_lan = topology_ipv6_lan(now, box),
		                    .network.ipv6_outside = topology_nptv6(now, box).outside };

	if (!same_network(&lan, &line.network.ipv6_lan) || !same_network(&outside, &line.network.ipv6_outside))
		record_write(r, &line);
}

void world_notes_changes(struct record *r, const struct topology *before, const struct topology *now, int except,
                         uint64_t since_ns)
{
	for (int i = 0; i < (int)now->count; i++)
		if (now->nodes[i].kind == NODE_BOX)
			write_network(r, before, now, i, since_ns);
	for (int i = 0; i < (int)now->count; i++)
		for (int k = 0; k < (int)now->nodes[i].link_count && i != except; k++)
			if (!same_addresses(before, now, i, k))
				world_notes_interface(r, now, i, k, since_ns);
}

void world_notes_interface(struct record *r, const struct topology *t, int node, int place, uint64_t since_ns)
{
	record_write(r, &(struct record_line){ .type = RECORD_INTERFACE,
	                                       .time_ns = since_ns,
	                                       .interface.node = t->nodes[node].name,
	                                       .interface.now = interface_of(t, node, place) });
}
