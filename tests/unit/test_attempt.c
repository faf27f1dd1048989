#include "fake_nat.h"
#include "nat_type/attempt.h"
#include "suite.h"

#define FIRST 0xcb007101u /* 203.0.113.1; other hosts are counted up from it */

static struct attempt silent(uint32_t host, enum conclusion_host signs)
{
	return (struct attempt){
		.server = endpoint_ipv4(host, 3478),
		.findings.contact.outcome = STUN_SILENT,
		.host = signs,
	};
}

static struct attempt answered(uint32_t host, const char *spec, enum fake_server server)
{
	struct attempt a = { .server = endpoint_ipv4(host, 3478) };
	struct fake_setup setup = fake_setup_of(spec);
	uint64_t took_ms;

	setup.server = server;
	a.findings = *fake_discovery(&setup, 0, &took_ms);
	return a;
}

static bool is_blocked(const struct attempt attempts[], size_t count, size_t i)
{
	struct conclusion v = attempt_conclusion(attempts, count, i);

	return conclusion_knows(&v, NAT_KEY_UDP) && v.nat.transport[NAT_UDP].blocked;
}

static void two_silent_hosts_mean_that_udp_is_blocked(void)
{
	struct attempt a[] = { silent(FIRST, CONCLUSION_HOST_ALIVE), silent(FIRST + 1, CONCLUSION_HOST_ALIVE),
		               silent(FIRST + 2, CONCLUSION_HOST_UNKNOWN) };

	CU_ASSERT_FALSE(is_blocked(a, 1, 0));
	CU_ASSERT_TRUE(is_blocked(a, 2, 0));
	CU_ASSERT_TRUE(is_blocked(a, 2, 1));
	CU_ASSERT_FALSE(is_blocked(a, 3, 2));
	CU_ASSERT_EQUAL(attempt_conclusion(a, 3, 0).others_silent, 1);
	CU_ASSERT_EQUAL(attempt_conclusion(a, 3, 2).others_silent, 2);
}

static void two_ports_of_one_host_are_one(void)
{
	struct attempt a[] = { silent(FIRST, CONCLUSION_HOST_ALIVE), silent(FIRST, CONCLUSION_HOST_ALIVE),
		               silent(FIRST + 1, CONCLUSION_HOST_ALIVE), silent(FIRST + 1, CONCLUSION_HOST_ALIVE) };

	a[1].server.port = 3479;
	CU_ASSERT_FALSE(is_blocked(a, 2, 0));
	CU_ASSERT_FALSE(is_blocked(a, 2, 1));
	CU_ASSERT_EQUAL(attempt_conclusion(a, 4, 0).others_silent, 1);
}

static void what_came_through_once_is_not_blocked(void)
{
	struct attempt a[] = { silent(FIRST, CONCLUSION_HOST_ALIVE), silent(FIRST + 1, CONCLUSION_HOST_ALIVE),
		               silent(FIRST + 2, CONCLUSION_HOST_PROHIBITED),
		               silent(FIRST + 3, CONCLUSION_HOST_HEARS) };
	static const enum stun_outcome heard[] = { STUN_ANSWERED, STUN_REFUSED, STUN_UNREACHABLE };

	CU_ASSERT_TRUE(is_blocked(a, 3, 0));
	CU_ASSERT_TRUE(is_blocked(a, 3, 2));
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_FALSE(is_blocked(a, 4, i));
	for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) {
		a[3] = silent(FIRST + 3, CONCLUSION_HOST_UNKNOWN);
		CU_ASSERT_TRUE(is_blocked(a, 4, 0));
		a[3].findings.contact.outcome = heard[i];
		CU_ASSERT_FALSE(is_blocked(a, 4, 0));
	}
	a[3] = silent(FIRST + 3, CONCLUSION_HOST_UNKNOWN);
	a[3].findings.malformed = 1;
	CU_ASSERT_FALSE(is_blocked(a, 4, 2));
	a[3].findings.malformed = 0;
	a[3].findings.contact.outcome = STUN_UNASKED; /* no time was left */
	CU_ASSERT_TRUE(is_blocked(a, 4, 0));
}

static void the_one_that_shows_most_counts(void)
{
	struct attempt a[] = { silent(FIRST, CONCLUSION_HOST_ALIVE),
		               answered(FIRST + 1, "restricted", FAKE_ONE_ADDRESS),
		               answered(FIRST + 2, "restricted", FAKE_GOOD),
		               answered(FIRST + 3, "restricted", FAKE_GOOD) };
	struct attempt none[] = { silent(FIRST, CONCLUSION_HOST_HEARS), silent(FIRST + 1, CONCLUSION_HOST_UNKNOWN) };

	CU_ASSERT_EQUAL(attempt_best(a, 1), 0);
	CU_ASSERT_EQUAL(attempt_best(a, 2), 1);
	CU_ASSERT_EQUAL(attempt_best(a, 4), 2);
	CU_ASSERT_EQUAL(attempt_best(none, 2), 0);
	/* A complete one, though another knows as much: of a host without translation less is to be known. */
	a[0] = answered(FIRST, "restricted", FAKE_CHANGE_SILENT);
	a[1] = answered(FIRST + 1, "open", FAKE_GOOD);
	for (size_t i = 0; i < a[1].findings.round_count; i++)
		a[1].findings.rounds[i].mapping[0][0].outcome = STUN_SILENT;
	a[1].findings.port_count = 0;
	CU_ASSERT_TRUE(attempt_conclusion(a, 2, 1).complete);
	CU_ASSERT_EQUAL(attempt_best(a, 2), 1);
}

/* It came through to the first host alone, and that is known of the others. */
static void what_one_host_shows_counts_for_the_next(void)
{
	struct attempt a[] = { silent(FIRST, CONCLUSION_HOST_HEARS), silent(FIRST + 1, CONCLUSION_HOST_ALIVE),
		               silent(FIRST + 2, CONCLUSION_HOST_ALIVE) };

	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_FALSE(is_blocked(a, 3, i));
}

SUITE(attempt, TEST(what_one_host_shows_counts_for_the_next), TEST(two_silent_hosts_mean_that_udp_is_blocked),
      TEST(two_ports_of_one_host_are_one), TEST(what_came_through_once_is_not_blocked),
      TEST(the_one_that_shows_most_counts))
