#include "report/matrix.h"

#include "nat/nat.h"

#include <stdlib.h>
#include <string.h>

/* The place of a label in the list, where it is put if it is new. */
static size_t place_of(json_t *labels, json_t *label)
{
	size_t i;
	const json_t *known;

	json_array_foreach (labels, i, known) {
		if (json_equal(known, label))
			return i;
	}
	json_array_append(labels, label);
	return json_array_size(labels) - 1;
}

static const char *word_of(const json_t *opened)
{
	return json_is_boolean(opened) ? json_is_true(opened) ? "open" : "shut" : NULL;
}

static json_t *cell_of(const json_t *scenario, size_t index, size_t row, size_t column)
{
	const json_t *told = json_object_get(scenario, "cell");
	const json_t *opened = json_object_get(told, "opened");
	const char *observed = word_of(opened);
	json_t *ms = json_is_true(opened) ? json_object_get(told, "ms") : NULL;
	int failed = strcmp(json_string_value(json_object_get(scenario, "result")), "failed") == 0;

	return json_pack("{s:i,s:i,s:i,s:s,s:s?,s:b,s:s?,s:O?,s:s?}", "row", (int)row, "column", (int)column,
	                 "scenario", (int)index, "observed", observed != NULL ? observed : "none", "expected",
	                 word_of(json_object_get(told, "expected")), "deviates", failed, "path",
	                 json_string_value(json_object_get(told, "path")), "ms", json_is_number(ms) ? ms : NULL, "note",
	                 json_string_value(json_object_get(told, "note")));
}

/* Puts the cell in, in the place of one that is no worse. */
static void put(json_t *cells, json_t *cell)
{
	size_t i;
	const json_t *other;

	json_array_foreach (cells, i, other) {
		if (!json_equal(json_object_get(other, "row"), json_object_get(cell, "row")) ||
		    !json_equal(json_object_get(other, "column"), json_object_get(cell, "column")))
			continue;
		if (json_is_true(json_object_get(cell, "deviates")) &&
		    !json_is_true(json_object_get(other, "deviates")))
			json_array_set(cells, i, cell);
		json_decref(cell);
		return;
	}
	json_array_append_new(cells, cell);
}

#define HEADING_WHOLE 24 /* bytes of a label that has room in one line */

/* What stands over a column: of a NAT spec too long for that, a line for each part, in short words. */
static json_t *heading_of(const char *label)
{
	bool is_whole = strlen(label) <= HEADING_WHOLE;
	char *text = strdup(label);
	const char *rest = is_whole || text == NULL ? label : nat_shorten(label, text, strlen(label) + 1);
	json_t *lines = json_array();
	size_t len;

	for (;; rest += len + 1) {
		len = is_whole ? strlen(rest) : strcspn(rest, ",");
		json_array_append_new(lines, json_stringn(rest, len));
		if (rest[len] == '\0')
			break;
	}
	free(text);
	return lines;
}

/* The labels as they are shown; takes the reference. */
static json_t *with_headings(json_t *labels)
{
	json_t *list = json_array();
	size_t i;
	const json_t *label;

	json_array_foreach (labels, i, label)
		json_array_append_new(
		    list, json_pack("{s:O,s:o}", "label", label, "heading", heading_of(json_string_value(label))));
	json_decref(labels);
	return list;
}

json_t *matrix_of(json_t *scenarios)
{
	json_t *rows = json_array(), *columns = json_array(), *cells = json_array();
	json_t *scenario;
	size_t i;

	json_array_foreach (scenarios, i, scenario) {
		const json_t *told = json_object_get(scenario, "cell");
		json_t *row = json_object_get(told, "row"), *column = json_object_get(told, "column");

		if (json_is_string(row) && json_is_string(column))
			put(cells, cell_of(scenario, i, place_of(rows, row), place_of(columns, column)));
		json_object_del(scenario, "cell");
		json_object_del(scenario, "index");
	}
	if (json_array_size(cells) != 0)
		return json_pack("{s:o,s:o,s:o,s:s,s:s}", "rows", with_headings(rows), "columns",
		                 with_headings(columns), "cells", cells, "row_title", "punches", "column_title",
		                 "is punched");
	json_decref(rows);
	json_decref(columns);
	json_decref(cells);
	return json_null();
}
