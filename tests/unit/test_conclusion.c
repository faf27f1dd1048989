#include "nat/nat.h"
#include "concluded.h"
#include "suite.h"
#include "nat_type/conclusion.h"
#include "nat_type/conclusion_report.h"
#include "nat_type/conclusion_spec.h"

#include <stdio.h>
#include <string.h>

#define BIT(key) (UINT64_C(1) << (key))
#define BEHAVIOURS (BIT(NAT_KEY_MAPPING) | BIT(NAT_KEY_FILTERING) | BIT(NAT_KEY_PORTS) | BIT(NAT_KEY_HAIRPIN))

static const struct conclusion cone = {
	.nat = { .kind = NAT_TRANSLATE, .transport[NAT_UDP].filtering = NAT_ADDRESS_AND_PORT_DEPENDENT },
	.known = BIT(NAT_KEY_UDP) | BEHAVIOURS,
};

/* As the lab's own spec is concluded, without the behaviours of `unknown`. */
static struct conclusion concluded(const char *spec, uint64_t unknown)
{
	struct conclusion v = { .known = (BIT(NAT_KEY_COUNT) - 1) & ~unknown };
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &v.nat, error), 0);
	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++)
		if (unknown & BIT(key))
			nat_set_value(&v.nat, key, 0);
	return v;
}

/* With peer-reflexive learning only the symmetric ones against port-restricted filtering stay shut. */
static void the_classic_table_of_punching_holds(void)
{
	static const struct {
		const char *spec;
		uint64_t unknown;
		const char *row; /* towards open, full-cone, restricted, port-restricted, symmetric */
	} table[] = {
		{ "open", 0, "yyyyy" },
		{ "open", BIT(NAT_KEY_MAPPING), "yyyyy" },
		{ "full-cone", 0, "yyyyy" },
		{ "restricted", 0, "yyyyy" },
		{ "port-restricted", 0, "yyyyn" },
		{ "symmetric", 0, "yyynn" },
		{ "symmetric,mapping=ad", 0, "yyynn" },
		{ "symmetric,filtering=ei", 0, "yyymm" },
		{ "symmetric,filtering=ad", 0, "yyymm" },
		{ "symmetric,udp=blocked", 0, "nnnnn" },
		{ "symmetric,filtering=ei,udp=blocked", 0, "nnnnn" },
		{ "firewall", 0, "yyyyn" },
		{ "port-restricted,input=accept", 0, "yyymn" },
		{ "port-restricted", BIT(NAT_KEY_FILTERING), "yyyym" },
		{ "restricted", BIT(NAT_KEY_MAPPING), "yyymm" },
		{ "port-restricted", BIT(NAT_KEY_MAPPING), "yyymn" },
		{ "symmetric", BIT(NAT_KEY_MAPPING) | BIT(NAT_KEY_FILTERING), "yyymm" },
		{ "firewall", BIT(NAT_KEY_FILTERING), "yyyym" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v = concluded(table[i].spec, table[i].unknown);

		for (size_t k = 0; k < NAT_CLASSIC_PRESETS; k++) {
			struct nat peer = nat_of_preset(k);

			CU_ASSERT_EQUAL(table[i].row[k], "nym"[conclusion_punch(&v, &peer)]);
		}
	}
}

static void nobody_punches_to_where_no_udp_passes(void)
{
	struct conclusion peer = concluded("udp=blocked", 0);
	struct conclusion v = concluded("symmetric,filtering=ei", 0);

	CU_ASSERT_EQUAL(conclusion_punch(&v, &peer.nat), ORACLE_SHUT);
}

static void an_unknown_part_makes_no_spec(void)
{
	static const enum nat_key needed[] = { NAT_KEY_MAPPING, NAT_KEY_FILTERING, NAT_KEY_PORTS, NAT_KEY_HAIRPIN };
	static const struct conclusion nothing;
	struct conclusion v;

	CU_ASSERT_STRING_EQUAL(spec_of(&cone), "port-restricted");
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		v = cone;
		v.known &= ~BIT(needed[i]);
		CU_ASSERT_PTR_NULL(spec_of(&v));
	}
	CU_ASSERT_PTR_NULL(spec_of(&nothing));
	v = concluded("firewall", BIT(NAT_KEY_FILTERING));
	CU_ASSERT_PTR_NULL(spec_of(&v));
}

