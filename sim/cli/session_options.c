#include "cli/session_options.h"

#include "nat/nat.h"
#include "session/world_socket.h"

#include "io/log.h"

#include <getopt.h>

void session_options_parse(struct session_options *o, const struct cli_command *command, int argc, char **argv)
{
	int letter;

	o->out = "out";
	while ((letter = cli_next_option(command, argc, argv)) != -1) {
		if (letter == SESSION_OPTION_NAME)
			o->name = optarg;
		else if (letter == SESSION_OPTION_OUT)
			o->out = optarg;
		else if (letter == SESSION_OPTION_JSON)
			o->tells_json = true;
		else
			o->ends_with_input = true;
	}
}

static int check(const struct session_options *o)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	if (o->name != NULL && !world_socket_is_name(o->name)) {
		log_error("a world's name is 1 to %d letters, digits, '-', '_' and '.', not '%s'",
		          WORLD_SOCKET_NAME_SIZE - 1, o->name);
		return -1;
	}
	for (size_t i = 0; i < o->count; i++) {
		if (nat_parse(o->specs[i], &nat, error) == 0)
			continue;
		log_error("%s", error);
		return -1;
	}
	return 0;
}

int session_options_run(const struct session_options *o)
{
	int status = check(o) == 0 ? cli_require_lab() : CLI_USAGE;

	return status == CLI_OK ? session_run(o) : status;
}
