#include "nat/oracle.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/*
 * A model of its own to compare with: two textbook NATs (RFC 5382 REQ-1 to REQ-4) that keep connections, and two hosts
 * that listen at one port and dial from it, in each order that there is. An endpoint is a side and a port.
 */
enum { A, B, SERVER };
enum order { A_FIRST, B_FIRST, CROSSING, ORDERS };

#define ROUNDS 4
#define MAPPINGS 4

struct place {
	int side, port;
};

struct mapping {
	struct place first; /* it was made for */
	int port;
	struct place sent[MAPPINGS];
	int sent_count;
};

/* A side: its box, and what its host has dialed. */
struct side {
	struct nat nat;
	struct mapping mappings[MAPPINGS];
	int mapping_count;
	struct place local, remote; /* of the SYN that it sends: as it leaves the box */
	bool dials;                 /* it was sent, and not reset */
};

static bool same(struct place x, struct place y)
{
	return x.side == y.side && x.port == y.port;
}

static bool serves(const struct side *s, const struct mapping *m, struct place to)
{
	switch (s->nat.transport[NAT_TCP].mapping) {
	case NAT_ENDPOINT_INDEPENDENT: return true;
	case NAT_ADDRESS_DEPENDENT: return m->first.side == to.side;
	case NAT_ADDRESS_AND_PORT_DEPENDENT: return same(m->first, to);
	}
	return false;
}

static struct place leave(struct side *s, int side, struct place to)
{
	struct mapping *m = s->mappings;

	while (m < s->mappings + s->mapping_count && !serves(s, m, to))
		m++;
	if (m == s->mappings + s->mapping_count)
		*m = (struct mapping){ .first = to, .port = 100 * side + s->mapping_count++ };
	m->sent[m->sent_count++ % MAPPINGS] = to;
	return (struct place){ side, m->port };
}

/* As nobody's answer. Who filters by port lets in answers only: a RST ends what there could be an answer to. */
static bool permits(const struct side *s, int port, struct place from)
{
	if (s->nat.transport[NAT_TCP].filtering == NAT_ADDRESS_AND_PORT_DEPENDENT)
		return false;
	for (int i = 0; i < s->mapping_count; i++) {
		const struct mapping *m = &s->mappings[i];

		if (m->port != port)
			continue;
		for (int k = 0; k < m->sent_count && k < MAPPINGS; k++)
			if (s->nat.transport[NAT_TCP].filtering == NAT_ENDPOINT_INDEPENDENT ||
			    m->sent[k].side == from.side)
				return true;
	}
	return false;
}

/* The SYN of `from` comes to the other's box. True if there is a connection now. */
static bool arrive(struct side *from, struct side *at)
{
	if (at->dials && same(at->local, from->remote) && same(at->remote, from->local))
		return !at->nat.simultaneous_broken;
	if (permits(at, from->remote.port, from->local))
		return true;
	if (at->nat.unsolicited == NAT_UNSOLICITED_RESET)
		from->dials = false;
	return false;
}

static void dial(struct side *s, int side, struct place to)
{
	s->remote = to;
	s->local = leave(s, side, to);
	s->dials = true;
}

static bool opens_in(const struct nat *a, const struct nat *b, enum order order)
{
	struct side sides[2] = { { .nat = *a }, { .nat = *b } };
	int first = order == B_FIRST ? B : A;
	struct place seen[2];

	for (int i = A; i <= B; i++)
		seen[i] = leave(&sides[i], i, (struct place){ SERVER, 0 });
	for (int round = 0; round < ROUNDS; round++) {
		struct side *x = &sides[first], *y = &sides[1 - first];

		dial(x, first, seen[1 - first]);
		if (order != CROSSING && arrive(x, y))
			return true;
		dial(y, 1 - first, seen[first]);
		if (arrive(y, x) || (order == CROSSING && arrive(x, y)))
			return true;
	}
	return false;
}

static enum oracle_verdict model(const struct nat *a, const struct nat *b)
{
	int opened = 0;

	for (enum order order = A_FIRST; order < ORDERS; order++)
		opened += opens_in(a, b, order);
	return opened == ORDERS ? ORACLE_OPEN : opened == 0 ? ORACLE_SHUT : ORACLE_DEPENDS;
}

/* Of 9 mappings and filterings, each with both answers to strangers, each with both of simultaneous=. */
#define KINDS 36

