#include "result/grid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GRID_CELLS 1024
#define GRID_NAMES 64
#define NAME_SIZE 64
#define GRID_WIDTH 80 /* of a terminal that nobody has made wider */

struct cell {
	size_t index;
	char row[NAME_SIZE], column[NAME_SIZE];
	bool opened, expected, has_opened, passed;
	double ms;        /* below 0: it is not known after which time it opened */
	const char *note; /* why it may be either way; NULL: it may not */
	const char *way;  /* by which it opened, where plain punching would not have done; NULL otherwise */
};

/*
 * Ways beyond plain punching, as a cell's `path` has them, and families, where it is about these. The first letter
 * stands for one where there is no room.
 */
static const char *const special_ways[] = { "fresh socket", "predicted", "birthday", "low-ttl",
	                                    "relayed",      "4 only",    "6 only",   "both" };
#define SPECIAL_WAYS (sizeof special_ways / sizeof special_ways[0])

struct grid {
	struct cell cells[GRID_CELLS];
	size_t count;
	size_t failed_elsewhere; /* scenarios that failed before they had a place */
	json_t *notes;           /* keeps the cells' notes */
};

/* The names of one side, in the order of the scenarios. */
struct labels {
	const char *list[GRID_NAMES];
	size_t count;
};

struct grid *grid_new(void)
{
	struct grid *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->notes = json_array();
	return g;
}

void grid_free(struct grid *g)
{
	if (g != NULL)
		json_decref(g->notes);
	free(g);
}

static int by_index(const void *a, const void *b)
{
	const struct cell *x = a;
	const struct cell *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static const char *special_way(const char *path)
{
	for (size_t i = 0; i < SPECIAL_WAYS && path != NULL; i++)
		if (strcmp(special_ways[i], path) == 0)
			return special_ways[i];
	return NULL;
}

void grid_add(struct grid *g, size_t index, const struct outcome *o)
{
	const char *row = json_string_value(json_object_get(o->cell, "row"));
	const char *column = json_string_value(json_object_get(o->cell, "column"));
	const json_t *opened = json_object_get(o->cell, "opened");
	struct cell *c;

	if (row == NULL || column == NULL || g->count == GRID_CELLS) {
		g->failed_elsewhere += o->result == OUTCOME_FAILED;
		return;
	}
	c = &g->cells[g->count++];
	*c = (struct cell){ .index = index, .passed = o->result == OUTCOME_PASSED };
	snprintf(c->row, sizeof c->row, "%s", row);
	snprintf(c->column, sizeof c->column, "%s", column);
	c->has_opened = opened != NULL;
	c->opened = json_is_true(opened);
	c->expected = json_is_true(json_object_get(o->cell, "expected"));
	c->ms = json_object_get(o->cell, "ms") != NULL ? json_number_value(json_object_get(o->cell, "ms")) : -1;
	c->way = special_way(json_string_value(json_object_get(o->cell, "path")));
	c->note = json_string_value(json_object_get(o->cell, "note"));
	if (c->note != NULL)
		json_array_append(g->notes, json_object_get(o->cell, "note"));
	qsort(g->cells, g->count, sizeof g->cells[0], by_index);
}

static void note_name(struct labels *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->list[i], name) == 0)
			return;
	if (n->count < GRID_NAMES)
		n->list[n->count++] = name;
}

/* "opens 12 ms", "opens", "12 ms"; `brief` leaves the word away where there is a time. */
static void opened_text(const struct cell *c, bool brief, char text[16])
{
	if (c->ms < 0)
		snprintf(text, 16, "opens");
	else
		snprintf(text, 16, "%s%.0f ms", brief ? "" : "opens ", c->ms);
}

/* "opens 12 ms", "shut"; "*" where there is a note; "!" where it is not what was expected; "failed" where there is no
 * telling. */
static const char *cell_text(const struct cell *c, bool brief, char text[32])
{
	bool deviates = c->opened != c->expected;
	const char *mark = deviates ? " !" : c->note != NULL ? " *" : "";
	char opened[16];

	if (!c->has_opened || (!c->passed && !deviates))
		return "FAILED";
	if (c->opened) {
		opened_text(c, brief, opened);
		snprintf(text, 32, "%s%s%.*s%s", opened, c->way != NULL ? " " : "", brief ? 1 : 10,
		         c->way != NULL ? c->way : "", mark);
	} else {
		snprintf(text, 32, "shut%s", mark);
	}
	return text;
}

/* A cell that was run several times shows its worst run. */
static const struct cell *find(const struct grid *g, const char *row, const char *column)
{
	const struct cell *found = NULL;

	for (size_t i = 0; i < g->count; i++) {
		const struct cell *c = &g->cells[i];

		if (strcmp(c->row, row) == 0 && strcmp(c->column, column) == 0 && (found == NULL || !c->passed))
			found = c;
	}
	return found;
}

