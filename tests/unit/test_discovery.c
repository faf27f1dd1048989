/* Whole surveys through textbook NATs: what is measured is what was built. */
#include "fake_nat.h"
#include "suite.h"
#include "nat_type/conclusion.h"
#include "nat_type/conclusion_spec.h"

#include <stdio.h>
#include <string.h>

static struct conclusion discovery_lasting(const struct fake_setup *setup, unsigned mapping_lifetime_max_s,
                                           uint64_t *took_ms)
{
	return conclusion_of(fake_survey(setup, mapping_lifetime_max_s, took_ms), CONCLUSION_HOST_UNKNOWN);
}

static struct conclusion survey(const struct fake_setup *setup)
{
	uint64_t took_ms;

	return discovery_lasting(setup, 0, &took_ms);
}

static void expect_spec(const struct fake_setup *setup, unsigned mapping_lifetime_max_s, const char *expected)
{
	uint64_t took_ms;
	struct conclusion v = discovery_lasting(setup, mapping_lifetime_max_s, &took_ms);
	char spec[CONCLUSION_SPEC_SIZE];

	if (conclusion_spec(&v, spec) == NULL)
		memcpy(spec, "none", sizeof "none");
	if (strcmp(spec, expected) != 0)
		printf("expected %s, got %s\n", expected, spec);
	CU_ASSERT_STRING_EQUAL(spec, expected);
}

static const enum conclusion_class classes[] = { CONCLUSION_INDEPENDENT, CONCLUSION_ADDRESS,
	                                         CONCLUSION_ADDRESS_AND_PORT };

/* All nine pairs of mapping and filtering, with each way to choose ports. */
static void every_class_and_allocation_is_recognised(void)
{
	static const enum conclusion_ports ports[] = { CONCLUSION_PRESERVE, CONCLUSION_SEQUENTIAL, CONCLUSION_RANDOM };

	for (unsigned i = 0; i < 27; i++) {
		struct fake_setup setup = {
			.translates = true,
			.mapping = (enum fake_class)(i / 9),
			.filtering = (enum fake_class)(i / 3 % 3),
			.ports = (enum fake_ports)(i % 3),
		};
		struct conclusion v = survey(&setup);

		CU_ASSERT_EQUAL(v.kind, CONCLUSION_TRANSLATED);
		CU_ASSERT_EQUAL(v.mapping, classes[i / 9]);
		CU_ASSERT_EQUAL(v.filtering, classes[i / 3 % 3]);
		CU_ASSERT_EQUAL(v.ports, ports[i % 3]);
		CU_ASSERT_EQUAL(v.hairpin, CONCLUSION_HAIRPIN_NONE);
		CU_ASSERT_EQUAL(v.problems, 0);
		CU_ASSERT_TRUE(v.complete);
	}
}

static void losses_change_no_verdict(void)
{
	for (unsigned i = 0; i < 9; i++) {
		struct fake_setup setup = {
			.translates = true,
			.mapping = (enum fake_class)(i / 3),
			.filtering = (enum fake_class)(i % 3),
			.loss_percent = 15,
		};
		struct conclusion v = survey(&setup);

		CU_ASSERT_TRUE(v.mapping == classes[i / 3] || v.mapping == CONCLUSION_CLASS_UNKNOWN);
		CU_ASSERT_TRUE(v.filtering == classes[i % 3] || v.filtering == CONCLUSION_CLASS_UNKNOWN);
	}
}

static void specs_are_canonical(void)
{
	const struct fake_setup cone = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT };
	const struct fake_setup symmetric = { .translates = true,
		                              .mapping = FAKE_ADDRESS_AND_PORT,
		                              .filtering = FAKE_ADDRESS_AND_PORT,
		                              .ports = FAKE_RANDOM };
	struct fake_setup s = cone;

	expect_spec(&s, 0, "port-restricted");
	s.filtering = FAKE_ADDRESS;
	expect_spec(&s, 0, "restricted");
	s.filtering = FAKE_INDEPENDENT;
	expect_spec(&s, 0, "full-cone");
	s.hairpin = FAKE_HAIRPIN;
	expect_spec(&s, 0, "full-cone,hairpin");
	s.hairpin = FAKE_HAIRPIN_INTERNAL;
	expect_spec(&s, 0, "full-cone,hairpin=internal");
	s = cone;
	s.hairpin = FAKE_HAIRPIN;
	expect_spec(&s, 0, "port-restricted,hairpin");
	s = cone;
	s.trap = true;
	expect_spec(&s, 0, "port-restricted,input=accept");
	expect_spec(&symmetric, 0, "symmetric");
	s = symmetric;
	s.ports = FAKE_SEQUENTIAL;
	expect_spec(&s, 0, "symmetric,ports=sequential");
	s.ports = FAKE_PRESERVE;
	expect_spec(&s, 0, "symmetric,ports=preserve");
	s.mapping = FAKE_ADDRESS;
	expect_spec(&s, 0, "port-restricted,mapping=address-dependent");
}