static struct nat nat_of(int i)
{
	return (struct nat){ .kind = NAT_TRANSLATE,
		             .unsolicited = i / 9 % 2 != 0 ? NAT_UNSOLICITED_RESET : NAT_UNSOLICITED_DROP,
		             .simultaneous_broken = i / 18 != 0,
		             .transport[NAT_TCP] = { .mapping = (enum nat_behaviour)(i % 9 / 3),
		                                     .filtering = (enum nat_behaviour)(i % 3) } };
}

static void agrees_with_the_model_in_all_orders(void)
{
	for (int i = 0; i < KINDS * KINDS; i++) {
		struct nat a = nat_of(i / KINDS), b = nat_of(i % KINDS);
		struct oracle o = oracle_punch(&a, &b, NAT_TCP);

		CU_ASSERT_EQUAL(o.verdict, model(&a, &b));
		if (o.verdict != model(&a, &b))
			fprintf(stderr, "%d x %d: %d, but the model says %d\n", i / KINDS, i % KINDS, o.verdict,
			        model(&a, &b));
	}
}

static void is_the_same_from_either_side(void)
{
	for (int i = 0; i < KINDS * KINDS; i++) {
		struct nat a = nat_of(i / KINDS), b = nat_of(i % KINDS);

		CU_ASSERT_STRING_EQUAL(oracle_punch(&a, &b, NAT_TCP).why, oracle_punch(&b, &a, NAT_TCP).why);
	}
}

static enum oracle_verdict verdict(const char *a, const char *b)
{
	struct nat x, y;
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(nat_parse(a, &x, error), 0);
	CU_ASSERT_EQUAL_FATAL(nat_parse(b, &y, error), 0);
	return oracle_punch(&x, &y, NAT_TCP).verdict;
}

/* The classic table is UDP's; and where TCP is plain Linux's every cell opens. */
static void knows_the_classic_table(void)
{
	static const char *const types[] = { "open", "full-cone", "restricted", "port-restricted", "symmetric" };
	static const char *const table[] = { "yyyyy", "yyyyy", "yyyyy", "yyyyn", "yyynn" };
	char a[64], b[64];

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++) {
			CU_ASSERT_EQUAL(verdict(types[i], types[k]), table[i][k] == 'y' ? ORACLE_OPEN : ORACLE_SHUT);
			snprintf(a, sizeof a, "%s%s", types[i], i > 0 ? ",tcp=linux" : "");
			snprintf(b, sizeof b, "%s%s", types[k], k > 0 ? ",tcp=linux" : "");
			CU_ASSERT_EQUAL(verdict(a, b), ORACLE_OPEN);
		}
}

static void knows_keys_of_tcp(void)
{
	const char *breaks = "port-restricted,tcp.simultaneous=no", *resets = "port-restricted,tcp.unsolicited=reset";

	CU_ASSERT_EQUAL(verdict("symmetric,tcp.mapping=ei", "port-restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("full-cone,tcp.mapping=apd,tcp.filtering=apd", "symmetric"), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict("full-cone,tcp=blocked", "open"), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict("udp-blocked,tcp=linux", "symmetric,tcp=linux"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict(breaks, breaks), ORACLE_SHUT);
	CU_ASSERT_EQUAL(verdict(breaks, "port-restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict(breaks, "full-cone,tcp.simultaneous=no"), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict(resets, resets), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict(resets, "port-restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("restricted,tcp.unsolicited=reset", resets), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("restricted,tcp.unsolicited=reset", "symmetric"), ORACLE_OPEN);
}

/* A box that takes in what is sent to itself answers by a RST, which frees the port again. */
static void the_input_trap_is_udps(void)
{
	CU_ASSERT_EQUAL(verdict("linux-router", "port-restricted"), ORACLE_OPEN);
	CU_ASSERT_EQUAL(verdict("linux-router", "linux-router"), ORACLE_DEPENDS);
	CU_ASSERT_EQUAL(verdict("port-restricted,input=accept,tcp.unsolicited=drop", "linux-router"), ORACLE_OPEN);
}

SUITE(oracle_tcp, TEST(agrees_with_the_model_in_all_orders), TEST(is_the_same_from_either_side),
      TEST(knows_the_classic_table), TEST(knows_keys_of_tcp), TEST(the_input_trap_is_udps))
