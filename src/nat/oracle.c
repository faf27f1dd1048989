#include "nat/oracle.h"

/* What of a box matters here. A box that translates nothing has endpoint-independent mapping. */
struct side {
	bool cone;     /* mapping is endpoint-independent */
	bool per_port; /* mapping is address-and-port-dependent */
	enum nat_behaviour filtering;
};

static struct side side_of(const struct nat *n, enum nat_protocol protocol)
{
	const struct nat_transport *t = &n->transport[protocol];
	bool translates = n->kind == NAT_TRANSLATE;

	return (struct side){
		.cone = !translates || t->mapping == NAT_ENDPOINT_INDEPENDENT,
		.per_port = translates && t->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT,
		.filtering = n->kind == NAT_OPEN ? NAT_ENDPOINT_INDEPENDENT : t->filtering,
	};
}

/*
 * `opener` lets in anybody, so it hears the other, whose port nobody could know, and answers to that port; `other` must
 * let in the answer, which comes from a port it has not sent to.
 */
static bool opens_for(struct side opener, struct side other)
{
	return opener.filtering == NAT_ENDPOINT_INDEPENDENT && other.filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static struct oracle textbook(struct side a, struct side b)
{
	static const struct oracle both_known = {
		ORACLE_OPEN, "both ports are known beforehand: each side's probe permits the other's"
	};
	static const struct oracle learned = {
		ORACLE_OPEN, "the side whose port is known lets in the other from any port, and learns it"
	};
	static const struct oracle unknown = { ORACLE_SHUT,
		                               "one side's port is new for the other, which lets in no unknown port" };
	static const struct oracle never_the_same = {
		ORACLE_SHUT, "each side's answer to a new port leaves from a new port itself"
	};
	static const struct oracle let_in = { ORACLE_OPEN,
		                              "one side lets in anybody, the other any port of an address it sent to" };
	static const struct oracle neither = { ORACLE_SHUT,
		                               "neither side's port is known, and what comes from it is not let in" };

	if (a.cone && b.cone)
		return both_known;
	if (a.cone || b.cone)
		return (a.cone ? a : b).filtering != NAT_ADDRESS_AND_PORT_DEPENDENT ? learned : unknown;
	if (a.per_port && b.per_port)
		return never_the_same;
	return opens_for(a, b) || opens_for(b, a) ? let_in : neither;
}

/*
 * The INPUT trap (README, FAQ): netfilter confirms a packet its INPUT chain accepts, and it then holds the port that
 * the inside host's packet would have had. A cone whose box accepts is none towards a peer that was faster.
 */
static bool may_lose_its_port(const struct nat *n, enum nat_protocol protocol)
{
	const struct nat_transport *t = &n->transport[protocol];

	return n->kind == NAT_TRANSLATE && n->input == NAT_INPUT_ACCEPT &&
	       t->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT && t->filtering != NAT_ENDPOINT_INDEPENDENT;
}

/* What one of its sockets shows the peer may come from another address than what it shows a server. */
static bool may_change_address(const struct nat *n, enum nat_protocol protocol)
{
	return n->kind == NAT_TRANSLATE && n->pooling == NAT_POOLING_ARBITRARY &&
	       n->transport[protocol].mapping != NAT_ENDPOINT_INDEPENDENT;
}

/* Whoever lets in an address that was sent to lets in nobody then. */
static void lose_address(struct side *s)
{
	if (s->filtering == NAT_ADDRESS_DEPENDENT)
		s->filtering = NAT_ADDRESS_AND_PORT_DEPENDENT;
}

struct oracle oracle_punch(const struct nat *a, const struct nat *b, enum nat_protocol protocol)
{
	static const struct oracle blocked = { ORACLE_SHUT, "a side lets nothing of that protocol through" };
	static const struct oracle depends = {
		ORACLE_DEPENDS, "a box accepts packets to itself: "
				"whoever comes before its inside host's packet takes the port (the INPUT trap)"
	};
	static const struct oracle chance = {
		ORACLE_DEPENDS,
		"a box has several addresses and may show the peer another one than it showed the server"
	};
	struct side best_a = side_of(a, protocol), best_b = side_of(b, protocol);
	struct side worst_a = best_a, worst_b = best_b;
	struct oracle best = textbook(best_a, best_b), worst;

	if (a->transport[protocol].blocked || b->transport[protocol].blocked)
		return blocked;
	if (may_lose_its_port(a, protocol))
		worst_a = (struct side){ .per_port = true, .filtering = best_a.filtering };
	if (may_lose_its_port(b, protocol))
		worst_b = (struct side){ .per_port = true, .filtering = best_b.filtering };
	worst = textbook(worst_a, worst_b);
	if (best.verdict != worst.verdict)
		return depends;
	if (may_change_address(a, protocol))
		lose_address(&worst_b);
	if (may_change_address(b, protocol))
		lose_address(&worst_a);
	worst = textbook(worst_a, worst_b);
	return best.verdict == worst.verdict ? best : chance;
}
