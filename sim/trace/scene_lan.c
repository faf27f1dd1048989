/* The networks behind boxes. */
#include "trace/scene.h"

/* The network behind a box, of the address's family. */
static const struct subnet *lan_of(const struct scene *s, int box, const struct endpoint *e)
{
	return e->address.family == ADDRESS_IPV6 ? &s->nodes[box].ipv6_lan : &s->nodes[box].lan;
}

bool scene_knows_lan(const struct scene *s, int box, const struct endpoint *e)
{
	return lan_of(s, box, e)->prefix != 0;
}

bool scene_in_lan(const struct scene *s, int box, const struct endpoint *e)
{
	const struct subnet *lan = lan_of(s, box, e);

	return s->nodes[box].kind == NODE_BOX && lan->prefix != 0 && subnet_contains(lan, &e->address);
}

bool scene_is_lan_address(const struct scene *s, int box, const struct endpoint *e)
{
	const struct scene_node *n = &s->nodes[box];
	struct address own = subnet_host(lan_of(s, box, e), 1);

	if (n->lan_address.address.family == e->address.family)
		return endpoint_same_address(&n->lan_address, e);
	return scene_in_lan(s, box, e) && address_equal(&e->address, &own);
}

bool scene_is_outside(const struct scene *s, const struct endpoint *e)
{
	bool found = false;

	for (size_t i = 0; i < s->node_count && e->address.family == ADDRESS_IPV6 && !found; i++)
		found = s->nodes[i].ipv6_outside.prefix != 0 && subnet_contains(&s->nodes[i].ipv6_outside, &e->address);
	return found;
}
