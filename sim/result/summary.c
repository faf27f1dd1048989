#include "result/summary.h"

#include "base/array.h"
#include "result/grid.h"
#include "result/result_formats.h"
#include "result/terminal_text.h"

#include <stdlib.h>
#include <string.h>

#define FAILURES_SHOWN 20 /* a page has room for so much */

struct summary {
	char *failures; /* what is to be said of them, with its end */
	size_t length, count;
};

struct summary *summary_new(void)
{
	return calloc(1, sizeof(struct summary));
}

void summary_free(struct summary *s)
{
	if (s != NULL)
		free(s->failures);
	free(s);
}

/* A text in a line of its own: what Markdown and HTML would take for theirs is escaped. */
static void put_words(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\`*_{}[]<>#|~&", *text) != NULL)
			putc('\\', out);
		putc(*text, out);
	}
}

/* Lines that are shown as they are: behind a blank line, indentation is what makes them so. */
static void put_lines(FILE *out, const char *lines)
{
	if (lines != NULL)
		terminal_lines(out, "    ", lines);
}

static void print_failure(FILE *out, const struct verdict *v)
{
	const struct outcome *o = v->outcome;
	char name[512], again[VERDICT_AGAIN_SIZE];

	fputs("\n**", out);
	put_words(out, v->scenario->file);
	fputs(": ", out);
	put_words(out, verdict_name(v, name));
	fputs("**\n\n", out);
	if (o->at != NULL) {
		put_words(out, o->at);
		fputs(": ", out);
	}
	put_words(out, o->message != NULL ? o->message : "");
	fputs("\n\n", out);
	put_lines(out, o->details);
	if (v->why != NULL) {
		fputs("\nThe trace says:\n\n", out);
		put_lines(out, v->why);
	}
	fputs("\nAgain:\n\n", out);
	put_lines(out, verdict_again(v, again));
}

void summary_add(struct summary *s, const struct verdict *v)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (v->outcome->result != OUTCOME_FAILED || s->count++ >= FAILURES_SHOWN)
		return;
	out = open_memstream(&text, &len);
	if (out == NULL)
		return;
	print_failure(out, v);
	if (fclose(out) == 0)
		array_append(&s->failures, &s->length, text, len);
	free(text);
}

/* The cells of a file's scenarios, from the first of them on. */
static void write_grid(const struct verdict_list *all, size_t first, FILE *out)
{
	const char *file = all->all[first].scenario->file;
	struct grid *g = grid_new();

	if (g == NULL)
		return;
	for (size_t i = first; i < all->total; i++) {
		const struct verdict *v = &all->all[i];

		if (v->scenario != NULL && v->outcome->cell != NULL && strcmp(v->scenario->file, file) == 0)
			grid_add(g, i, v->outcome);
	}
	fputs("\n", out);
	put_words(out, file);
	fputs(":\n\n```\n", out);
	grid_print(g, out);
	fputs("```\n", out);
	grid_free(g);
}

/* A file's scenarios follow one another, but for repeats. */
static void write_grids(const struct verdict_list *all, FILE *out)
{
	const char *file = NULL;

	for (size_t i = 0; i < all->total; i++) {
		const struct verdict *v = &all->all[i];

		if (v->scenario == NULL || v->repeat > 1 || v->outcome->cell == NULL ||
		    (file != NULL && strcmp(file, v->scenario->file) == 0))
			continue;
		file = v->scenario->file;
		write_grid(all, i, out);
	}
}

static void write_trace(FILE *out, const char *which, const char *trace)
{
	if (trace == NULL)
		return;
	fprintf(out, "; %s: ", which);
	put_words(out, trace);
}

static void write_wavering(const struct verdict_list *all, FILE *out)
{
	struct wavering w;

	for (size_t i = 0, count = 0; verdict_list_wavers(all, &i, &w); count++) {
		if (count == 0)
			fputs("\nNot the same verdict each time:\n\n", out);
		fputs("- ", out);
		put_words(out, w.scenario->file);
		fputs(": ", out);
		put_words(out, w.scenario->name);
		fprintf(out, " failed %zu of %zu times (%.1f %%)", w.failed, w.ended,
		        100.0 * (double)w.failed / (double)w.ended);
		write_trace(out, "passed", w.passed_trace);
		write_trace(out, "failed", w.failed_trace);
		fputs("\n", out);
	}
}

void summary_write(const struct summary *s, const char *title, const struct totals *totals, double seconds,
                   const struct verdict_list *all, FILE *out)
{
	fputs("## ", out);
	put_words(out, title);
	fprintf(out, "\n\n%zu passed, %zu failed, %zu skipped in %.1f s", totals->passed, totals->failed,
	        totals->skipped, seconds);
	if (totals->not_run > 0)
		fprintf(out, "; interrupted, %zu not run to their end", totals->not_run);
	fputs("\n", out);
	write_grids(all, out);
	write_wavering(all, out);
	fwrite(s->failures != NULL ? s->failures : "", 1, s->failures != NULL ? s->length : 0, out);
	if (s->count > FAILURES_SHOWN)
		fprintf(out, "\n%zu more failed.\n", s->count - FAILURES_SHOWN);
}