static void a_small_range_is_known_exactly(void)
{
	struct fake_setup s = { .translates = true,
		                .mapping = FAKE_ADDRESS_AND_PORT,
		                .filtering = FAKE_ADDRESS_AND_PORT,
		                .ports = FAKE_RANDOM,
		                .low = 20000,
		                .high = 20031 };

	expect_spec(&s, 0, "symmetric,range=20000-20031");
}

static void a_range_that_keeps_its_own_ports_preserves(void)
{
	struct fake_setup s = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT, .low = 20000, .high = 20511 };
	struct conclusion v = survey(&s);

	CU_ASSERT_EQUAL(v.ports, CONCLUSION_PRESERVE);
	CU_ASSERT_TRUE(v.range_is_limited);
	CU_ASSERT_TRUE(v.port_low >= 20000 && v.port_low < 20050);
	CU_ASSERT_TRUE(v.port_high <= 20511 && v.port_high > 20460);
}

static void without_translation_there_is_no_nat(void)
{
	struct fake_setup s = { .filtering = FAKE_INDEPENDENT };

	expect_spec(&s, 0, "open");
	s.filtering = FAKE_ADDRESS_AND_PORT;
	expect_spec(&s, 0, "firewall");
	s.filtering = FAKE_ADDRESS;
	expect_spec(&s, 0, "firewall,filtering=address-dependent");
}

static void lifetimes_are_found(void)
{
	struct fake_setup s = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT };

	s.timeout_ms = 30000;
	s.stream_timeout_ms = 120000;
	expect_spec(&s, 150, "port-restricted");
	s.timeout_ms = 65000;
	s.stream_timeout_ms = 65000;
	expect_spec(&s, 100, "port-restricted,timeout=65,stream-timeout=65");
	s.timeout_ms = 4000;
	s.stream_timeout_ms = 4000;
	s.refresh_outbound_only = true;
	expect_spec(&s, 10, "port-restricted,refresh=outbound,timeout=4");
	s.mapping = FAKE_ADDRESS_AND_PORT;
	s.ports = FAKE_RANDOM;
	expect_spec(&s, 10, "symmetric,refresh=outbound,timeout=4");
}

static void a_life_longer_than_the_wait_is_not_guessed(void)
{
	struct fake_setup s = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT };
	uint64_t took_ms;
	struct conclusion v = discovery_lasting(&s, 10, &took_ms);

	CU_ASSERT_TRUE(v.lifetime.fresh.measured);
	CU_ASSERT_TRUE(v.lifetime.fresh.alive_ms >= 10000);
	CU_ASSERT_EQUAL(v.timeout_s, 0);
	CU_ASSERT_EQUAL(v.lifetime.refresh, MAPPING_LIFETIME_REFRESH_UNKNOWN);
}

static void a_survey_takes_seconds(void)
{
	struct fake_setup s = { .translates = true,
		                .mapping = FAKE_ADDRESS_AND_PORT,
		                .filtering = FAKE_ADDRESS_AND_PORT,
		                .ports = FAKE_RANDOM };
	uint64_t took_ms;

	discovery_lasting(&s, 0, &took_ms);
	CU_ASSERT_TRUE(took_ms < 10000);
}

/* --- servers that cannot or will not -------------------------------------------------------------------- */

static struct conclusion discovery_with_server(enum fake_server server)
{
	struct fake_setup s = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT, .server = server };

	return survey(&s);
}

static void expect_unknown(enum fake_server server, unsigned problems, bool mapping, bool filtering)
{
	struct conclusion v = discovery_with_server(server);
	char spec[CONCLUSION_SPEC_SIZE];

	CU_ASSERT_EQUAL(v.problems, problems);
	CU_ASSERT_EQUAL(v.mapping, mapping ? CONCLUSION_INDEPENDENT : CONCLUSION_CLASS_UNKNOWN);
	CU_ASSERT_EQUAL(v.filtering, filtering ? CONCLUSION_ADDRESS_AND_PORT : CONCLUSION_CLASS_UNKNOWN);
	CU_ASSERT_FALSE(v.complete);
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
}

static void what_a_server_cannot_help_with_stays_unknown(void)
{
	expect_unknown(FAKE_ONE_ADDRESS, CONCLUSION_NO_OTHER, false, false);
	expect_unknown(FAKE_OTHER_PRIVATE, CONCLUSION_BAD_OTHER, false, false);
	expect_unknown(FAKE_OTHER_DEAD, CONCLUSION_DEAD_OTHER, false, false);
	expect_unknown(FAKE_CHANGE_IGNORED, CONCLUSION_CHANGE_IGNORED, true, false);
	expect_unknown(FAKE_CHANGE_SILENT, CONCLUSION_CHANGE_IGNORED, true, false);
	expect_unknown(FAKE_DEAD, CONCLUSION_NO_ANSWER, false, false);
	expect_unknown(FAKE_GARBAGE, CONCLUSION_MALFORMED, false, false);
	expect_unknown(FAKE_OTHER_ID, CONCLUSION_MALFORMED, false, false);
}

