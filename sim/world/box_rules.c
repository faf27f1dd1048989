#include "world/box_rules.h"

#include "io/log.h"
#include "model/topology_ipv6.h"
#include "model/topology_names.h"

#include <stdlib.h>
#include <string.h>

struct site_text {
	char wan_addresses[NAT_ADDRESSES_MAX][ADDRESS_TEXT_SIZE];
	char lan_network[SUBNET_TEXT_SIZE], outside_network[SUBNET_TEXT_SIZE];
	char hosts[NAT_RULES_HOSTS][ADDRESS_TEXT_SIZE];
};

/* What stands there already is not added again. */
static int add_host(struct nat_site *site, struct site_text *text, const char *box, const struct address *a)
{
	char *place;

	if (site->host_count == NAT_RULES_HOSTS) {
		log_error("%s: more than %d addresses behind one box", box, NAT_RULES_HOSTS);
		return -1;
	}
	place = text->hosts[site->host_count];
	address_format(a, place);
	for (size_t i = 0; i < site->host_count; i++)
		if (strcmp(site->hosts[i], place) == 0)
			return 0;
	site->hosts[site->host_count++] = place;
	return 0;
}

/* Who is in the realm on the inside of the box, directly behind it or behind a firewall that is. */
static int add_hosts(const struct topology *t, int box, int realm, struct nat_site *site, struct site_text *text)
{
	const char *name = t->nodes[box].name;

	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count && (int)i != box; k++) {
			const struct link *l = &t->nodes[i].links[k];

			if (topology_link_realm(t, l) != realm || !topology_is_behind(t, l->behind, box))
				continue;
			for (size_t m = 0; m < l->address_count; m++)
				if (add_host(site, text, name, &l->addresses[m]) != 0)
					return -1;
		}
	return 0;
}

/* And who may come there. */
static int add_leases(const struct topology *t, int box, int realm, struct nat_site *site, struct site_text *text)
{
	for (size_t i = 0; i < t->lease_count; i++) {
		const struct topology_lease *l = &t->leases[i];

		if (l->realm != realm || l->node < 0 || l->node == box || t->nodes[l->node].kind != NODE_HOST)
			continue;
		for (size_t m = 0; m < l->address_count; m++)
			if (add_host(site, text, t->nodes[box].name, &l->addresses[m]) != 0)
				return -1;
	}
	return 0;
}

/* Of the way out that counts. A second one may have fewer: its last one then stands for the rest. */
static void add_addresses(const struct link *out, const struct nat *nat, struct nat_site *site, struct site_text *text)
{
	for (size_t i = 0; i < nat_addresses(nat); i++) {
		size_t k = i < out->address_count ? i : out->address_count - 1;

		address_format(&out->addresses[k], text->wan_addresses[i]);
		if (i > 0)
			site->other_addresses[i - 1] = text->wan_addresses[i];
	}
}

static int fill_site(const struct topology *t, int box, struct nat_site *site, struct site_text *text)
{
	const struct node *n = &t->nodes[box];
	const struct link *out = topology_way_out(t, box);
	int realm = n->nat.kind == NAT_TRANSLATE ? box : topology_realm(t, box);

	*site = (struct nat_site){ .wan = out->interface,
		                   .lan = topology_is_nat64(t, box) ? NAT_RULES_NAT64 : "lan",
		                   .wan_address = text->wan_addresses[0],
		                   .lan_network = text->lan_network,
		                   .serves_names = topology_forwards_names(t, box) };
	add_addresses(out, &n->nat, site, text);
	subnet_format(&n->lan, text->lan_network);
	return add_hosts(t, box, realm, site, text) == 0 ? add_leases(t, box, realm, site, text) : -1;
}

