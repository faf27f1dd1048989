#include "cli/cli.h"

#include "base/shell.h"
#include "model/weather.h"

#include "result/terminal_text.h"

#include "io/log.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMNS 80
#define OPTION_COLUMNS 25 /* what stands before an option's help */

int cli_next_option(const struct cli_command *command, int argc, char **argv)
{
	const char *argument;
	int letter = options_read(command->options, argc, argv, &argument);

	if (letter == OPTIONS_HELP) {
		cli_print_help(command);
		exit(options_finish(CLI_OK));
	}
	if (letter == '?' || letter == OPTIONS_VERSION)
		exit(cli_usage_error(command, "unknown option %s", letter == '?' ? argument : "--version"));
	if (letter == OPTIONS_UNWANTED)
		exit(cli_usage_error(command, "%s: the option takes no argument", argument));
	if (letter == ':')
		exit(cli_usage_error(command, "an argument is missing after %s", argument));
	return letter;
}

char **cli_cut_command(int *argc, char **argv, char **standard)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		standard = i + 1 < *argc ? argv + i + 1 : standard;
		argv[i] = NULL;
		*argc = i;
		break;
	}
	return standard;
}

char **cli_shell_command(char *command[2])
{
	static char standard[] = "/bin/sh";
	char *shell = getenv("SHELL");

	command[0] = shell != NULL && shell[0] != '\0' ? shell : standard;
	command[1] = NULL;
	return command;
}

long cli_number(const char *what, const char *text, long low, long high)
{
	char *end = NULL;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && value >= low && value <= high)
		return value;
	log_error("%s must be a number from %ld to %ld, not '%s'", what, low, high, text);
	exit(CLI_USAGE);
}

enum address_plan cli_addresses(const struct cli_command *command, const char *text)
{
	char error[ADDRESS_PLAN_ERROR_SIZE];
	enum address_plan plan;

	if (address_plan_parse(text, &plan, error) == 0)
		return plan;
	exit(cli_usage_error(command, "--addresses: %s", error));
}

enum families cli_families(const struct cli_command *command, const char *text)
{
	char error[FAMILIES_ERROR_SIZE];
	enum families families;

	if (families_parse(text, &families, error) == 0)
		return families;
	exit(cli_usage_error(command, "--families: %s", error));
}

const char *cli_weather(const struct cli_command *command, const char *text)
{
	char error[WEATHER_ERROR_SIZE];
	struct weather w;

	if (weather_parse(text, &w, error) == 0)
		return text;
	exit(cli_usage_error(command, "--link: %s", error));
}

int cli_usage_error(const struct cli_command *command, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_error("%s: %s (see: punchlab help %s)", command->name, text, command->name);
	return CLI_USAGE;
}

void cli_print_entry(const char *left, size_t indent, const char *text)
{
	size_t used = (size_t)printf("  %s", left);

	if (used + 1 > indent) {
		putchar('\n');
		used = 0;
	}
	printf("%*s", (int)(indent - used), "");
	terminal_wrapped(stdout, text, indent, indent, HELP_COLUMNS);
}

static void print_option(const struct option_row *o)
{
	const char *space = o->argument != NULL ? " " : "", *argument = o->argument != NULL ? o->argument : "";
	char left[64];

	if (o->letter <= 255)
		snprintf(left, sizeof left, "-%c, --%s%s%s", o->letter, o->name, space, argument);
	else
		snprintf(left, sizeof left, "    --%s%s%s", o->name, space, argument);
	cli_print_entry(left, OPTION_COLUMNS, o->help);
}

void cli_print_help(const struct cli_command *command)
{
	static const struct option_row help = { OPTIONS_HELP, "help", NULL, "print this help" };

	printf("usage: punchlab %s%s%s\n", command->name, command->arguments[0] != '\0' ? " " : "", command->arguments);
	terminal_wrapped(stdout, command->summary, 0, 0, HELP_COLUMNS);
	if (command->about != NULL) {
		putchar('\n');
		terminal_wrapped(stdout, command->about, 0, 0, HELP_COLUMNS);
	}
	printf("\noptions:\n");
	for (const struct option_row *o = command->options; o != NULL && o->letter != 0; o++)
		print_option(o);
	print_option(&help);
}

const char *cli_whole_line(const struct cli_command *command, int argc, char **argv)
{
	static char line[4096];
	const char *words[256] = { program_invocation_name, command->name };
	size_t count = 2;

	for (int i = 1; i < argc && count + 1 < sizeof words / sizeof words[0]; i++)
		words[count++] = argv[i];
	return shell_line(words, line, sizeof line);
}