/* Of a host without translation its mapping and ports need not be known, and stand in no spec. */
static void what_a_kind_does_not_have_is_not_needed(void)
{
	struct conclusion v = concluded("open", BEHAVIOURS & ~BIT(NAT_KEY_FILTERING));

	CU_ASSERT_STRING_EQUAL(spec_of(&v), "open");
	v = concluded("firewall,filtering=ad", BEHAVIOURS & ~BIT(NAT_KEY_FILTERING));
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "firewall,filtering=address-dependent");
	v.nat.transport[NAT_UDP].mapping = NAT_ADDRESS_DEPENDENT;
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "firewall,filtering=address-dependent");
	v = concluded("udp=blocked", ~BIT(NAT_KEY_UDP));
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "udp=blocked");
}

/* What is concluded of a box is the spec that the lab itself would write of it. */
static void the_lab_reads_every_spec(void)
{
	static const char *const more[] = { "",
		                            ",timeout=65,stream-timeout=65",
		                            ",range=20000-20511",
		                            ",refresh=outbound,timeout=65",
		                            ",input=accept",
		                            ",hairpin",
		                            ",hairpin=internal,range=20000-20511,refresh=outbound,input=accept" };

	for (unsigned i = 0; i < 3 * 3 * 3; i++) {
		for (size_t k = 0; k < sizeof more / sizeof more[0]; k++) {
			char asked[NAT_TEXT_SIZE], canonical[NAT_TEXT_SIZE];
			struct conclusion v;

			snprintf(asked, sizeof asked, "mapping=%s,filtering=%s,ports=%s%s",
			         nat_behaviour_name((enum nat_behaviour)(i % 3)),
			         nat_behaviour_name((enum nat_behaviour)(i / 3 % 3)),
			         nat_ports_name((enum nat_ports)(i / 9)), more[k]);
			v = concluded(asked, 0);
			CU_ASSERT_STRING_EQUAL(spec_of(&v), nat_format(&v.nat, canonical));
		}
	}
}

static void what_the_lab_cannot_build_has_no_spec(void)
{
	char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE], text[CONCLUSION_REPORT_ROOM];
	static const struct discovery_findings none;
	struct conclusion v = cone;

	v.nat.port_low = 500;
	v.nat.port_high = 531;
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec, error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "ports of 1024 to 65535"));
	conclusion_report_text(&v, &none, text, sizeof text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "The lab cannot build it:       'range=500-531': a range is"));
	CU_ASSERT_PTR_NULL(strstr(text, "To reproduce it"));
}

/* As what such a box does with IPv6 is concluded. */
static struct conclusion concluded_by_ipv6(const char *spec, uint64_t known)
{
	struct conclusion v = { .by_ipv6 = true, .known = BIT(NAT_KEY_UDP) | BEHAVIOURS | known };
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
	v.nat = nat_ipv6(&nat);
	v.ipv6 = nat.ipv6;
	if (nat_hides_ipv6(&nat))
		v.nat.kind = NAT_TRANSLATE;
	return v;
}

/* What is concluded of IPv6 is what the lab would say of it, and does that again; nothing is said of IPv4. */
static void what_was_measured_by_ipv6_is_said_in_its_own_words(void)
{
	static const char *const specs[] = {
		"ipv6=open",
		"ipv6=firewall",
		"ipv6=firewall,ipv6.filtering=address-dependent",
		"ipv6=firewall,ipv6.filtering=endpoint-independent",
		"ipv6=nptv6",
		"ipv6=nat66",
		"ipv6=nat66,ipv6.filtering=endpoint-independent",
		"ipv6=nat66,ipv6.hairpin",
		"ipv6=nat66,ipv6.mapping=address-dependent,ipv6.filtering=address-dependent",
		"ipv6=nat66,ipv6.mapping=address-and-port-dependent,ipv6.filtering=endpoint-independent,ipv6.hairpin",
	};
	static const struct discovery_findings none;
	static char text[CONCLUSION_REPORT_ROOM], json[CONCLUSION_REPORT_ROOM], expected[NAT_TEXT_SIZE + 64];

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		struct conclusion v = concluded_by_ipv6(specs[i], 0);

		CU_ASSERT_STRING_EQUAL(spec_of(&v), specs[i]);
		conclusion_report_text(&v, &none, text, sizeof text);
		snprintf(expected, sizeof expected, "lab:    ./punchlab shell --families 46 %s\n", specs[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, expected));
		conclusion_report_json(&v, &none, json, sizeof json);
		snprintf(expected, sizeof expected, "\"spec\":\"%s\"", specs[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(json, expected));
	}
}

