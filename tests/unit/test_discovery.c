/* Whole discoveries through textbook NATs: what is measured is what was built. */
#include "concluded.h"
#include "fake_nat.h"
#include "suite.h"
#include "nat_type/conclusion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct conclusion discovery_lasting(const struct fake_setup *setup, unsigned mapping_lifetime_max_s,
                                           uint64_t *took_ms)
{
	return conclusion_of(fake_discovery(setup, mapping_lifetime_max_s, took_ms), CONCLUSION_HOST_UNKNOWN, 0);
}

static struct conclusion discover(const struct fake_setup *setup)
{
	uint64_t took_ms;

	return discovery_lasting(setup, 0, &took_ms);
}

static void expect_spec(const char *spec, unsigned mapping_lifetime_max_s, const char *expected)
{
	struct fake_setup setup = fake_setup_of(spec);
	uint64_t took_ms;
	struct conclusion v = discovery_lasting(&setup, mapping_lifetime_max_s, &took_ms);
	const char *got = spec_of(&v);

	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	if (strcmp(got, expected) != 0)
		printf("expected %s, got %s\n", expected, got);
	CU_ASSERT_STRING_EQUAL(got, expected);
}

/* All nine pairs of mapping and filtering, with each way to choose ports. */
static void every_class_and_allocation_is_recognised(void)
{
	for (unsigned i = 0; i < 27; i++) {
		struct fake_setup setup = fake_setup_of("port-restricted");
		struct nat_transport *udp = &setup.nat.transport[NAT_UDP];
		struct conclusion v;

		udp->mapping = (enum nat_behaviour)(i / 9);
		udp->filtering = (enum nat_behaviour)(i / 3 % 3);
		udp->ports = (enum nat_ports)(i % 3);
		nat_mirror_tcp(&setup.nat);
		v = discover(&setup);
		CU_ASSERT_TRUE(nat_equal(&v.nat, &setup.nat));
		CU_ASSERT_EQUAL(v.problems, 0);
		CU_ASSERT_TRUE(v.complete);
	}
}

static void losses_change_no_verdict(void)
{
	for (unsigned i = 0; i < 9; i++) {
		struct fake_setup setup = fake_setup_of("port-restricted");
		struct conclusion v;

		setup.nat.transport[NAT_UDP].mapping = (enum nat_behaviour)(i / 3);
		setup.nat.transport[NAT_UDP].filtering = (enum nat_behaviour)(i % 3);
		setup.loss_percent = 15;
		v = discover(&setup);
		CU_ASSERT_TRUE(!conclusion_knows(&v, NAT_KEY_MAPPING) || knows(&v, NAT_KEY_MAPPING, i / 3));
		CU_ASSERT_TRUE(!conclusion_knows(&v, NAT_KEY_FILTERING) || knows(&v, NAT_KEY_FILTERING, i % 3));
	}
}

static void what_was_built_is_what_is_named(void)
{
	static const char *const specs[] = {
		"port-restricted",
		"restricted",
		"full-cone",
		"full-cone,hairpin",
		"full-cone,hairpin=internal",
		"port-restricted,hairpin",
		"port-restricted,input=accept",
		"symmetric",
		"symmetric,ports=sequential",
		"symmetric,ports=preserve",
		"port-restricted,mapping=address-dependent",
		"open",
		"firewall",
		"firewall,filtering=address-dependent",
	};

	for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
		expect_spec(specs[i], 0, specs[i]);
}

static void a_small_range_is_known_exactly(void)
{
	struct fake_setup s = fake_setup_of("symmetric");
	const struct discovery_findings *f;
	struct conclusion v;
	uint64_t took_ms;

	s.nat.port_low = 20000;
	s.nat.port_high = 20031;
	f = fake_discovery(&s, 0, &took_ms);
	v = conclusion_of(f, CONCLUSION_HOST_UNKNOWN, 0);
	CU_ASSERT_TRUE(nat_equal(&v.nat, &s.nat));
	CU_ASSERT_TRUE(v.range_is_used_up);
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "symmetric,range=20000-20031");
	CU_ASSERT_TRUE(f->ports_missed >= 3 && f->ports_missed + f->port_count <= DISCOVERY_SAMPLES);
}

static void a_range_that_keeps_its_own_ports_preserves(void)
{
	struct fake_setup s = fake_setup_of("port-restricted,range=20000-20511");
	struct conclusion v = discover(&s);

	CU_ASSERT_TRUE(knows(&v, NAT_KEY_PORTS, NAT_PORTS_PRESERVE));
	CU_ASSERT_TRUE(v.port_low >= 20000 && v.port_low < 20050);
	CU_ASSERT_TRUE(v.port_high <= 20511 && v.port_high > 20460);
}

