#include "nat/oracle.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/*
 * A model of its own to compare with: two textbook NATs (RFC 4787 §4.1, §5) and two peers that send, learn, answer and
 * confirm. An endpoint is a side and a port; the server is a side of its own.
 */
enum { A, B, SERVER, SIDES };

#define MAPPINGS 64
#define SENT 64
#define CANDIDATES 12
#define ROUNDS 8

struct place {
	int side;
	int port;
};

struct mapping {
	struct place to; /* what it was made for */
	int port;
	struct place sent[SENT];
	int sent_count;
};

struct peer {
	struct nat nat;
	struct mapping mappings[MAPPINGS];
	int mapping_count;
	struct place candidates[CANDIDATES];
	int candidate_count;
	bool confirmed;
};

static bool same_place(struct place x, struct place y)
{
	return x.side == y.side && x.port == y.port;
}

/* The mapping a packet to `to` leaves by, made if need be. */
static struct mapping *mapping_for(struct peer *p, int side, struct place to)
{
	struct mapping *m;

	for (int i = 0; i < p->mapping_count; i++) {
		m = &p->mappings[i];
		if (p->nat.transport[NAT_UDP].mapping == NAT_ENDPOINT_INDEPENDENT ||
		    (p->nat.transport[NAT_UDP].mapping == NAT_ADDRESS_DEPENDENT && m->to.side == to.side) ||
		    same_place(m->to, to))
			return m;
	}
	if (p->mapping_count == MAPPINGS)
		return NULL;
	m = &p->mappings[p->mapping_count];
	*m = (struct mapping){ .to = to, .port = side * 1000 + p->mapping_count };
	p->mapping_count++;
	return m;
}

/* Sends; the external place it leaves from. */
static struct place leave(struct peer *p, int side, struct place to)
{
	struct mapping *m = mapping_for(p, side, to);

	if (m == NULL)
		return (struct place){ side, -1 };
	if (m->sent_count < SENT)
		m->sent[m->sent_count++] = to;
	return (struct place){ side, m->port };
}

static bool lets_in(const struct peer *p, int port, struct place from)
{
	for (int i = 0; i < p->mapping_count; i++) {
		const struct mapping *m = &p->mappings[i];

		if (m->port != port)
			continue;
		if (p->nat.transport[NAT_UDP].filtering == NAT_ENDPOINT_INDEPENDENT)
			return true;
		for (int k = 0; k < m->sent_count; k++)
			if (p->nat.transport[NAT_UDP].filtering == NAT_ADDRESS_DEPENDENT ? m->sent[k].side == from.side
			                                                                 : same_place(m->sent[k], from))
				return true;
	}
	return false;
}

static void learn(struct peer *p, struct place where)
{
	for (int i = 0; i < p->candidate_count; i++)
		if (same_place(p->candidates[i], where))
			return;
	if (p->candidate_count < CANDIDATES)
		p->candidates[p->candidate_count++] = where;
}

/* A probe to `to`; if it is heard the other learns its source and answers there; the answer confirms if it comes from
 * `to`. */
static void probe(struct peer peers[2], int side, struct place to)
{
	struct peer *me = &peers[side], *other = &peers[1 - side];
	struct place from = leave(me, side, to);
	struct place answer;

	if (!lets_in(other, to.port, from))
		return;
	learn(other, from);
	answer = leave(other, 1 - side, from);
	if (lets_in(me, from.port, answer) && same_place(answer, to))
		me->confirmed = true;
}

static void start(struct peer *p, int side, const struct nat *nat)
{
	const struct place server = { SERVER, 0 };

	memset(p, 0, sizeof *p);
	p->nat = *nat;
	leave(p, side, server);
}

/* True if both have a path in the end, `first` sending first in every round. */
static bool opens(const struct nat *a, const struct nat *b, int first)
{
	struct peer peers[2];

	start(&peers[A], A, a);
	start(&peers[B], B, b);
	learn(&peers[A], (struct place){ B, peers[B].mappings[0].port });
	learn(&peers[B], (struct place){ A, peers[A].mappings[0].port });
	for (int round = 0; round < ROUNDS; round++)
		for (int turn = 0; turn < 2; turn++) {
			int side = turn == 0 ? first : 1 - first;
			int count = peers[side].candidate_count;

			for (int i = 0; i < count; i++)
				probe(peers, side, peers[side].candidates[i]);
		}
	return peers[A].confirmed && peers[B].confirmed;
}

static struct nat grid_nat(int i)
{
	return (struct nat){ .kind = NAT_TRANSLATE,
		             .transport[NAT_UDP] = { .mapping = (enum nat_behaviour)(i / 3),
		                                     .filtering = (enum nat_behaviour)(i % 3) } };
}

static void agrees_with_the_model_in_all_81_cells(void)
{
	for (int i = 0; i < 81; i++) {
		struct nat a = grid_nat(i / 9), b = grid_nat(i % 9);
		struct oracle o = oracle_punch(&a, &b, NAT_UDP);

		CU_ASSERT_EQUAL(o.verdict == ORACLE_OPEN, opens(&a, &b, A));
		CU_ASSERT_EQUAL(o.verdict == ORACLE_OPEN, opens(&a, &b, B));
		CU_ASSERT_NOT_EQUAL(o.verdict, ORACLE_DEPENDS);
		if ((o.verdict == ORACLE_OPEN) != opens(&a, &b, A))
			fprintf(stderr, "cell %d %d\n", i / 9, i % 9);
	}
}

