#include "suite.h"
#include "verdict.h"
#include "verdict_report.h"
#include "verdict_spec.h"

#include <string.h>

static const struct verdict cone = {
	.kind = VERDICT_TRANSLATED,
	.mapping = VERDICT_INDEPENDENT,
	.filtering = VERDICT_ADDRESS_AND_PORT,
	.ports = VERDICT_PRESERVE,
	.hairpin = VERDICT_HAIRPIN_NONE,
};

/* NAT-FACTS: with peer-reflexive learning only the symmetric ones against port-restricted filtering stay shut. */
static void the_classic_table_of_punching_holds(void)
{
	static const struct {
		enum verdict_kind kind;
		enum verdict_class mapping, filtering;
		const char *row; /* towards open, full-cone, restricted, port-restricted, symmetric */
	} table[] = {
		{ VERDICT_OPEN, VERDICT_CLASS_UNKNOWN, VERDICT_INDEPENDENT, "yyyyy" },
		{ VERDICT_TRANSLATED, VERDICT_INDEPENDENT, VERDICT_INDEPENDENT, "yyyyy" },
		{ VERDICT_TRANSLATED, VERDICT_INDEPENDENT, VERDICT_ADDRESS, "yyyyy" },
		{ VERDICT_TRANSLATED, VERDICT_INDEPENDENT, VERDICT_ADDRESS_AND_PORT, "yyyyn" },
		{ VERDICT_TRANSLATED, VERDICT_ADDRESS_AND_PORT, VERDICT_ADDRESS_AND_PORT, "yyynn" },
		{ VERDICT_TRANSLATED, VERDICT_ADDRESS, VERDICT_ADDRESS_AND_PORT, "yyynn" },
		{ VERDICT_TRANSLATED, VERDICT_ADDRESS_AND_PORT, VERDICT_INDEPENDENT, "yyymm" },
		{ VERDICT_FIREWALL, VERDICT_CLASS_UNKNOWN, VERDICT_ADDRESS_AND_PORT, "yyyyn" },
		{ VERDICT_BLOCKED, VERDICT_CLASS_UNKNOWN, VERDICT_CLASS_UNKNOWN, "nnnnn" },
		{ VERDICT_TRANSLATED, VERDICT_CLASS_UNKNOWN, VERDICT_ADDRESS, "yyymm" },
		{ VERDICT_FIREWALL, VERDICT_CLASS_UNKNOWN, VERDICT_CLASS_UNKNOWN, "yyyym" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct verdict v = { .kind = table[i].kind, .mapping = table[i].mapping, .filtering = table[i].filtering };

		for (size_t peer = 0; peer < VERDICT_PEERS; peer++)
			CU_ASSERT_EQUAL(table[i].row[peer], "nmy"[verdict_can_punch(&v, peer)]);
	}
}

static void an_unknown_part_makes_no_spec(void)
{
	char spec[VERDICT_SPEC_SIZE];
	struct verdict v = cone;

	CU_ASSERT_STRING_EQUAL(verdict_spec(&v, spec), "port-restricted");
	v.mapping = VERDICT_CLASS_UNKNOWN;
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
	v = cone;
	v.filtering = VERDICT_CLASS_UNKNOWN;
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
	v = cone;
	v.ports = VERDICT_PORTS_UNKNOWN;
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
	v = cone;
	v.hairpin = VERDICT_HAIRPIN_UNKNOWN;
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
	v = (struct verdict){ .kind = VERDICT_UNREACHED };
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
	v = (struct verdict){ .kind = VERDICT_FIREWALL };
	CU_ASSERT_PTR_NULL(verdict_spec(&v, spec));
}

static void the_longest_spec_fits(void)
{
	char spec[VERDICT_SPEC_SIZE];
	struct verdict v = {
		.kind = VERDICT_TRANSLATED,
		.mapping = VERDICT_ADDRESS,
		.filtering = VERDICT_ADDRESS,
		.ports = VERDICT_SEQUENTIAL,
		.range_is_limited = true,
		.port_low = 20000,
		.port_high = 20511,
		.hairpin = VERDICT_HAIRPIN_INTERNAL,
		.timeout_s = 65,
		.stream_timeout_s = 300,
		.lifetime.refresh = LIFETIME_REFRESH_OUTBOUND,
		.trap = VERDICT_TRAP_YES,
	};

	CU_ASSERT_STRING_EQUAL(verdict_spec(&v, spec),
	                       "mapping=address-dependent,filtering=address-dependent,ports=sequential,range=20000-20511,"
	                       "hairpin=internal,timeout=65,stream-timeout=300,refresh=outbound,input=accept");
}

static void the_defaults_of_the_lab_are_left_out(void)
{
	char spec[VERDICT_SPEC_SIZE];
	struct verdict v = cone;

	v.timeout_s = 30;
	v.stream_timeout_s = 120;
	CU_ASSERT_STRING_EQUAL(verdict_spec(&v, spec), "port-restricted");
}

static void every_problem_has_its_sentence(void)
{
	static const struct survey_findings none;

	for (unsigned i = 0; i < VERDICT_PROBLEMS; i++) {
		struct verdict v = { .kind = VERDICT_UNREACHED, .problems = 1u << i };
		static char text[VERDICT_REPORT_ROOM], json[VERDICT_REPORT_ROOM];

		verdict_report_text(&v, &none, text, sizeof text);
		verdict_report_json(&v, &none, json, sizeof json);
		CU_ASSERT_PTR_NULL(strstr(text, "(null)"));
		CU_ASSERT_PTR_NULL(strstr(json, "(null)"));
		CU_ASSERT_TRUE(strlen(text) > 80);
	}
}

static void json_is_one_line(void)
{
	static const struct survey_findings none;
	static char json[VERDICT_REPORT_ROOM];
	size_t len;

	verdict_report_json(&cone, &none, json, sizeof json);
	len = strlen(json);
	CU_ASSERT_EQUAL(strcspn(json, "\n"), len - 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"spec\":\"port-restricted\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"punch\":{\"open\":\"yes\",\"full-cone\":\"yes\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"timeout_s\":null"));
}

static void a_report_that_does_not_fit_is_cut(void)
{
	static const struct survey_findings none;
	char whole[VERDICT_REPORT_ROOM], part[VERDICT_REPORT_ROOM];

	verdict_report_text(&cone, &none, whole, sizeof whole);
	for (size_t room = 1; room < 200; room++) {
		verdict_report_text(&cone, &none, part, room);
		CU_ASSERT_EQUAL(strlen(part), room - 1);
		CU_ASSERT_EQUAL(memcmp(whole, part, room - 1), 0);
	}
}

SUITE(verdict, TEST(the_classic_table_of_punching_holds), TEST(an_unknown_part_makes_no_spec), TEST(the_longest_spec_fits),
      TEST(the_defaults_of_the_lab_are_left_out), TEST(every_problem_has_its_sentence), TEST(json_is_one_line),
      TEST(a_report_that_does_not_fit_is_cut))
