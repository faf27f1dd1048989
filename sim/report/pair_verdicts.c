#include "report/pair_verdicts.h"

#include "trace/explain_json.h"
#include "trace/verdict.h"

static void keep(json_t *pair, json_t *all, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_object_set(pair, names[i], json_object_get(all, names[i]));
}

static void add_pair(const struct why *w, int a, int b, json_t *list)
{
	static const char *const names[] = { "a", "b", "protocol", "outcome", "cause", "box", "because" };
	uint8_t protocols[VERDICT_PROTOCOLS];
	unsigned count = verdict_protocols(w, a, b, protocols);
	struct pair_verdict v;

	for (unsigned i = 0; i < count; i++) {
		json_t *pair = json_object(), *all;

		verdict_of_pair(w, a, b, protocols[i], &v);
		all = explain_to_json(w, &v);
		keep(pair, all, names, sizeof names / sizeof names[0]);
		json_array_append_new(list, pair);
		json_decref(all);
	}
}

json_t *pair_verdicts(const struct why *w)
{
	json_t *list = json_array();
	int count = (int)w->scene->node_count;

	for (int a = 0; a < count; a++)
		for (int b = a; b < count; b++)
			add_pair(w, a, b, list);
	for (int a = 0; a < count; a++)
		add_pair(w, a, -1, list);
	return list;
}
