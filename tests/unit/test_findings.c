/* What is concluded of findings, of true ones and of such as a bad network or a strange NAT would leave. */
#include "concluded.h"
#include "fake_nat.h"
#include "suite.h"
#include "nat_type/conclusion.h"

#include <stdlib.h>
#include <string.h>

static struct discovery_findings findings_of(const char *spec)
{
	struct fake_setup setup = fake_setup_of(spec);
	uint64_t took_ms;

	return *fake_discovery(&setup, 0, &took_ms);
}

static struct conclusion concluded(const struct discovery_findings *f)
{
	return conclusion_of(f, CONCLUSION_HOST_UNKNOWN, 0);
}

/* Several things may be wrong with a server at once. */
static void no_problem_hides_another(void)
{
	struct discovery_findings f = findings_of("port-restricted");

	f.contact.rewritten = true;
	f.other = DISCOVERY_OTHER_NONE;
	f.out_of_time = true;
	CU_ASSERT_EQUAL(concluded(&f).problems, CONCLUSION_REWRITTEN | CONCLUSION_NO_OTHER | CONCLUSION_OUT_OF_TIME);
	f.other = DISCOVERY_OTHER_UNUSABLE;
	CU_ASSERT_EQUAL(concluded(&f).problems, CONCLUSION_REWRITTEN | CONCLUSION_BAD_OTHER | CONCLUSION_OUT_OF_TIME);
	f.rounds[0].mapping[0][1].outcome = STUN_REFUSED;
	f.rounds[0].mapping[1][1].rewritten = true;
	f.rounds[1].mapping[1][0].from.port++;
	f.rounds[1].mapping[0][0].mapped.address.bytes[3]++;
	f.rounds[0].door_port.outcome = STUN_REFUSED;
	f.rounds[1].door_port_after.outcome = STUN_SILENT;
	CU_ASSERT_EQUAL(concluded(&f).problems, CONCLUSION_REWRITTEN | CONCLUSION_BAD_OTHER | CONCLUSION_OUT_OF_TIME |
	                                            CONCLUSION_DEAD_OTHER | CONCLUSION_WRONG_SOURCE |
	                                            CONCLUSION_SEVERAL_ADDRESSES | CONCLUSION_CHANGE_REFUSED |
	                                            CONCLUSION_LOSSY);
}

static void nor_is_one_hidden_by_what_comes_later(void)
{
	struct discovery_findings f = findings_of("port-restricted");

	f.mapping_lifetime_wanted = true;
	f.rounds[0].change_control.outcome = STUN_SILENT;
	f.rounds[0].port_control.outcome = STUN_SILENT;
	CU_ASSERT_EQUAL(concluded(&f).problems, CONCLUSION_CHANGE_IGNORED | CONCLUSION_NO_RESPONSE_PORT);
	f = (struct discovery_findings){ .contact.outcome = STUN_SILENT, .out_of_time = true };
	CU_ASSERT_EQUAL(concluded(&f).problems, CONCLUSION_NO_ANSWER | CONCLUSION_OUT_OF_TIME);
}

/* The round figure just above what a mapping survived; none where none of them died. */
static void a_lifetime_is_a_round_figure(void)
{
	static const struct {
		uint32_t alive_ms, dead_ms;
		unsigned seconds;
	} table[] = {
		{ 29500, 30500, 30 }, { 29000, 30000, 29 }, { 29001, 30000, 30 }, { 1000, 2000, 1 },
		{ 1001, 2000, 2 },    { 0, 500, 1 },        { 29500, 0, 0 },
	};
	struct discovery_findings f = findings_of("port-restricted");

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v;

		f.lifetime.fresh = (struct mapping_lifetime_span){ true, table[i].alive_ms, table[i].dead_ms };
		v = concluded(&f);
		CU_ASSERT_EQUAL(conclusion_knows(&v, NAT_KEY_TIMEOUT), table[i].seconds != 0);
		CU_ASSERT_EQUAL(v.nat.transport[NAT_UDP].timeout_s, table[i].seconds);
	}
}

/* Ports that leave out half of what there is are a range; more may be chance. */
static void a_range_is_less_than_half(void)
{
	struct discovery_findings f = findings_of("symmetric");

	for (size_t i = 0; i < f.port_count; i++)
		f.ports[i].outside = (uint16_t)(20000 + i * 997 % 32000);
	f.ports[0].outside = 20000;
	f.ports[1].outside = 20000 + 32254; /* 32,255 ports of 64,512 */
	CU_ASSERT_TRUE(concluded(&f).nat.port_high != 0);
	f.ports[1].outside++;
	CU_ASSERT_TRUE(concluded(&f).nat.port_high == 0);
}

