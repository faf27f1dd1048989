#include "nat_type/conclusion.h"

static bool answered(const struct stun_answer *a)
{
	return a->outcome == STUN_ANSWERED;
}

static bool answered_from(const struct stun_answer *a, const struct endpoint *from)
{
	return answered(a) && endpoint_equal(&a->from, from);
}

/* --- what the answers say of the server ----------------------------------------------------------- */

static unsigned problems_of_contact(const struct discovery_findings *f, enum conclusion_host host)
{
	switch (f->mapping[0][0].outcome) {
	case STUN_ANSWERED: return 0;
	case STUN_REFUSED: return CONCLUSION_SERVER_REFUSES;
	case STUN_UNREACHABLE: return CONCLUSION_NO_SERVER;
	case STUN_UNASKED:
	case STUN_WAITING:
	case STUN_SILENT: break;
	}
	if (f->malformed > 0)
		return CONCLUSION_MALFORMED;
	return host == CONCLUSION_HOST_UNKNOWN ? CONCLUSION_NO_ANSWER : 0;
}

static unsigned problems_of_other(const struct discovery_findings *f)
{
	unsigned problems = 0;

	if (f->other == DISCOVERY_OTHER_NONE)
		return CONCLUSION_NO_OTHER;
	if (f->other == DISCOVERY_OTHER_UNUSABLE)
		return CONCLUSION_BAD_OTHER;
	for (size_t a = 0; a < 2; a++) {
		for (size_t p = 0; p < 2; p++) {
			const struct stun_answer *m = &f->mapping[a][p];

			if (m->outcome == STUN_SILENT || m->outcome == STUN_UNREACHABLE || m->outcome == STUN_REFUSED)
				problems |= CONCLUSION_DEAD_OTHER;
			if (answered(m) && !endpoint_equal(&m->from, &f->server[a][p]))
				problems |= CONCLUSION_WRONG_SOURCE;
		}
	}
	return problems;
}

/* A door's answer that came, but not from where it was to come, means that the server did as it liked. */
static unsigned problems_of_door(const struct stun_answer *door, const struct endpoint *from)
{
	if (door->outcome == STUN_REFUSED)
		return CONCLUSION_CHANGE_REFUSED;
	if (answered(door) && !endpoint_equal(&door->from, from))
		return CONCLUSION_CHANGE_IGNORED;
	return 0;
}

static unsigned problems_of_doors(const struct discovery_findings *f)
{
	unsigned problems =
	    problems_of_door(&f->door_both, &f->server[1][1]) | problems_of_door(&f->door_port, &f->server[0][1]);

	if (f->change_control.outcome == STUN_SILENT)
		problems |= CONCLUSION_CHANGE_IGNORED;
	if (f->door_both_after.outcome == STUN_SILENT || f->door_port_after.outcome == STUN_SILENT)
		problems |= CONCLUSION_LOSSY;
	return problems;
}

static unsigned problems_of_path(const struct discovery_findings *f)
{
	unsigned problems = 0;

	for (size_t i = 0; i < 4; i++) {
		const struct stun_answer *m = &f->mapping[i / 2][i % 2];

		if (m->rewritten)
			problems |= CONCLUSION_REWRITTEN;
		if (answered(m) && !endpoint_same_address(&m->mapped, &f->mapping[0][0].mapped))
			problems |= CONCLUSION_SEVERAL_ADDRESSES;
	}
	return problems;
}

/* --- mapping and filtering ------------------------------------------------------------------------- */

static bool same_mapping(const struct discovery_findings *f, size_t a1, size_t p1, size_t a2, size_t p2)
{
	return endpoint_equal(&f->mapping[a1][p1].mapped, &f->mapping[a2][p2].mapped);
}

/* RFC 5780 §4.3, and one question more: another port of the first address. */
static enum conclusion_class mapping_of(const struct discovery_findings *f)
{
	bool other_port = answered(&f->mapping[0][1]);
	bool other_address = answered(&f->mapping[1][0]) && answered(&f->mapping[1][1]);

