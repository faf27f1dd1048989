/* A server that has both address families, of which one stops working in the middle of a login. */
#include "chat.h"
#include "suite.h"

#include <string.h>

#define NOTICED (4 * CHAT_KEEPALIVE + 8 * SECOND)

static bool is_ipv4(const struct flight *f)
{
	return f->to.address.family == ADDRESS_IPV4;
}

static enum fate no_ipv4(struct network *n, const struct flight *f)
{
	(void)n;
	return is_ipv4(f) ? LOST : ARRIVES;
}

static enum fate no_ipv4_for_0(struct network *n, const struct flight *f)
{
	struct endpoint a = network_address(n, 0);

	return endpoint_same_address(&f->from, &a) || endpoint_same_address(&f->to, &a) ? LOST : ARRIVES;
}

/* Both have both, are logged in by IPv4, and have a path that is IPv6's. */
static struct network *talking_pair(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	n->strategies = STRATEGY_BASIC;
	n->both_families = true;
	for (unsigned i = 0; i < 2; i++) {
		network_start(n, i, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
		CU_ASSERT_TRUE(chat_sees(n, i, "logged in as 203.0.113.", SECOND));
	}
	chat_punch(n, 0, 1);
	network_run(n, 5 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved 203.0.113.11:5000 via [2001:db8::2]:7000"), 1);
	return n;
}

static void the_login_goes_on_by_the_other(void)
{
	static const char *const by_ipv6[] = { "logged in as [2001:db8::1]:7000", "logged in as [2001:db8::2]:7000" };
	struct network *n = talking_pair();

	n->fate = no_ipv4;
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_TRUE(chat_sees(n, i, by_ipv6[i], NOTICED));
	chat_say(n, 0, 1, "still here");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: still here", SECOND));
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(network_count(n, i, "path lost"), 0);
	chat_end(n);
}

/* What nobody asked for, or another had asked, is counted, and changes nothing. */
static void answers_to_nothing_are_dropped(void)
{
	struct wire_message here = { .type = WIRE_HERE, .nonce = { 1 } };
	static struct effects fx;
	struct other_family o = { .nonce = { 1 } };

	other_family_receive(&o, &fx, &here, 5);
	CU_ASSERT_EQUAL(fx.drops.count[DROP_LATE], 1);
	o.asking = true;
	here.nonce[0] = 2;
	other_family_receive(&o, &fx, &here, 5);
	CU_ASSERT_EQUAL(fx.drops.count[DROP_LATE], 2);
	CU_ASSERT_FALSE(o.heard);
	here.nonce[0] = 1;
	other_family_receive(&o, &fx, &here, 5);
	CU_ASSERT_EQUAL(fx.drops.count[DROP_LATE], 2);
	CU_ASSERT_TRUE(o.heard);
}

/* Who comes later finds them there. */
static void who_has_moved_over_is_punched_there(void)
{
	struct network *n = talking_pair();
	struct endpoint second = n->hosts[1].other;

	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 2 * SECOND);
	n->fate = no_ipv4;
	CU_ASSERT_TRUE(chat_sees(n, 1, "logged in as [2001:db8::2]:7000", NOTICED));
	chat_login(n, 0); /* by IPv4, in vain */
	CU_ASSERT_TRUE(chat_sees(n, 0, "login failed 203.0.113.1:5000: no answer in 10.0 s", 11 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as [2001:db8::1]"), 0);
	n->fate = NULL;
	chat_login(n, 0);
	network_run(n, SECOND);
	n->fate = no_ipv4;
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in as [2001:db8::1]:7000", NOTICED));
	peer_punch(chat_peer(n, 0), &second, NULL, n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched [2001:db8::2]:7000 via [2001:db8::2]:7000", 2 * SECOND));
	chat_end(n);
}

/* And back, when that one dies. */
static enum fate no_ipv6(struct network *n, const struct flight *f)
{
	(void)n;
	return is_ipv4(f) ? ARRIVES : LOST;
}

static void so_it_does_back_again(void)
{
	struct network *n = talking_pair();
	size_t at = n->hosts[0].log_len;

	n->fate = no_ipv4_for_0;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "logged in as [2001:db8::1]:7000", NOTICED));
	n->fate = NULL;
	network_run(n, 10 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 1); /* nobody goes back without need */
	n->fate = no_ipv6;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "logged in as 203.0.113.10:", NOTICED));
	chat_end(n);
}

/* What is over in a moment, or both families have, is no reason: nor a socket that is heard no more. */
static void nobody_moves_over_without_need(void)
{
	struct network *n = talking_pair();
	size_t at = n->hosts[0].log_len;

	n->fate = no_ipv4;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "server lost", NOTICED));
	n->fate = NULL;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "logged in as 203.0.113.10:", 3 * SECOND));
	network_kill_server(n);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "server lost", NOTICED));
	network_run(n, 60 * SECOND);
	network_start_server(n);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "logged in as 203.0.113.10:", 70 * SECOND));
	chat_end(n);
}

SUITE(other_family, TEST(answers_to_nothing_are_dropped), TEST(the_login_goes_on_by_the_other),
      TEST(who_has_moved_over_is_punched_there), TEST(so_it_does_back_again), TEST(nobody_moves_over_without_need))