/* One silent server proves nothing about UDP, whatever else its host does; two of different hosts do. */
static void silence_says_no_more_than_it_can(void)
{
	static const struct {
		enum conclusion_host host;
		unsigned others_silent;
		unsigned problem; /* 0: blocked */
	} table[] = {
		{ CONCLUSION_HOST_UNKNOWN, 0, CONCLUSION_NO_ANSWER },
		{ CONCLUSION_HOST_UNKNOWN, 1, CONCLUSION_NO_ANSWER },
		{ CONCLUSION_HOST_NO_WAY, 1, CONCLUSION_NO_WAY },
		{ CONCLUSION_HOST_ALIVE, 0, CONCLUSION_ONLY_TCP },
		{ CONCLUSION_HOST_HEARS, 1, CONCLUSION_SILENT_SERVER },
		{ CONCLUSION_HOST_ALIVE, 1, 0 },
		{ CONCLUSION_HOST_PROHIBITED, 0, 0 },
	};
	struct fake_setup s = fake_setup_of("udp=blocked");
	uint64_t took_ms;
	const struct discovery_findings *f = fake_discovery(&s, 0, &took_ms);

	CU_ASSERT_TRUE(took_ms < 10000);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v = conclusion_of(f, table[i].host, table[i].others_silent);
		bool blocked = table[i].problem == 0;

		CU_ASSERT_EQUAL(knows(&v, NAT_KEY_UDP, true), blocked);
		CU_ASSERT_EQUAL(v.known, blocked ? UINT64_C(1) << NAT_KEY_UDP : 0);
		CU_ASSERT_EQUAL(v.problems, table[i].problem);
		CU_ASSERT_EQUAL(v.complete, blocked);
		CU_ASSERT_EQUAL(spec_of(&v) != NULL, blocked);
		if (blocked)
			CU_ASSERT_STRING_EQUAL(spec_of(&v), "udp=blocked");
	}
}

/* Findings as a bad network or a strange NAT would leave them: what they do not show is not said. */
static void what_was_not_shown_is_not_said(void)
{
	struct discovery_findings f = findings_of("port-restricted");
	struct conclusion v = concluded(&f);

	CU_ASSERT_TRUE(knows(&v, NAT_KEY_FILTERING, NAT_ADDRESS_AND_PORT_DEPENDENT));
	for (size_t i = 0; i < f.round_count; i++) /* the socket hears nothing at all: its silence says nothing */
		f.rounds[i].door_both_after.outcome = STUN_SILENT;
	v = concluded(&f);
	CU_ASSERT_FALSE(conclusion_knows(&v, NAT_KEY_FILTERING));
	CU_ASSERT_EQUAL(v.problems, CONCLUSION_LOSSY);
	f = findings_of("symmetric,ports=preserve");
	for (size_t i = 0; i < f.round_count; i++) /* another port of the first address is enough */
		f.rounds[i].mapping[1][0].outcome = f.rounds[i].mapping[1][1].outcome = STUN_SILENT;
	v = concluded(&f);
	CU_ASSERT_TRUE(knows(&v, NAT_KEY_MAPPING, NAT_ADDRESS_AND_PORT_DEPENDENT));
}

static void a_few_steps_are_no_sequence(void)
{
	struct discovery_findings f = findings_of("symmetric");
	struct conclusion v;

	for (size_t i = 1; i < f.port_count * 2 / 5; i++) /* two in five are one more than the one before */
		f.ports[i].outside = (uint16_t)(f.ports[0].outside + i);
	v = concluded(&f);
	CU_ASSERT_TRUE(knows(&v, NAT_KEY_PORTS, NAT_PORTS_RANDOM));
	f.ports[0].inside = f.ports[0].outside; /* and one kept by chance is no preserving */
	v = concluded(&f);
	CU_ASSERT_TRUE(knows(&v, NAT_KEY_PORTS, NAT_PORTS_RANDOM));
}

/* Of three inside ports in the range seen outside two are kept: be the first sample among them or not. */
static void three_ports_tell_that_they_are_kept(void)
{
	struct discovery_findings f = findings_of("symmetric");

	for (size_t i = 0; i < f.port_count; i++) {
		f.ports[i].outside = (uint16_t)(20000 + i * 997 % 30000);
		f.ports[i].inside = i < 2 ? f.ports[i].outside : i == 2 ? 20001 : 100;
	}
	for (size_t i = 0; i < 2; i++) {
		struct conclusion v = concluded(&f);

		CU_ASSERT_TRUE(knows(&v, NAT_KEY_PORTS, i == 0 ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM));
		f.ports[0].inside = 100;
	}
}

