/* punchlab nat: the NAT types there are; or one, with the rules it is made of. */
#include "cli/commands.h"

#include "nat/nat.h"
#include "model/nat_show.h"
#include "result/terminal_text.h"
#include "trace/canvas.h"

#include "io/log.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPTION_HOSTS = 256 };

#define NAME_COLUMNS 20

static const struct option_row options[] = {
	{ 'v', "verbose", NULL, "list with where the figures come from" },
	{ OPTION_HOSTS, "hosts", "N", "print the rules for N inside hosts, 1 to 8 (default: 1)" },
	{ 0 },
};

/* In a line where a program reads it, wrapped for a person. */
static size_t columns(void)
{
	return isatty(STDOUT_FILENO) == 1 ? style_of(stdout).width : SIZE_MAX;
}

static void print_text(const char *name, const char *text)
{
	printf("%-*s  ", NAME_COLUMNS, name);
	terminal_wrapped(stdout, text, NAME_COLUMNS + 2, NAME_COLUMNS + 2, columns());
}

static void list(bool with_sources)
{
	char summary[NAT_SUMMARY_SIZE], error[NAT_ERROR_SIZE], about[512];
	struct nat nat;

	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++) {
		if (nat_parse(p->name, &nat, error) != 0)
			continue;
		print_text(p->name, nat_summary(&nat, summary));
		if (with_sources) {
			snprintf(about, sizeof about, "(%s)", p->about);
			print_text("", about);
		}
	}
}

static int show(const char *spec, size_t hosts)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;
	char *script;

	if (nat_parse(spec, &nat, error) != 0) {
		log_error("%s", error);
		return CLI_USAGE;
	}
	script = malloc(NAT_SCRIPT_SIZE);
	if (script == NULL || nat_script(&nat, hosts, script) != 0) {
		log_error("%s: its rules do not fit", spec);
		free(script);
		return CLI_FAILED;
	}
	fputs(script, stdout);
	free(script);
	return CLI_OK;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	size_t hosts = 1;
	bool with_sources = false;
	int letter;

	while ((letter = cli_next_option(self, argc, argv)) != -1) {
		if (letter == OPTION_HOSTS)
			hosts = (size_t)cli_number("--hosts", optarg, 1, 8);
		else
			with_sources = true;
	}
	if (argc - optind > 1)
		return cli_usage_error(self, "takes one NAT, and got '%s' too", argv[optind + 1]);
	if (optind < argc)
		return options_finish(show(argv[optind], hosts));
	list(with_sources);
	return options_finish(CLI_OK);
}

const struct cli_command cli_nat = {
	.name = "nat",
	.arguments = "[SPEC]",
	.summary = "list NAT types, or show one and the rules it is made of",
	.about =
	    "A spec is a type's name, then behaviours that override it: symmetric,hairpin. What is printed for "
	    "one is a script that makes a router such a NAT.\n"
	    "A spec's mapping, filtering, ports and hairpinning hold for TCP as well, unless tcp.mapping= and the "
	    "like say otherwise; tcp=linux is what plain Linux does. Worlds are IPv4 only unless both families are "
	    "asked for, nothing leads out of them without --uplink, and programs there see themselves as root, whoever "
	    "the user is.",
	.options = options,
	.run = run,
};