/* A link's addresses in the lan of `front`, where it is plugged in or may be. */
static int add_ipv6_link(const struct topology *t, int node, int link, int front, struct nat_site *site,
                         struct site_text *text)
{
	const struct node *n = &t->nodes[node];
	struct address list[TOPOLOGY_ADDRESSES];
	bool may_be_there = n->links[link].behind == front || (n->is_movable && n->kind == NODE_HOST);
	size_t count = may_be_there ? topology_ipv6_addresses_at(t, node, link, front, list) : 0;

	for (size_t i = 0; i < count; i++)
		if (add_host(site, text, t->nodes[front].name, &list[i]) != 0)
			return -1;
	return 0;
}

/* The same of IPv6, where a box translates it: of its own lan, and of those behind it that have its realm. */
static int add_ipv6_hosts(const struct topology *t, int box, struct nat_site *site, struct site_text *text)
{
	for (int front = 0; front < (int)t->count; front++) {
		bool is_its_own = t->nodes[front].kind == NODE_BOX && topology_ipv6_realm(t, front) == box;

		for (int i = 0; i < (int)t->count && is_its_own; i++)
			for (int k = 0; k < (int)t->nodes[i].link_count; k++)
				if (add_ipv6_link(t, i, k, front, site, text) != 0)
					return -1;
	}
	return 0;
}

/* The same of IPv6. */
static int fill_ipv6_site(const struct topology *t, int box, struct nat_site *site, struct site_text *text)
{
	const struct link *out = topology_way_out(t, box);
	const struct nptv6 mapped = topology_nptv6(t, box);
	const struct subnet lan = mapped.inside.prefix != 0 ? mapped.inside : topology_ipv6_lan(t, box);
	struct address list[TOPOLOGY_ADDRESSES];

	*site = (struct nat_site){ .wan = out->interface,
		                   .lan = "lan",
		                   .wan_address = text->wan_addresses[0],
		                   .lan_network = text->lan_network,
		                   .outside_network = text->outside_network,
		                   .is_ipv6 = true };
	if (topology_ipv6_addresses(t, box, (int)(out - t->nodes[box].links), list) == 0)
		return -1;
	address_format(&list[0], text->wan_addresses[0]);
	subnet_format(&lan, text->lan_network);
	subnet_format(&mapped.outside, text->outside_network);
	return add_ipv6_hosts(t, box, site, text);
}

int box_rules_make(const struct topology *t, int box, enum address_family family, struct nat_rules *rules)
{
	struct nat_site site = { 0 };
	struct site_text text = { 0 };

	if ((family == ADDRESS_IPV6 ? fill_ipv6_site : fill_site)(t, box, &site, &text) != 0)
		return -1;
	if (nat_rules_make(&t->nodes[box].nat, &site, rules) == 0)
		return 0;
	log_error("%s: the rules do not fit: too many hosts behind it", t->nodes[box].name);
	return -1;
}

static bool are_equal(const struct nat_rules *a, const struct nat_rules *b)
{
	return strcmp(a->ipset, b->ipset) == 0 && strcmp(a->iptables, b->iptables) == 0 && strcmp(a->nft, b->nft) == 0;
}

bool box_rules_change_ipv6(const struct topology *before, const struct topology *now, int box)
{
	struct nat_rules *rules = calloc(2, sizeof *rules);
	bool change = box_rules_has_ipv6(now, box);

	if (change && rules != NULL && box_rules_has_ipv6(before, box) &&
	    box_rules_make(before, box, ADDRESS_IPV6, &rules[0]) == 0 &&
	    box_rules_make(now, box, ADDRESS_IPV6, &rules[1]) == 0)
		change = !are_equal(&rules[0], &rules[1]);
	free(rules);
	return change;
}

bool box_rules_has_ipv6(const struct topology *t, int box)
{
	struct address unused[TOPOLOGY_ADDRESSES];
	const struct nat *nat = &t->nodes[box].nat;
	int out = (int)(topology_way_out(t, box) - t->nodes[box].links);

	return (nat_filters_ipv6(nat) || nat_maps_prefix(nat)) && topology_ipv6_addresses(t, box, out, unused) > 0;
}
