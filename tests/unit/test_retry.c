/* How often what has no answer is sent again, and that it is often enough where many datagrams are lost. */
#include "chat.h"
#include "chat/retry.h"
#include "suite.h"

/* How many are sent from the first until `us` later, that moment included. */
static unsigned sent_within(uint64_t us)
{
	struct retry r;
	unsigned sent = 1;

	retry_start(&r, 5 * SECOND);
	while (r.next_us <= 5 * SECOND + us)
		sent += retry_due(&r, r.next_us);
	return sent;
}

static void often_at_first_and_then_less(void)
{
	CU_ASSERT_EQUAL(sent_within(249 * MS), 1);
	CU_ASSERT_EQUAL(sent_within(250 * MS), 2);
	CU_ASSERT_EQUAL(sent_within(2 * SECOND), 9);
	CU_ASSERT_EQUAL(sent_within(2 * SECOND + 499 * MS), 9);
	CU_ASSERT_EQUAL(sent_within(10 * SECOND), 25);
	CU_ASSERT_EQUAL(sent_within(10 * SECOND + 999 * MS), 25);
	CU_ASSERT_EQUAL(sent_within(110 * SECOND), 125);
}

static void what_waits_for_its_time_is_due_then(void)
{
	struct retry r;

	retry_at_once(&r, SECOND);
	CU_ASSERT_FALSE(retry_due(&r, SECOND - 1));
	CU_ASSERT_TRUE(retry_due(&r, SECOND));
	CU_ASSERT_FALSE(retry_due(&r, SECOND));
	CU_ASSERT_EQUAL(r.next_us, SECOND + 250 * MS);
	retry_start(&r, 20 * SECOND);
	CU_ASSERT_EQUAL(r.next_us, 20 * SECOND + 250 * MS);
}

/* As where each of the two links between any two loses a fifth: of three datagrams one is lost, and any may be. */
static void a_third_may_be_lost(void)
{
	unsigned opened = 0;

	for (uint32_t seed = 1; seed <= 200; seed++) {
		struct network *n = network_new(CHAT_LATENCY);

		n->fate = fate_by_dice;
		n->dice = seed * 7919;
		n->chosen = 3;
		n->chosen_fate = LOST;
		for (unsigned i = 0; i < 2; i++) {
			network_start(n, i, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
			chat_login(n, i);
		}
		network_run(n, 10 * SECOND);
		chat_punch(n, 0, 1);
		network_run(n, 10 * SECOND);
		opened += network_count(n, 0, "punched ") > 0 && network_count(n, 1, "punched ") > 0;
		chat_end(n);
	}
	CU_ASSERT_EQUAL(opened, 200);
}

SUITE(retry, TEST(often_at_first_and_then_less), TEST(what_waits_for_its_time_is_due_then), TEST(a_third_may_be_lost))