static void idle_lives_of_ipv6_are_one(void)
{
	const uint64_t lives = BIT(NAT_KEY_TIMEOUT) | BIT(NAT_KEY_STREAM_TIMEOUT);
	struct conclusion v = concluded_by_ipv6("ipv6=nat66,ipv6.timeout=65", lives);

	CU_ASSERT_STRING_EQUAL(spec_of(&v), "ipv6=nat66,ipv6.timeout=65");
	v = concluded_by_ipv6("ipv6=nat66", lives); /* Linux's own two */
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "ipv6=nat66");
}

static void what_no_word_of_ipv6_says_has_no_spec(void)
{
	static const struct {
		const char *spec;
		enum nat_key key;
		unsigned value;
		const char *why;
	} table[] = {
		{ "ipv6=nat66", NAT_KEY_PORTS, NAT_PORTS_RANDOM,
		  "ipv6=nat66 is nearest, and has ports preserve, not random" },
		{ "ipv6=nat66,ipv6.mapping=apd", NAT_KEY_PORTS, NAT_PORTS_SEQUENTIAL,
		  "ipv6=nat66 is nearest, and has ports random, not sequential" },
		{ "ipv6=nat66", NAT_KEY_HAIRPIN, NAT_HAIRPIN_INTERNAL,
		  "ipv6=nat66 is nearest, and has hairpin none, not internal" },
		{ "ipv6=nat66", NAT_KEY_INPUT, NAT_INPUT_ACCEPT,
		  "ipv6=nat66 is nearest, and has input drop, not accept" },
		{ "ipv6=nat66", NAT_KEY_TIMEOUT, 20, "ipv6=nat66 is nearest, and has timeout 30, not 20" },
		{ "ipv6=nat66", NAT_KEY_RANGE, 20000u << 16 | 20511, "ipv6=nat66 has all ports, not a range of them" },
		{ "ipv6=nptv6", NAT_KEY_FILTERING, NAT_ADDRESS_DEPENDENT,
		  "ipv6=nptv6 is nearest, and has filtering endpoint-independent, not address-dependent" },
		{ "ipv6=open", NAT_KEY_UDP, true, "no ipv6= blocks UDP alone; with ipv6=none nothing passes by IPv6" },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];
		struct conclusion v = concluded_by_ipv6(table[i].spec, BIT(table[i].key));

		nat_set_value(&v.nat, table[i].key, table[i].value);
		CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec, error));
		CU_ASSERT_STRING_EQUAL(error, table[i].why);
	}
}

/* Asked across a NAT64 it is the box's IPv4 that is seen. */
static void what_was_measured_across_a_nat64_is_its_ipv4(void)
{
	struct conclusion v = concluded("symmetric", 0);

	v.by_ipv6 = true;
	v.ipv6 = NAT_IPV6_NAT64;
	CU_ASSERT_STRING_EQUAL(spec_of(&v), "symmetric,ipv6=nat64");
}

