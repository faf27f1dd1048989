#include "trace/admission.h"

#include <stddef.h>

/* What the box made of it: the newest mapping with these ends that was still used then. */
static long find_let_in(const struct mappings *m, int box, const struct leg *in, const struct leg *out,
                        uint8_t protocol)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL_AND_REMOTE, box, protocol, &in->dst, &in->src };

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (endpoint_equal(&e->remote, &in->src) && endpoint_equal(&e->inside, &out->dst) &&
		    e->last_ns >= out->time_ns)
			return i;
	}
	return -1;
}

/* What the host inside had sent from there before: to that address, failing that to whomever. */
static long find_opened(const struct mappings *m, const struct mapping *let_in)
{
	const struct mapping_search q = { MAPPING_BY_EXTERNAL, let_in->box, let_in->protocol, &let_in->external, NULL };
	long found = -1;

	for (long i = mappings_first(m, &q); i >= 0; i = mappings_next(m, &q, i)) {
		const struct mapping *e = &m->list[i];

		if (e->kind != MAPPING_OUT || !endpoint_equal(&e->inside, &let_in->inside) ||
		    e->born_ns > let_in->born_ns)
			continue;
		if (endpoint_same_address(&e->remote, &let_in->remote))
			return i;
		found = i;
	}
	return found;
}

static struct admission judge(const struct mappings *m, int box, long let_in)
{
	struct admission a = { .box = box, .let_in = let_in, .opened = -1 };
	const struct mapping *e = &m->list[let_in];

	if (e->kind != MAPPING_IN || endpoint_equal(&e->inside, &e->external))
		return a;
	a.opened = find_opened(m, e);
	if (a.opened < 0)
		a.kind = ADMISSION_RULE;
	else if (endpoint_same_address(&m->list[a.opened].remote, &e->remote))
		a.kind = ADMISSION_ADDRESS;
	else
		a.kind = ADMISSION_ANYBODY;
	return a;
}

struct admission admission_of(const struct scene *s, const struct mappings *m, const struct journey *j)
{
	struct admission a = { .box = -1, .let_in = -1, .opened = -1 };

	for (unsigned i = 1; s->from_record && i < j->leg_count && a.kind == ADMISSION_NONE; i++) {
		const struct leg *in = &j->legs[i - 1], *out = &j->legs[i];
		int box = s->interfaces[in->interface].node;
		long let_in;

		if (box != s->interfaces[out->interface].node || !journey_target_changed(j, i))
			continue;
		let_in = find_let_in(m, box, in, out, j->protocol);
		if (let_in >= 0)
			a = judge(m, box, let_in);
	}
	return a;
}

const char *admission_name(enum admission_kind kind)
{
	switch (kind) {
	case ADMISSION_NONE: return NULL;
	case ADMISSION_ADDRESS: return "address";
	case ADMISSION_ANYBODY: return "anybody";
	case ADMISSION_RULE: return "rule";
	}
	return NULL;
}