static void without_response_port_there_is_no_lifetime(void)
{
	struct fake_setup s = { .translates = true,
		                .filtering = FAKE_ADDRESS_AND_PORT,
		                .server = FAKE_NO_RESPONSE_PORT };
	uint64_t took_ms;
	struct conclusion v = discovery_lasting(&s, 10, &took_ms);

	CU_ASSERT_EQUAL(v.problems, CONCLUSION_NO_RESPONSE_PORT);
	CU_ASSERT_EQUAL(v.trap, CONCLUSION_TRAP_UNKNOWN);
	CU_ASSERT_EQUAL(v.mapping, CONCLUSION_INDEPENDENT);
	CU_ASSERT_FALSE(v.complete);
}

static void silence_is_a_block_only_if_the_host_is_seen_alive(void)
{
	struct fake_setup s = { .translates = true, .blocked = true };
	uint64_t took_ms;
	const struct discovery_findings *f = fake_survey(&s, 0, &took_ms);
	struct conclusion blocked = conclusion_of(f, CONCLUSION_HOST_ALIVE);
	struct conclusion unknown = conclusion_of(f, CONCLUSION_HOST_UNKNOWN);
	char spec[CONCLUSION_SPEC_SIZE];

	CU_ASSERT_EQUAL(blocked.kind, CONCLUSION_BLOCKED);
	CU_ASSERT_TRUE(blocked.complete);
	CU_ASSERT_STRING_EQUAL(conclusion_spec(&blocked, spec), "udp=blocked");
	CU_ASSERT_EQUAL(unknown.kind, CONCLUSION_UNREACHED);
	CU_ASSERT_EQUAL(unknown.problems, CONCLUSION_NO_ANSWER);
	CU_ASSERT_TRUE(took_ms < 10000);
}

/* Findings as a bad network or a strange NAT would leave them: what they do not show is not said. */
static void what_was_not_shown_is_not_said(void)
{
	struct fake_setup s = { .translates = true, .filtering = FAKE_ADDRESS_AND_PORT };
	uint64_t took_ms;
	struct discovery_findings f = *fake_survey(&s, 0, &took_ms);
	struct conclusion v = conclusion_of(&f, CONCLUSION_HOST_UNKNOWN);

	CU_ASSERT_EQUAL(v.filtering, CONCLUSION_ADDRESS_AND_PORT);
	f.door_both_after.outcome = STUN_SILENT; /* the socket hears nothing at all: its silence says nothing */
	v = conclusion_of(&f, CONCLUSION_HOST_UNKNOWN);
	CU_ASSERT_EQUAL(v.filtering, CONCLUSION_CLASS_UNKNOWN);
	CU_ASSERT_EQUAL(v.problems, CONCLUSION_LOSSY);
	s.mapping = FAKE_ADDRESS_AND_PORT;
	f = *fake_survey(&s, 0, &took_ms);
	f.mapping[1][0].outcome = f.mapping[1][1].outcome =
	    STUN_SILENT; /* another port of the first address is enough */
	CU_ASSERT_EQUAL(conclusion_of(&f, CONCLUSION_HOST_UNKNOWN).mapping, CONCLUSION_ADDRESS_AND_PORT);
}

static void a_few_steps_are_no_sequence(void)
{
	struct fake_setup s = { .translates = true,
		                .mapping = FAKE_ADDRESS_AND_PORT,
		                .filtering = FAKE_ADDRESS_AND_PORT,
		                .ports = FAKE_RANDOM };
	uint64_t took_ms;
	struct discovery_findings f = *fake_survey(&s, 0, &took_ms);

	for (size_t i = 1; i < f.port_count * 2 / 5; i++) /* two in five are one more than the one before */
		f.ports[i].outside = (uint16_t)(f.ports[0].outside + i);
	CU_ASSERT_EQUAL(conclusion_of(&f, CONCLUSION_HOST_UNKNOWN).ports, CONCLUSION_RANDOM);
	for (size_t i = 0; i < f.port_count; i++) /* and one kept by chance is no preserving */
		f.ports[i].wished = true;
	f.ports[0].inside = f.ports[0].outside;
	CU_ASSERT_EQUAL(conclusion_of(&f, CONCLUSION_HOST_UNKNOWN).ports, CONCLUSION_RANDOM);
}

SUITE(discovery, TEST(what_was_not_shown_is_not_said), TEST(a_few_steps_are_no_sequence),
      TEST(every_class_and_allocation_is_recognised), TEST(losses_change_no_verdict), TEST(specs_are_canonical),
      TEST(a_small_range_is_known_exactly), TEST(a_range_that_keeps_its_own_ports_preserves),
      TEST(without_translation_there_is_no_nat), TEST(lifetimes_are_found),
      TEST(a_life_longer_than_the_wait_is_not_guessed), TEST(a_survey_takes_seconds),
      TEST(what_a_server_cannot_help_with_stays_unknown), TEST(without_response_port_there_is_no_lifetime),
      TEST(silence_is_a_block_only_if_the_host_is_seen_alive))
