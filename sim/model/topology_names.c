#include "model/topology_names.h"

#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

int topology_find_name(const struct topology *t, const char *name)
{
	for (size_t i = 0; i < t->name_count; i++)
		if (strcmp(t->names[i].text, name) == 0)
			return t->names[i].node;
	return topology_find(t, name);
}

/* A line of /etc/hosts: the node's first address bears its name, a further one "server-2". Returns its length. */
static size_t name_address(const struct topology *t, const struct node *n, size_t number, const struct address *a,
                           char *text, size_t room)
{
	char address[ADDRESS_TEXT_SIZE];
	char name[TOPOLOGY_NAME_SIZE + 4];

	if (number == 1)
		snprintf(name, sizeof name, "%s", n->name);
	else
		snprintf(name, sizeof name, "%s-%u", n->name, (unsigned)number % 100);
	if (number > 1 && topology_find_name(t, name) >= 0)
		return 0; /* a node of that very name goes before */
	return (size_t)snprintf(text, room, "%s\t%s\n", address_format(a, address), name);
}

bool topology_forwards_names(const struct topology *t, int node)
{
	return t->has_dns && t->nodes[node].kind == NODE_BOX && t->nodes[node].nat.kind == NAT_TRANSLATE;
}

struct address topology_name_server(const struct topology *t, int node)
{
	int front = topology_way_out(t, node)->behind;

	while (front >= 0 && !topology_forwards_names(t, front))
		front = topology_way_out(t, front)->behind;
	if (topology_is_nat64(t, front))
		return topology_ipv6_lan_address(t, front);
	return front >= 0 ? topology_lan_address(t, front) : t->nodes[t->dns].links[0].addresses[0];
}

/* Of its way out, the first address of each family. Returns the length. */
static size_t name_given(const struct topology *t, const struct topology_name *name, char *text, size_t room)
{
	const struct node *n = &t->nodes[name->node];
	const struct link *out = topology_way_out(t, name->node);
	struct address list[TOPOLOGY_ADDRESSES];
	char address[ADDRESS_TEXT_SIZE];
	size_t len = 0;

	if (topology_has_ipv4(t, name->node, (int)(out - n->links)) || n->ipv6_count == 0)
		len = (size_t)snprintf(text, room, "%s\t%s\n", address_format(&out->addresses[0], address), name->text);
	if (topology_ipv6_addresses(t, name->node, (int)(out - n->links), list) > 0)
		len +=
		    (size_t)snprintf(text + len, room - len, "%s\t%s\n", address_format(&list[0], address), name->text);
	return len;
}

size_t topology_hosts_file(const struct topology *t, char text[TOPOLOGY_HOSTS_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];
	struct address router = topology_lan_address(t, TOPOLOGY_INTERNET);
	struct address router6 = topology_ipv6_lan_address(t, TOPOLOGY_INTERNET);
	size_t len = (size_t)snprintf(text, TOPOLOGY_HOSTS_SIZE, "127.0.0.1\tlocalhost\n%s\t%s\n",
	                              address_format(&router, address), TOPOLOGY_ROUTER_NAME);

	if (topology_has_ipv6(t))
		len += (size_t)snprintf(text + len, TOPOLOGY_HOSTS_SIZE - len, "::1\tlocalhost\n%s\t%s\n",
		                        address_format(&router6, address), TOPOLOGY_ROUTER_NAME);

	for (size_t i = 0; i < t->count; i++) {
		const struct node *n = &t->nodes[i];
		size_t number = 0, number6 = 0;

		for (size_t k = 0; k < n->link_count; k++) {
			struct address list[TOPOLOGY_ADDRESSES];
			size_t count = topology_ipv6_addresses(t, (int)i, (int)k, list);

			for (size_t m = 0; topology_has_ipv4(t, (int)i, (int)k) && m < n->links[k].address_count; m++)
				len += name_address(t, n, ++number, &n->links[k].addresses[m], text + len,
				                    TOPOLOGY_HOSTS_SIZE - len);
			for (size_t m = 0; m < count; m++) {
				if (m == n->ipv6_count)
					number6 += n->links[k].temporary_made - n->links[k].temporary_count;
				len += name_address(t, n, ++number6, &list[m], text + len, TOPOLOGY_HOSTS_SIZE - len);
			}
		}
	}
	for (size_t i = 0; i < t->name_count; i++)
		len += name_given(t, &t->names[i], text + len, TOPOLOGY_HOSTS_SIZE - len);
	return len;
}

/* --- for those without IPv4 -------------------------------------------------------------------- */

static size_t synthesise(const struct nat64_prefix *prefix, const struct address *ipv4, const char *name, char *text,
                         size_t room)
{
	struct address a = nat64_embed(prefix, ipv4);
	char address[ADDRESS_TEXT_SIZE];

	return (size_t)snprintf(text, room, "%s\t%s\n", address_format(&a, address), name);
}

/* Reached by IPv4 alone, by its way out. */
static bool needs_dns64(const struct topology *t, int node)
{
	const struct link *out = topology_way_out(t, node);
	struct address unused[TOPOLOGY_ADDRESSES];

	return topology_link_realm(t, out) == TOPOLOGY_INTERNET && out->address_count > 0 &&
	       topology_ipv6_addresses(t, node, (int)(out - t->nodes[node].links), unused) == 0;
}

size_t topology_dns64_file(const struct topology *t, int box, char text[TOPOLOGY_DNS64_SIZE])
{
	const struct address only[] = { address_ipv4(NAT64_NAME_FIRST), address_ipv4(NAT64_NAME_SECOND) };
	const struct nat64_prefix prefix = nat_pref64(&t->nodes[box].nat);
	size_t len = 0;

	for (size_t i = 0; i < 2; i++)
		len += synthesise(&prefix, &only[i], NAT64_NAME, text + len, TOPOLOGY_DNS64_SIZE - len);
	for (int i = 0; i < (int)t->count; i++) {
		const struct link *out = topology_way_out(t, i);
		char name[TOPOLOGY_NAME_SIZE + 4];

		for (size_t k = 0; needs_dns64(t, i) && k < out->address_count; k++) {
			snprintf(name, sizeof name, k == 0 ? "%s" : "%s-%zu", t->nodes[i].name, k + 1);
			if (k == 0 || topology_find_name(t, name) < 0)
				len += synthesise(&prefix, &out->addresses[k], name, text + len,
				                  TOPOLOGY_DNS64_SIZE - len);
		}
	}
	for (size_t i = 0; i < t->name_count; i++)
		if (needs_dns64(t, t->names[i].node))
			len += synthesise(&prefix, &topology_way_out(t, t->names[i].node)->addresses[0],
			                  t->names[i].text, text + len, TOPOLOGY_DNS64_SIZE - len);
	return len;
}
