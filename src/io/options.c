#include "io/options.h"

#include "base/escape.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US 86400000000u
#define REFUSAL_SIZE 1024

enum { COLUMN = 30 };

static void print_row(const struct option_row *row)
{
	char left[64];
	int len = 0;

	if (row->letter < 256)
		len = snprintf(left, sizeof left, "  -%c%s", (char)row->letter, row->name != NULL ? ", " : "");
	else
		len = snprintf(left, sizeof left, "      ");
	if (row->name != NULL)
		len += snprintf(left + len, sizeof left - (size_t)len, "--%s", row->name);
	if (row->argument != NULL)
		snprintf(left + len, sizeof left - (size_t)len, " %s", row->argument);
	printf("%-*s%s\n", COLUMN, left, row->help);
}

static void print_help(const struct options *o)
{
	static const struct option_row always[] = {
		{ OPTIONS_HELP, "help", NULL, "show this and exit" },
		{ OPTIONS_VERSION, "version", NULL, "show the version and exit" },
	};

	printf("usage: %s %s\n%s\n\n", program_invocation_short_name, o->usage, o->purpose);
	for (const struct option_row *row = o->rows; row->letter != 0; row++)
		print_row(row);
	print_row(&always[0]);
	print_row(&always[1]);
}

int options_finish(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	fprintf(stderr, "%s: standard output: %s\n", program_invocation_short_name, strerror(errno));
	return status != 0 ? status : 1;
}

void options_refuse(const char *format, ...)
{
	char told[REFUSAL_SIZE], shown[REFUSAL_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(told, sizeof told, format, args);
	va_end(args);
	escape_text(shown, sizeof shown, told, strlen(told), ESCAPE_KEPT_LINE);
	fprintf(stderr, "%s: %s (--help shows the usage)\n", program_invocation_short_name, shown);
	exit(OPTIONS_USAGE_STATUS);
}

/* The table as getopt wants it. */
struct description {
	char *letters;
	struct option *longs;
};

static size_t count_rows(const struct option_row *rows)
{
	size_t count = 0;

	while (rows != NULL && rows[count].letter != 0)
		count++;
	return count;
}

/* The colon in front makes getopt silent, and tells what is missing. */
static struct description describe(const struct option_row *rows)
{
	size_t count = count_rows(rows), named = 0, at = 0;
	struct description d = { malloc(2 * count + 3), calloc(count + 3, sizeof *d.longs) };

	if (d.letters == NULL || d.longs == NULL) {
		fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
		exit(1);
	}
	d.letters[at++] = ':';
	d.letters[at++] = OPTIONS_HELP;
	for (const struct option_row *row = rows; row < rows + count; row++) {
		if (row->letter < 256)
			d.letters[at++] = (char)row->letter;
		if (row->letter < 256 && row->argument != NULL)
			d.letters[at++] = ':';
		if (row->name != NULL)
			d.longs[named++] = (struct option){ row->name, row->argument != NULL, NULL, row->letter };
	}
	d.letters[at] = '\0';
	d.longs[named++] = (struct option){ "help", no_argument, NULL, OPTIONS_HELP };
	d.longs[named] = (struct option){ "version", no_argument, NULL, OPTIONS_VERSION };
	return d;
}

int options_read(const struct option_row *rows, int argc, char **argv, const char **argument)
{
	static char short_form[] = "-?";
	struct description d = describe(rows);
	int letter, before = optind;
	bool is_word; /* a long option is at fault; else a letter of a group, whose word getopt may not have left yet */

	opterr = 0;
	letter = getopt_long(argc, argv, d.letters, d.longs, NULL);
	free(d.letters);
	free(d.longs);
	*argument = optarg;
	if (letter != '?' && letter != ':')
		return letter;
	is_word = optind > before && strncmp(argv[optind - 1], "--", 2) == 0;
	short_form[1] = (char)optopt;
	*argument = is_word ? argv[optind - 1] : short_form;
	return letter == '?' && is_word && optopt != 0 ? OPTIONS_UNWANTED : letter;
}

int options_next(const struct options *o, int argc, char **argv, const char **argument)
{
	int letter = options_read(o->rows, argc, argv, argument);

	switch (letter) {
	case OPTIONS_HELP: print_help(o); exit(options_finish(0));
	case OPTIONS_VERSION: printf("%s %s\n", program_invocation_short_name, VERSION); exit(options_finish(0));
	case ':': options_refuse("option \"%s\" takes an argument", *argument);
	case OPTIONS_UNWANTED: options_refuse("option \"%s\" takes no argument", *argument);
	case '?': options_refuse("unknown option \"%s\"", *argument);
	default: return letter;
	}
}

uint64_t options_seconds(const char *text)
{
	uint64_t us = 0;
	uint64_t unit = 1000000;
	bool fraction = false;
	const char *at = text;

	for (; *at != '\0'; at++) {
		if (*at == '.' && !fraction && at != text) {
			fraction = true;
			continue;
		}
		if (*at < '0' || *at > '9' || us > DAY_US)
			return 0;
		if (fraction) {
			unit /= 10;
			us += (uint64_t)(*at - '0') * unit;
		} else {
			us = us * 10 + (uint64_t)(*at - '0') * 1000000;
		}
	}
	if (at == text || at[-1] == '.' || us > DAY_US)
		return 0;
	return us;
}

uint32_t options_count(const char *text, uint32_t most)
{
	uint64_t count = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at < '0' || *at > '9' || count > most)
			return 0;
		count = count * 10 + (uint64_t)(*at - '0');
	}
	return count <= most ? (uint32_t)count : 0;
}