/* Which box it is the two addresses tell: RFC 6296 changes the prefix, and no checksum. */
static void a_prefix_that_was_translated_is_known_by_its_addresses(void)
{
	static const struct {
		const char *inside, *outside;
		enum nat_ipv6 expected;
	} table[] = {
		{ "[fd44:0:3:3::4]:4000", "[2444:0:3:d903::4]:4000", NAT_IPV6_NPTV6 },
		{ "[fd44:0:3:3::4]:4000", "[2444:0:3:d904::4]:4000", NAT_IPV6_NAT66 },
		{ "[fd44:0:3:3::4]:4000", "[2001:db8:ffff:cf91::4]:4000", NAT_IPV6_NPTV6 }, /* with two carries */
		{ "[fd44:0:3:3::4]:4000", "[2333::3]:4000", NAT_IPV6_NAT66 },
		{ "[2444:0:3::4]:4000", "[2444:0:3::4]:4000", NAT_IPV6_FIREWALL },
		{ "[2444:0:3::4]:4000", "33.33.33.1:4000", NAT_IPV6_NAT64 },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct discovery_findings f = { .contact.outcome = STUN_ANSWERED };

		CU_ASSERT_EQUAL_FATAL(endpoint_parse("[2222::2]:3478", &f.server[0][0]), 0);
		CU_ASSERT_EQUAL_FATAL(endpoint_parse(table[i].inside, &f.inside), 0);
		CU_ASSERT_EQUAL_FATAL(endpoint_parse(table[i].outside, &f.contact.mapped), 0);
		CU_ASSERT_EQUAL(conclusion_of(&f, CONCLUSION_HOST_UNKNOWN, 0).ipv6, table[i].expected);
	}
}

static void the_defaults_of_the_lab_are_left_out(void)
{
	struct conclusion v = concluded("port-restricted,timeout=30,stream-timeout=120", 0);

	CU_ASSERT_STRING_EQUAL(spec_of(&v), "port-restricted");
}

static void every_problem_has_its_sentence(void)
{
	static const struct discovery_findings none;

	for (unsigned i = 0; i < CONCLUSION_PROBLEMS; i++) {
		struct conclusion v = { .problems = 1u << i };
		static char text[CONCLUSION_REPORT_ROOM], json[CONCLUSION_REPORT_ROOM];

		conclusion_report_text(&v, &none, text, sizeof text);
		conclusion_report_json(&v, &none, json, sizeof json);
		CU_ASSERT_PTR_NULL(strstr(text, "(null)"));
		CU_ASSERT_PTR_NULL(strstr(json, "(null)"));
		CU_ASSERT_TRUE(strlen(text) > 80);
	}
}

static void json_is_one_line(void)
{
	static const struct discovery_findings none;
	static char json[CONCLUSION_REPORT_ROOM];
	size_t len;

	conclusion_report_json(&cone, &none, json, sizeof json);
	len = strlen(json);
	CU_ASSERT_EQUAL(strcspn(json, "\n"), len - 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"spec\":\"port-restricted\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"punch\":{\"open\":\"yes\",\"full-cone\":\"yes\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"timeout_s\":null"));
}

static void a_report_that_does_not_fit_is_cut(void)
{
	static const struct discovery_findings none;
	char whole[CONCLUSION_REPORT_ROOM], part[CONCLUSION_REPORT_ROOM];

	conclusion_report_text(&cone, &none, whole, sizeof whole);
	for (size_t room = 1; room < 200; room++) {
		conclusion_report_text(&cone, &none, part, room);
		CU_ASSERT_EQUAL(strlen(part), room - 1);
		CU_ASSERT_EQUAL(memcmp(whole, part, room - 1), 0);
	}
}

SUITE(conclusion, TEST(the_classic_table_of_punching_holds), TEST(nobody_punches_to_where_no_udp_passes),
      TEST(an_unknown_part_makes_no_spec), TEST(what_a_kind_does_not_have_is_not_needed),
      TEST(the_lab_reads_every_spec), TEST(what_the_lab_cannot_build_has_no_spec),
      TEST(what_was_measured_by_ipv6_is_said_in_its_own_words), TEST(idle_lives_of_ipv6_are_one),
      TEST(what_no_word_of_ipv6_says_has_no_spec), TEST(what_was_measured_across_a_nat64_is_its_ipv4),
      TEST(a_prefix_that_was_translated_is_known_by_its_addresses), TEST(the_defaults_of_the_lab_are_left_out),
      TEST(every_problem_has_its_sentence), TEST(json_is_one_line), TEST(a_report_that_does_not_fit_is_cut))
