/* punchlab check: NAT boxes measured against what they claim. */
#include "cli/commands.h"

#include "check/check_all.h"
#include "nat/requirement.h"
#include "runner/measured_boxes.h"
#include "world/mapper_program.h"
#include "result/json_line.h"
#include "result/result_file.h"
#include "io/signals.h"

#include "io/log.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_JSON = 256, OPTION_FULL, OPTION_ALL, OPTION_SABOTAGE, OPTION_REPEAT };

#define JOBS_PER_CPU 4
#define ALL_JOBS_PER_CPU 16 /* most of the time lifetimes are waited for */
#define REPEAT_MOST 100000

struct check_options {
	const char *json_path; /* "-" is the only one without a file; NULL: text */
	enum check_depth depth;
	bool all;
	long jobs; /* 0: not said */
	long repeat;
	char sabotage[1024]; /* lines, "" for none */
};

static const struct option_row option_table[] = {
	{ 'j', "jobs", "N", "measure so many at once (default: 4 for each processor, with --all 16)" },
	{ OPTION_ALL, "all", NULL, "the whole space: mapping by filtering by ports, lifetimes, every type; see below" },
	{ OPTION_FULL, "full", NULL, "lifetimes and what refreshes them too, which takes seconds" },
	{ OPTION_SABOTAGE, "sabotage", "LINE",
	  "a command, \"iptables -I INPUT -j ACCEPT\" or any other, to run in each box after its own rules; may be "
	  "repeated" },
	{ OPTION_REPEAT, "repeat", "N", "measure each box N times, each time a new one; print those that differ" },
	{ OPTION_JSON, "json", "FILE", "write a JSON object a line to FILE (-: standard output)" },
	{ 0 },
};

/* What is measured when nothing is named: the classic types (but `open` where there is sabotage, which needs a box),
 * and each of them with hairpinning. */
static const char *const standard[] = {
	"open",
	"full-cone",
	"restricted",
	"port-restricted",
	"symmetric",
	"full-cone,hairpin",
	"restricted,hairpin",
	"port-restricted,hairpin",
	"symmetric,hairpin",
	NULL,
};

static int add(struct measured_boxes *b, const char *spec, const char *sabotage, enum check_depth depth)
{
	char error[NAT_ERROR_SIZE], text[NAT_TEXT_SIZE];
	struct nat nat;

	if (nat_parse(spec, &nat, error) != 0) {
		log_error("%s", error);
		return -1;
	}
	return measured_boxes_add(b, nat_format(&nat, text), sabotage, depth) >= 0 ? 0 : -1;
}

static const char *verdict(const struct box_kind *k)
{
	switch (k->state) {
	case BOX_AGREES: return "as claimed";
	case BOX_DIFFERS: return "NOT what it claims";
	case BOX_UNKNOWN:
	case BOX_WAITS:
	case BOX_IS_MEASURED: break;
	}
	return "could not be measured";
}

static void widen(int *width, const char *text)
{
	*width = (int)strlen(text) > *width ? (int)strlen(text) : *width;
}

static void print_kind(const struct box_kind *k)
{
	const struct measurement *m = &k->measurement;
	int width = (int)strlen("asked"), name_width = 0;

	printf("%s: %s\n", k->spec, verdict(k));
	for (size_t i = 0; i < m->count; i++) {
		widen(&width, m->rows[i].asked);
		widen(&name_width, measurement_part_name(m->rows[i].part));
	}
	if (m->count != 0)
		printf("    %-*s  %-*s  %s\n", name_width, "", width, "asked", "measured");
	for (size_t i = 0; i < m->count; i++)
		printf("%s %-*s  %-*s  %s\n", m->rows[i].differs ? "  !" : "   ", name_width,
		       measurement_part_name(m->rows[i].part), width, m->rows[i].asked, m->rows[i].measured);
	if (k->why != NULL)
		fputs(k->why, stdout);
	putchar('\n');
}

