/* How a box gave out its ports, and how many it had left: why_ports(), why_pool(). */
#include "trace/why.h"

#include <stdlib.h>

#define STEP_MAX 16 /* allocators seen in the field step by 1 or 2, a busy one skips some */

/* Places in the list of mappings, which is the context. */
static int by_birth(const void *a, const void *b, void *list)
{
	const struct mapping *mappings = list;
	const struct mapping *x = &mappings[*(const size_t *)a], *y = &mappings[*(const size_t *)b];

	return (x->born_ns > y->born_ns) - (x->born_ns < y->born_ns);
}

/* The mappings a box made for those inside, the oldest first: their places. The caller frees the list. */
static size_t list_births(const struct why *w, int box, uint8_t protocol, size_t **out)
{
	size_t *order = calloc(w->mappings.count + 1, sizeof *order);
	size_t count = 0;

	for (size_t i = 0; order != NULL && i < w->mappings.count; i++) {
		const struct mapping *m = &w->mappings.list[i];

		if (m->box == box && m->protocol == protocol && m->kind == MAPPING_OUT)
			order[count++] = i;
	}
	if (count > 1)
		qsort_r(order, count, sizeof *order, by_birth, w->mappings.list);
	*out = order;
	return count;
}

static bool all_preserved(const struct why *w, const size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (w->mappings.list[order[i]].external.port != w->mappings.list[order[i]].inside.port)
			return false;
	return true;
}

static int port_of(const struct why *w, size_t place)
{
	return w->mappings.list[place].external.port;
}

static enum ports_pattern pattern_of(const struct why *w, const size_t *order, size_t count, int *step)
{
	*step = count > 1 ? port_of(w, order[1]) - port_of(w, order[0]) : 0;
	if (count == 0)
		return PORTS_UNKNOWN;
	if (all_preserved(w, order, count))
		return PORTS_PRESERVED;
	if (count < 2)
		return PORTS_UNKNOWN;
	for (size_t i = 1; i < count; i++) {
		int gap = port_of(w, order[i]) - port_of(w, order[i - 1]);

		if (gap == 0 || abs(gap) > STEP_MAX || (gap > 0) != (*step > 0))
			return PORTS_RANDOM;
		if (abs(gap) < abs(*step))
			*step = gap;
	}
	return PORTS_SEQUENTIAL;
}

struct ports_seen why_ports(const struct why *w, int box, uint8_t protocol)
{
	size_t *order;
	size_t count = list_births(w, box, protocol, &order);
	struct ports_seen seen = { .samples = (unsigned)count };

	seen.pattern = pattern_of(w, order, count, &seen.step);
	for (size_t i = 0; i < 3 && i < count; i++)
		seen.last[i] = (uint16_t)port_of(w, order[count - (count < 3 ? count : 3) + i]);
	free(order);
	return seen;
}

struct pool_seen why_pool(const struct why *w, int box, uint8_t protocol, uint64_t time_ns)
{
	static const struct pool_seen none = { 0 };
	char error[NAT_ERROR_SIZE];
	bool used[UINT16_MAX + 1] = { false };
	struct pool_seen seen = { 0 };
	struct nat nat;

	if (nat_parse(w->stage->nodes[box].nat, &nat, error) != 0 || nat.port_low == 0)
		return none;
	seen.size = nat.port_high - nat.port_low + 1u;
	for (size_t i = 0; i < w->mappings.count; i++) {
		const struct mapping *m = &w->mappings.list[i];
		uint16_t port = m->external.port;

		if (m->box != box || m->protocol != protocol || port < nat.port_low || port > nat.port_high || used[port] ||
		    !mapping_is_alive(m, time_ns))
			continue;
		used[port] = true;
		seen.used++;
	}
	return seen;
}