static void lifetimes_are_found(void)
{
	expect_spec("port-restricted,timeout=30,stream-timeout=120", 150, "port-restricted");
	expect_spec("port-restricted,timeout=65,stream-timeout=65", 100,
	            "port-restricted,timeout=65,stream-timeout=65");
	expect_spec("port-restricted,refresh=outbound,timeout=4", 10, "port-restricted,refresh=outbound,timeout=4");
	expect_spec("symmetric,refresh=outbound,timeout=4", 10, "symmetric,refresh=outbound,timeout=4");
}

static void a_life_longer_than_the_wait_is_not_guessed(void)
{
	struct fake_setup s = fake_setup_of("port-restricted");
	uint64_t took_ms;
	struct conclusion v = discovery_lasting(&s, 10, &took_ms);

	CU_ASSERT_TRUE(v.lifetime.fresh.measured);
	CU_ASSERT_TRUE(v.lifetime.fresh.alive_ms >= 10000);
	CU_ASSERT_FALSE(conclusion_knows(&v, NAT_KEY_TIMEOUT));
	CU_ASSERT_FALSE(conclusion_knows(&v, NAT_KEY_REFRESH));
}

static void a_discovery_takes_seconds(void)
{
	struct fake_setup s = fake_setup_of("symmetric");
	uint64_t took_ms;

	discovery_lasting(&s, 0, &took_ms);
	CU_ASSERT_TRUE(took_ms < 10000);
}

/* --- servers that cannot or will not -------------------------------------------------------------------- */

static void expect_unknown(enum fake_server server, unsigned problems, bool mapping, bool filtering)
{
	struct fake_setup s = fake_setup_of("port-restricted");
	struct conclusion v;

	s.server = server;
	v = discover(&s);
	CU_ASSERT_EQUAL(v.problems, problems);
	CU_ASSERT_EQUAL(knows(&v, NAT_KEY_MAPPING, NAT_ENDPOINT_INDEPENDENT), mapping);
	CU_ASSERT_EQUAL(knows(&v, NAT_KEY_FILTERING, NAT_ADDRESS_AND_PORT_DEPENDENT), filtering);
	CU_ASSERT_FALSE(v.complete);
	CU_ASSERT_PTR_NULL(spec_of(&v));
}

static void what_a_server_cannot_help_with_stays_unknown(void)
{
	expect_unknown(FAKE_ONE_ADDRESS, CONCLUSION_NO_OTHER, false, false);
	expect_unknown(FAKE_OTHER_DEAD, CONCLUSION_DEAD_OTHER, false, false);
	expect_unknown(FAKE_CHANGE_IGNORED, CONCLUSION_CHANGE_IGNORED, true, false);
	expect_unknown(FAKE_CHANGE_SILENT, CONCLUSION_CHANGE_IGNORED, true, false);
	expect_unknown(FAKE_DEAD, CONCLUSION_NO_ANSWER, false, false);
	expect_unknown(FAKE_GARBAGE, CONCLUSION_MALFORMED, false, false);
	expect_unknown(FAKE_OTHER_ID, CONCLUSION_MALFORMED, false, false);
}

static void without_response_port_there_is_no_lifetime(void)
{
	struct fake_setup s = fake_setup_of("port-restricted");
	struct conclusion v;
	uint64_t took_ms;

	s.server = FAKE_NO_RESPONSE_PORT;
	v = discovery_lasting(&s, 10, &took_ms);
	CU_ASSERT_EQUAL(v.problems, CONCLUSION_NO_RESPONSE_PORT);
	CU_ASSERT_FALSE(conclusion_knows(&v, NAT_KEY_INPUT));
	CU_ASSERT_TRUE(knows(&v, NAT_KEY_MAPPING, NAT_ENDPOINT_INDEPENDENT));
	CU_ASSERT_FALSE(v.complete);
}

