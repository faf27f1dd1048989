/* punchlab map, count, why, wait: what a standing world can be asked. */
#include "cli/commands.h"
#include "cli/session_lookup.h"

#include "io/clock.h"
#include "io/log.h"
#include "result/json_line.h"
#include "session/world_calls.h"

#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_S 30
#define TICK_MS 50 /* how often is asked whether what is waited for has come */

/* Reads the options, and finds the world; NULL (logged) where there is none. Ends the program on bad input. */
static json_t *begin(const struct cli_command *self, int argc, char **argv, struct session_lookup_options *o, int least,
                     int most)
{
	session_lookup_options_parse(o, self, argc, argv);
	if (argc - optind < least || argc - optind > most)
		exit(cli_usage_error(self, "takes %s", self->arguments));
	return session_lookup(o->name);
}

/* --- map --------------------------------------------------------------------------------------- */

static void print_node(const json_t *node)
{
	const char *name = json_string_value(json_object_get(node, "name"));
	const char *behind = json_string_value(json_object_get(node, "behind"));
	const char *nat = json_string_value(json_object_get(node, "nat"));
	const json_t *address;
	size_t i;

	printf("%-12s", name != NULL ? name : "?");
	json_array_foreach (json_object_get(node, "addresses"), i, address)
		printf("%s%s", i != 0 ? ", " : " ", json_string_value(address));
	printf(behind != NULL ? ", behind %s" : ", on the internet", behind);
	printf(nat != NULL ? ": %s\n" : "\n", nat);
}

static int run_map(const struct cli_command *self, int argc, char **argv)
{
	struct session_lookup_options o = { 0 };
	json_t *world = begin(self, argc, argv, &o, 0, 0), *nodes = json_object_get(world, "nodes");
	const json_t *node;
	size_t i;

	if (world == NULL)
		return CLI_USAGE;
	if (o.as_json)
		json_line_print(stdout, nodes);
	else
		json_array_foreach (nodes, i, node)
			print_node(node);
	json_decref(world);
	return options_finish(CLI_OK);
}

const struct cli_command cli_map = {
	.name = "map",
	.arguments = "[OPTIONS]",
	.summary = "show who stands where",
	.about = "Each host and NAT box with its addresses and what it stands behind; --json prints a list of objects, "
		 "as `nodes` of `punchlab ps --json`.",
	.options = session_lookup_option_table,
	.run = run_map,
};

/* --- count and wait ------------------------------------------------------------------------------ */

/* How many packets were captured there; -1 (logged) where it cannot be told. */
static json_int_t count(const json_t *world, const char *interface, const char *filter)
{
	json_t *result =
	    world_call(world, "lab", "count",
	               filter != NULL ? json_pack("[s,s]", interface, filter) : json_pack("[s]", interface));
	json_int_t value = result != NULL ? json_integer_value(json_array_get(result, 0)) : -1;

	json_decref(result);
	return value;
}

static int run_count(const struct cli_command *self, int argc, char **argv)
{
	struct session_lookup_options o = { 0 };
	json_t *world = begin(self, argc, argv, &o, 1, 2);
	json_int_t packets =
	    world != NULL ? count(world, argv[optind], argc - optind > 1 ? argv[optind + 1] : NULL) : -1;

	if (packets >= 0)
		printf("%lld\n", (long long)packets);
	json_decref(world);
	if (world == NULL)
		return CLI_USAGE;
	return packets >= 0 ? options_finish(CLI_OK) : CLI_FAILED;
}

const struct cli_command cli_count = {
	.name = "count",
	.arguments = "[OPTIONS] INTERFACE [FILTER]",
	.summary = "count the packets that were captured at an interface",
	.about = "INTERFACE is \"alice eth0\", \"nat-a wan\", ...; FILTER a pcap filter expression: `punchlab count "
		 "'nat-a wan' 'udp and dst port 4000'`.",
	.options = session_lookup_option_table,
	.run = run_count,
};

/* Returns the exit status. */
static int wait_for(const json_t *world, const struct session_lookup_options *o, char **operands, long wanted)
{
	uint64_t deadline = clock_now_ms() + UINT64_C(1000) * (o->timeout_s != 0 ? o->timeout_s : WAIT_S);
	json_int_t packets;

	while ((packets = count(world, operands[0], operands[1])) >= 0 && packets < wanted) {
		if (clock_now_ms() >= deadline) {
			log_error("%s: %lld of %ld packets came in time", operands[0], (long long)packets, wanted);
			return CLI_FAILED;
		}
		poll(NULL, 0, TICK_MS);
	}
	if (packets >= 0)
		printf("%lld\n", (long long)packets);
	return packets >= 0 ? options_finish(CLI_OK) : CLI_FAILED;
}

static int run_wait(const struct cli_command *self, int argc, char **argv)
{
	struct session_lookup_options o = { 0 };
	json_t *world = begin(self, argc, argv, &o, 2, 3);
	long wanted = argc - optind > 2 ? cli_number("COUNT", argv[optind + 2], 1, 1000000000) : 1;
	int status = world != NULL ? wait_for(world, &o, argv + optind, wanted) : CLI_USAGE;

	json_decref(world);
	return status;
}

static const struct option_row wait_options[] = {
	SESSION_LOOKUP_OPTIONS,
	{ SESSION_LOOKUP_TIMEOUT, "timeout", "SECONDS", "give up after so long, exit status 1 (default: 30)" },
	{ 0 },
};

const struct cli_command cli_wait = {
	.name = "wait",
	.arguments = "[OPTIONS] INTERFACE FILTER [COUNT]",
	.summary = "wait until such a packet, or COUNT of them, was captured",
	.about = "INTERFACE and FILTER are as for `punchlab count`; how many there are is printed.",
	.options = wait_options,
	.run = run_wait,
};

/* --- why --------------------------------------------------------------------------------------- */

static json_t *node(const char *name)
{
	return json_pack("{s:s}", "node", name);
}

static void print_lines(const json_t *lines)
{
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line)
		puts(json_string_value(line));
}

static int run_why(const struct cli_command *self, int argc, char **argv)
{
	struct session_lookup_options o = { 0 };
	json_t *world = begin(self, argc, argv, &o, 2, 3), *arguments, *result = NULL;
	bool known = world != NULL && session_lookup_has_node(world, argv[optind]) &&
	             session_lookup_has_node(world, argv[optind + 1]);

	if (known) {
		arguments = json_pack("[o,o]", node(argv[optind]), node(argv[optind + 1]));
		if (argc - optind > 2)
			json_array_append_new(arguments, json_string(argv[optind + 2]));
		result = world_call(world, "lab", "why", arguments);
	}
	if (result != NULL && o.as_json)
		json_line_print(stdout, json_array_get(result, 0));
	else if (result != NULL)
		print_lines(json_object_get(json_array_get(result, 0), "text"));
	json_decref(result);
	json_decref(world);
	if (!known)
		return CLI_USAGE;
	return result != NULL ? options_finish(CLI_OK) : CLI_FAILED;
}

const struct cli_command cli_why = {
	.name = "why",
	.arguments = "[OPTIONS] HOST HOST [PROTOCOL]",
	.summary = "say what the trace tells of two hosts so far",
	.about =
	    "Whether they got through to each other, and if not, which box refused which packet and what helps: as "
	    "`punchlab trace --why` of that pair. PROTOCOL is udp (default), tcp or icmp; --json prints the object "
	    "of `trace --why --json`.",
	.options = session_lookup_option_table,
	.run = run_why,
};
