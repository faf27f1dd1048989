#include "trace/explain_json.h"

#include "trace/explain_asked.h"

#include "trace/explain.h"
#include "trace/explain_tcp.h"

#include <stdlib.h>
#include <string.h>

static const char *name_or_null(const struct why *w, int node)
{
	return node >= 0 ? w->scene->nodes[node].name : NULL;
}

static json_t *losses_to_json(const struct why *w, const struct direction *d)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct flow_loss *l = &d->losses[i];

		json_array_append_new(
		    list, json_pack("{s:s,s:s?,s:I,s:I,s:I,s:s,s:s?}", "cause", cause_table[l->first.kind].name, "at",
		                    name_or_null(w, l->first.node), "count", (json_int_t)l->count, "before_open",
		                    (json_int_t)(l->after ? 0 : l->count), "journey", (json_int_t)l->first.journey,
		                    "because", because_table[l->first.because].name, "because_of",
		                    name_or_null(w, l->first.because_node)));
	}
	return list;
}

/* What links did to those that arrived. */
static json_t *changes_to_json(const struct why *w, const struct link_changes *changes)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < changes->count; i++) {
		const struct link_change *c = &changes->list[i];

		json_array_append_new(list, json_pack("{s:s,s:s?,s:I,s:I}", "what", record_fate_name(c->first.fate),
		                                      "at", name_or_null(w, c->first.node), "count",
		                                      (json_int_t)c->count, "n", (json_int_t)c->first.n));
	}
	return list;
}

static json_t *direction_to_json(const struct why *w, const struct direction *d)
{
	const struct recorded_lease *asked = explain_asked_opened(w, d);
	json_t *direction =
	    json_pack("{s:s?,s:s?,s:I,s:I,s:o,s:o}", "from", name_or_null(w, d->from), "to", name_or_null(w, d->to),
	              "sent", (json_int_t)d->sent, "delivered", (json_int_t)d->delivered, "opened_by",
	              d->opened_by != NULL ? json_integer((json_int_t)d->opened_by->arrived_by) : json_null(), "losses",
	              losses_to_json(w, d));

	if (asked != NULL)
		json_object_set_new(direction, "asked_by", json_string(explain_asked_name(asked->lease.by)));
	if (asked != NULL)
		json_object_set_new(direction, "let_in", json_string("asked"));
	else if (d->opened_by != NULL && d->opened_by->admitted.kind != ADMISSION_NONE)
		json_object_set_new(direction, "let_in", json_string(admission_name(d->opened_by->admitted.kind)));
	if (d->changes.count > 0)
		json_object_set_new(direction, "links", changes_to_json(w, &d->changes));
	return direction;
}

static json_t *helps_to_json(const struct pair_verdict *v)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < v->help_count; i++)
		json_array_append_new(list, json_string(help_table[v->helps[i]].name));
	return list;
}

static json_t *text_to_json(const struct why *w, const struct pair_verdict *v)
{
	json_t *list = json_array();
	char *text = NULL, *line, *rest;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return list;
	explain_verdict(f, w, v);
	fclose(f);
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		json_array_append_new(list, json_string(line));
	free(text);
	return list;
}

static json_t *opened_to_json(const struct pair_verdict *v)
{
	uint64_t start = v->ab.first_ns < v->ba.first_ns ? v->ab.first_ns : v->ba.first_ns;

	return v->opened_ns != 0 ? json_real((double)(v->opened_ns - start) / 1e9) : json_null();
}

json_t *explain_to_json(const struct why *w, const struct pair_verdict *v)
{
	const struct cause *c = v->cause;
	char protocol[16];
	json_t *verdict = json_pack(
	    "{s:s,s:s?,s:s,s:s,s:o,s:[s?,s?],s:s?,s:s?,s:s?,s:s?,s:[o,o],s:o,s:o}", "a", name_or_null(w, v->a), "b",
	    name_or_null(w, v->b), "protocol", packet_protocol_name(v->protocol, protocol), "outcome",
	    verdict_outcome_name(v->outcome), "opened", opened_to_json(v), "said", v->said[0], v->said[1], "cause",
	    c != NULL ? cause_table[c->kind].name : NULL, "box",
	    c != NULL ? name_or_null(w, c->because == BECAUSE_TAKEN ? c->because_node : c->node) : NULL, "because",
	    c != NULL ? because_table[c->because].name : NULL, "because_of",
	    c != NULL ? name_or_null(w, c->because_node) : NULL, "directions", direction_to_json(w, &v->ab),
	    direction_to_json(w, &v->ba), "help", helps_to_json(v), "text", text_to_json(w, v));

	if (explain_tcp_meeting(v) != TCP_NO_MEETING)
		json_object_set_new(verdict, "met",
		                    json_string(explain_tcp_meeting(v) == TCP_CALL ? "call" : "simultaneous-open"));
	if (v->relay >= 0)
		json_object_set_new(verdict, "relay", json_string(name_or_null(w, v->relay)));
	return verdict;
}