/* RFC 5780 §7.4: another address *and* another port; and nobody but a private server has a private one. */
static void a_second_address_must_be_one(void)
{
	static const struct {
		const char *other;
		bool usable;
	} table[] = {
		{ "203.0.113.2:3479", true }, { "203.0.113.2:3478", false }, { "203.0.113.1:3479", false },
		{ "10.9.9.9:3479", false },   { "127.0.0.1:3479", false },   { "[2001:db8::2]:3479", false },
		{ "224.0.0.1:3479", false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct fake_setup s = fake_setup_of("port-restricted");
		struct conclusion v;

		s.server = FAKE_OTHER_NAMED;
		CU_ASSERT_EQUAL_FATAL(endpoint_parse(table[i].other, &s.other_said), 0);
		v = discover(&s);
		CU_ASSERT_EQUAL((v.problems & CONCLUSION_BAD_OTHER) == 0, table[i].usable);
		CU_ASSERT_EQUAL(conclusion_knows(&v, NAT_KEY_MAPPING), table[i].usable);
	}
}

/*
 * Ordinary servers, which name no second address that is one, stand in for it: one elsewhere, one beside the first.
 * They tell the mapping as far as they can, and nothing of filtering.
 */
static void ordinary_servers_tell_the_mapping(void)
{
	static const char elsewhere[] = "203.0.113.2:3479", beside[] = "203.0.113.1:3479";
	static const struct {
		const char *spec, *others[2];
		int mapping; /* -1: not known */
		bool depends;
	} table[] = {
		{ "port-restricted", { elsewhere }, NAT_ENDPOINT_INDEPENDENT, false },
		{ "full-cone,ports=random", { elsewhere, beside }, NAT_ENDPOINT_INDEPENDENT, false },
		{ "symmetric", { elsewhere }, -1, true },
		{ "mapping=ad", { elsewhere }, -1, true },
		{ "symmetric", { elsewhere, beside }, NAT_ADDRESS_AND_PORT_DEPENDENT, false },
		{ "symmetric", { beside }, NAT_ADDRESS_AND_PORT_DEPENDENT, false },
		{ "mapping=ad", { beside, elsewhere }, NAT_ADDRESS_DEPENDENT, false },
		{ "port-restricted", { beside }, -1, false }, /* its address is all that was asked */
		{ "port-restricted", { NULL }, -1, false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct fake_setup s = fake_setup_of(table[i].spec);
		struct conclusion v;

		s.server = FAKE_OTHER_NAMED;
		CU_ASSERT_EQUAL_FATAL(endpoint_parse("127.0.0.1:3479", &s.other_said), 0);
		for (size_t k = 0; k < 2 && table[i].others[k] != NULL; k++)
			CU_ASSERT_EQUAL_FATAL(endpoint_parse(table[i].others[k], &s.others[s.other_count++]), 0);
		v = discover(&s);
		CU_ASSERT_EQUAL(conclusion_knows(&v, NAT_KEY_MAPPING), table[i].mapping >= 0);
		if (table[i].mapping >= 0)
			CU_ASSERT_EQUAL((int)v.nat.transport[NAT_UDP].mapping, table[i].mapping);
		CU_ASSERT_EQUAL(v.mapping_depends, table[i].depends);
		CU_ASSERT_FALSE(conclusion_knows(&v, NAT_KEY_FILTERING));
		CU_ASSERT_FALSE(v.complete);
	}
}

static void rounds_with_ordinary_servers_have_their_own(void)
{
	struct fake_setup s = fake_setup_of("symmetric");
	const struct discovery_findings *f;
	uint64_t took_ms;

	s.server = FAKE_OTHER_NAMED;
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("127.0.0.1:3479", &s.other_said), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("203.0.113.2:3479", &s.others[s.other_count++]), 0);
	f = fake_discovery(&s, 0, &took_ms);
	CU_ASSERT_NOT_EQUAL(f->rounds[0].mapping[0][0].asked_ms, f->rounds[1].mapping[0][0].asked_ms);
	CU_ASSERT_NOT_EQUAL(f->rounds[0].elsewhere[0].asked_ms, f->rounds[1].elsewhere[0].asked_ms);
}

static void a_hairpin_is_asked_for_both_ways(void)
{
	struct fake_setup s = fake_setup_of("port-restricted,hairpin");
	uint64_t took_ms;
	const struct discovery_findings *f = fake_discovery(&s, 0, &took_ms);

	CU_ASSERT_EQUAL(f->hairpin[0].outcome, STUN_ANSWERED);
	CU_ASSERT_EQUAL(f->hairpin[1].outcome, STUN_ANSWERED);
	CU_ASSERT_EQUAL(f->hairpin[1].from.port, f->hairpin_outside[1].port);
}

/* The time is over when it is over, though a question is still under way. */
static void time_ends_to_the_millisecond(void)
{
	static struct discovery s;
	struct discovery_options options = { .server = endpoint_ipv4(0x0a000001, 3478), .rto_ms = 500, .time_ms = 100 };
	struct stun_datagram out;

	discovery_start(&s, &options, (const uint8_t *)"fedcba9876543210", 1000);
	discovery_opened(&s, DISCOVERY_SOCKET_CONTACT, &options.server);
	CU_ASSERT_TRUE(discovery_next(&s, 1000, &out));
	CU_ASSERT_FALSE(discovery_next(&s, 1099, &out));
	CU_ASSERT_FALSE(discovery_is_done(&s));
	CU_ASSERT_EQUAL(discovery_deadline(&s), 1100);
	CU_ASSERT_FALSE(discovery_next(&s, 1100, &out));
	CU_ASSERT_TRUE(discovery_is_done(&s));
	CU_ASSERT_TRUE(s.findings.out_of_time);
}

/* Rounds under way at once are not taken for each other. */
static void every_round_has_its_own_answers(void)
{
	struct fake_setup s = fake_setup_of("full-cone");
	uint64_t took_ms;
	const struct discovery_findings *f = fake_discovery(&s, 0, &took_ms);
	const struct discovery_round *a = &f->rounds[0], *b = &f->rounds[1];

	CU_ASSERT_EQUAL_FATAL(f->round_count, 2);
	for (size_t i = 0; i < 4; i++)
		CU_ASSERT_NOT_EQUAL(a->mapping[i / 2][i % 2].asked_ms, b->mapping[i / 2][i % 2].asked_ms);
	CU_ASSERT_NOT_EQUAL(a->door_both.asked_ms, b->door_both.asked_ms);
	CU_ASSERT_NOT_EQUAL(a->door_port.asked_ms, b->door_port.asked_ms);
	CU_ASSERT_NOT_EQUAL(a->change_control.asked_ms, b->change_control.asked_ms);
	CU_ASSERT_NOT_EQUAL(a->port_control.asked_ms, b->port_control.asked_ms);
	CU_ASSERT_NOT_EQUAL(a->trap.asked_ms, b->trap.asked_ms);
	s = fake_setup_of("port-restricted");
	f = fake_discovery(&s, 0, &took_ms);
	CU_ASSERT_NOT_EQUAL(a->door_both_after.asked_ms, b->door_both_after.asked_ms);
	CU_ASSERT_NOT_EQUAL(a->door_port_after.asked_ms, b->door_port_after.asked_ms);
}

/*
 * A home where another host has hundreds of mappings and makes new ones, measured again and again by the same host,
 * whose earlier mappings are still there: any port may be taken, or be mapped already. DISCOVERY_SOAK is how often
 * (default 6 for each).
 */
static void a_busy_home_changes_nothing(void)
{
	static const char *const specs[] = {
		"port-restricted",
		"restricted",
		"full-cone",
		"port-restricted,input=accept",
		"port-restricted,mapping=address-dependent",
		"symmetric,ports=preserve",
		"symmetric",
		"symmetric,ports=sequential",
		"full-cone,ports=random",
		"firewall",
	};
	const char *soak = getenv("DISCOVERY_SOAK");
	unsigned times = soak != NULL ? (unsigned)strtoul(soak, NULL, 10) : 6;
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
		struct fake_setup setup = fake_setup_of(specs[i]);

		setup.nat.transport[NAT_UDP].timeout_s = 30;
		setup.nat.transport[NAT_UDP].stream_timeout_s = 120;
		setup.seed = (uint32_t)i;
		setup.neighbour_mappings = 1000;
		setup.chatter_percent = 50;
		for (unsigned k = 0; k < times; k++) {
			struct conclusion v = discover(&setup);
			const char *got = spec_of(&v);

			setup.stays = true;
			if (got != NULL && strcmp(got, specs[i]) == 0)
				continue;
			wrong++;
			if (soak != NULL)
				printf("%s the %u. time: %s\n", specs[i], k, got != NULL ? got : "none");
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

SUITE(discovery, TEST(rounds_with_ordinary_servers_have_their_own), TEST(a_hairpin_is_asked_for_both_ways),
      TEST(time_ends_to_the_millisecond), TEST(without_response_port_there_is_no_lifetime),
      TEST(a_busy_home_changes_nothing), TEST(every_class_and_allocation_is_recognised), TEST(losses_change_no_verdict),
      TEST(what_was_built_is_what_is_named), TEST(a_small_range_is_known_exactly),
      TEST(a_range_that_keeps_its_own_ports_preserves), TEST(lifetimes_are_found),
      TEST(a_life_longer_than_the_wait_is_not_guessed), TEST(a_discovery_takes_seconds),
      TEST(what_a_server_cannot_help_with_stays_unknown), TEST(a_second_address_must_be_one),
      TEST(ordinary_servers_tell_the_mapping), TEST(every_round_has_its_own_answers))
