/* Where a peer may be reached: which answers confirm an address, and which addresses make room for others. */
#include "chat/peer/candidates.h"
#include "suite.h"

static struct route address(uint32_t i)
{
	return (struct route){ .where = endpoint_ipv4(0xcb00710a, (uint16_t)(5000 + i)) };
}

/* All places taken: list[i] is address(i). */
static struct candidates full(void)
{
	struct route given = address(0);
	struct candidates c;

	candidates_init(&c, &given.where);
	for (uint32_t i = 1; i < CANDIDATES_MAX; i++) {
		struct route e = address(i);

		candidates_add(&c, &e, WAY_PEER_REFLEXIVE, NULL);
	}
	return c;
}

/* A probe to list[i] is sent and answered. */
static void answer(struct candidates *c, uint32_t i)
{
	struct route from = c->list[i].route;
	uint32_t serial = candidates_next_serial(c, &c->list[i], 1);

	CU_ASSERT_PTR_EQUAL(candidates_confirm(c, serial, &from), &c->list[i]);
}

static bool has(struct candidates *c, uint32_t i)
{
	struct route e = address(i);

	return candidates_find(c, &e) != NULL;
}

static void the_given_address_and_the_one_in_use_stay(void)
{
	struct candidates c = full();

	for (uint32_t i = 100; i < 200; i++) {
		struct route e = address(i);

		CU_ASSERT_PTR_NOT_NULL(candidates_add(&c, &e, WAY_PEER_REFLEXIVE, &c.list[3]));
		CU_ASSERT_TRUE(has(&c, 0) && has(&c, 3) && has(&c, i));
	}
}

static void those_that_never_answered_go_first(void)
{
	struct candidates c = full();

	answer(&c, 2);
	answer(&c, 5);
	for (uint32_t i = 100; i < 200; i++) {
		struct route e = address(i);

		candidates_add(&c, &e, WAY_PEER_REFLEXIVE, NULL);
		CU_ASSERT_TRUE(has(&c, 2) && has(&c, 5));
		CU_ASSERT_TRUE(i < 102 || has(&c, i - 2)); /* in turn: the newest are not the next to go */
	}
}

static void of_those_that_did_the_longest_silent_goes(void)
{
	struct candidates c = full();
	struct route e = address(100);

	for (uint32_t i = CANDIDATES_MAX - 1; i > 0; i--)
		answer(&c, i);
	answer(&c, CANDIDATES_MAX - 1); /* again: the longest silent is now the one before */
	candidates_add(&c, &e, WAY_PEER_REFLEXIVE, NULL);
	for (uint32_t i = 0; i < CANDIDATES_MAX; i++)
		CU_ASSERT_EQUAL(has(&c, i), i != CANDIDATES_MAX - 2);
	answer(&c, CANDIDATES_MAX - 2); /* address(100) has that place */
	e = address(101);
	candidates_add(&c, &e, WAY_PEER_REFLEXIVE,
	               &c.list[CANDIDATES_MAX - 3]); /* the next would be this one, which is in use */
	CU_ASSERT_TRUE(has(&c, CANDIDATES_MAX - 3) && has(&c, 100));
	CU_ASSERT_FALSE(has(&c, CANDIDATES_MAX - 4));
}

static void an_answer_counts_once_and_from_where_it_was_asked(void)
{
	struct candidates c = full();
	struct route here = address(4), elsewhere = address(5);
	uint32_t first = candidates_next_serial(&c, &c.list[4], 1);
	uint32_t second = candidates_next_serial(&c, &c.list[4], 2);

	CU_ASSERT_PTR_NULL(candidates_confirm(&c, first, &elsewhere));
	here.socket = 1;
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, second, &here)); /* from there, but to another socket of ours */
	here = (struct route){ .where = here.where, .relayed = true };
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, second, &here));
	here.relayed = false;
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, second + CANDIDATES_MAX, &here)); /* never sent */
	CU_ASSERT_PTR_EQUAL(candidates_confirm(&c, second, &here), &c.list[4]);
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, second, &here)); /* a replay */
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, first, &here));  /* overtaken */
}

/* What was sent to the one that had the place before confirms nobody. */
static void a_place_does_not_inherit_answers(void)
{
	struct candidates c = full();
	struct route e = address(100);
	uint32_t old = candidates_next_serial(&c, &c.list[1], 1);

	CU_ASSERT_PTR_EQUAL_FATAL(candidates_add(&c, &e, WAY_PEER_REFLEXIVE, NULL), &c.list[1]);
	candidates_next_serial(&c, &c.list[1], 2);
	CU_ASSERT_PTR_NULL(candidates_confirm(&c, old, &e));
}

SUITE(candidates, TEST(the_given_address_and_the_one_in_use_stay), TEST(those_that_never_answered_go_first),
      TEST(of_those_that_did_the_longest_silent_goes), TEST(an_answer_counts_once_and_from_where_it_was_asked),
      TEST(a_place_does_not_inherit_answers))