	if (other_port && !same_mapping(f, 0, 0, 0, 1))
		return CONCLUSION_ADDRESS_AND_PORT; /* whatever the other address shows */
	if (!other_address)
		return CONCLUSION_CLASS_UNKNOWN;
	if (!same_mapping(f, 1, 0, 1, 1))
		return CONCLUSION_ADDRESS_AND_PORT;
	return same_mapping(f, 0, 0, 1, 0) ? CONCLUSION_INDEPENDENT : CONCLUSION_ADDRESS;
}

/*
 * Silence at a door counts only if the server would have spoken there: it answers at that endpoint when asked directly,
 * it was seen to obey CHANGE-REQUEST where that can be seen, and the socket hears plain answers.
 */
static bool silence_counts(const struct discovery_findings *f, const struct stun_answer *door,
                           const struct stun_answer *after, const struct stun_answer *direct)
{
	return door->outcome == STUN_SILENT && answered(after) && answered(direct) &&
	       (answered(&f->change_control) || f->change_control.outcome == STUN_UNASKED);
}

/* RFC 5780 §4.4. */
static enum conclusion_class filtering_of(const struct discovery_findings *f)
{
	if (answered_from(&f->door_both, &f->server[1][1]))
		return CONCLUSION_INDEPENDENT;
	if (!silence_counts(f, &f->door_both, &f->door_both_after, &f->mapping[1][1]))
		return CONCLUSION_CLASS_UNKNOWN;
	if (answered_from(&f->door_port, &f->server[0][1]))
		return CONCLUSION_ADDRESS;
	if (silence_counts(f, &f->door_port, &f->door_port_after, &f->mapping[0][1]))
		return CONCLUSION_ADDRESS_AND_PORT;
	return CONCLUSION_CLASS_UNKNOWN;
}

/* --- ports ------------------------------------------------------------------------------------------ */

#define FIRST_PORT 1024
#define STEP_MAX 16 /* other hosts' flows in between make a step larger; beyond this it is no sequence */

/* The step that occurs most among the samples in the order of asking, and how often. */
static int usual_step(const struct discovery_findings *f, size_t *times)
{
	unsigned counts[STEP_MAX + 1] = { 0 };
	int best = 0;

	for (size_t i = 1; i < f->port_count; i++) {
		int step = f->ports[i].outside - f->ports[i - 1].outside;

		if (step >= 1 && step <= STEP_MAX && ++counts[step] > counts[best])
			best = step;
	}
	*times = counts[best];
	return best;
}

static void note_range(const struct discovery_findings *f, struct conclusion *v)
{
	unsigned width;

	v->port_low = UINT16_MAX;
	for (size_t i = 0; i < f->port_count; i++) {
		uint16_t port = f->ports[i].outside;

		v->port_low = port < v->port_low ? port : v->port_low;
		v->port_high = port > v->port_high ? port : v->port_high;
	}
	width = (unsigned)(v->port_high - v->port_low) + 1;
	v->range_is_used_up = f->port_count > DISCOVERY_PORTS && f->ports_asked > f->port_count;
	/* 36 ports out of all would fall into one half by chance once in 10^9 times. */
	v->range_is_limited = f->port_count > DISCOVERY_PORTS && width < (UINT16_MAX + 1u - FIRST_PORT) / 2;
}

/* Ports out of the range seen were asked for, and most were kept; some may have been another socket's already. */
static bool keeps_what_is_in_range(const struct discovery_findings *f)
{
	size_t wished = 0, kept = 0;

	for (size_t i = 0; i < f->port_count; i++) {
		wished += f->ports[i].wished;
		kept += f->ports[i].wished && f->ports[i].inside == f->ports[i].outside;
	}
	return wished >= 3 && 3 * kept >= 2 * wished;
}

static void note_ports(const struct discovery_findings *f, struct conclusion *v)
{
	size_t times;
	int step = usual_step(f, &times);

	v->samples = f->port_count;
	for (size_t i = 0; i < f->port_count; i++)
		v->preserved += f->ports[i].inside == f->ports[i].outside;
	if (v->samples < DISCOVERY_PORTS / 2)
		return;
	note_range(f, v);
	if (v->preserved == v->samples) {
		v->ports = CONCLUSION_PRESERVE;
		v->range_is_limited = false;
	} else if (2 * times > v->samples) {
		v->ports = CONCLUSION_SEQUENTIAL;
		v->step = step;
		v->range_is_limited = v->range_is_used_up; /* a sequence is short because few ports were asked for */
	} else {
		v->ports = keeps_what_is_in_range(f) ? CONCLUSION_PRESERVE : CONCLUSION_RANDOM;
	}
}

