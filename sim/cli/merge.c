/* punchlab merge: the results of a run's parts as those of one run. */
#include "cli/commands.h"
#include "cli/run_options.h"

#include "io/log.h"
#include "report/run_output.h"
#include "result/result_reader.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULTS "results.json" /* in a part's folder */

static const struct option_row option_table[] = {
	{ OPTION_JSON, "json", "FILE", "write all results to FILE, a JSON object a line (-: standard output)" },
	{ OPTION_JUNIT, "junit", "FILE", "write JUnit's XML to FILE (-: standard output)" },
	{ OPTION_HTML, "html", "DIR", "write a report to look at, DIR/index.html" },
	{ OPTION_SUMMARY, "summary", "FILE", "add a summary in Markdown to FILE, for a CI's page" },
	{ OPTION_TAP, "tap", NULL, "print TAP" },
	{ 0 },
};

/* A result, and the folder its paths may be below now. */
struct merged {
	const struct result *result;
	const char *folder;
	size_t order; /* in which it was read */
	char trace[PATH_MAX], evidence[PATH_MAX];
};

static int by_line(const void *a, const void *b)
{
	const struct merged *x = a, *y = b;
	int files = strcmp(x->result->scenario.file, y->result->scenario.file);

	if (files != 0)
		return files;
	if (x->result->scenario.line != y->result->scenario.line)
		return x->result->scenario.line - y->result->scenario.line;
	return (x->order > y->order) - (x->order < y->order);
}

/* As the whole run had them; where that is not known, by file and line, and as they were read. */
static int by_place(const void *a, const void *b)
{
	const struct merged *x = a, *y = b;
	size_t one = x->result->verdict.place, other = y->result->verdict.place;

	return one != other ? (one > other) - (one < other) : by_line(a, b);
}

/* The trace where it is now: as it was written, or below the part's folder. "" if it is in neither place. */
static void find_trace(struct merged *m)
{
	const char *rest = m->result->verdict.trace;

	m->trace[0] = m->evidence[0] = '\0';
	if (rest == NULL)
		return;
	snprintf(m->trace, sizeof m->trace, "%s", rest);
	while (access(m->trace, R_OK) != 0 && rest != NULL) {
		snprintf(m->trace, sizeof m->trace, "%s/%s", m->folder, rest);
		rest = strchr(rest, '/') != NULL ? strchr(rest, '/') + 1 : NULL;
	}
	if (access(m->trace, R_OK) != 0)
		m->trace[0] = '\0';
	snprintf(m->evidence, sizeof m->evidence, "%s", m->trace);
	if (strrchr(m->evidence, '/') != NULL)
		*strrchr(m->evidence, '/') = '\0';
}

/* Reads a part: its file of results, or its folder. Returns 0, or -1 (logged). */
static int read_part(struct results *r, const char *part, char folder[PATH_MAX])
{
	char file[PATH_MAX], error[RESULT_ERROR_SIZE];
	struct stat st;
	bool is_folder = stat(part, &st) == 0 && S_ISDIR(st.st_mode);

	snprintf(file, sizeof file, "%s%s", part, is_folder ? "/" RESULTS : "");
	snprintf(folder, PATH_MAX, "%s", file);
	if (strrchr(folder, '/') != NULL)
		*strrchr(folder, '/') = '\0';
	else
		snprintf(folder, PATH_MAX, ".");
	if (results_read(r, file, error) == 0)
		return 0;
	log_error("%s", error);
	return -1;
}

static void count(struct totals *t, enum outcome_result result)
{
	t->passed += result == OUTCOME_PASSED;
	t->failed += result == OUTCOME_FAILED;
	t->skipped += result == OUTCOME_SKIPPED;
}

static void tell(struct run_output *output, struct merged *m, size_t index, struct totals *totals, double *seconds)
{
	struct verdict v = m->result->verdict;

	find_trace(m);
	v.index = index;
	v.trace = m->trace[0] != '\0' ? m->trace : NULL;
	v.folder = m->evidence[0] != '\0' ? m->evidence : NULL;
	count(totals, v.outcome->result);
	*seconds += v.seconds;
	run_output_verdict(output, &v);
}

static int write_all(const struct run_output_options *options, struct merged *all, size_t count_)
{
	struct run_output *output = run_output_open(options, count_);
	struct totals totals = { 0 };
	double seconds = 0;
	size_t wavering;

	if (output == NULL || run_output_begin(output) != 0) {
		run_output_abandon(output);
		return CLI_USAGE;
	}
	for (size_t i = 0; i < count_; i++)
		tell(output, &all[i], i, &totals, &seconds);
	wavering = run_output_wavering(output);
	if (run_output_close(output, &totals, &(struct box_totals){ 0 }, NULL, seconds) != 0)
		return CLI_FAILED;
	return options_finish(totals.failed == 0 && wavering == 0 ? CLI_OK : CLI_FAILED);
}

/* Results of earlier versions have none. */
static bool all_have_places(const struct merged *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].result->verdict.place == 0)
			return false;
	return true;
}

static int merge(const struct run_output_options *options, int parts, char **operands)
{
	struct results *read = calloc((size_t)parts, sizeof *read);
	char(*folders)[PATH_MAX] = calloc((size_t)parts, PATH_MAX);
	struct merged *all = NULL;
	size_t total = 0, at = 0;
	int status = CLI_OK;

	for (int i = 0; i < parts && status == CLI_OK; i++)
		if (read == NULL || folders == NULL || read_part(&read[i], operands[i], folders[i]) != 0)
			status = CLI_USAGE;
	for (int i = 0; i < parts && read != NULL; i++)
		total += read[i].count;
	all = calloc(total + 1, sizeof *all);
	for (int i = 0; i < parts && all != NULL && status == CLI_OK; i++)
		for (size_t k = 0; k < read[i].count; k++, at++)
			all[at] = (struct merged){ .result = &read[i].list[k], .folder = folders[i], .order = at };
	if (all != NULL && status == CLI_OK) {
		qsort(all, total, sizeof *all, all_have_places(all, total) ? by_place : by_line);
		status = write_all(options, all, total);
	}
	for (int i = 0; i < parts && read != NULL; i++)
		results_clear(&read[i]);
	free(all);
	free(read);
	free(folders);
	return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct run_options o;

	run_options_parse(&o, self, argc, argv);
	if (optind == argc)
		return cli_usage_error(self, "takes the parts: folders with " RESULTS " in them, or such files");
	return merge(&o.runner.report, argc - optind, argv + optind);
}

const struct cli_command cli_merge = {
	.name = "merge",
	.arguments = "[OPTIONS] PART...",
	.summary = "join the results of the parts of a run (run --shard)",
	.about = "A PART is a folder with results.json in it, as `mkdir PART; punchlab run --shard I/N --json "
		 "PART/results.json --out PART/out` leaves it, or such a file. Results come in the order that one run "
		 "has them in, with the same verdicts; the report has the traces that are below a part's folder. The "
		 "exit status is 1 if "
		 "a scenario of any part failed, or did not give the same verdict each time.",
	.options = option_table,
	.run = run,
};
