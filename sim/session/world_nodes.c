#include "session/world_nodes.h"

#include "model/nat_show.h"
#include "model/topology_ipv6.h"
#include "result/terminal_text.h"

#include <string.h>

#define COLUMNS 80
#define BOX_INDENT 13 /* behind the names */

/* Of both families. Returns how many. */
static size_t addresses_of(const struct topology *t, int node, int link, struct address out[2 * TOPOLOGY_ADDRESSES])
{
	const struct link *l = &t->nodes[node].links[link];
	size_t count = topology_has_ipv4(t, node, link) ? l->address_count : 0;

	memcpy(out, l->addresses, sizeof l->addresses);
	return count + topology_ipv6_addresses(t, node, link, out + count);
}

/* "22.22.22.1, 22.22.22.2" */
static const char *addresses_text(const struct topology *t, int node, int link, char *text, size_t size)
{
	struct address list[2 * TOPOLOGY_ADDRESSES];
	size_t count = addresses_of(t, node, link, list), used = 0;
	char address[ADDRESS_TEXT_SIZE];

	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i != 0 ? ", " : "",
		                         address_format(&list[i], address));
	return text;
}

static void print_place(FILE *out, const struct topology *t, const struct link *l)
{
	if (l->behind == TOPOLOGY_NOWHERE)
		fprintf(out, "unplugged");
	else if (l->behind == TOPOLOGY_INTERNET)
		fprintf(out, "on the internet");
	else
		fprintf(out, "behind %s", t->nodes[l->behind].name);
}

/* A line for each interface; with one there is no need to name it. */
static void print_links(FILE *out, const struct topology *t, const struct node *n)
{
	char text[2 * TOPOLOGY_ADDRESSES * (ADDRESS_TEXT_SIZE + 2)];
	int node = (int)(n - t->nodes);

	for (size_t k = 0; k < n->link_count; k++) {
		fprintf(out, "  %-10s %-28s ", k == 0 ? n->name : "",
		        addresses_text(t, node, (int)k, text, sizeof text));
		print_place(out, t, &n->links[k]);
		if (n->link_count > 1)
			fprintf(out, " (%s)", n->links[k].interface);
		putc('\n', out);
	}
}

void world_nodes_print(FILE *out, const struct topology *t)
{
	char spec[NAT_TEXT_SIZE], summary[NAT_SUMMARY_SIZE];

	for (size_t i = 0; i < t->count; i++) {
		const struct node *n = &t->nodes[i];

		print_links(out, t, n);
		if (n->kind != NODE_BOX)
			continue;
		fprintf(out, "%*s%s:\n%*s", BOX_INDENT, "", nat_format(&n->nat, spec), BOX_INDENT, "");
		terminal_wrapped(out, nat_summary(&n->nat, summary), BOX_INDENT, BOX_INDENT, COLUMNS);
	}
}

static json_t *addresses_to_json(const struct topology *t, int node, int link)
{
	struct address list[2 * TOPOLOGY_ADDRESSES];
	size_t count = addresses_of(t, node, link, list);
	char text[ADDRESS_TEXT_SIZE];
	json_t *addresses = json_array();

	for (size_t k = 0; k < count; k++)
		json_array_append_new(addresses, json_string(address_format(&list[k], text)));
	return addresses;
}

static const char *box_name(const struct topology *t, const struct link *l)
{
	return l->behind >= 0 ? t->nodes[l->behind].name : NULL;
}

static json_t *interfaces_to_json(const struct topology *t, const struct node *n)
{
	json_t *list = json_array();

	for (size_t k = 0; k < n->link_count; k++)
		json_array_append_new(list, json_pack("{s:s,s:o,s:s?}", "interface", n->links[k].interface, "addresses",
		                                      addresses_to_json(t, (int)(n - t->nodes), (int)k), "behind",
		                                      box_name(t, &n->links[k])));
	return list;
}

static json_t *node_to_json(const struct topology *t, size_t i)
{
	const struct node *n = &t->nodes[i];
	char text[ADDRESS_TEXT_SIZE], spec[NAT_TEXT_SIZE];
	struct address seen = topology_public_address(t, (int)i);
	const struct link *out = topology_way_out(t, (int)i);
	bool box = n->kind == NODE_BOX;

	return json_pack("{s:s,s:s,s:o,s:s,s:s?,s:s?,s:o*}", "name", n->name, "kind", box ? "box" : "host", "addresses",
	                 addresses_to_json(t, (int)i, (int)(out - n->links)), "public", address_format(&seen, text),
	                 "behind", box_name(t, out), "nat", box ? nat_format(&n->nat, spec) : NULL, "interfaces",
	                 n->link_count > 1 ? interfaces_to_json(t, n) : NULL);
}

json_t *world_nodes_to_json(const struct topology *t)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < t->count; i++)
		json_array_append_new(nodes, node_to_json(t, i));
	return nodes;
}
