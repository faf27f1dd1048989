/* punchlab call, box, link: what a scenario can do to a world, done to one that stands. */
#include "cli/commands.h"
#include "cli/session_lookup.h"

#include "result/json_line.h"
#include "script/script_call.h"
#include "session/world_calls.h"

#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A word that is JSON is what it says; any other is a text. */
static json_t *argument(const char *word)
{
	json_t *value = strchr("{[\"-0123456789tf", word[0]) != NULL ? json_loads(word, JSON_DECODE_ANY, NULL) : NULL;

	return value != NULL ? value : json_string(word);
}

static json_t *arguments(int count, char **words)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(list, argument(words[i]));
	return list;
}

/* A text is a line, a list of texts several; what has more to it is JSON. */
static void print_value(const json_t *value)
{
	const json_t *member;
	size_t i;

	if (json_is_string(value)) {
		puts(json_string_value(value));
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, member)
			print_value(member);
	} else {
		json_line_print(stdout, value);
	}
}

static int print_result(json_t *result, bool as_json)
{
	if (result == NULL)
		return CLI_FAILED;
	if (as_json)
		json_line_print(stdout, result);
	else
		print_value(result);
	json_decref(result);
	return options_finish(CLI_OK);
}

static bool is_there(const json_t *world, const char *node)
{
	return strcmp(node, "lab") == 0 || session_lookup_has_node(world, node);
}

/* Where the options end: no option has a blank in it, as "-I FORWARD -j DROP" has, nor is a number. */
static int options_end(int argc, char **argv)
{
	int i = 1;

	while (i < argc && (argv[i][0] != '-' || (strchr(argv[i], ' ') == NULL && !isdigit((unsigned char)argv[i][1]))))
		i++;
	return i;
}

/* `place` stands behind the name of a host or box: what of it is meant. */
static int call(const struct cli_command *self, int argc, char **argv, const char *place)
{
	struct session_lookup_options o = { 0 };
	int status = CLI_USAGE;
	char on[128];
	json_t *world;

	session_lookup_options_parse(&o, self, options_end(argc, argv), argv);
	if (argc - optind < 2)
		return cli_usage_error(self, "takes %s, a call, and its arguments", self->arguments);
	world = session_lookup(o.name);
	if (world != NULL && is_there(world, argv[optind])) {
		snprintf(on, sizeof on, "%s%s", argv[optind], place);
		status = print_result(
		    world_call(world, on, argv[optind + 1], arguments(argc - optind - 2, argv + optind + 2)),
		    o.as_json);
	}
	json_decref(world);
	return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	return call(self, argc, argv, "");
}

static int run_link(const struct cli_command *self, int argc, char **argv)
{
	return call(self, argc, argv, SCRIPT_CALL_LINK);
}

#define ARGUMENTS_ARE                                                                                                  \
	" An argument is a text; a number, true, false or JSON is what it is, and {\"node\":\"alice\"} a host. What "  \
	"it returns is printed, a text as it is, anything else as JSON; --json prints all of it as one JSON list."

const struct cli_command cli_call = {
	.name = "call",
	.arguments = "[OPTIONS] lab|HOST|BOX CALL [ARGUMENT]...",
	.summary = "make any other call of the scenario language",
	.about =
	    "Calls are listed in scenarios/README.md: `punchlab call bob public_address`, `punchlab call lab count "
	    "'nat-a wan' 'udp port 4000'`." ARGUMENTS_ARE,
	.options = session_lookup_option_table,
	.run = run,
};

const struct cli_command cli_box = {
	.name = "box",
	.arguments = "[OPTIONS] BOX CALL [ARGUMENT]...",
	.summary = "reboot a NAT box, list its mappings, and what else a scenario can",
	.about =
	    "The calls are those of a box in scenarios/README.md: `punchlab box nat-a reboot`, `rebind`, `mappings`, "
	    "`counters`, `punchlab box nat-a iptables '-I FORWARD -p udp -j DROP'`." ARGUMENTS_ARE,
	.options = session_lookup_option_table,
	.run = run,
};

const struct cli_command cli_link = {
	.name = "link",
	.arguments = "[OPTIONS] HOST|BOX CALL [ARGUMENT]...",
	.summary = "pull a cable, lose or delay packets on it, give it weather",
	.about = "The calls are those of host:link() in scenarios/README.md, on a link made with weather, be it fair "
		 "(`punchlab up --link alice:fair`): `punchlab link alice down`, `punchlab link nat-a set "
		 "'delay=200ms,loss=5%'`, `punchlab link alice drop 'udp port 4000' "
		 "'{\"from\":3,\"count\":2}'`." ARGUMENTS_ARE,
	.options = session_lookup_option_table,
	.run = run_link,
};