static void write_json(FILE *out, const struct box_kind *k)
{
	json_t *rows = json_array();
	char text[NAT_TEXT_SIZE];

	for (size_t i = 0; i < k->measurement.count; i++) {
		const struct measurement_row *r = &k->measurement.rows[i];
		unsigned requirement = measurement_part_requirement(r->part);
		json_t *row = json_pack("{s:s,s:s,s:s,s:b}", "behaviour", measurement_part_name(r->part), "asked",
		                        r->asked, "measured", r->measured, "differs", r->differs);

		if (row != NULL && requirement != 0) {
			json_object_set_new(
			    row, "requirement",
			    json_sprintf(measurement_part_is_tcp(r->part) ? "RFC 5382 REQ-%u" : "REQ-%u", requirement));
			json_object_set_new(row, "met", json_boolean(r->requirement_met));
		}
		json_array_append_new(rows, row);
	}
	json_t *line = json_pack(
	    "{s:s,s:s,s:s?,s:o}", "nat", k->spec, "result",
	    k->state == BOX_AGREES    ? "agrees"
	    : k->state == BOX_DIFFERS ? "differs"
				      : "unknown",
	    "measured", k->state == BOX_UNKNOWN ? NULL : nat_format(&k->measurement.measured, text), "rows", rows);

	json_line_print(out, line);
	json_decref(line);
}

/* RFC 4787's requirements, a line a box. */
static void print_requirements(const struct measured_boxes *b)
{
	char text[2048];

	requirement_head(text, sizeof text);
	fputs(text, stdout);
	for (size_t i = 0; i < b->count; i++) {
		requirement_line(b->kinds[i]->spec, &b->kinds[i]->measurement, text, sizeof text);
		fputs(text, stdout);
	}
	requirement_legend(text, sizeof text);
	printf("\n%s\n", text);
}

static void print_count(const struct box_totals *t)
{
	printf("%zu measured: %zu as claimed, %zu not", t->agree + t->differ, t->agree, t->differ);
	if (t->unknown != 0)
		printf("; %zu could not be measured", t->unknown);
	putchar('\n');
}

static void report(const struct measured_boxes *b, const struct check_options *o, FILE *json)
{
	bool all = !o->all && o->repeat == 1;

	for (size_t i = 0; i < b->count; i++) {
		if (json != NULL)
			write_json(json, b->kinds[i]);
		if (json != stdout && (all || b->kinds[i]->state != BOX_AGREES))
			print_kind(b->kinds[i]);
	}
}

/* Measures each once more and adds them to the totals. Returns 0, or the signal that ended it. */
static int measure_once(struct measured_boxes *b, const struct check_options *o, FILE *json, struct box_totals *totals)
{
	int signal_fd = signals_hold();
	int signal = measured_boxes_measure(b, (size_t)o->jobs, signal_fd);
	struct box_totals these = measured_boxes_totals(b);

	close(signal_fd);
	if (signal != 0)
		return signal;
	report(b, o, json);
	totals->agree += these.agree;
	totals->differ += these.differ;
	totals->unknown += these.unknown;
	return 0;
}

static int measure_all(struct measured_boxes *b, const struct check_options *o, FILE *json)
{
	struct box_totals totals = { 0 };

	int signal = measure_once(b, o, json, &totals);

	for (long i = 1; i < o->repeat && signal == 0; i++) {
		measured_boxes_forget(b);
		signal = measure_once(b, o, json, &totals);
	}
	if (json != stdout && o->all && signal == 0)
		print_requirements(b);
	if (json != stdout)
		print_count(&totals);
	if (signal != 0)
		return 128 + signal;
	return totals.differ + totals.unknown == 0 ? CLI_OK : CLI_FAILED;
}

static int measure(struct measured_boxes *b, const struct check_options *o)
{
	FILE *json = o->json_path != NULL ? result_file_open(o->json_path) : NULL;
	int status;

	if (o->json_path != NULL && (json == NULL || result_file_begin(json, o->json_path) != 0))
		return CLI_USAGE;
	status = measure_all(b, o, json);
	if (result_file_close(json, o->json_path) != 0 && status == CLI_OK)
		status = CLI_FAILED;
	return status;
}

