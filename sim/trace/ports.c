/* How a box gave out its ports, and how many it had left. */
#include "trace/ports.h"

#include <stdlib.h>
#include <string.h>

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

static int compare_sockets(const struct endpoint *a, const struct endpoint *b)
{
	int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);

	return order != 0 ? order : a->port - b->port;
}

/* Socket by socket, the oldest of each first. */
static int by_socket(const void *a, const void *b, void *list)
{
	const struct mapping *mappings = list;
	int order = compare_sockets(&mappings[*(const size_t *)a].inside, &mappings[*(const size_t *)b].inside);

	return order != 0 ? order : by_birth(a, b, list);
}

static bool is_preserved(const struct mapping *m)
{
	return m->external.port == m->inside.port;
}

/* Every socket's first destination saw its own port, whatever the next ones saw. Leaves `order` as it found it. */
static bool firsts_preserved(const struct why *w, size_t *order, size_t count)
{
	struct mapping *list = w->mappings.list;
	bool all = true;

	qsort_r(order, count, sizeof *order, by_socket, list);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || !endpoint_equal(&list[order[i]].inside, &list[order[i - 1]].inside))
			all &= is_preserved(&list[order[i]]);
	qsort_r(order, count, sizeof *order, by_birth, list);
	return all;
}

static bool all_preserved(const struct why *w, const size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_preserved(&w->mappings.list[order[i]]))
			return false;
	return true;
}

static int port_of(const struct why *w, size_t place)
{
	return w->mappings.list[place].external.port;
}

static bool are_sequential(const struct why *w, const size_t *order, size_t count, int *step)
{
	*step = port_of(w, order[1]) - port_of(w, order[0]);
	for (size_t i = 1; i < count; i++) {
		int gap = port_of(w, order[i]) - port_of(w, order[i - 1]);

		if (gap == 0 || abs(gap) > STEP_MAX || (gap > 0) != (*step > 0))
			return false;
		if (abs(gap) < abs(*step))
			*step = gap;
	}
	return true;
}

static enum ports_pattern pattern_of(const struct why *w, size_t *order, size_t count, int *step)
{
	if (count == 0)
		return PORTS_UNKNOWN;
	if (all_preserved(w, order, count))
		return PORTS_PRESERVED;
	if (count < 2)
		return PORTS_UNKNOWN;
	if (are_sequential(w, order, count, step))
		return PORTS_SEQUENTIAL;
	return firsts_preserved(w, order, count) ? PORTS_FIRST_PRESERVED : PORTS_RANDOM;
}

struct ports_seen ports_seen(const struct why *w, int box, uint8_t protocol)
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

struct pool_seen ports_pool(const struct why *w, int box, uint8_t protocol, uint64_t time_ns)
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

		if (m->box != box || m->protocol != protocol || port < nat.port_low || port > nat.port_high ||
		    used[port] || !mapping_is_alive(m, time_ns))
			continue;
		used[port] = true;
		seen.used++;
	}
	return seen;
}
