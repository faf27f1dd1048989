/* The networks behind boxes. */
#include "trace/scene.h"

static const struct subnet *network_with(const struct scene_networks *n, const struct address *a)
{
	for (size_t i = 0; i < n->count; i++)
		if (subnet_contains(&n->list[i], a))
			return &n->list[i];
	return NULL;
}

static void add(struct scene_networks *n, const struct subnet *network)
{
	const struct subnet *there = network_with(n, &network->network);

	if (network->prefix != 0 && n->count < SCENE_NETWORKS && (there == NULL || there->prefix != network->prefix))
		n->list[n->count++] = *network;
}

void scene_add_networks(struct scene *s, int box, const struct subnet *lan, const struct subnet *outside)
{
	add(&s->nodes[box].ipv6_lans, lan);
	add(&s->nodes[box].ipv6_outsides, outside);
}

struct subnet scene_ipv6_lan(const struct scene *s, int box)
{
	const struct scene_networks *n = &s->nodes[box].ipv6_lans;

	return n->count > 0 ? n->list[0] : (struct subnet){ 0 };
}

/* The network behind a box in which the address is; NULL: none. */
static const struct subnet *lan_with(const struct scene *s, int box, const struct endpoint *e)
{
	const struct scene_node *n = &s->nodes[box];

	if (n->kind != NODE_BOX)
		return NULL;
	if (e->address.family == ADDRESS_IPV6)
		return network_with(&n->ipv6_lans, &e->address);
	return n->lan.prefix != 0 && subnet_contains(&n->lan, &e->address) ? &n->lan : NULL;
}

bool scene_knows_lan(const struct scene *s, int box, const struct endpoint *e)
{
	const struct scene_node *n = &s->nodes[box];

	return e->address.family == ADDRESS_IPV6 ? n->ipv6_lans.count > 0 : n->lan.prefix != 0;
}

bool scene_in_lan(const struct scene *s, int box, const struct endpoint *e)
{
	return lan_with(s, box, e) != NULL;
}

bool scene_is_lan_address(const struct scene *s, int box, const struct endpoint *e)
{
	const struct endpoint *told = &s->nodes[box].lan_address;
	const struct subnet *lan;
	struct address own;

	if (e->address.family == ADDRESS_NONE) /* what is no IP; a box of which nothing is told has none either */
		return false;
	if (told->address.family == e->address.family)
		return endpoint_same_address(told, e);
	lan = lan_with(s, box, e);
	if (lan == NULL)
		return false;
	own = subnet_host(lan, 1);
	return address_equal(&e->address, &own);
}

bool scene_is_outside_of(const struct scene *s, int box, const struct endpoint *e)
{
	return e->address.family == ADDRESS_IPV6 && network_with(&s->nodes[box].ipv6_outsides, &e->address) != NULL;
}

bool scene_is_outside(const struct scene *s, const struct endpoint *e)
{
	bool found = false;

	for (size_t i = 0; i < s->node_count && !found; i++)
		found = scene_is_outside_of(s, (int)i, e);
	return found;
}