static void is_the_same_from_either_side(void)
{
	for (int i = 0; i < 81; i++) {
		struct nat a = grid_nat(i / 9), b = grid_nat(i % 9);
		struct oracle ab = oracle_punch(&a, &b, NAT_UDP), ba = oracle_punch(&b, &a, NAT_UDP);

		CU_ASSERT_EQUAL(ab.verdict, ba.verdict);
		CU_ASSERT_STRING_EQUAL(ab.why, ba.why);
	}
}

static enum oracle_verdict verdict(const char *a, const char *b)
{
	struct nat x, y;
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(nat_parse(a, &x, error), 0);
	CU_ASSERT_EQUAL_FATAL(nat_parse(b, &y, error), 0);
	return oracle_punch(&x, &y, NAT_UDP).verdict;
}

/* The classic table, from RFC 3489's types: 22 open, 3 shut. */
static void knows_the_classic_table(void)
{
	static const char *const types[] = { "open", "full-cone", "restricted", "port-restricted", "symmetric" };
	static const char *const table[] = { "yyyyy", "yyyyy", "yyyyy", "yyyyn", "yyynn" };

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++)
			CU_ASSERT_EQUAL(verdict(types[i], types[k]), table[i][k] == 'y' ? ORACLE_OPEN : ORACLE_SHUT);
}

static void knows_boxes_that_are_no_nat(void)
{
	CU_ASSERT_EQUAL(verdict("firewall", "port-restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("firewall", "symmetric"), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict("firewall,filtering=ad", "symmetric"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("open", "udp-blocked"), ORACLE_SHUT);
}

static void names_the_input_trap(void)
{
	CU_ASSERT_EQUAL(verdict("port-restricted,input=accept", "port-restricted"), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict("linux-router", "linux-router"), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict("port-restricted,input=accept", "restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("port-restricted,input=accept", "symmetric"), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict("port-restricted,input=reject", "port-restricted"), ORACLE_OPEN);
}

static void a_door_that_is_open_anyway_is_no_trap(void)
{
	CU_ASSERT_EQUAL(verdict("full-cone,input=accept", "symmetric"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("full-cone,input=accept", "port-restricted"), ORACLE_OPEN);
}

/* Who lets in an address that was sent to may see another one. */
static void several_addresses_are_a_matter_of_chance(void)
{
	const char *moves = "symmetric,addresses=2,pooling=arbitrary";

	CU_ASSERT_EQUAL(verdict(moves, "restricted"), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict("restricted", moves), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict(moves, "full-cone"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict(moves, "open"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict(moves, "port-restricted"), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict("symmetric,addresses=2", "restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("port-restricted,addresses=2,pooling=arbitrary", "restricted"), ORACLE_OPEN);
}

/* Two behind one box, by the addresses that others see. */
static void one_home_is_a_matter_of_hairpinning(void)
{
	static const struct {
		const char *spec;
		bool is_ipv6;
		enum oracle_verdict verdict;
	} table[] = {
		{ "open", false, ORACLE_OPEN },
		{ "firewall", false, ORACLE_OPEN },
		{ "port-restricted", false, ORACLE_SHUT },
		{ "port-restricted,hairpin", false, ORACLE_OPEN },
		{ "full-cone,hairpin=mapped", false, ORACLE_OPEN },
		{ "full-cone,hairpin=internal", false, ORACLE_DEPENDS },
		{ "symmetric,hairpin", false, ORACLE_DEPENDS },
		{ "symmetric", false, ORACLE_SHUT },
		{ "udp-blocked,hairpin", false, ORACLE_SHUT },
		{ "symmetric,ipv6=firewall", true, ORACLE_OPEN },
		{ "symmetric,ipv6=nat66", true, ORACLE_SHUT },
		{ "symmetric,ipv6=nat66,ipv6.hairpin", true, ORACLE_OPEN },
		{ "symmetric,ipv6=nptv6", true, ORACLE_OPEN }, /* RFC 6296 section 4.3 */
		{ "symmetric,ipv6=nptv6,ipv6.hairpin=none", true, ORACLE_SHUT },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char error[NAT_ERROR_SIZE];
		struct nat nat, own;

		CU_ASSERT_EQUAL_FATAL(nat_parse(table[i].spec, &nat, error), 0);
		own = nat_ipv6(&nat);
		CU_ASSERT_EQUAL(oracle_hairpin(table[i].is_ipv6 ? &own : &nat, NAT_UDP).verdict, table[i].verdict);
	}
}

SUITE(oracle, TEST(one_home_is_a_matter_of_hairpinning), TEST(several_addresses_are_a_matter_of_chance),
      TEST(a_door_that_is_open_anyway_is_no_trap), TEST(agrees_with_the_model_in_all_81_cells),
      TEST(is_the_same_from_either_side), TEST(knows_the_classic_table), TEST(knows_boxes_that_are_no_nat),
      TEST(names_the_input_trap))
