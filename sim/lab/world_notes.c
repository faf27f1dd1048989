#include "lab/world_notes.h"

#include "nat/nat.h"

#include <string.h>

static const char *box_name(const struct topology *t, int behind)
{
	return behind >= 0 ? t->nodes[behind].name : NULL;
}

static struct record_interface interface_of(const struct topology *t, const struct link *link)
{
	struct record_interface i = { .name = link->interface,
		                      .behind = box_name(t, link->behind),
		                      .address_count = link->address_count,
		                      .is_unplugged = link->behind == TOPOLOGY_NOWHERE };

	memcpy(i.addresses, link->addresses, sizeof i.addresses);
	return i;
}

static void write_node(struct record *r, const struct topology *t, const struct node *n)
{
	char spec[NAT_TEXT_SIZE];
	struct record_line line = { .type = RECORD_NODE,
		                    .node.name = n->name,
		                    .node.kind = n->kind,
		                    .node.behind = box_name(t, topology_way_out(t, (int)(n - t->nodes))->behind) };

	for (size_t k = 0; k < n->link_count; k++) {
		const struct link *link = &n->links[k];

		for (size_t m = 0; m < link->address_count; m++)
			line.node.addresses[line.node.address_count++] = link->addresses[m];
		if (n->is_movable || n->link_count > 1)
			line.node.interfaces[line.node.interface_count++] = interface_of(t, link);
	}
	if (n->kind == NODE_BOX) {
		line.node.nat = nat_format(&n->nat, spec);
		line.node.lan = n->lan; /* a firewall has none of its own */
	}
	record_write(r, &line);
}

void world_notes_begin(struct record *r, const struct topology *t, const char *scenario, const char *file)
{
	record_write(r, &(struct record_line){ .type = RECORD_WORLD, .world.scenario = scenario, .world.file = file });
	for (size_t i = 0; i < t->count; i++)
		write_node(r, t, &t->nodes[i]);
}

void world_notes_interface(struct record *r, const struct topology *t, int node, const struct link *link)
{
	record_write(r, &(struct record_line){ .type = RECORD_INTERFACE,
	                                       .interface.node = t->nodes[node].name,
	                                       .interface.now = interface_of(t, link) });
}
