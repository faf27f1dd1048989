#include "nat/nat.h"
#include "suite.h"
#include "nat_type/conclusion.h"
#include "nat_type/conclusion_report.h"
#include "nat_type/conclusion_spec.h"

#include <string.h>

static const struct conclusion cone = {
	.kind = CONCLUSION_TRANSLATED,
	.mapping = CONCLUSION_INDEPENDENT,
	.filtering = CONCLUSION_ADDRESS_AND_PORT,
	.ports = CONCLUSION_PRESERVE,
	.hairpin = CONCLUSION_HAIRPIN_NONE,
};

/* With peer-reflexive learning only the symmetric ones against port-restricted filtering stay shut. */
static void the_classic_table_of_punching_holds(void)
{
	static const struct {
		enum conclusion_kind kind;
		enum conclusion_class mapping, filtering;
		const char *row; /* towards open, full-cone, restricted, port-restricted, symmetric */
	} table[] = {
		{ CONCLUSION_OPEN, CONCLUSION_CLASS_UNKNOWN, CONCLUSION_INDEPENDENT, "yyyyy" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_INDEPENDENT, CONCLUSION_INDEPENDENT, "yyyyy" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_INDEPENDENT, CONCLUSION_ADDRESS, "yyyyy" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_INDEPENDENT, CONCLUSION_ADDRESS_AND_PORT, "yyyyn" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_ADDRESS_AND_PORT, CONCLUSION_ADDRESS_AND_PORT, "yyynn" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_ADDRESS, CONCLUSION_ADDRESS_AND_PORT, "yyynn" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_ADDRESS_AND_PORT, CONCLUSION_INDEPENDENT, "yyymm" },
		{ CONCLUSION_FIREWALL, CONCLUSION_CLASS_UNKNOWN, CONCLUSION_ADDRESS_AND_PORT, "yyyyn" },
		{ CONCLUSION_BLOCKED, CONCLUSION_CLASS_UNKNOWN, CONCLUSION_CLASS_UNKNOWN, "nnnnn" },
		{ CONCLUSION_TRANSLATED, CONCLUSION_CLASS_UNKNOWN, CONCLUSION_ADDRESS, "yyymm" },
		{ CONCLUSION_FIREWALL, CONCLUSION_CLASS_UNKNOWN, CONCLUSION_CLASS_UNKNOWN, "yyyym" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v = { .kind = table[i].kind,
			                .mapping = table[i].mapping,
			                .filtering = table[i].filtering };

		for (size_t peer = 0; peer < CONCLUSION_PEERS; peer++)
			CU_ASSERT_EQUAL(table[i].row[peer], "nmy"[conclusion_can_punch(&v, peer)]);
	}
}

static void an_unknown_part_makes_no_spec(void)
{
	char spec[CONCLUSION_SPEC_SIZE];
	struct conclusion v = cone;

	CU_ASSERT_STRING_EQUAL(conclusion_spec(&v, spec), "port-restricted");
	v.mapping = CONCLUSION_CLASS_UNKNOWN;
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
	v = cone;
	v.filtering = CONCLUSION_CLASS_UNKNOWN;
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
	v = cone;
	v.ports = CONCLUSION_PORTS_UNKNOWN;
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
	v = cone;
	v.hairpin = CONCLUSION_HAIRPIN_UNKNOWN;
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
	v = (struct conclusion){ .kind = CONCLUSION_UNREACHED };
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
	v = (struct conclusion){ .kind = CONCLUSION_FIREWALL };
	CU_ASSERT_PTR_NULL(conclusion_spec(&v, spec));
}

static void the_longest_spec_fits(void)
{
	char spec[CONCLUSION_SPEC_SIZE];
	struct conclusion v = {
		.kind = CONCLUSION_TRANSLATED,
		.mapping = CONCLUSION_ADDRESS,
		.filtering = CONCLUSION_ADDRESS,
		.ports = CONCLUSION_SEQUENTIAL,
		.range_is_limited = true,
		.range_is_used_up = true,
		.port_low = 20000,
		.port_high = 20511,
		.hairpin = CONCLUSION_HAIRPIN_INTERNAL,
		.timeout_s = 65,
		.stream_timeout_s = 300,
		.lifetime.refresh = MAPPING_LIFETIME_REFRESH_OUTBOUND,
		.trap = CONCLUSION_TRAP_YES,
	};

	CU_ASSERT_STRING_EQUAL(
	    conclusion_spec(&v, spec),
	    "restricted,mapping=address-dependent,ports=sequential,range=20000-20511,hairpin=internal,"
	    "refresh=outbound,input=accept,timeout=65");
}

/* Every spec this can write is read by the lab, means the same there, and is what the lab itself would write. */
static void the_lab_reads_every_spec(void)
{
	static const enum nat_ports ports[] = { NAT_PORTS_PRESERVE, NAT_PORTS_PRESERVE, NAT_PORTS_RANDOM,
		                                NAT_PORTS_SEQUENTIAL };
	static const enum nat_hairpin hairpins[] = { NAT_HAIRPIN_NONE, NAT_HAIRPIN_NONE, NAT_HAIRPIN_EXTERNAL,
		                                     NAT_HAIRPIN_INTERNAL };

	for (unsigned i = 0; i < 3 * 3 * 3 * 3 * 2 * 2 * 2 * 2; i++) {
		struct conclusion v = {
			.kind = CONCLUSION_TRANSLATED,
			.mapping = (enum conclusion_class)(1 + i % 3),
			.filtering = (enum conclusion_class)(1 + i / 3 % 3),
			.ports = (enum conclusion_ports)(1 + i / 9 % 3),
			.hairpin = (enum conclusion_hairpin)(1 + i / 27 % 3),
			.trap = i / 81 % 2 == 0 ? CONCLUSION_TRAP_NO : CONCLUSION_TRAP_YES,
			.timeout_s = i / 162 % 2 == 0 ? 30 : 65,
			.stream_timeout_s = i / 162 % 2 == 0 ? 120 : 65,
			.range_is_limited = i / 324 % 2 != 0,
			.range_is_used_up = true,
			.port_low = 20000,
			.port_high = 20511,
			.lifetime.refresh =
			    i / 648 % 2 == 0 ? MAPPING_LIFETIME_REFRESH_BOTH : MAPPING_LIFETIME_REFRESH_OUTBOUND,
		};
		struct nat nat;
		char spec[CONCLUSION_SPEC_SIZE], again[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];

		conclusion_spec(&v, spec);
		CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
		CU_ASSERT_STRING_EQUAL(nat_format(&nat, again), spec);
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].mapping, (enum nat_behaviour)(i % 3));
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].filtering, (enum nat_behaviour)(i / 3 % 3));
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].ports, ports[v.ports]);
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].hairpin, hairpins[v.hairpin]);
		CU_ASSERT_EQUAL(nat.input, v.trap == CONCLUSION_TRAP_YES ? NAT_INPUT_ACCEPT : NAT_INPUT_DROP);
		CU_ASSERT_EQUAL(nat_timeout_s(&nat), v.timeout_s);
		CU_ASSERT_EQUAL(nat.port_low, v.range_is_limited ? 20000 : 0);
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].refresh,
		                i / 648 % 2 == 0 ? NAT_REFRESH_BOTH : NAT_REFRESH_OUTBOUND);
	}
}

