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

static unsigned problems_of_silence(enum conclusion_host host, unsigned others_silent)
{
	switch (host) {
	case CONCLUSION_HOST_UNKNOWN: break;
	case CONCLUSION_HOST_NO_WAY: return CONCLUSION_NO_WAY;
	case CONCLUSION_HOST_ALIVE: return others_silent == 0 ? CONCLUSION_ONLY_TCP : 0;
	case CONCLUSION_HOST_HEARS: return CONCLUSION_SILENT_SERVER;
	case CONCLUSION_HOST_PROHIBITED: return 0;
	}
	return CONCLUSION_NO_ANSWER;
}

static unsigned problems_of_contact(const struct discovery_findings *f, enum conclusion_host host,
                                    unsigned others_silent)
{
	switch (f->mapping[0][0].outcome) {
	case STUN_ANSWERED: return 0;
	case STUN_REFUSED: return CONCLUSION_SERVER_REFUSES;
	case STUN_UNREACHABLE: return CONCLUSION_NO_SERVER;
	case STUN_UNASKED:
	case STUN_WAITING:
	case STUN_SILENT: break;
	}
	return f->malformed > 0 ? CONCLUSION_MALFORMED : problems_of_silence(host, others_silent);
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

/* What a behaviour is, by its number in struct nat, where the findings do not say. */
#define UNKNOWN (-1)

static bool same_mapping(const struct discovery_findings *f, size_t a1, size_t p1, size_t a2, size_t p2)
{
	return endpoint_equal(&f->mapping[a1][p1].mapped, &f->mapping[a2][p2].mapped);
}

/* RFC 5780 §4.3, and one question more: another port of the first address. */
static int mapping_of(const struct discovery_findings *f)
{
	bool other_port = answered(&f->mapping[0][1]);
	bool other_address = answered(&f->mapping[1][0]) && answered(&f->mapping[1][1]);

	if (other_port && !same_mapping(f, 0, 0, 0, 1))
		return NAT_ADDRESS_AND_PORT_DEPENDENT; /* whatever the other address shows */
	if (!other_address)
		return UNKNOWN;
	if (!same_mapping(f, 1, 0, 1, 1))
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	return same_mapping(f, 0, 0, 1, 0) ? NAT_ENDPOINT_INDEPENDENT : NAT_ADDRESS_DEPENDENT;
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
static int filtering_of(const struct discovery_findings *f)
{
	if (answered_from(&f->door_both, &f->server[1][1]))
		return NAT_ENDPOINT_INDEPENDENT;
	if (!silence_counts(f, &f->door_both, &f->door_both_after, &f->mapping[1][1]))
		return UNKNOWN;
	if (answered_from(&f->door_port, &f->server[0][1]))
		return NAT_ADDRESS_DEPENDENT;
	if (silence_counts(f, &f->door_port, &f->door_port_after, &f->mapping[0][1]))
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	return UNKNOWN;
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

static void note_seen(const struct discovery_findings *f, struct conclusion *v)
{
	v->port_low = UINT16_MAX;
	for (size_t i = 0; i < f->port_count; i++) {
		uint16_t port = f->ports[i].outside;

		v->port_low = port < v->port_low ? port : v->port_low;
		v->port_high = port > v->port_high ? port : v->port_high;
	}
	v->range_is_used_up = f->port_count > DISCOVERY_PORTS && f->ports_asked > f->port_count;
}

/* True if there are clearly fewer ports than all from 1024: 36 out of all would fall into one half once in 10^9 times.
 */
static bool is_limited(const struct discovery_findings *f, const struct conclusion *v)
{
	unsigned width = (unsigned)(v->port_high - v->port_low) + 1;

	return f->port_count > DISCOVERY_PORTS && width < (UINT16_MAX + 1u - FIRST_PORT) / 2;
}

/*
 * The pool that most likely lies behind the range seen: of ports drawn at random, the lowest and the highest are as far
 * from the pool's ends as they are from each other on average. A pool that was used up is known.
 */
static void estimate_pool(struct conclusion *v)
{
	unsigned low = v->port_low, high = v->port_high;
	unsigned gap = v->range_is_used_up ? 0 : (high - low) / ((unsigned)v->samples - 1);

	low = low >= FIRST_PORT + gap ? low - gap : low < FIRST_PORT ? low : FIRST_PORT;
	high = high + gap <= UINT16_MAX ? high + gap : UINT16_MAX;
	v->nat.port_low = (uint16_t)low;
	v->nat.port_high = (uint16_t)high;
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

/* Notes what was seen of ports, and returns how they are chosen. */
static int ports_of(const struct discovery_findings *f, struct conclusion *v)
{
	size_t times;
	int step = usual_step(f, &times);

	v->samples = f->port_count;
	for (size_t i = 0; i < f->port_count; i++)
		v->preserved += f->ports[i].inside == f->ports[i].outside;
	if (v->samples < DISCOVERY_PORTS / 2)
		return UNKNOWN;
	note_seen(f, v);
	if (v->preserved == v->samples)
		return NAT_PORTS_PRESERVE;
	if (2 * times > v->samples) {
		v->step = step;
		if (v->range_is_used_up) /* else a sequence is short because few ports were asked for */
			estimate_pool(v);
		return NAT_PORTS_SEQUENTIAL;
	}
	if (is_limited(f, v))
		estimate_pool(v);
	return keeps_what_is_in_range(f) ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
}

/* --- the rest ---------------------------------------------------------------------------------------- */

static int hairpin_of(const struct discovery_findings *f)
{
	for (size_t i = 0; i < 2; i++) {
		const struct stun_answer *h = &f->hairpin[i];

		if (answered(h))
			return endpoint_same_address(&h->from, &f->hairpin_inside[i]) ? NAT_HAIRPIN_INTERNAL
			                                                              : NAT_HAIRPIN_EXTERNAL;
	}
	if (f->hairpin[0].outcome == STUN_UNASKED && f->hairpin[1].outcome == STUN_UNASKED)
		return UNKNOWN;
	return NAT_HAIRPIN_NONE;
}

/* Whether a stranger's early packet takes the port (the INPUT trap). */
static int input_of(const struct discovery_findings *f)
{
	if (!f->trap_set || !answered(&f->trap) || !answered(&f->port_control))
		return UNKNOWN;
	return f->trap.mapped.port == f->trap_inside ? NAT_INPUT_DROP : NAT_INPUT_ACCEPT;
}

/* Between the longest life and the shortest death: the round figure just above the life. */
static int seconds_of(const struct mapping_lifetime_span *span)
{
	if (!span->measured || span->dead_ms == 0)
		return UNKNOWN;
	return span->alive_ms > 1000 ? (int)(span->alive_ms + 999) / 1000 : 1;
}

static enum nat_kind kind_of(const struct discovery_findings *f, const struct conclusion *v)
{
	if (!endpoint_equal(&f->mapping[0][0].mapped, &f->inside))
		return NAT_TRANSLATE;
	return conclusion_knows(v, NAT_KEY_FILTERING) && v->nat.transport[NAT_UDP].filtering == NAT_ENDPOINT_INDEPENDENT
	           ? NAT_OPEN
	           : NAT_FIREWALL;
}

/* --- all of it --------------------------------------------------------------------------------------- */

bool conclusion_knows(const struct conclusion *v, enum nat_key key)
{
	return (v->known & 1u << key) != 0;
}

static void learn(struct conclusion *v, enum nat_key key, int value)
{
	if (value == UNKNOWN)
		return;
	v->known |= 1u << key;
	nat_set_value(&v->nat, key, (unsigned)value);
}

static void learn_from_answers(struct conclusion *v, const struct discovery_findings *f)
{
	v->problems |= problems_of_other(f) | problems_of_doors(f) | problems_of_path(f);
	if (f->mapping_lifetime_wanted &&
	    (f->port_control.outcome == STUN_SILENT || f->port_control.outcome == STUN_REFUSED))
		v->problems |= CONCLUSION_NO_RESPONSE_PORT;
	v->lifetime = f->lifetime;
	learn(v, NAT_KEY_UDP, false);
	learn(v, NAT_KEY_MAPPING, mapping_of(f));
	learn(v, NAT_KEY_FILTERING, filtering_of(f));
	learn(v, NAT_KEY_PORTS, ports_of(f, v));
	learn(v, NAT_KEY_HAIRPIN, hairpin_of(f));
	learn(v, NAT_KEY_INPUT, input_of(f));
	learn(v, NAT_KEY_TIMEOUT, seconds_of(&f->lifetime.fresh));
	learn(v, NAT_KEY_STREAM_TIMEOUT, seconds_of(&f->lifetime.stream));
	learn(v, NAT_KEY_REFRESH, f->lifetime.refresh_measured ? (int)f->lifetime.refresh : UNKNOWN);
	v->nat.kind = kind_of(f, v);
}

bool conclusion_suffices(const struct conclusion *v)
{
	unsigned needed = 1u << NAT_KEY_FILTERING;

	if (!conclusion_knows(v, NAT_KEY_UDP) || v->nat.transport[NAT_UDP].blocked)
		return conclusion_knows(v, NAT_KEY_UDP);
	if (v->nat.kind == NAT_TRANSLATE)
		needed |= 1u << NAT_KEY_MAPPING | 1u << NAT_KEY_PORTS | 1u << NAT_KEY_HAIRPIN;
	return (v->known & needed) == needed;
}

struct conclusion conclusion_of(const struct discovery_findings *f, enum conclusion_host host, unsigned others_silent)
{
	const struct stun_answer *contact = &f->mapping[0][0];
	struct conclusion v = {
		.host = host,
		.others_silent = others_silent,
		.problems = problems_of_contact(f, host, others_silent),
	};

	if (f->out_of_time)
		v.problems |= CONCLUSION_OUT_OF_TIME;
	if (answered(contact))
		learn_from_answers(&v, f);
	else if (contact->outcome == STUN_SILENT && v.problems == 0)
		learn(&v, NAT_KEY_UDP, true);
	v.complete =
	    conclusion_suffices(&v) &&
	    (v.nat.kind != NAT_TRANSLATE || (v.problems & (CONCLUSION_OUT_OF_TIME | CONCLUSION_NO_RESPONSE_PORT)) == 0);
	return v;
}
