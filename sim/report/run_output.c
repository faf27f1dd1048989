#include "report/run_output.h"

#include "report/html.h"
#include "result/grid.h"
#include "result/result_file.h"
#include "result/junit.h"
#include "result/summary.h"
#include "result/verdict_list.h"
#include "result/terminal_text.h"
#include "result/result_formats.h"

#include "io/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run_output {
	struct run_output_options options;
	FILE *json;        /* NULL: none */
	struct html *html; /* NULL: none */
	FILE *junit_file;
	struct junit *junit; /* NULL: none */
	bool text;           /* standard output is for people */
	bool terminal;       /* ... and shows progress */
	bool progress_shown;
	size_t number; /* of the last that TAP has */
	size_t total;
	struct grid *grid;        /* NULL: none */
	struct verdict_list list; /* of all, in order; those before list.told have been told to programs */
	FILE *summary_file;
	struct summary *summary; /* NULL: none */
};

static int refuse_same_file(const struct run_output *r)
{
	log_error("--junit %s: --json writes to the same file", r->options.junit_path);
	return -1;
}

static bool is_named_twice(const struct run_output_options *o)
{
	return o->junit_path != NULL && strcmp(o->json_path, o->junit_path) == 0 &&
	       !result_file_is_stdout(o->json_path) && access(o->json_path, F_OK) != 0;
}

/* A file that two results name is not there yet: it is not made only to be refused. */
static int open_json(struct run_output *r)
{
	if (r->options.json_path == NULL)
		return 0;
	if (is_named_twice(&r->options))
		return refuse_same_file(r);
	r->json = result_file_open(r->options.json_path);
	return r->json != NULL ? 0 : -1;
}

static int open_html(struct run_output *r)
{
	if (r->options.html_path == NULL)
		return 0;
	r->html = html_open(r->options.html_path, r->options.title, r->options.command, r->options.against);
	return r->html != NULL ? 0 : -1;
}

static int open_junit(struct run_output *r)
{
	if (r->options.junit_path == NULL)
		return 0;
	r->junit_file = result_file_open(r->options.junit_path);
	if (result_file_is_same(r->json, r->junit_file))
		return refuse_same_file(r);
	r->junit = r->junit_file != NULL ? junit_new() : NULL;
	return r->junit != NULL ? 0 : -1;
}

/* A summary is added to what others have written there. */
static int open_summary(struct run_output *r)
{
	const char *path = r->options.summary_path;

	if (path == NULL)
		return 0;
	r->summary_file = fopen(path, "ae");
	if (r->summary_file == NULL)
		log_error("%s: %s", path, strerror(errno));
	else
		r->summary = summary_new();
	return r->summary != NULL ? 0 : -1;
}

struct run_output *run_output_open(const struct run_output_options *options, size_t total)
{
	struct run_output *r = calloc(1, sizeof *r);
	const char *term = getenv("TERM");
	bool to_stdout = result_file_is_stdout(options->json_path) || result_file_is_stdout(options->junit_path);