static void the_lab_reads_what_is_no_nat(void)
{
	static const struct {
		enum conclusion_kind kind;
		enum conclusion_class filtering;
	} table[] = {
		{ CONCLUSION_BLOCKED, CONCLUSION_CLASS_UNKNOWN },
		{ CONCLUSION_OPEN, CONCLUSION_INDEPENDENT },
		{ CONCLUSION_FIREWALL, CONCLUSION_ADDRESS_AND_PORT },
		{ CONCLUSION_FIREWALL, CONCLUSION_ADDRESS },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct conclusion v = { .kind = table[i].kind, .filtering = table[i].filtering };
		struct nat nat;
		char spec[CONCLUSION_SPEC_SIZE], error[NAT_ERROR_SIZE];

		conclusion_spec(&v, spec);
		CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
		CU_ASSERT_EQUAL(nat.transport[NAT_UDP].blocked, v.kind == CONCLUSION_BLOCKED);
		CU_ASSERT_EQUAL(nat.kind == NAT_OPEN, v.kind == CONCLUSION_OPEN);
		CU_ASSERT_EQUAL(nat.kind == NAT_FIREWALL, v.kind == CONCLUSION_FIREWALL);
	}
}

static void a_range_seen_in_part_is_widened_by_the_mean_gap(void)
{
	char spec[CONCLUSION_SPEC_SIZE];
	struct conclusion v = cone;

	v.range_is_limited = true;
	v.samples = 37;
	v.port_low = 20010;
	v.port_high = 20505;
	CU_ASSERT_STRING_EQUAL(conclusion_spec(&v, spec), "port-restricted,range=19997-20518");
	v.port_low = 1030;
	v.port_high = 1500;
	CU_ASSERT_STRING_EQUAL(conclusion_spec(&v, spec), "port-restricted,range=1024-1513");
	v.port_low = 65000;
	v.port_high = 65530;
	CU_ASSERT_STRING_EQUAL(conclusion_spec(&v, spec), "port-restricted,range=64986-65535");
}

static void the_defaults_of_the_lab_are_left_out(void)
{
	char spec[CONCLUSION_SPEC_SIZE];
	struct conclusion v = cone;

	v.timeout_s = 30;
	v.stream_timeout_s = 120;
	CU_ASSERT_STRING_EQUAL(conclusion_spec(&v, spec), "port-restricted");
}

static void every_problem_has_its_sentence(void)
{
	static const struct discovery_findings none;

	for (unsigned i = 0; i < CONCLUSION_PROBLEMS; i++) {
		struct conclusion v = { .kind = CONCLUSION_UNREACHED, .problems = 1u << i };
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

SUITE(conclusion, TEST(the_classic_table_of_punching_holds), TEST(an_unknown_part_makes_no_spec),
      TEST(the_longest_spec_fits), TEST(the_lab_reads_every_spec), TEST(the_lab_reads_what_is_no_nat),
      TEST(a_range_seen_in_part_is_widened_by_the_mean_gap), TEST(the_defaults_of_the_lab_are_left_out),
      TEST(every_problem_has_its_sentence), TEST(json_is_one_line), TEST(a_report_that_does_not_fit_is_cut))
