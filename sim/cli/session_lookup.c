#include "cli/session_lookup.h"

#include "session/world_socket.h"

#include "io/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names of all, as a list to print. */
struct names {
	char text[512];
	char only[WORLD_SOCKET_NAME_SIZE];
	size_t used, count;
};

static void add(struct names *n, const char *name)
{
	int len = snprintf(n->text + n->used, sizeof n->text - n->used, "%s%s", n->count != 0 ? ", " : "", name);

	if (n->used + (size_t)len < sizeof n->text)
		n->used += (size_t)len;
	n->count++;
}

static void found(void *argument, const char *name)
{
	struct names *n = argument;

	add(n, name);
	snprintf(n->only, sizeof n->only, "%s", name);
}

json_t *session_lookup(const char *name)
{
	struct names all = { 0 };
	const char *inside = getenv("PUNCHLAB_WORLD");
	json_t *world = NULL;

	world_socket_list(found, &all);
	if (name != NULL)
		world = world_socket_ask(name);
	else if (all.count == 1)
		world = world_socket_ask(all.only);
	if (world != NULL)
		return world;
	if (all.count == 0 && inside != NULL)
		log_error("worlds are reached from outside, and here is inside of world %s: use another terminal",
		          inside);
	else if (all.count == 0)
		log_error("no world stands (punchlab up SPEC... or punchlab shell SPEC starts one)");
	else if (name != NULL)
		log_error("there is no world named %s; there are: %s", name, all.text);
	else if (all.count > 1)
		log_error("several worlds stand; choose one with --name: %s", all.text);
	else
		log_error("world %s does not answer; it is starting or ending", all.only);
	return NULL;
}

bool session_lookup_has_node(const json_t *world, const char *node)
{
	const json_t *nodes = json_object_get(world, "nodes");
	struct names all = { 0 };

	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const char *name = json_string_value(json_object_get(json_array_get(nodes, i), "name"));

		if (name == NULL)
			continue;
		if (strcmp(name, node) == 0)
			return true;
		add(&all, name);
	}
	log_error("there is no host or box named %s; there are: %s", node, all.text);
	return false;
}

const struct option_row session_lookup_option_table[] = { SESSION_LOOKUP_OPTIONS, { 0 } };

void session_lookup_options_parse(struct session_lookup_options *o, const struct cli_command *command, int argc,
                                  char **argv)
{
	int letter;

	while ((letter = cli_next_option(command, argc, argv)) != -1) {
		if (letter == SESSION_LOOKUP_NAME)
			o->name = optarg;
		else if (letter == SESSION_LOOKUP_JSON)
			o->as_json = true;
		else
			o->timeout_s = (unsigned)cli_number("--timeout", optarg, 1, 3600);
	}
}
