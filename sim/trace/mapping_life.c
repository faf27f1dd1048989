#include "trace/mapping_life.h"

#define SECOND_NS UINT64_C(1000000000)
/* An entry that goes this much before its time was removed, not timed out. */
#define EARLY_NS UINT64_C(200000000)
/* An event tells whole seconds that were left when it was written, rounded down: less than its life by up to these. */
#define WRITTEN_LATE_S 2

/* The one by the box's spec that the event speaks of; 0: none. */
static unsigned find_life(const struct manners_lives *lives, const struct recorded_mapping_event *e)
{
	if (e->protocol == PACKET_UDP)
		return e->assured ? lives->udp_stream : lives->udp;
	if (e->protocol == PACKET_TCP)
		return lives->tcp_transitory >= e->timeout_s ? lives->tcp_transitory : lives->tcp;
	return 0;
}

static bool is_left_of(unsigned life_s, const struct recorded_mapping_event *e, bool anew)
{
	return life_s >= e->timeout_s && (!anew || life_s - e->timeout_s <= WRITTEN_LATE_S);
}

void mapping_learn_life(struct mapping *m, const struct manners_lives *lives, const struct recorded_mapping_event *e)
{
	bool anew = e->kind == RECORD_NEW || e->kind == RECORD_UPDATE;
	unsigned life_s = find_life(lives, e);

	if (e->timeout_s == 0 || (!anew && m->timeout_s != 0))
		return;
	if (is_left_of(life_s, e, anew))
		m->timeout_s = life_s;
	else if (!is_left_of(m->timeout_s, e, anew))
		m->timeout_s = e->timeout_s;
}

static bool lived_for(const struct mapping *m, uint64_t life_ns)
{
	return m->ended_ns >= m->born_ns + life_ns - EARLY_NS &&
	       m->ended_ns <= m->born_ns + life_ns + MAPPING_EVENT_DELAY_NS;
}

/* By age: its own, or that of another flow of its socket, which was there before it and ended with it. */
static bool ended_by_age(const struct mappings *all, const struct scene *s, const struct mapping *m)
{
	const struct mapping_search q = { MAPPING_BY_INSIDE, m->box, m->protocol, &m->inside, NULL };
	uint64_t life_ns = manners_lifetime_s(s, m->box) * SECOND_NS;
	bool found = life_ns != 0 && lived_for(m, life_ns);

	for (long i = life_ns != 0 ? mappings_first(all, &q) : -1; i >= 0 && !found; i = mappings_next(all, &q, i)) {
		const struct mapping *other = &all->list[i];

		found = other->ended_ns + EARLY_NS > m->ended_ns && other->ended_ns < m->ended_ns + EARLY_NS &&
		        lived_for(other, life_ns);
	}
	return found;
}

void mapping_settle_end(const struct mappings *all, const struct scene *s, struct mapping *m)
{
	if (m->ended_ns == 0 || m->timeout_s == 0 || m->end == MAPPING_RESET)
		return;
	if (m->ended_ns + EARLY_NS >= m->last_ns + m->timeout_s * SECOND_NS)
		m->end = MAPPING_EXPIRED;
	else
		m->end = ended_by_age(all, s, m) ? MAPPING_OLD : MAPPING_DELETED;
}
