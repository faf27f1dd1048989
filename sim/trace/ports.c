/* How a box gave out its ports, and how many it had left. */
#include "trace/ports.h"

#include <stdlib.h>
#include <string.h>

/* Of a burst one is seen coming in before those ahead of it are seen leaving: what they were given was gone all the
 * same. */
#define IN_TRANSIT_NS UINT64_C(50000000)

#define STEP_MAX 16 /* allocators seen in the field step by 1 or 2, a busy one skips some */

/* The mappings a box made for those inside, the oldest first: their places. The caller frees the list. */
static size_t list_births(const struct mappings *m, int box, uint8_t protocol, size_t **out)
{
	size_t *order = calloc(m->count + 1, sizeof *order);
	size_t count = 0;

	for (size_t i = 0; order != NULL && i < m->count; i++) {
		const struct mapping *e = &m->list[i];

		if (e->box == box && e->protocol == protocol && e->kind == MAPPING_OUT)
			order[count++] = i;
	}
	if (order != NULL)
		qsort_r(order, count, sizeof *order, mapping_by_birth, m->list);
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

	return order != 0 ? order : mapping_by_birth(a, b, list);
}

static bool is_preserved(const struct mapping *m)
{
	return m->external.port == m->inside.port;
}

/* Every socket's first destination saw its own port, whatever the next ones saw. Leaves `order` as it found it. */
static bool firsts_preserved(const struct mappings *m, size_t *order, size_t count)
{
	struct mapping *list = m->list;
	bool all = true;

	qsort_r(order, count, sizeof *order, by_socket, list);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || !endpoint_equal(&list[order[i]].inside, &list[order[i - 1]].inside))
			all &= is_preserved(&list[order[i]]);
	qsort_r(order, count, sizeof *order, mapping_by_birth, list);
	return all;
}

static bool all_preserved(const struct mappings *m, const size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_preserved(&m->list[order[i]]))
			return false;
	return true;
}

static int port_of(const struct mappings *m, size_t place)
{
	return m->list[place].external.port;
}

static bool are_sequential(const struct mappings *m, const size_t *order, size_t count, int *step)
{
	*step = port_of(m, order[1]) - port_of(m, order[0]);
	for (size_t i = 1; i < count; i++) {
		int gap = port_of(m, order[i]) - port_of(m, order[i - 1]);

		if (gap == 0 || abs(gap) > STEP_MAX || (gap > 0) != (*step > 0))
			return false;
		if (abs(gap) < abs(*step))
			*step = gap;
	}
	return true;
}

static enum ports_pattern pattern_of(const struct mappings *m, size_t *order, size_t count, int *step)
{
	if (count == 0)
		return PORTS_UNKNOWN;
	if (all_preserved(m, order, count))
		return PORTS_PRESERVED;
	if (count < 2)
		return PORTS_UNKNOWN;
	if (are_sequential(m, order, count, step))
		return PORTS_SEQUENTIAL;
	return firsts_preserved(m, order, count) ? PORTS_FIRST_PRESERVED : PORTS_RANDOM;
}

struct ports_seen ports_seen(const struct mappings *m, int box, uint8_t protocol)
{
	size_t *order;
	size_t count = list_births(m, box, protocol, &order);
	struct ports_seen seen = { .samples = (unsigned)count };

	seen.pattern = pattern_of(m, order, count, &seen.step);
	for (size_t i = 0; i < 3 && i < count; i++)
		seen.last[i] = (uint16_t)port_of(m, order[count - (count < 3 ? count : 3) + i]);
	free(order);
	return seen;
}

struct pool_seen ports_pool(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                            uint64_t time_ns)
{
	char error[NAT_ERROR_SIZE];
	bool used[UINT16_MAX + 1] = { false };
	struct pool_seen seen = { 0 };
	struct nat nat;

