#include "cli/session_options.h"

#include "session/session_nodes.h"
#include "session/world_socket.h"

#include "io/log.h"
#include "lab/lab_dns.h"
#include "result/run_folder.h"
#include "world/uplink.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_host(struct session_options *o, const struct cli_command *command)
{
	if (o->host_count == SESSION_HOSTS_MAX)
		exit(cli_usage_error(command, "at most %d --host", SESSION_HOSTS_MAX));
	o->hosts[o->host_count++] = optarg;
}

static void add_record(struct session_options *o, const struct cli_command *command)
{
	if (o->record_count == SESSION_RECORDS_MAX)
		exit(cli_usage_error(command, "at most %d --record", SESSION_RECORDS_MAX));
	o->records[o->record_count++] = optarg;
	o->has_dns = true;
}

/* True for none. */
static bool parse_keep(const struct cli_command *command, const char *text)
{
	if (strcmp(text, "all") != 0 && strcmp(text, "none") != 0)
		exit(cli_usage_error(command, "--keep takes all or none, not '%s'", text));
	return strcmp(text, "none") == 0;
}

/* "server=python3 rv.py 7000" */
static void take_program(struct session_options *o, const struct cli_command *command, const char *text)
{
	if (strchr(text, '=') == NULL || text[0] == '=')
		exit(cli_usage_error(command, "--on takes HOST=COMMAND, not '%s'", text));
	if (o->program_count == SESSION_PROGRAMS_MAX)
		exit(cli_usage_error(command, "--on: at most %d programs", SESSION_PROGRAMS_MAX));
	o->programs[o->program_count++] = text;
}

/* "alice:lte" is one host's or box's; "lte" and "up:loss=1%" are all that are given nothing else. */
static void take_link(struct session_options *o, const struct cli_command *command, const char *text)
{
	size_t name = strcspn(text, ":=,");
	bool is_named = text[name] == ':' && strncmp(text, "up:", 3) != 0 && strncmp(text, "down:", 5) != 0;

	cli_weather(command, is_named ? text + name + 1 : text);
	if (!is_named && o->weather != NULL)
		exit(cli_usage_error(command, "--link %s: all links are %s already", text, o->weather));
	if (is_named && o->link_count == SESSION_LINKS_MAX)
		exit(cli_usage_error(command, "--link: at most %d of hosts and boxes", SESSION_LINKS_MAX));
	for (size_t i = 0; is_named && i < o->link_count; i++)
		if (strncmp(o->links[i], text, name + 1) == 0)
			exit(cli_usage_error(command, "--link %s: %.*s is given twice", text, (int)name, text));
	if (is_named)
		o->links[o->link_count++] = text;
	else
		o->weather = text;
}

int session_options_parse(struct session_options *o, const char **own, const struct cli_command *command, int argc,
                          char **argv)
{
	int letter, count = 0;

	o->out = "out";
	for (; (letter = cli_next_option(command, argc, argv)) != -1; count++) {
		if (letter == SESSION_OPTION_NAME)
			o->name = optarg;
		else if (letter == SESSION_OPTION_OUT)
			o->out = optarg;
		else if (letter == SESSION_OPTION_ADDRESSES)
			o->addresses = cli_addresses(command, optarg);
		else if (letter == SESSION_OPTION_FAMILIES)
			o->families = cli_families(command, optarg);
		else if (letter == SESSION_OPTION_LINK)
			take_link(o, command, optarg);
		else if (letter == SESSION_OPTION_SEED)
			o->seed = (uint64_t)cli_number("--seed", optarg, 0, INT32_MAX);
		else if (letter == SESSION_OPTION_HOST)
			add_host(o, command);
		else if (letter == SESSION_OPTION_DNS)
			o->has_dns = true;
		else if (letter == SESSION_OPTION_RECORD)
			add_record(o, command);
		else if (letter == SESSION_OPTION_UPLINK)
			o->has_uplink = true;
		else if (letter == SESSION_OPTION_QUIET)
			o->is_quiet = true;
		else if (letter == SESSION_OPTION_KEEP)
			o->keeps_nothing = parse_keep(command, optarg);
		else if (letter == SESSION_OPTION_JSON)
			o->tells_json = true;
		else if (letter == SESSION_OPTION_ON)
			take_program(o, command, optarg);
		else if (letter == 'k' || letter == SESSION_OPTION_IN)
			*own = optarg;
		else
			o->ends_with_input = true;
	}
	return count;
}

static int check(const struct session_options *o)
{
	if (o->name != NULL && !world_socket_is_name(o->name)) {
		log_error("a world's name is 1 to %d letters, digits, '-', '_' and '.', not '%s'",
		          WORLD_SOCKET_NAME_SIZE - 1, o->name);
		return -1;
	}
	if (o->has_dns && lab_dns_missing() != NULL) {
		log_error("%s", lab_dns_missing());
		return -1;
	}
	return session_nodes_can_be(o) ? 0 : -1;
}

/* Returns 0, or the exit status (logged). */
static int require_machine(const struct session_options *o)
{
	char what[UPLINK_TEXT_SIZE], fix[UPLINK_TEXT_SIZE];

	if (!o->has_uplink || uplink_try(what, fix) == 0)
		return cli_require_lab();
	log_error("this machine cannot have --uplink: %s; %s", what, fix);
	return CLI_CANNOT;
}

/* A capture that nobody keeps grows where nobody sees it. Returns the exit status. */
static int run_aside(const struct session_options *given)
{
	struct session_options o = *given;
	const char *tmp = getenv("TMPDIR");
	char folder[PATH_MAX];
	int status;

	snprintf(folder, sizeof folder, "%s/punchlab.XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL) {
		log_error("%s: %s", folder, strerror(errno));
		return CLI_USAGE;
	}
	o.out = folder;
	status = session_run(&o);
	run_folder_remove(folder);
	return status;
}

int session_options_run(const struct session_options *o)
{
	int status = check(o) == 0 ? require_machine(o) : CLI_USAGE;

	if (status != CLI_OK)
		return status;
	if (o->is_quiet)
		log_init("punchlab", LOG_WARNING);
	return o->keeps_nothing ? run_aside(o) : session_run(o);
}
