#include "trace/holdings.h"

/* conntrack's events are read some time after the packets: an entry "born" this much later may be this packet's work.
 */
#define EVENT_DELAY_NS UINT64_C(500000000)

void holdings_keep_newest(long *slot, const struct mappings *m, size_t i)
{
	if (*slot < 0 || m->list[i].born_ns >= m->list[*slot].born_ns)
		*slot = (long)i;
}

static void keep_oldest(long *slot, const struct mappings *m, size_t i)
{
	if (*slot < 0 || m->list[i].born_ns < m->list[*slot].born_ns)
		*slot = (long)i;
}

static void weigh_local(struct holdings *h, const struct mappings *m, size_t i, const struct arrival *a)
{
	const struct mapping *e = &m->list[i];

	if (endpoint_equal(&e->remote, &a->src) && e->born_ns <= a->time_ns + EVENT_DELAY_NS &&
	    (e->ended_ns == 0 || e->ended_ns >= a->time_ns))
		holdings_keep_newest(&h->local, m, i);
}

static void weigh(struct holdings *h, const struct mappings *m, size_t i, const struct arrival *a)
{
	const struct mapping *e = &m->list[i];
	bool exact = endpoint_equal(&e->remote, &a->src);

	if (h->inside.address.family == ADDRESS_NONE)
		h->inside = e->inside;
	if (e->born_ns > a->time_ns) {
		if (exact)
			keep_oldest(&h->exact_later, m, i);
		else if (endpoint_same_address(&e->remote, &a->src))
			keep_oldest(&h->address_later, m, i);
		return;
	}
	if (!mapping_is_alive(e, a->time_ns)) {
		holdings_keep_newest(exact ? &h->exact_dead : &h->any_dead, m, i);
		return;
	}
	if (exact)
		holdings_keep_newest(&h->exact, m, i);
	else if (endpoint_same_address(&e->remote, &a->src))
		holdings_keep_newest(&h->address, m, i);
	else
		holdings_keep_newest(&h->any, m, i);
}

/* The way the same host inside had opened for the sender's address, on another port than the packet came to. */
static long find_elsewhere(const struct mappings *m, const struct arrival *a, const struct endpoint *inside)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE_AND_REMOTE, a->box, a->protocol, inside, &a->src };
	long best = -1;

	if (inside->address.family == ADDRESS_NONE)
		return -1;
	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (e->kind == MAPPING_OUT && !endpoint_equal(&e->external, &a->dst) && mapping_is_alive(e, a->time_ns))
			holdings_keep_newest(&best, m, (size_t)i);
	}
	return best;
}

/* First what concerns the sender's address; then, of what was made for others, the newest. */
struct holdings holdings_of(const struct mappings *m, const struct arrival *a)
{
	struct holdings h = { -1, -1, -1, -1, -1, -1, -1, -1, -1, { .port = 0 } };
	struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, a->box, a->protocol, &a->dst, &a->src };

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i))
		if (m->list[i].kind == MAPPING_LOCAL)
			weigh_local(&h, m, (size_t)i, a);
		else
			weigh(&h, m, (size_t)i, a);
	q = (struct mapping_search){ MAPPING_BY_EXTERNAL, a->box, a->protocol, &a->dst, NULL };
	for (long i = mappings_first(m, &q); i >= 0 && h.any < 0; i = mappings_next(m, &q, i))
		if (m->list[i].kind != MAPPING_LOCAL)
			weigh(&h, m, (size_t)i, a);
	h.elsewhere = find_elsewhere(m, a, &h.inside);
	return h;
}

long holdings_taker(const struct mappings *m, const struct mapping *first, uint64_t time_ns)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL, first->box, first->protocol, &first->external, NULL };
	long best = -1;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (e->kind == MAPPING_OUT && !endpoint_same_address(&e->inside, &first->inside) &&
		    e->inside.port == first->inside.port && e->born_ns <= time_ns && e->last_ns > first->last_ns)
			holdings_keep_newest(&best, m, (size_t)i);
	}
	return best;
}

static long find_at(const struct mappings *m, const struct arrival *a, const struct endpoint *end)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL, a->box, a->protocol, end, NULL };
	long best = -1;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		if (m->list[i].kind != MAPPING_OUT || !mapping_is_alive(&m->list[i], a->time_ns))
			continue;
		if (endpoint_equal(&m->list[i].remote, &a->src))
			return i;
		holdings_keep_newest(&best, m, (size_t)i);
	}
	return best;
}

long holdings_at_other_address(const struct mappings *m, const struct scene *s, const struct arrival *a)
{
	const struct scene_node *box = &s->nodes[a->box];
	long best = -1;

	for (size_t i = 0; i < box->address_count; i++) {
		struct endpoint end = box->addresses[i];
		long found;

		if (endpoint_same_address(&end, &a->dst))
			continue;
		end.port = a->dst.port;
		found = find_at(m, a, &end);
		if (found >= 0 && endpoint_equal(&m->list[found].remote, &a->src))
			return found;
		if (found >= 0)
			holdings_keep_newest(&best, m, (size_t)found);
	}
	return best;
}

long holdings_of_other_parity(const struct mappings *m, const struct arrival *a)
{
	long best = -1;

	for (size_t i = 0; i < m->count; i++) {
		const struct mapping *e = &m->list[i];

		if (e->box == a->box && e->protocol == a->protocol && e->kind == MAPPING_OUT &&
		    endpoint_same_address(&e->remote, &a->src) && endpoint_same_address(&e->external, &a->dst) &&
		    e->external.port % 2 != a->dst.port % 2 && mapping_died_ns(e, a->time_ns) == 0)
			holdings_keep_newest(&best, m, i);
	}
	return best;
}
