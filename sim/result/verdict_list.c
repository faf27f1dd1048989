#include "result/verdict_list.h"

#include <stdlib.h>
#include <string.h>

int verdict_list_init(struct verdict_list *l, size_t total)
{
	*l = (struct verdict_list){ .all = calloc(total + 1, sizeof *l->all), .total = total };
	return l->all != NULL ? 0 : -1;
}

void verdict_list_clear(struct verdict_list *l)
{
	for (size_t i = 0; l->all != NULL && i < l->total; i++) {
		free((char *)(uintptr_t)l->all[i].trace);
		free((char *)(uintptr_t)l->all[i].spare);
	}
	free(l->all);
	*l = (struct verdict_list){ 0 };
}

static const char *copy(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

void verdict_list_add(struct verdict_list *l, const struct verdict *v)
{
	struct verdict *to = &l->all[v->index];

	if (v->index >= l->total)
		return;
	*to = *v;
	to->trace = copy(v->trace);
	to->spare = copy(v->spare);
	to->folder = NULL;
}

const struct verdict *verdict_list_next(struct verdict_list *l, bool skip)
{
	while (skip && l->taken < l->total && l->all[l->taken].scenario == NULL)
		l->taken++;
	if (l->taken == l->total || l->all[l->taken].scenario == NULL)
		return NULL;
	return &l->all[l->taken++];
}

static bool is_same(const struct scenario *a, const struct scenario *b)
{
	return a->line == b->line && strcmp(a->name, b->name) == 0 && strcmp(a->file, b->file) == 0;
}

/* A trace of one that failed, and of one that did not, whichever comes first. */
static void take_trace(struct wavering *w, const struct verdict *v)
{
	const char *trace = v->trace != NULL ? v->trace : v->spare;
	const char **kind = v->outcome->result == OUTCOME_FAILED ? &w->failed_trace : &w->passed_trace;

	if (*kind == NULL)
		*kind = trace;
}

/* Looks at all repeats from the first on. Returns whether they differ. */
static bool count(const struct verdict_list *l, size_t first, struct wavering *w)
{
	const struct verdict *one = &l->all[first];
	bool differs = false;

	*w = (struct wavering){ .scenario = one->scenario };
	for (size_t i = first; i < l->total; i++) {
		const struct verdict *v = &l->all[i];

		if (v->scenario == NULL || !is_same(v->scenario, one->scenario))
			continue;
		w->ended++;
		w->failed += v->outcome->result == OUTCOME_FAILED;
		differs = differs || v->outcome->result != one->outcome->result;
		take_trace(w, v);
	}
	return differs;
}

bool verdict_list_wavers(const struct verdict_list *l, size_t *at, struct wavering *out)
{
	while (*at < l->total) {
		size_t i = (*at)++;

		if (l->all[i].scenario != NULL && l->all[i].repeat == 1 && count(l, i, out))
			return true;
	}
	return false;
}
