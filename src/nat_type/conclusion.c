#include "nat_type/conclusion.h"

#include "nat_type/round.h"

static bool answered(const struct stun_answer *a)
{
	return a->outcome == STUN_ANSWERED;
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
	switch (f->contact.outcome) {
	case STUN_ANSWERED: return 0;
	case STUN_REFUSED: return CONCLUSION_SERVER_REFUSES;
	case STUN_UNREACHABLE: return CONCLUSION_NO_SERVER;
	case STUN_UNASKED:
	case STUN_WAITING:
	case STUN_SILENT: break;
	}
	return f->malformed > 0 ? CONCLUSION_MALFORMED : problems_of_silence(host, others_silent);
}

static unsigned problems_of_mapping(const struct discovery_findings *f, const struct discovery_round *r)
{
	unsigned problems = 0;

	for (size_t i = 0; i < 4; i++) {
		const struct stun_answer *m = &r->mapping[i / 2][i % 2];

		if (m->outcome == STUN_SILENT || m->outcome == STUN_UNREACHABLE || m->outcome == STUN_REFUSED)
			problems |= CONCLUSION_DEAD_OTHER;
		if (answered(m) && !endpoint_equal(&m->from, &f->server[i / 2][i % 2]))
			problems |= CONCLUSION_WRONG_SOURCE;
		if (m->rewritten)
			problems |= CONCLUSION_REWRITTEN;
		if (answered(m) && !endpoint_same_address(&m->mapped, &f->contact.mapped))
			problems |= CONCLUSION_SEVERAL_ADDRESSES;
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

static unsigned problems_of_doors(const struct discovery_findings *f, const struct discovery_round *r)
{
	unsigned problems =
	    problems_of_door(&r->door_both, &f->server[1][1]) | problems_of_door(&r->door_port, &f->server[0][1]);

	if (r->change_control.outcome == STUN_SILENT)
		problems |= CONCLUSION_CHANGE_IGNORED;
	if (r->door_both_after.outcome == STUN_SILENT || r->door_port_after.outcome == STUN_SILENT)
		problems |= CONCLUSION_LOSSY;
	if (f->mapping_lifetime_wanted &&
	    (r->port_control.outcome == STUN_SILENT || r->port_control.outcome == STUN_REFUSED))
		problems |= CONCLUSION_NO_RESPONSE_PORT;
	return problems;
}

static unsigned problems_of_answers(const struct discovery_findings *f)
{
	unsigned problems = f->contact.rewritten ? CONCLUSION_REWRITTEN : 0;

	if (f->other == DISCOVERY_OTHER_NONE)
		problems |= CONCLUSION_NO_OTHER;
	if (f->other == DISCOVERY_OTHER_UNUSABLE)
		problems |= CONCLUSION_BAD_OTHER;
	for (size_t i = 0; i < f->round_count; i++)
		problems |= problems_of_mapping(f, &f->rounds[i]) | problems_of_doors(f, &f->rounds[i]);
	return problems;
}

/* --- ports ------------------------------------------------------------------------------------------ */

#define FIRST_PORT 1024
#define MISSED_MIN 3 /* questions in a row without an answer are no loss */
#define STEP_MAX 16  /* other hosts' flows in between make a step larger; beyond this it is no sequence */

static bool is_kept(const struct discovery_port *p)
{
	return p->inside == p->outside;
}

/*
 * The step that occurs most among the samples in the order of asking, if nearly all are small: other flows that come in
 * between make one larger, and one whose mapping was there already makes two that are none. Else 0.
 */
static int usual_step(const struct discovery_findings *f)
{
	unsigned counts[STEP_MAX + 1] = { 0 };
	size_t small = 0;
	int best = 0;

	for (size_t i = 1; i < f->port_count; i++) {
		int step = f->ports[i].outside - f->ports[i - 1].outside;

		if (step < 1 || step > STEP_MAX)
			continue;
		small++;
		if (++counts[step] > counts[best])
			best = step;
	}
	return 3 * small > 2 * (f->port_count - 1) ? best : 0;
}

/*
 * In the end nobody got a port any more, and most ports of the range were seen: a pool that others have a part of. Else
 * it is chance, or a box that stumbles over ports in use.
 */
static bool is_used_up(const struct discovery_findings *f, const struct conclusion *v)
{
	unsigned width = (unsigned)(v->port_high - v->port_low) + 1;

	return f->ports_missed >= MISSED_MIN && 3 * f->port_count >= width;
}

static void note_seen(const struct discovery_findings *f, struct conclusion *v)
{
	v->port_low = UINT16_MAX;
	for (size_t i = 0; i < f->port_count; i++) {
		uint16_t port = f->ports[i].outside;

		v->port_low = port < v->port_low ? port : v->port_low;
		v->port_high = port > v->port_high ? port : v->port_high;
	}
	v->range_is_used_up = is_used_up(f, v);
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

/*
 * Whether inside ports are kept that lie in the range seen outside: some may be another flow's already, but among 12
 * that a random choice gave, not six are their own by chance, be there no more than 64 to choose from.
 */
static bool keeps_what_it_can(const struct discovery_findings *f, const struct conclusion *v)
{
	size_t within = 0;

	for (size_t i = 0; i < f->port_count; i++)
		within += f->ports[i].inside >= v->port_low && f->ports[i].inside <= v->port_high;
	return within >= 3 && 2 * v->preserved >= within;
}

/* Ports outside the range seen that were not kept. Other flows have one or two of them by chance. */
static size_t beyond(const struct discovery_findings *f, const struct conclusion *v)
{
	size_t count = 0;

	for (size_t i = 0; i < f->port_count; i++)
		count += f->ports[i].inside < v->port_low || f->ports[i].inside > v->port_high;
	return count;
}

/* Notes what was seen of ports, and returns how they are chosen. */
static int ports_of(const struct discovery_findings *f, struct conclusion *v)
{
	bool keeps;

	v->samples = f->port_count;
	for (size_t i = 0; i < f->port_count; i++)
		v->preserved += is_kept(&f->ports[i]);
	if (v->samples < DISCOVERY_PORTS / 2)
		return ROUND_UNKNOWN;
	note_seen(f, v);
	keeps = keeps_what_it_can(f, v);
	v->step = keeps ? 0 : usual_step(f);
	if (v->step != 0) {
		if (v->range_is_used_up) /* else a sequence is short because few ports were asked for */
			estimate_pool(v);
		return NAT_PORTS_SEQUENTIAL;
	}
	if (is_limited(f, v) && (!keeps || beyond(f, v) > 2))
		estimate_pool(v);
	return keeps ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
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
		return ROUND_UNKNOWN;
	return NAT_HAIRPIN_NONE;
}

/* Between the longest life and the shortest death: the round figure just above the life. */
static int seconds_of(const struct mapping_lifetime_span *span)
{
	if (!span->measured || span->dead_ms == 0)
		return ROUND_UNKNOWN;
	return span->alive_ms > 1000 ? (int)(span->alive_ms + 999) / 1000 : 1;
}

static enum nat_kind kind_of(const struct discovery_findings *f, const struct conclusion *v)
{
	if (!endpoint_equal(&f->contact.mapped, &f->inside))
		return NAT_TRANSLATE;
	return conclusion_knows(v, NAT_KEY_FILTERING) && v->nat.transport[NAT_UDP].filtering == NAT_ENDPOINT_INDEPENDENT
	           ? NAT_OPEN
	           : NAT_FIREWALL;
}

/* --- IPv6 -------------------------------------------------------------------------------------------- */

#define IDENTIFIER_BITS 64 /* the last ones of an address: RFC 4291 section 2.5.4 */

/* Modulo 65535, as checksums are (RFC 1071). */
static unsigned sum_of(const struct address *a)
{
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof a->bytes; i += 2)
		sum += (unsigned)a->bytes[i] << 8 | a->bytes[i + 1];
	return sum % 65535;
}

/* True of two addresses that differ in the prefix alone, and in such a way that checksums stay (RFC 6296 section 2.6).
 */
static bool is_other_prefix(const struct address *inside, const struct address *outside)
{
	struct address a = address_host_part(inside, IDENTIFIER_BITS), b = address_host_part(outside, IDENTIFIER_BITS);

	return address_equal(&a, &b) && sum_of(inside) == sum_of(outside);
}

static enum nat_ipv6 ipv6_of(const struct discovery_findings *f, const struct conclusion *v)
{
	const struct address *outside = &f->contact.mapped.address;

	if (outside->family != ADDRESS_IPV6)
		return NAT_IPV6_NAT64;
	switch (v->nat.kind) {
	case NAT_OPEN: return NAT_IPV6_OPEN;
	case NAT_FIREWALL: return NAT_IPV6_FIREWALL;
	case NAT_TRANSLATE: break;
	}
	return is_other_prefix(&f->inside.address, outside) ? NAT_IPV6_NPTV6 : NAT_IPV6_NAT66;
}

/* --- all of it --------------------------------------------------------------------------------------- */

bool conclusion_knows(const struct conclusion *v, enum nat_key key)
{
	return (v->known & UINT64_C(1) << key) != 0;
}

static void learn(struct conclusion *v, enum nat_key key, int value)
{
	if (value == ROUND_UNKNOWN)
		return;
	v->known |= UINT64_C(1) << key;
	nat_set_value(&v->nat, key, (unsigned)value);
}

static void learn_from_answers(struct conclusion *v, const struct discovery_findings *f)
{
	v->problems |= problems_of_answers(f);
	v->lifetime = f->lifetime;
	learn(v, NAT_KEY_UDP, false);
	learn(v, NAT_KEY_MAPPING, round_settled(f, round_mapping));
	v->mapping_depends = !conclusion_knows(v, NAT_KEY_MAPPING) && round_settled(f, round_mapping_depends) == 1;
	learn(v, NAT_KEY_FILTERING, round_settled(f, round_filtering));
	learn(v, NAT_KEY_PORTS, ports_of(f, v));
	learn(v, NAT_KEY_HAIRPIN, hairpin_of(f));
	learn(v, NAT_KEY_INPUT, round_settled(f, round_input));
	learn(v, NAT_KEY_TIMEOUT, seconds_of(&f->lifetime.fresh));
	learn(v, NAT_KEY_STREAM_TIMEOUT, seconds_of(&f->lifetime.stream));
	learn(v, NAT_KEY_REFRESH, f->lifetime.refresh_measured ? (int)f->lifetime.refresh : ROUND_UNKNOWN);
	v->nat.kind = kind_of(f, v);
	if (v->by_ipv6)
		v->ipv6 = ipv6_of(f, v);
	nat_mirror_tcp(&v->nat); /* nobody asked it */
}

bool conclusion_suffices(const struct conclusion *v)
{
	uint64_t needed = UINT64_C(1) << NAT_KEY_FILTERING;

	if (!conclusion_knows(v, NAT_KEY_UDP) || v->nat.transport[NAT_UDP].blocked)
		return conclusion_knows(v, NAT_KEY_UDP);
	if (v->nat.kind == NAT_TRANSLATE)
		needed |=
		    UINT64_C(1) << NAT_KEY_MAPPING | UINT64_C(1) << NAT_KEY_PORTS | UINT64_C(1) << NAT_KEY_HAIRPIN;
	return (v->known & needed) == needed;
}

struct conclusion conclusion_of(const struct discovery_findings *f, enum conclusion_host host, unsigned others_silent)
{
	const struct stun_answer *contact = &f->contact;
	struct conclusion v = {
		.host = host,
		.others_silent = others_silent,
		.by_ipv6 = f->server[0][0].address.family == ADDRESS_IPV6,
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