	if (r == NULL)
		return NULL;
	*r = (struct run_output){ .options = *options, .total = total, .text = !options->tap && !to_stdout };
	if (verdict_list_init(&r->list, total) != 0) {
		free(r);
		return NULL;
	}
	r->terminal = r->text && isatty(STDOUT_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0;
	if (options->grid)
		r->grid = grid_new();
	if (open_json(r) == 0 && open_junit(r) == 0 && open_summary(r) == 0 && open_html(r) == 0)
		return r;
	run_output_abandon(r);
	return NULL;
}

int run_output_begin(const struct run_output *r)
{
	if (result_file_begin(r->json, r->options.json_path) != 0 ||
	    result_file_begin(r->junit_file, r->options.junit_path) != 0)
		return -1;
	if (r->options.tap)
		printf("TAP version 13\n1..%zu\n", r->total);
	return 0;
}

static void free_report(struct run_output *r)
{
	junit_free(r->junit);
	summary_free(r->summary);
	grid_free(r->grid);
	verdict_list_clear(&r->list);
	free(r);
}

void run_output_abandon(struct run_output *r)
{
	if (r == NULL)
		return;
	if (r->json != NULL && r->json != stdout)
		fclose(r->json);
	if (r->junit_file != NULL && r->junit_file != stdout)
		fclose(r->junit_file);
	if (r->summary_file != NULL)
		fclose(r->summary_file);
	free_report(r);
}

static void clear_progress(struct run_output *r)
{
	if (r->progress_shown)
		fputs("\r\033[K", stdout);
	r->progress_shown = false;
}

void run_output_progress(struct run_output *r, size_t done, size_t running)
{
	if (!r->terminal)
		return;
	clear_progress(r);
	printf("[%zu/%zu] %zu running", done, r->total, running);
	fflush(stdout);
	r->progress_shown = true;
}

/* The user's own words, but perhaps of a script that did not look at them. */
static void print_path(const char *label, const char *path, const char *tail)
{
	fputs(label, stdout);
	terminal_text(stdout, path);
	puts(tail);
}

static void print_failure(const struct verdict *v)
{
	const struct outcome *o = v->outcome;
	char again[VERDICT_AGAIN_SIZE];

	printf("        ");
	if (o->at != NULL)
		printf("%s: ", o->at);
	terminal_text(stdout, o->message != NULL ? o->message : "");
	putchar('\n');
	if (o->details != NULL)
		terminal_lines(stdout, "        ", o->details);
	if (v->why != NULL) {
		puts("        the trace says:");
		terminal_lines(stdout, "        ", v->why);
	}
	if (v->trace != NULL)
		print_path("        trace: ", v->trace, "");
	if (o->result == OUTCOME_FAILED)
		printf("        again: %s\n", verdict_again(v, again));
}

static void print_text(const struct run_output *r, const struct verdict *v)
{
	static const char *const words[] = { "ok    ", "FAILED", "SKIP  " };
	const struct outcome *o = v->outcome;
	char name[512];

	if (r->grid != NULL && o->result == OUTCOME_PASSED && o->lost == NULL && !r->options.details_of_all)
		return;
	printf("%s %6.2f s  %s: %s", words[o->result], v->seconds, v->scenario->file, verdict_name(v, name));
	if (o->lost != NULL) {
		fputs(" (", stdout);
		terminal_text(stdout, o->lost);
		putchar(')');
	}
	putchar('\n');
	if (o->result != OUTCOME_PASSED)
		print_failure(v);
	else if (r->options.details_of_all && o->details != NULL)
		terminal_lines(stdout, "        ", o->details);
}

static void tell_programs(struct run_output *r, const struct verdict *v)
{
	if (r->json != NULL)
		result_json(r->json, v);
	if (r->junit != NULL)
		junit_add(r->junit, v);
	if (r->summary != NULL)
		summary_add(r->summary, v);
	if (r->options.tap)
		result_tap(stdout, ++r->number, v);
}

void run_output_verdict(struct run_output *r, const struct verdict *v)
{
	const struct verdict *next;

	if (r->html != NULL)
		html_add(r->html, v);
	verdict_list_add(&r->list, v);
	while ((next = verdict_list_next(&r->list, false)) != NULL)
		tell_programs(r, next);
	if (r->grid != NULL)
		grid_add(r->grid, v->index, v->outcome);
	if (r->text) {
		clear_progress(r);
		print_text(r, v);
	}
	fflush(stdout);
	if (r->json != NULL)
		fflush(r->json);
}

/* --- the summary ------------------------------------------------------------------------------- */

static void print_boxes(FILE *out, const char *lead, const struct box_totals *boxes)
{
	size_t measured = boxes->agree + boxes->differ;

	if (measured + boxes->unknown == 0) /* none is used, or the run was interrupted before */
		return;
	fprintf(out, "%sboxes: %zu kind%s measured", lead, measured, measured == 1 ? "" : "s");
	if (boxes->differ > 0)
		fprintf(out, ", %zu not as claimed", boxes->differ);
	else if (measured > 0)
		fputs(", all as claimed", out);
	if (boxes->unknown > 0)
		fprintf(out, "; %zu could not be measured", boxes->unknown);
	putc('\n', out);
}

static void print_kept(const char *lead, const char *which, const char *trace)
{
	char label[64];

	snprintf(label, sizeof label, "%s        %s: ", lead, which);
	if (trace != NULL)
		print_path(label, trace, "");
}

/* Repeats that did not end alike: of which scenario, how often, and where one of each kind is. */
static void print_wavering(const struct run_output *r, const char *lead)
{
	struct wavering w;
	size_t count = 0;

	for (size_t i = 0; verdict_list_wavers(&r->list, &i, &w); count++) {
		printf("%swavers: %s: ", lead, w.scenario->file);
		terminal_text(stdout, w.scenario->name);
		printf(" failed %zu of %zu times (%.1f %%)\n", w.failed, w.ended,
		       100.0 * (double)w.failed / (double)w.ended);
		print_kept(lead, "passed", w.passed_trace);
		print_kept(lead, "failed", w.failed_trace);
	}
	if (count != 0)
		printf("%s%zu scenario%s did not give the same verdict each time\n", lead, count,
		       count == 1 ? "" : "s");
}

static void print_summary(const struct totals *t, const struct box_totals *boxes, const char *traces, double seconds,
                          const char *lead)
{
	print_boxes(stdout, lead, boxes);
	if (traces != NULL) {
		fputs(lead, stdout);
		print_path("traces: ", traces, "");
	}
	if (t->not_run != 0)
		printf("%sinterrupted: %zu not run to their end\n", lead, t->not_run);
	printf("%s%.1f s\n%s%zu passed, %zu failed, %zu skipped\n", lead, seconds, lead, t->passed, t->failed,
	       t->skipped);
}

size_t run_output_wavering(const struct run_output *r)
{
	struct wavering w;
	size_t count = 0;

	for (size_t i = 0; verdict_list_wavers(&r->list, &i, &w);)
		count++;
	return count;
}

/* Returns 0, or -1 (logged). */
static int close_summary(struct run_output *r, const struct totals *totals, double seconds)
{
	bool written;

	if (r->summary == NULL)
		return 0;
	summary_write(r->summary, r->options.title, totals, seconds, &r->list, r->summary_file);
	written = ferror(r->summary_file) == 0;
	if (fclose(r->summary_file) == 0 && written)
		return 0;
	log_error("%s: %s", r->options.summary_path, strerror(errno));
	return -1;
}

int run_output_close(struct run_output *r, const struct totals *totals, const struct box_totals *boxes,
                     const char *traces, double seconds)
{
	const char *lead = r->options.tap ? "# " : "";
	const struct verdict *next;
	int result = 0;

	clear_progress(r);
	while ((next = verdict_list_next(&r->list, true)) != NULL)
		tell_programs(r, next);
	if (r->grid != NULL && r->text)
		grid_print(r->grid, stdout);
	if (r->html != NULL && html_close(r->html, seconds, totals->not_run) != 0)
		result = -1;
	else if (r->html != NULL && r->text)
		print_path("report: ", r->options.html_path, "/index.html");
	if (r->text || r->options.tap) {
		print_wavering(r, lead);
		print_summary(totals, boxes, traces, seconds, lead);
	}
	if (close_summary(r, totals, seconds) != 0)
		result = -1;
	if (r->junit != NULL)
		junit_write(r->junit, totals, seconds, r->junit_file);
	if (result_file_close(r->junit_file, r->options.junit_path) != 0)
		result = -1;
	if (result_file_close(r->json, r->options.json_path) != 0)
		result = -1;
	free_report(r);
	return result;
}
