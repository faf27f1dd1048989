#include "model/punch_family.h"

#include "base/nat64.h"
#include "model/topology_ipv6.h"

#include <stdio.h>

static int way_of(const struct topology *t, int node)
{
	return (int)(topology_way_out(t, node) - t->nodes[node].links);
}

/* True of a node that knows IPv4 as 64:ff9b::/96 alone. */
static bool embeds(const struct topology *t, int node)
{
	return topology_is_nat64(t, topology_way_out(t, node)->behind);
}

static struct address own_address(const struct topology *t, int node, enum address_family family)
{
	struct address list[TOPOLOGY_ADDRESSES];
	int way = way_of(t, node);

	if (family == ADDRESS_IPV4)
		return topology_has_ipv4(t, node, way) ? t->nodes[node].links[way].addresses[0] : (struct address){ 0 };
	return topology_ipv6_addresses(t, node, way, list) > 0 ? list[0] : (struct address){ 0 };
}

struct address punch_family_address(const struct topology *t, int node, enum address_family family)
{
	return own_address(t, node, embeds(t, node) ? ADDRESS_IPV6 : family);
}

struct endpoint punch_family_endpoint(const struct topology *t, int node, const struct endpoint *e)
{
	const struct nat64_prefix prefix = nat64_well_known();
	struct endpoint known = *e;

	if (e->address.family == ADDRESS_IPV4 && embeds(t, node))
		known.address = nat64_embed(&prefix, &e->address);
	return known;
}

/* A server is reached at an address of its own. */
static bool all_have(const struct topology *t, const int hosts[2], int server, enum address_family family)
{
	return punch_family_address(t, hosts[0], family).family != ADDRESS_NONE &&
	       punch_family_address(t, hosts[1], family).family != ADDRESS_NONE &&
	       own_address(t, server, family).family != ADDRESS_NONE;
}

static const char *what_it_has(const struct topology *t, int node)
{
	bool ipv4 = own_address(t, node, ADDRESS_IPV4).family != ADDRESS_NONE;
	bool ipv6 = own_address(t, node, ADDRESS_IPV6).family != ADDRESS_NONE;

	if (ipv6 && embeds(t, node))
		return "IPv6 and a NAT64";
	return ipv4 && ipv6 ? "IPv4 and IPv6" : ipv4 ? "IPv4" : ipv6 ? "IPv6" : "neither IPv4 nor IPv6";
}

int punch_family_choose(const struct topology *t, const int hosts[2], int server, enum address_family asked,
                        enum address_family *out, char error[TOPOLOGY_ERROR_SIZE])
{
	static const enum address_family in_order[] = { ADDRESS_IPV4, ADDRESS_IPV6 };

	for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++)
		if ((asked == ADDRESS_NONE || asked == in_order[i]) && all_have(t, hosts, server, in_order[i])) {
			*out = in_order[i];
			return 0;
		}
	snprintf(error, TOPOLOGY_ERROR_SIZE,
	         "a punch wants %s at both hosts and the server: %s has %s, %s %s, %s %s (families= and ipv6= give it)",
	         asked == ADDRESS_IPV4   ? "IPv4"
	         : asked == ADDRESS_IPV6 ? "IPv6"
	                                 : "one family",
	         t->nodes[hosts[0]].name, what_it_has(t, hosts[0]), t->nodes[hosts[1]].name, what_it_has(t, hosts[1]),
	         t->nodes[server].name, what_it_has(t, server));
	return -1;
}
