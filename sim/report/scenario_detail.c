#include "report/scenario_detail.h"

#include "report/compressed_json.h"
#include "report/pair_verdicts.h"
#include "report/program_lines.h"

#include "trace/columns.h"
#include "trace/explain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *addresses_of(const struct scene_node *n)
{
	char text[ENDPOINT_TEXT_SIZE];
	json_t *list = json_array();

	for (size_t i = 0; i < n->address_count; i++)
		json_array_append_new(list, json_string(address_format(&n->addresses[i].address, text)));
	return list;
}

static json_t *lan_of(const struct scene_node *n)
{
	char text[SUBNET_TEXT_SIZE];

	return n->kind == NODE_BOX && n->lan.prefix != 0 ? json_string(subnet_format(&n->lan, text)) : json_null();
}

static json_t *nodes_of(const struct scene *s)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < s->node_count; i++) {
		const struct scene_node *n = &s->nodes[i];

		json_array_append_new(nodes, json_pack("{s:s,s:s,s:s?,s:o,s:s?,s:o}", "name", n->name, "kind",
		                                       n->kind == NODE_BOX ? "box" : "host", "behind",
		                                       n->behind >= 0 ? s->nodes[n->behind].name : NULL, "addresses",
		                                       addresses_of(n), "nat", n->nat[0] != '\0' ? n->nat : NULL, "lan",
		                                       lan_of(n)));
	}
	return nodes;
}

/* All nodes, in the order of the ladder in the terminal. */
static json_t *columns_of(const struct scene *s)
{
	bool used[SCENE_NODES];
	struct columns columns;
	json_t *names = json_array();

	for (size_t i = 0; i < SCENE_NODES; i++)
		used[i] = i < s->node_count;
	columns_lay_out(s, used, &columns);
	for (size_t i = 0; i < columns.count; i++)
		json_array_append_new(names, json_string(s->nodes[columns.nodes[i]].name));
	return names;
}

/* What is wrong with the trace or missing in it, each as a paragraph by itself. */
static void add_caveats(const struct trace *t, json_t *why)
{
	char text[TRACE_ERROR_SIZE];

	if (t->damage[0] != '\0')
		json_array_append_new(
		    why, json_pack("[o]", json_sprintf("The capture could not be read to its end: %s.", t->damage)));
	if (t->dropped != 0)
		json_array_append_new(why, json_pack("[o]", json_sprintf("The capture itself lost %llu packets.",
		                                                         (unsigned long long)t->dropped)));
	if (trace_lacks(t, text))
		json_array_append_new(why, json_pack("[o]", json_sprintf("Incomplete: %s.", text)));
}

/* Splits text of paragraphs, one a line, an empty line between pairs, into lists of paragraphs. */
static json_t *split(char *text)
{
	json_t *pairs = json_array(), *pair = NULL;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		if (*line == '\0') {
			pair = NULL;
			continue;
		}
		if (pair == NULL)
			json_array_append_new(pairs, pair = json_array());
		json_array_append_new(pair, json_string(line));
	}
	return pairs;
}

/* The explanation of every pair of hosts: lists of a heading and paragraphs. */
static json_t *explanations(const struct why *w)
{
	char error[TRACE_ERROR_SIZE], *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	json_t *pairs;

	if (f == NULL)
		return json_array();
	if (explain(f, w, NULL, NULL, error) != 0)
		fputs(error, f);
	pairs = fclose(f) == 0 ? split(text) : json_array();
	free(text);
	return pairs;
}

/* What the programs said, as far as there is a record. */
static void add_programs(const struct trace *t, json_t *detail, json_t *why)
{
	char record[PATH_MAX] = "";

	if (t->has_record && trace_record_path(t, record) && program_lines_read(record, t->start_ns, detail) != 0 &&
	    errno != ENOENT)
		json_array_append_new(
		    why, json_pack("[o]", json_sprintf("The record could not be read: %s.", strerror(errno))));
	if (json_object_get(detail, "programs") == NULL) {
		json_object_set_new(detail, "programs", json_array());
		json_object_set_new(detail, "steps", json_array());
	}
}

static json_t *detail_of(const struct why *w)
{
	const struct trace *t = w->trace;
	json_t *detail = json_object(), *why = explanations(w);

	json_object_set_new(detail, "nodes", nodes_of(&t->scene));
	json_object_set_new(detail, "columns", columns_of(&t->scene));
	add_caveats(t, why);
	add_programs(t, detail, why);
	json_object_set_new(detail, "why", why);
	return detail;
}

static int put_packed(json_t *scenario, const json_t *detail)
{
	json_t *packed = compressed_json(detail);

	return packed != NULL && json_object_set_new(scenario, "detail", packed) == 0 ? 0 : -1;
}

int scenario_detail_put(json_t *scenario, struct why *why, const struct journeys_choice *choice,
                        char error[SCENARIO_DETAIL_ERROR_SIZE])
{
	struct journeys *journeys = journeys_new(why, choice);
	json_t *detail = NULL;
	int status = -1;

	snprintf(error, SCENARIO_DETAIL_ERROR_SIZE, "The evidence could not be read: out of memory.");
	if (journeys != NULL && journeys_read(journeys, error) == 0) {
		detail = detail_of(why);
		snprintf(error, SCENARIO_DETAIL_ERROR_SIZE,
		         "The evidence could not be written: out of memory, or a text that is not UTF-8.");
		status = journeys_put(journeys, scenario, detail) == 0 ? put_packed(scenario, detail) : -1;
		json_object_set_new(scenario, "pairs", pair_verdicts(why));
	}
	json_decref(detail);
	journeys_free(journeys);
	return status;
}

int scenario_detail_read(json_t *scenario, const char *folder, char error[SCENARIO_DETAIL_ERROR_SIZE])
{
	struct trace *t = trace_open(folder, error);
	struct why *w = t != NULL ? why_read(t, NULL, error) : NULL;
	int status = w != NULL ? scenario_detail_put(scenario, w, NULL, error) : -1;

	why_free(w);
	trace_free(t);
	return status;
}
