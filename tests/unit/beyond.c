#include "beyond.h"

#include <string.h>

/* As if the node had its neighbour's address, too. */
static void add_beyond_addresses(struct scene *s, size_t node)
{
	struct scene_node *n = &s->nodes[node];
	const struct scene_node *next = &s->nodes[(node + 1) % s->node_count];

	if (n->address_count < SCENE_ADDRESSES && next->address_count > 0)
		n->addresses[n->address_count] = next->addresses[0];
	if (n->link_count < TOPOLOGY_LINKS)
		memset(n->links[n->link_count], 'x', sizeof n->links[0]);
}

/* As if the last node had at last moved behind the first box. */
static void add_beyond_stays(struct scene *s)
{
	struct scene_stay stay = { .since_ns = 1, .node = (int)s->node_count - 1 };

	while (stay.behind < stay.node && s->nodes[stay.behind].kind != NODE_BOX)
		stay.behind++;
	for (size_t i = 0; i < s->stay_count; i++)
		if (s->stays[i].address_count < sizeof s->stays[i].addresses / sizeof s->stays[i].addresses[0])
			s->stays[i].addresses[s->stays[i].address_count] =
			    s->stays[(i + 1) % s->stay_count].addresses[0];
	if (s->stay_count < SCENE_STAYS)
		s->stays[s->stay_count] = stay;
}

void beyond_scene(struct scene *s)
{
	memset(&s->nodes[s->node_count], 0xff, (SCENE_NODES - s->node_count) * sizeof s->nodes[0]);
	memset(&s->interfaces[s->interface_count], 0xff,
	       (SCENE_INTERFACES - s->interface_count) * sizeof s->interfaces[0]);
	if (s->node_count == 0)
		return;
	for (size_t i = 0; i < s->node_count; i++)
		add_beyond_addresses(s, i);
	add_beyond_stays(s);
}