	if (nat_parse(s->nodes[box].nat, &nat, error) != 0 || nat.port_low == 0)
		return seen;
	time_ns += IN_TRANSIT_NS;
	seen.size = nat.port_high - nat.port_low + 1u;
	for (size_t i = 0; i < m->count; i++) {
		const struct mapping *e = &m->list[i];
		uint16_t port = e->external.port;

		if (e->box != box || e->protocol != protocol || port < nat.port_low || port > nat.port_high ||
		    used[port] || !mapping_is_alive(e, time_ns))
			continue;
		used[port] = true;
		seen.used++;
	}
	return seen;
}

/* True if a box that maps so has one mapping for both, which are of one socket. */
static bool is_one_mapping(const struct mapping *a, const struct mapping *b, enum nat_behaviour mapping)
{
	switch (mapping) {
	case NAT_ENDPOINT_INDEPENDENT: return true;
	case NAT_ADDRESS_DEPENDENT: return endpoint_same_address(&a->remote, &b->remote);
	case NAT_ADDRESS_AND_PORT_DEPENDENT: break;
	}
	return endpoint_equal(&a->remote, &b->remote);
}

static bool counts_then(const struct mapping *e, int box, uint8_t protocol, uint64_t time_ns)
{
	return e->box == box && e->protocol == protocol && e->kind == MAPPING_OUT && mapping_is_alive(e, time_ns);
}

/* Of the flows that share a mapping, the one that is counted: the first that is found. */
static bool stands_for_mapping(const struct mappings *m, size_t place, enum nat_behaviour mapping, uint64_t time_ns)
{
	const struct mapping *one = &m->list[place];
	const struct mapping_search q = { MAPPING_BY_INSIDE, one->box, one->protocol, &one->inside, NULL };
	long i = mappings_first(m, &q);

	while (i >= 0 && !(counts_then(&m->list[i], one->box, one->protocol, time_ns) &&
	                   is_one_mapping(&m->list[i], one, mapping)))
		i = mappings_next(m, &q, i);
	return i == (long)place;
}

struct pool_seen ports_limit(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                             const struct endpoint *inside, uint64_t time_ns)
{
	char error[NAT_ERROR_SIZE];
	struct pool_seen all = { 0 }, own = { .of_host = true };
	struct nat nat;

	if (protocol != PACKET_UDP || nat_parse(s->nodes[box].nat, &nat, error) != 0)
		return all;
	time_ns += IN_TRANSIT_NS;
	all.size = nat.transport[NAT_UDP].limit;
	own.size = nat.transport[NAT_UDP].limit_per_host;
	for (size_t i = 0; (all.size > 0 || own.size > 0) && i < m->count; i++) {
		if (!counts_then(&m->list[i], box, protocol, time_ns) ||
		    !stands_for_mapping(m, i, nat.transport[NAT_UDP].mapping, time_ns))
			continue;
		all.used++;
		own.used += endpoint_same_address(&m->list[i].inside, inside);
	}
	return own.size > 0 && own.used >= own.size ? own : all;
}

/* True if the socket had a way to that end. */
static bool was_mapped(const struct mappings *m, int box, uint8_t protocol, const struct endpoint *inside,
                       const struct endpoint *remote, uint64_t time_ns)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE_AND_REMOTE, box, protocol, inside, remote };
	long i = mappings_first(m, &q);

	while (i >= 0 && !(endpoint_equal(&m->list[i].remote, remote) && mapping_is_alive(&m->list[i], time_ns)))
		i = mappings_next(m, &q, i);
	return i >= 0;
}

/* Random draws leave some of the last ones unfound. */
bool ports_were_used_up(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                        const struct endpoint *inside, const struct endpoint *remote, uint64_t time_ns)
{
	struct pool_seen pool = ports_pool(m, s, box, protocol, time_ns);

	return pool.size > 0 && pool.used * 10 >= pool.size * 9 &&
	       !was_mapped(m, box, protocol, inside, remote, time_ns);
}

bool ports_met_a_limit(const struct mappings *m, const struct scene *s, int box, uint8_t protocol,
                       const struct endpoint *inside, const struct endpoint *remote, uint64_t time_ns)
{
	struct pool_seen limit = ports_limit(m, s, box, protocol, inside, time_ns);

	return limit.size > 0 && limit.used >= limit.size && !was_mapped(m, box, protocol, inside, remote, time_ns);
}
