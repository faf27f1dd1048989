#include "nat_type/round.h"

#define VALUES 3 /* no behaviour has more */

static bool answered(const struct stun_answer *a)
{
	return a->outcome == STUN_ANSWERED;
}

static bool answered_from(const struct stun_answer *a, const struct endpoint *from)
{
	return answered(a) && endpoint_equal(&a->from, from);
}

static bool same_mapping(const struct stun_answer *a, const struct stun_answer *b)
{
	return endpoint_equal(&a->mapped, &b->mapped);
}

/* True if two answers, from that address and from another port of it or not, show two mappings. */
static bool differs(const struct discovery_findings *f, const struct discovery_round *r, size_t i, bool same_address)
{
	const struct endpoint *asked = &f->server[0][0];

	return answered(&r->elsewhere[i]) && endpoint_same_address(&f->others[i], asked) == same_address &&
	       !same_mapping(&r->mapping[0][0], &r->elsewhere[i]);
}

/*
 * By ordinary servers: one at another address that sees the same mapping decides. Where it sees another one, that
 * mapping depends on the endpoint is known, and on what of it only if one more server stands at the first one's
 * address.
 */
static int mapping_by_others(const struct discovery_findings *f, const struct discovery_round *r)
{
	bool same = false, beside = false, elsewhere = false, same_beside = false;

	for (size_t i = 0; i < f->other_count; i++) {
		bool is_beside = endpoint_same_address(&f->others[i], &f->server[0][0]);

		beside = beside || differs(f, r, i, true);
		elsewhere = elsewhere || differs(f, r, i, false);
		same = same || (answered(&r->elsewhere[i]) && !is_beside && !differs(f, r, i, false));
		same_beside = same_beside || (answered(&r->elsewhere[i]) && is_beside && !differs(f, r, i, true));
	}
	if (!answered(&r->mapping[0][0]))
		return ROUND_UNKNOWN;
	if (beside)
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	if (elsewhere)
		return same_beside ? NAT_ADDRESS_DEPENDENT : ROUND_UNKNOWN;
	return same ? NAT_ENDPOINT_INDEPENDENT : ROUND_UNKNOWN;
}

int round_mapping_depends(const struct discovery_findings *f, const struct discovery_round *r)
{
	bool depends = false, known = false;

	for (size_t i = 0; i < f->other_count && answered(&r->mapping[0][0]); i++) {
		known = known || answered(&r->elsewhere[i]);
		depends = depends || differs(f, r, i, false) || differs(f, r, i, true);
	}
	return known ? depends : ROUND_UNKNOWN;
}

/* RFC 5780 §4.3, and one question more: another port of the first address. */
int round_mapping(const struct discovery_findings *f, const struct discovery_round *r)
{
	bool first = answered(&r->mapping[0][0]);
	bool other_address = answered(&r->mapping[1][0]) && answered(&r->mapping[1][1]);

	if (f->other_count > 0)
		return mapping_by_others(f, r);
	if (first && answered(&r->mapping[0][1]) && !same_mapping(&r->mapping[0][0], &r->mapping[0][1]))
		return NAT_ADDRESS_AND_PORT_DEPENDENT; /* whatever the other address shows */
	if (!first || !other_address)
		return ROUND_UNKNOWN;
	if (!same_mapping(&r->mapping[1][0], &r->mapping[1][1]))
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	return same_mapping(&r->mapping[0][0], &r->mapping[1][0]) ? NAT_ENDPOINT_INDEPENDENT : NAT_ADDRESS_DEPENDENT;
}

/*
 * Silence at a door counts only if the server would have spoken there: it answers at that endpoint when asked directly,
 * it was seen to obey CHANGE-REQUEST where that can be seen, and the socket hears plain answers.
 */
static bool silence_counts(const struct discovery_round *r, const struct stun_answer *door,
                           const struct stun_answer *after, const struct stun_answer *direct)
{
	return door->outcome == STUN_SILENT && answered(after) && answered(direct) &&
	       (answered(&r->change_control) || r->change_control.outcome == STUN_UNASKED);
}

/* RFC 5780 §4.4. */
int round_filtering(const struct discovery_findings *f, const struct discovery_round *r)
{
	if (answered_from(&r->door_both, &f->server[1][1]))
		return NAT_ENDPOINT_INDEPENDENT;
	if (!silence_counts(r, &r->door_both, &r->door_both_after, &r->mapping[1][1]))
		return ROUND_UNKNOWN;
	if (answered_from(&r->door_port, &f->server[0][1]))
		return NAT_ADDRESS_DEPENDENT;
	if (silence_counts(r, &r->door_port, &r->door_port_after, &r->mapping[0][1]))
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	return ROUND_UNKNOWN;
}

int round_input(const struct discovery_findings *f, const struct discovery_round *r)
{
	(void)f;
	if (!r->trap_set || !answered(&r->trap) || !answered(&r->port_control))
		return ROUND_UNKNOWN;
	return r->trap.mapped.port == r->trap_inside ? NAT_INPUT_DROP : NAT_INPUT_ACCEPT;
}

/* Counts the rounds that show each value. Returns how many know it. */
static unsigned count(const struct discovery_findings *f, round_judge *judge, unsigned votes[VALUES])
{
	unsigned known = 0;

	for (size_t i = 0; i < f->round_count; i++) {
		int value = judge(f, &f->rounds[i]);

		if (value == ROUND_UNKNOWN)
			continue;
		votes[value]++;
		known++;
	}
	return known;
}

int round_settled(const struct discovery_findings *f, round_judge *judge)
{
	unsigned votes[VALUES] = { 0 };
	unsigned known = count(f, judge, votes);

	for (int value = 0; value < VALUES; value++)
		if (votes[value] >= 2 && 2 * votes[value] > known)
			return value;
	return ROUND_UNKNOWN;
}

static bool is_disputed(const struct discovery_findings *f, round_judge *judge)
{
	unsigned votes[VALUES] = { 0 };

	return count(f, judge, votes) > 0 && round_settled(f, judge) == ROUND_UNKNOWN;
}

bool round_is_disputed(const struct discovery_findings *f)
{
	return is_disputed(f, round_mapping) || is_disputed(f, round_filtering) || is_disputed(f, round_input);
}
