#include "cli/session_options.h"

#include "session/session_nodes.h"
#include "session/world_socket.h"

#include "io/exit_status.h"
#include "io/log.h"
#include "lab/lab_dns.h"
#include "result/run_folder.h"
#include "world/uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum keep { KEEP_UNTOLD, KEEP_ALL, KEEP_NONE };

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

static enum keep parse_keep(const struct cli_command *command, const char *text)
{
	if (strcmp(text, "all") != 0 && strcmp(text, "none") != 0)
		exit(cli_usage_error(command, "--keep takes all or none, not '%s'", text));
	return strcmp(text, "none") == 0 ? KEEP_NONE : KEEP_ALL;
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
	enum keep keep = KEEP_UNTOLD;
	int letter, count = 0;

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
			keep = parse_keep(command, optarg);
		else if (letter == SESSION_OPTION_JSON)
			o->tells_json = true;
		else if (letter == SESSION_OPTION_ON)
			take_program(o, command, optarg);
		else if (letter == 'k' || letter == SESSION_OPTION_IN)
			*own = optarg;
		else
			o->ends_with_input = true;
	}
	/* The working folder is the user's: nothing is left in it unless it is asked for. */
	o->keeps_nothing = keep == KEEP_NONE || (keep == KEEP_UNTOLD && o->out == NULL);
	if (o->out == NULL)
		o->out = "out";
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

/* Removes the folder when nobody holds the other end of the pipe any more, or something was written to it. */
static _Noreturn void sweep(const char *folder, int pipe_fd)
{
	static const int meant_for_sessions[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	char byte;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid(); /* a signal for the whole group leaves it alone, and so does one for all of its name */
	for (size_t i = 0; i < sizeof meant_for_sessions / sizeof *meant_for_sessions; i++)
		signal(meant_for_sessions[i], SIG_IGN);
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(null_fd, i);
	while (read(pipe_fd, &byte, 1) < 0 && errno == EINTR)
		continue;
	run_folder_remove(folder);
	_exit(0);
}

/*
 * A process that removes the folder when it is told to, and also when all that write there have been killed. *tell is
 * the pipe to it. Returns its pid, or -1 with errno.
 */
static pid_t start_sweeper(const char *folder, int *tell)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		sweep(folder, fds[0]);
	}
	close(fds[0]);
	*tell = fds[1];
	return pid;
}

/* A capture that nobody keeps grows where nobody sees it. Returns the exit status. */
static int run_aside(const struct session_options *given)
{
	struct session_options o = *given;
	const char *tmp = getenv("TMPDIR");
	char folder[PATH_MAX];
	int status, tell;
	pid_t sweeper;

	snprintf(folder, sizeof folder, "%s/punchlab.XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL) {
		log_error("%s: %s", folder, strerror(errno));
		return CLI_USAGE;
	}
	sweeper = start_sweeper(folder, &tell);
	if (sweeper < 0) {
		log_error("%s: %s", folder, strerror(errno));
		run_folder_remove(folder);
		return CLI_USAGE;
	}
	o.out = folder;
	status = session_run(&o);
	signal(SIGPIPE, SIG_IGN);
	if (write(tell, "", 1) == 1)
		exit_status_wait(sweeper);
	else
		run_folder_remove(folder); /* it was killed */
	close(tell);
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
