#include "session/world_map.h"

#include "model/nat_show.h"
#include "result/terminal_text.h"

#include <string.h>

#define COLUMNS 80
#define BOX_INDENT 13 /* behind the names */

/* "22.22.22.1, 22.22.22.2" */
static const char *addresses_text(const struct node *n, char *text, size_t size)
{
	char address[ADDRESS_TEXT_SIZE];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n->links[0].address_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i != 0 ? ", " : "",
		                         address_format(&n->links[0].addresses[i], address));
	return text;
}

static void print_place(FILE *out, const struct topology *t, const struct node *n)
{
	if (n->links[0].behind < 0)
		fprintf(out, "on the internet");
	else
		fprintf(out, "behind %s", t->nodes[n->links[0].behind].name);
}

void world_map_print(FILE *out, const struct topology *t)
{
	char text[128], spec[NAT_TEXT_SIZE], summary[NAT_SUMMARY_SIZE];

	for (size_t i = 0; i < t->count; i++) {
		const struct node *n = &t->nodes[i];

		fprintf(out, "  %-10s %-28s ", n->name, addresses_text(n, text, sizeof text));
		print_place(out, t, n);
		putc('\n', out);
		if (n->kind != NODE_BOX)
			continue;
		fprintf(out, "%*s%s:\n%*s", BOX_INDENT, "", nat_format(&n->nat, spec), BOX_INDENT, "");
		terminal_wrapped(out, nat_summary(&n->nat, summary), BOX_INDENT, BOX_INDENT, COLUMNS);
	}
}

static json_t *node_to_json(const struct topology *t, size_t i)
{
	const struct node *n = &t->nodes[i];
	char text[ADDRESS_TEXT_SIZE], spec[NAT_TEXT_SIZE];
	struct address seen = topology_public_address(t, (int)i);
	json_t *addresses = json_array();
	bool box = n->kind == NODE_BOX;

	for (size_t k = 0; k < n->links[0].address_count; k++)
		json_array_append_new(addresses, json_string(address_format(&n->links[0].addresses[k], text)));
	return json_pack("{s:s,s:s,s:o,s:s,s:s?,s:s?}", "name", n->name, "kind", box ? "box" : "host", "addresses",
	                 addresses, "public", address_format(&seen, text), "behind",
	                 n->links[0].behind >= 0 ? t->nodes[n->links[0].behind].name : NULL, "nat",
	                 box ? nat_format(&n->nat, spec) : NULL);
}

json_t *world_map_to_json(const struct topology *t)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < t->count; i++)
		json_array_append_new(nodes, node_to_json(t, i));
	return nodes;
}