/* Where ports are kept a range is one if three samples beyond it were brought into it. */
static void three_ports_beyond_tell_a_range(void)
{
	struct discovery_findings f = findings_of("symmetric");

	for (size_t i = 0; i < f.port_count; i++) {
		f.ports[i].outside = (uint16_t)(20000 + 10 * i);
		f.ports[i].inside = i < 3 ? 100 : f.ports[i].outside;
	}
	for (size_t i = 0; i < 2; i++) {
		struct conclusion v = concluded(&f);

		CU_ASSERT_TRUE(knows(&v, NAT_KEY_PORTS, NAT_PORTS_PRESERVE));
		CU_ASSERT_EQUAL(v.nat.port_high != 0, i == 0);
		f.ports[0].inside = f.ports[0].outside;
	}
}

/* Two in three steps are small where other hosts take a port now and then. */
static void most_steps_make_a_sequence(void)
{
	struct discovery_findings f = findings_of("symmetric");

	CU_ASSERT_EQUAL_FATAL(f.port_count, 44); /* 43 steps */
	for (size_t steps = 28; steps <= 29; steps++) {
		for (size_t i = 0; i < f.port_count; i++) /* far apart, and then one by one */
			f.ports[i].outside = (uint16_t)(i + steps + 1 < f.port_count ? 60000 - 1000 * i : 2000 + i);
		CU_ASSERT_EQUAL(concluded(&f).nat.transport[NAT_UDP].ports,
		                steps == 29 ? NAT_PORTS_SEQUENTIAL : NAT_PORTS_RANDOM);
	}
	CU_ASSERT_EQUAL(concluded(&f).step, 1);
}

/*
 * Of ports drawn at random the lowest and the highest are a mean gap away from the pool's ends: 44 sockets saw the
 * whole of what is set here, and no more can be than there are ports.
 */
static void a_range_seen_in_part_is_widened_by_the_mean_gap(void)
{
	static const struct {
		uint16_t low, high;           /* seen */
		uint16_t pool_low, pool_high; /* 43 gaps between */
	} table[] = {
		{ 20010, 20612, 19996, 20626 }, { 1030, 1632, 1024, 1646 }, { 64900, 65502, 64886, 65516 },
		{ 64900, 65530, 64886, 65535 }, { 600, 1212, 600, 1226 },
	};
	struct discovery_findings f = findings_of("symmetric");

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v;

		for (size_t k = 0; k < f.port_count; k++)
			f.ports[k].outside = (uint16_t)(table[i].low + (table[i].high - table[i].low) *
			                                                   (k * 7 % f.port_count) / (f.port_count - 1));
		v = concluded(&f);
		CU_ASSERT_EQUAL(v.port_low, table[i].low);
		CU_ASSERT_EQUAL(v.port_high, table[i].high);
		CU_ASSERT_EQUAL(v.nat.port_low, table[i].pool_low);
		CU_ASSERT_EQUAL(v.nat.port_high, table[i].pool_high);
	}
}

/* A box that stumbles over ports in use leaves questions without an answer; that is no small pool. */
static void only_a_pool_without_ports_is_used_up(void)
{
	struct discovery_findings f = findings_of("symmetric,ports=sequential");
	struct conclusion v = concluded(&f);

	CU_ASSERT_EQUAL(f.ports_missed, 0);
	CU_ASSERT_FALSE(v.range_is_used_up);
	f.ports_missed = 2;
	CU_ASSERT_FALSE(concluded(&f).range_is_used_up);
	f.ports_missed = 3;
	CU_ASSERT_TRUE(concluded(&f).range_is_used_up);
	f.ports[f.port_count - 1].outside = (uint16_t)(f.ports[0].outside + 300); /* beyond others' ports */
	v = concluded(&f);
	CU_ASSERT_FALSE(v.range_is_used_up);
	CU_ASSERT_EQUAL(v.nat.port_high, 0);
}

SUITE(findings, TEST(no_problem_hides_another), TEST(nor_is_one_hidden_by_what_comes_later),
      TEST(three_ports_tell_that_they_are_kept), TEST(three_ports_beyond_tell_a_range),
      TEST(a_lifetime_is_a_round_figure), TEST(a_range_is_less_than_half), TEST(silence_says_no_more_than_it_can),
      TEST(what_was_not_shown_is_not_said), TEST(a_few_steps_are_no_sequence), TEST(most_steps_make_a_sequence),
      TEST(a_range_seen_in_part_is_widened_by_the_mean_gap), TEST(only_a_pool_without_ports_is_used_up))
