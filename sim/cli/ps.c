/* punchlab ps: the worlds that stand. */
#include "cli/commands.h"

#include "result/json_line.h"
#include "session/world_socket.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void print_nodes(const json_t *nodes)
{
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);
		const char *name = json_string_value(json_object_get(node, "name"));
		const char *nat = json_string_value(json_object_get(node, "nat"));

		printf("%s%s", i != 0 ? ", " : "", name != NULL ? name : "?");
		if (nat != NULL)
			printf(" (%s)", nat);
	}
}

enum { OPTION_JSON = 256 };

static const struct option_row options[] = {
	{ OPTION_JSON, "json", NULL, "print one JSON object a line for each" },
	{ 0 },
};

static void print_json(void *unused, const char *name)
{
	json_t *world = world_socket_ask(name); /* NULL: it has just ended */

	(void)unused;
	json_line_print(stdout, world);
	json_decref(world);
}

static void print_world(void *unused, const char *name)
{
	json_t *world = world_socket_ask(name);
	long long age = (long long)time(NULL) - json_integer_value(json_object_get(world, "began"));

	(void)unused;
	if (json_object_get(world, "folder") == NULL) {
		printf("%-12s does not answer: it is starting or ending\n", name);
		json_decref(world);
		return;
	}
	printf("%-12s up %lld:%02lld:%02lld, init %lld: ", name, age / 3600, age / 60 % 60, age % 60,
	       json_integer_value(json_object_get(world, "init")));
	print_nodes(json_object_get(world, "nodes"));
	printf("\n%-12s capture: %s/trace.pcapng\n", "", json_string_value(json_object_get(world, "folder")));
	json_decref(world);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	void (*print)(void *, const char *) = print_world;

	while (cli_next_option(self, argc, argv) != -1)
		print = print_json;
	if (optind < argc)
		return cli_usage_error(self, "takes no argument, and got '%s'", argv[optind]);
	world_socket_list(print, NULL);
	return options_finish(CLI_OK);
}

const struct cli_command cli_ps = {
	.name = "ps",
	.arguments = "[--json]",
	.summary = "list the worlds that stand",
	.about = "Those of this user that `punchlab up` or `punchlab shell` keeps standing.",
	.options = options,
	.run = run,
};
