#include "chat/peer/path_rivals.h"

#include "chat/peer/path_probing.h"

#define NO_MATTER_US 20000u /* nobody who types notices, and a busy host makes as much of a difference */

bool path_rivals_include(const struct path *p, const struct candidate *c)
{
	return p->state == PATH_OPEN && !p->chosen && !p->via->route.relayed && !c->route.relayed &&
	       c->route.where.address.family != p->via->route.where.address.family;
}

/* IPv4 has a handicap: what stands in its way keeps state of it, and may forget. */
static uint64_t cost_us(const struct candidate *c)
{
	bool is_ipv6 = c->route.where.address.family == ADDRESS_IPV6;

	return is_ipv6 ? c->shortest_us : c->shortest_us * 3 / 2 + NO_MATTER_US;
}

bool path_rivals_win(const struct path *p, const struct candidate *c)
{
	return path_rivals_include(p, c) && c->shortest_us != 0 && p->via->shortest_us != 0 &&
	       cost_us(c) < cost_us(p->via);
}

void path_rivals_probe(struct path *p, struct effects *fx, uint64_t now_us)
{
	for (uint32_t i = 0; i < p->candidates.count; i++)
		if (path_rivals_include(p, &p->candidates.list[i]))
			path_probing_probe(p, fx, &p->candidates.list[i], now_us);
}
