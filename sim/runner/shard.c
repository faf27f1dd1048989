#include "runner/shard.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_S 1.0 /* a scenario that the earlier run did not have */

struct weighed {
	size_t index; /* in the suite */
	double seconds;
};

/* The mean of its repeats. */
static double seconds_of(const struct scenario *s, const struct results *times)
{
	double sum = 0;
	size_t count = 0;

	for (size_t i = 0; times != NULL && i < times->count; i++) {
		const struct result *r = &times->list[i];

		if (strcmp(r->scenario.name, s->name) == 0 && strcmp(r->scenario.file, s->file) == 0) {
			sum += r->verdict.seconds;
			count++;
		}
	}
	return count > 0 ? sum / (double)count : UNKNOWN_S;
}

/* The longest first; of equals the one that stands first. */
static int by_length(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds < y->seconds ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Gives each, the longest first, to whoever has least so far; `mine` gets what is part `which`'s. */
static void deal(const struct weighed *all, size_t count, unsigned which, unsigned parts, bool *mine)
{
	double loads[SHARDS_MOST] = { 0 };

	for (size_t i = 0; i < count; i++) {
		unsigned least = 0;

		for (unsigned k = 1; k < parts; k++)
			if (loads[k] < loads[least])
				least = k;
		loads[least] += all[i].seconds;
		mine[all[i].index] = least + 1 == which;
	}
}

int shard_keep(struct scenario_suite *s, unsigned which, unsigned parts, const struct results *times)
{
	struct weighed *all = calloc(s->count + 1, sizeof *all);
	bool *mine = calloc(s->count + 1, sizeof *mine);
	size_t kept = 0;
	int result = -1;

	if (all != NULL && mine != NULL) {
		for (size_t i = 0; i < s->count; i++)
			all[i] = (struct weighed){ .index = i, .seconds = seconds_of(s->scenarios[i], times) };
		qsort(all, s->count, sizeof *all, by_length);
		deal(all, s->count, which, parts, mine);
		for (size_t i = 0; i < s->count; i++)
			if (mine[i])
				s->scenarios[kept++] = s->scenarios[i];
		s->count = kept;
		result = 0;
	}
	free(all);
	free(mine);
	return result;
}
