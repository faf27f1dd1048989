/* Two peers that have both address families: which of them their path goes by, and that a broken one delays nothing. */
#include "chat.h"
#include "suite.h"

#include <string.h>

#define MOVED_TO_IPV6 "path moved 203.0.113.11:5000 via [2001:db8::2]:7000"
#define MOVED_TO_IPV4 "path moved 203.0.113.11:5000 via 203.0.113.11:5000"

static uint64_t late_until_us;

static enum fate no_ipv6(struct network *n, const struct flight *f)
{
	(void)n;
	return f->to.address.family == ADDRESS_IPV6 ? LOST : ARRIVES;
}

static enum fate no_ipv6_from_0(struct network *n, const struct flight *f)
{
	return endpoint_equal(&f->from, &n->hosts[0].other) ? LOST : ARRIVES;
}

/* A box that is slow to make up its mind. */
static enum fate no_ipv4_at_first(struct network *n, const struct flight *f)
{
	bool is_early = n->now_us < late_until_us;

	return is_early && f->bytes[5] >= WIRE_PROBE && f->to.address.family == ADDRESS_IPV4 ? LOST : ARRIVES;
}

/* Two that are logged in; what goes between them takes so much longer by each family. */
static struct network *pair(bool both_families, uint64_t ipv4_late_us, uint64_t ipv6_late_us)
{
	struct network *n = network_new(CHAT_LATENCY);

	n->strategies = STRATEGY_BASIC;
	n->both_families = both_families;
	n->late_us[0] = ipv4_late_us;
	n->late_us[1] = ipv6_late_us;
	for (unsigned i = 0; i < 2; i++) {
		network_start(n, i, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
		CU_ASSERT_TRUE(chat_sees(n, i, "logged in as 203.0.113.", SECOND));
	}
	return n;
}

static void punch_and_talk(struct network *n)
{
	chat_punch(n, 0, 1);
	network_run(n, 5 * SECOND);
	chat_say(n, 0, 1, "there");
	chat_say(n, 1, 0, "and back");
	network_run(n, SECOND);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(network_count(n, i, "punched"), 1);
		CU_ASSERT_EQUAL(network_count(n, i, "delivered"), 1);
	}
}

static void of_two_that_work_ipv6_is_taken(void)
{
	static const uint64_t slower[] = { 0, 4 * MS, 12 * MS }; /* no matter to anybody who types */

	for (unsigned i = 0; i < 3; i++) {
		struct network *n = pair(true, 0, slower[i]);

		punch_and_talk(n);
		CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV6), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "path moved") + network_count(n, 1, "path moved"), 2);
		CU_ASSERT_EQUAL(network_count(n, 0, "way to 203.0.113.11:5000: host"), 1);
		chat_end(n);
	}
}

static void the_better_one_wins_though_it_is_ipv4(void)
{
	struct network *n = pair(true, 0, 100 * MS);

	punch_and_talk(n);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved") + network_count(n, 1, "path moved"), 0);
	chat_end(n);
}

/* Whichever opened the path. */
static void the_better_one_wins_though_it_came_later(void)
{
	struct network *n = pair(true, 0, 100 * MS);

	n->fate = no_ipv4_at_first;
	late_until_us = n->now_us + 300 * MS;
	punch_and_talk(n);
	CU_ASSERT_PTR_NOT_NULL(strstr(n->hosts[0].log, "punched 203.0.113.11:5000 via [2001:db8::2]:7000"));
	CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV4), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved"), 1);
	chat_end(n);
}

/* As over links without delay, where the path is open before either has told the other of itself. */
static void so_it_is_where_offers_come_late(void)
{
	struct network *n = pair(true, 0, 0);

	n->hosts[0].delay_us = n->hosts[1].delay_us = 0;
	n->latency_us = 0;
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV6), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved") + network_count(n, 1, "path moved"), 2);
	chat_end(n);
}

static enum fate no_offers_at_first(struct network *n, const struct flight *f)
{
	return n->now_us < late_until_us && (f->bytes[5] == WIRE_RELAY || f->bytes[5] == WIRE_RELAYED) ? LOST : ARRIVES;
}

/* Those that were sent before the path opened are lost. */
static void so_it_is_where_offers_are_lost(void)
{
	struct network *n = pair(true, 0, 0);

	n->fate = no_offers_at_first;
	late_until_us = n->now_us + 30 * MS;
	punch_and_talk(n);
	CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV6), 1);
	chat_end(n);
}

static const char *punched_line(const struct network *n)
{
	const char *line = strstr(n->hosts[0].log, "punched ");

	return line != NULL ? line : "";
}

/* To the microsecond: with an IPv6 that leads nowhere, or one way only, a punch takes what it takes without any. */
static void a_broken_family_delays_nothing(void)
{
	static enum fate (*const broken[])(struct network * n, const struct flight *f) = { no_ipv6, no_ipv6_from_0 };
	struct network *without = pair(false, 0, 0);
	const char *end;

	punch_and_talk(without);
	end = strstr(punched_line(without), " ms,");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	for (unsigned i = 0; i < 2; i++) {
		struct network *n = pair(true, 0, 0);
		size_t len = (size_t)(end - punched_line(without));

		n->fate = broken[i];
		punch_and_talk(n);
		CU_ASSERT_NSTRING_EQUAL(punched_line(n), punched_line(without), len);
		CU_ASSERT_EQUAL(network_count(n, 0, "path moved") + network_count(n, 1, "path moved"), 0);
		chat_end(n);
	}
	chat_end(without);
}

/* Nobody goes to and fro between them: after IPv6 has failed once, it is not taken again because it is there again. */
static void it_is_chosen_once(void)
{
	struct network *n = pair(true, 0, 0);

	punch_and_talk(n);
	n->fate = no_ipv6;
	network_run(n, 3 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV4), 1);
	n->fate = NULL;
	network_run(n, 10 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, MOVED_TO_IPV6), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost") + network_count(n, 1, "path lost"), 0);
	chat_end(n);
}

SUITE(path_rivals, TEST(of_two_that_work_ipv6_is_taken), TEST(the_better_one_wins_though_it_is_ipv4),
      TEST(the_better_one_wins_though_it_came_later), TEST(a_broken_family_delays_nothing),
      TEST(so_it_is_where_offers_come_late), TEST(so_it_is_where_offers_are_lost), TEST(it_is_chosen_once))