/* --- the rest ---------------------------------------------------------------------------------------- */

static enum conclusion_hairpin hairpin_of(const struct discovery_findings *f)
{
	for (size_t i = 0; i < 2; i++) {
		const struct stun_answer *h = &f->hairpin[i];

		if (answered(h))
			return endpoint_same_address(&h->from, &f->hairpin_inside[i]) ? CONCLUSION_HAIRPIN_INTERNAL
			                                                              : CONCLUSION_HAIRPIN_EXTERNAL;
	}
	if (f->hairpin[0].outcome == STUN_UNASKED && f->hairpin[1].outcome == STUN_UNASKED)
		return CONCLUSION_HAIRPIN_UNKNOWN;
	return CONCLUSION_HAIRPIN_NONE;
}

static enum conclusion_trap trap_of(const struct discovery_findings *f)
{
	if (!f->trap_set || !answered(&f->trap) || !answered(&f->port_control))
		return CONCLUSION_TRAP_UNKNOWN;
	return f->trap.mapped.port == f->trap_inside ? CONCLUSION_TRAP_NO : CONCLUSION_TRAP_YES;
}

/* Between the longest life and the shortest death: the round figure just above the life. */
static unsigned seconds_of(const struct mapping_lifetime_span *span)
{
	if (!span->measured || span->dead_ms == 0)
		return 0;
	return (span->alive_ms + 999) / 1000 > 0 ? (span->alive_ms + 999) / 1000 : 1;
}

static void note_lifetime(const struct discovery_findings *f, struct conclusion *v)
{
	v->lifetime = f->lifetime;
	v->timeout_s = seconds_of(&f->lifetime.fresh);
	v->stream_timeout_s = seconds_of(&f->lifetime.stream);
}

static enum conclusion_kind kind_of(const struct discovery_findings *f, const struct conclusion *v)
{
	const struct stun_answer *contact = &f->mapping[0][0];

	if (contact->outcome == STUN_SILENT && v->problems == 0)
		return CONCLUSION_BLOCKED;
	if (!answered(contact))
		return CONCLUSION_UNREACHED;
	if (!endpoint_equal(&contact->mapped, &f->inside))
		return CONCLUSION_TRANSLATED;
	return v->filtering == CONCLUSION_INDEPENDENT ? CONCLUSION_OPEN : CONCLUSION_FIREWALL;
}

static bool is_complete(const struct conclusion *v)
{
	bool filtering = v->filtering != CONCLUSION_CLASS_UNKNOWN;

	switch (v->kind) {
	case CONCLUSION_UNREACHED: return false;
	case CONCLUSION_BLOCKED: return true;
	case CONCLUSION_OPEN:
	case CONCLUSION_FIREWALL: return filtering;
	case CONCLUSION_TRANSLATED: break;
	}
	return filtering && v->mapping != CONCLUSION_CLASS_UNKNOWN && v->ports != CONCLUSION_PORTS_UNKNOWN &&
	       v->hairpin != CONCLUSION_HAIRPIN_UNKNOWN &&
	       (v->problems & (CONCLUSION_OUT_OF_TIME | CONCLUSION_NO_RESPONSE_PORT)) == 0;
}

struct conclusion conclusion_of(const struct discovery_findings *f, enum conclusion_host host)
{
	struct conclusion v = { .problems =
		                    problems_of_contact(f, host) | (f->out_of_time ? CONCLUSION_OUT_OF_TIME : 0) };

	if (answered(&f->mapping[0][0])) {
		v.problems |= problems_of_other(f) | problems_of_doors(f) | problems_of_path(f);
		v.mapping = mapping_of(f);
		v.filtering = filtering_of(f);
		v.hairpin = hairpin_of(f);
		v.trap = trap_of(f);
		note_ports(f, &v);
		note_lifetime(f, &v);
		if (f->port_control.outcome == STUN_SILENT || f->port_control.outcome == STUN_REFUSED)
			v.problems |= f->mapping_lifetime_wanted ? CONCLUSION_NO_RESPONSE_PORT : 0;
	}
	v.kind = kind_of(f, &v);
	v.complete = is_complete(&v);
	return v;
}