static bool is_about_mappers(const char *spec)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	return nat_parse(spec, &nat, error) == 0 && nat_maps_ports(&nat);
}

static int add_all(struct measured_boxes *b, const char *sabotage)
{
	char spec[NAT_TEXT_SIZE], what[MAPPER_PROBLEM_SIZE], fix[MAPPER_PROBLEM_SIZE];
	enum mapper_build build;
	bool has_mapper = mapper_find(&build, what, fix) == 0;
	int depth;

	if (!has_mapper)
		fprintf(stderr, "boxes that map ports are left out: miniupnpd: %s; %s\n", what, fix);

	for (size_t i = 0; (depth = check_all_spec(i, spec)) >= 0; i++)
		if ((has_mapper || !is_about_mappers(spec)) &&
		    (sabotage[0] == '\0' || strcmp(spec, standard[0]) != 0) &&
		    add(b, spec, sabotage, (enum check_depth)depth) != 0)
			return -1;
	return 0;
}

static int add_named(struct measured_boxes *b, const char *const *specs, const struct check_options *o)
{
	for (; *specs != NULL; specs++)
		if (add(b, *specs, o->sabotage, o->depth) != 0)
			return -1;
	return 0;
}

static void add_line(const struct cli_command *self, struct check_options *o, const char *line)
{
	size_t used = strlen(o->sabotage);

	if (strlen(line) + 2 > sizeof o->sabotage - used)
		exit(cli_usage_error(self, "--sabotage is too long"));
	snprintf(o->sabotage + used, sizeof o->sabotage - used, "%s\n", line);
}

static void parse(struct check_options *o, const struct cli_command *self, int argc, char **argv)
{
	int letter;

	while ((letter = cli_next_option(self, argc, argv)) != -1) {
		if (letter == 'j')
			o->jobs = cli_number("-j", optarg, 1, 64);
		else if (letter == OPTION_REPEAT)
			o->repeat = cli_number("--repeat", optarg, 1, REPEAT_MOST);
		else if (letter == OPTION_FULL)
			o->depth = CHECK_FULL;
		else if (letter == OPTION_ALL)
			o->all = true;
		else if (letter == OPTION_SABOTAGE)
			add_line(self, o, optarg);
		else
			o->json_path = optarg;
	}
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct check_options o = { .depth = CHECK_QUICK, .repeat = 1 };
	struct measured_boxes boxes = { 0 };
	const char *const *specs;
	int status = CLI_OK;

	parse(&o, self, argc, argv);
	if (o.all && optind < argc)
		return cli_usage_error(self, "--all names the boxes itself, and got '%s' too", argv[optind]);
	if (o.jobs == 0)
		o.jobs = (o.all ? ALL_JOBS_PER_CPU : JOBS_PER_CPU) * sysconf(_SC_NPROCESSORS_ONLN);
	specs = optind < argc ? (const char *const *)argv + optind : standard + (o.sabotage[0] != '\0');
	if (o.all ? add_all(&boxes, o.sabotage) : add_named(&boxes, specs, &o))
		status = CLI_USAGE;
	if (status == CLI_OK)
		status = cli_require_lab();
	if (status == CLI_OK)
		status = options_finish(measure(&boxes, &o));
	measured_boxes_clear(&boxes);
	return status;
}

const struct cli_command cli_check = {
	.name = "check",
	.arguments = "[OPTIONS] [SPEC]...",
	.summary = "measure NAT boxes against what they claim",
	.about = "Builds each box in a world of its own, probes it from inside and outside, and prints asked and "
		 "measured side by side; ! marks what differs. Without a SPEC: the classic types, with and without "
		 "hairpinning. --all: mapping by filtering by ports with lifetimes cut to 2 and 3 s and measured, "
		 "then the other behaviours and every type; what differs is printed, and which of RFC 4787's "
		 "requirements each box meets.",
	.options = option_table,
	.run = run,
};
