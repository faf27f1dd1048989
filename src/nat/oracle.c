#include "nat/oracle.h"

/* What of a box matters here. A box that translates nothing has endpoint-independent mapping. */
struct side {
	bool cone;     /* mapping is endpoint-independent */
	bool per_port; /* mapping is address-and-port-dependent */
	enum nat_behaviour filtering;
	bool resets; /* of TCP: what nobody asked for is answered by a RST */
	bool breaks; /* of TCP: a SYN is not let in as the answer to a SYN */
};

static struct side side_of(const struct nat *n, enum nat_protocol protocol)
{
	const struct nat_transport *t = &n->transport[protocol];
	bool translates = n->kind == NAT_TRANSLATE;

	return (struct side){
		.cone = !translates || t->mapping == NAT_ENDPOINT_INDEPENDENT,
		.per_port = translates && t->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT,
		.filtering = n->kind == NAT_OPEN ? NAT_ENDPOINT_INDEPENDENT : t->filtering,
		.resets = n->kind != NAT_OPEN && n->unsolicited == NAT_UNSOLICITED_RESET,
		.breaks = n->kind != NAT_OPEN && n->simultaneous_broken,
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

static struct oracle textbook_udp(struct side a, struct side b)
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

/* Of TCP: `caller` was reset, and what its box then still lets in is the address that it called. */
static bool is_called_back(struct side caller, struct side other)
{
	return caller.filtering == NAT_ADDRESS_DEPENDENT && other.resets;
}

/*
 * Of TCP: both dial from the ports they are known by, so the SYN of each is a packet of the connection that the other
 * has dialed, if that was earlier: a simultaneous open (RFC 5382 REQ-2). To a side that has not dialed yet it is a
 * stranger's; so it is to one whose own SYN was reset, which ends what it began.
 */
static struct oracle both_dial(struct side a, struct side b)
{
	static const struct oracle simultaneous = {
		ORACLE_OPEN, "both ports are known beforehand: the SYNs meet in a simultaneous open, or one is let in"
	};
	static const struct oracle broken = { ORACLE_SHUT, "neither box lets in a SYN as the answer to a SYN" };
	static const struct oracle late = { ORACLE_DEPENDS,
		                            "neither box lets in a SYN as the answer to a SYN: "
		                            "one must come where it is let in and nothing was dialed, or no longer" };
	static const struct oracle resets = {
		ORACLE_DEPENDS, "both boxes reset a SYN that comes before their own host's: only SYNs that cross meet"
	};
	bool anybody = a.filtering == NAT_ENDPOINT_INDEPENDENT || b.filtering == NAT_ENDPOINT_INDEPENDENT;
	bool strict = a.filtering == NAT_ADDRESS_AND_PORT_DEPENDENT && b.filtering == NAT_ADDRESS_AND_PORT_DEPENDENT;

	if (a.breaks && b.breaks)
		return anybody || is_called_back(a, b) || is_called_back(b, a) ? late : broken;
	return a.resets && b.resets && strict ? resets : simultaneous;
}

/*
 * Of TCP: a SYN that is let in is answered from where it came in, as a part of its connection, whatever the mapping.
 * Who has the same port for everybody lets in, once it has dialed, the address it dialed.
 */
static struct oracle textbook_tcp(struct side a, struct side b)
{
	static const struct oracle anybody = { ORACLE_OPEN,
		                               "a side lets in anybody, and answers from where it was called" };
	static const struct oracle address = {
		ORACLE_OPEN, "the side whose port is known lets in any port of the address it dialed"
	};
	static const struct oracle unknown = {
		ORACLE_SHUT, "one side's port is new for the other: neither SYN is let in, and no two of them meet"
	};
	static const struct oracle neither = { ORACLE_SHUT, "neither side's port is known to the other's box" };

	if (a.cone && b.cone)
		return both_dial(a, b);
	if (a.filtering == NAT_ENDPOINT_INDEPENDENT || b.filtering == NAT_ENDPOINT_INDEPENDENT)
		return anybody;
	if (a.cone || b.cone)
		return (a.cone ? a : b).filtering == NAT_ADDRESS_DEPENDENT ? address : unknown;
	return neither;
}

static struct oracle textbook(struct side a, struct side b, enum nat_protocol protocol)
{
	return protocol == NAT_TCP ? textbook_tcp(a, b) : textbook_udp(a, b);
}

/*
 * The INPUT trap (README, FAQ): netfilter confirms a packet its INPUT chain accepts, and it then holds the port that
 * the inside host's packet would have had. A cone whose box accepts is none towards a peer that was faster. Of TCP the
 * box's RST, which is all that answers the early SYN, frees the port at once.
 */
static bool may_lose_its_port(const struct nat *n, enum nat_protocol protocol)
{
	const struct nat_transport *t = &n->transport[protocol];

	return protocol == NAT_UDP && n->kind == NAT_TRANSLATE && n->input == NAT_INPUT_ACCEPT &&
	       t->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT && t->filtering != NAT_ENDPOINT_INDEPENDENT;
}

static void lose_port(struct side *s)
{
	s->cone = false;
	s->per_port = true;
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
	struct oracle best = textbook(best_a, best_b, protocol), worst;

	if (a->transport[protocol].blocked || b->transport[protocol].blocked)
		return blocked;
	if (may_lose_its_port(a, protocol))
		lose_port(&worst_a);
	if (may_lose_its_port(b, protocol))
		lose_port(&worst_b);
	worst = textbook(worst_a, worst_b, protocol);
	if (best.verdict != worst.verdict)
		return best.verdict == ORACLE_DEPENDS ? best : depends;
	if (may_change_address(a, protocol))
		lose_address(&worst_b);
	if (may_change_address(b, protocol))
		lose_address(&worst_a);
	worst = textbook(worst_a, worst_b, protocol);
	return best.verdict == worst.verdict ? best : chance;
}

struct oracle oracle_hairpin(const struct nat *n, enum nat_protocol protocol)
{
	static const struct oracle direct = { ORACLE_OPEN, "both have the addresses by which they are known" };
	static const struct oracle blocked = { ORACLE_SHUT, "the box lets nothing of that protocol through" };
	static const struct oracle none = { ORACLE_SHUT, "their box does not turn packets round (no hairpinning)" };
	static const struct oracle turned = { ORACLE_OPEN, "their box turns packets round (hairpinning)" };
	static const struct oracle other = { ORACLE_DEPENDS,
		                             "their box turns packets round, and shows another port or address than "
		                             "was sent to" };
	const struct nat_transport *t = &n->transport[protocol];

	if (n->kind != NAT_TRANSLATE && !nat_maps_prefix(n))
		return direct;
	if (t->blocked)
		return blocked;
	if (t->hairpin == NAT_HAIRPIN_NONE)
		return none;
	return t->hairpin != NAT_HAIRPIN_INTERNAL && t->mapping == NAT_ENDPOINT_INDEPENDENT ? turned : other;
}