static void print_ways(const struct grid *g, FILE *out)
{
	for (size_t i = 0; i < SPECIAL_WAYS; i++) {
		size_t cells = 0;

		for (size_t k = 0; k < g->count; k++)
			cells += g->cells[k].opened && g->cells[k].way == special_ways[i];
		if (cells > 0)
			fprintf(out, "%c %s: %zu cell%s\n", special_ways[i][0], special_ways[i], cells,
			        cells == 1 ? "" : "s");
	}
}

/* Each note once, with how many cells bear it. */
static void print_notes(const struct grid *g, FILE *out)
{
	for (size_t i = 0; i < g->count; i++) {
		const char *note = g->cells[i].note;
		size_t before = 0, cells = 0;

		for (size_t k = 0; note != NULL && k < g->count; k++) {
			bool same = g->cells[k].note != NULL && strcmp(g->cells[k].note, note) == 0;

			before += same && k < i;
			cells += same;
		}
		if (note != NULL && before == 0)
			fprintf(out, "* %zu cell%s, either way: %s\n", cells, cells == 1 ? "" : "s", note);
	}
}

static void print_legend(const struct grid *g, bool brief, FILE *out)
{
	size_t opened = 0, shut = 0, wrong = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct cell *c = &g->cells[i];

		opened += c->has_opened && c->opened;
		shut += c->has_opened && !c->opened;
		wrong += !c->passed;
	}
	fprintf(out, "\n%zu opened%s, %zu stayed shut; ", opened, brief ? " (after the time shown)" : "", shut);
	if (wrong > 0)
		fprintf(out, "%zu not as expected (marked ! or FAILED)\n", wrong);
	if (g->failed_elsewhere > 0)
		fprintf(out, "%zu failed before they had a place in the grid\n", g->failed_elsewhere);
	if (wrong + g->failed_elsewhere == 0)
		fputs("all as expected\n", out);
	print_ways(g, out);
	print_notes(g, out);
}

/* How the grid is laid out: rows and columns by name, how wide each column is, what is between two of them. */
struct grid_layout {
	struct labels rows, columns;
	int left, widths[GRID_NAMES];
	int gap;
	bool brief;
};

static void widen(int *width, const char *text)
{
	*width = (int)strlen(text) > *width ? (int)strlen(text) : *width;
}

static const char *text_at(const struct grid *g, const struct grid_layout *l, size_t y, size_t x, char text[32])
{
	const struct cell *c = find(g, l->rows.list[y], l->columns.list[x]);

	return c != NULL ? cell_text(c, l->brief, text) : "-";
}

/* Columns as wide as what is in them. Returns the width of all. */
static int measure(const struct grid *g, struct grid_layout *l)
{
	int all;
	char text[32];

	l->left = 0;
	for (size_t y = 0; y < l->rows.count; y++)
		widen(&l->left, l->rows.list[y]);
	all = l->left;
	for (size_t x = 0; x < l->columns.count; x++) {
		l->widths[x] = 0;
		widen(&l->widths[x], l->columns.list[x]);
		for (size_t y = 0; y < l->rows.count; y++)
			widen(&l->widths[x], text_at(g, l, y, x, text));
		all += l->gap + l->widths[x];
	}
	return all;
}

/* As roomy as a terminal allows. */
static void lay_out(const struct grid *g, struct grid_layout *l)
{
	static const struct {
		int gap;
		bool brief;
	} ways[] = { { 2, false }, { 1, false }, { 2, true }, { 1, true } };

	*l = (struct grid_layout){ 0 };
	for (size_t i = 0; i < g->count; i++) {
		note_name(&l->rows, g->cells[i].row);
		note_name(&l->columns, g->cells[i].column);
	}
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		l->gap = ways[i].gap;
		l->brief = ways[i].brief;
		if (measure(g, l) <= GRID_WIDTH)
			return;
	}
}

static void print_column(const struct grid_layout *l, size_t x, const char *text, FILE *out)
{
	fprintf(out, "%*s%-*s", l->gap, "", x + 1 < l->columns.count ? l->widths[x] : 0, text);
}

void grid_print(const struct grid *g, FILE *out)
{
	struct grid_layout l;
	char text[32];

	lay_out(g, &l);
	fprintf(out, "%-*s", l.left, "");
	for (size_t x = 0; x < l.columns.count; x++)
		print_column(&l, x, l.columns.list[x], out);
	for (size_t y = 0; y < l.rows.count; y++) {
		fprintf(out, "\n%-*s", l.left, l.rows.list[y]);
		for (size_t x = 0; x < l.columns.count; x++)
			print_column(&l, x, text_at(g, &l, y, x, text), out);
	}
	putc('\n', out);
	print_legend(g, l.brief, out);
}
