#include "model/rule_batches.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

static unsigned lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void few_rules_are_one_part(void)
{
	static const char text[] = "*mangle\n-A FORWARD -j DROP\nCOMMIT\n*filter\n:INPUT DROP\nCOMMIT\n";
	struct rule_batches b;
	char part[sizeof text + 64];

	rule_batches_begin(&b, text);
	CU_ASSERT_EQUAL(rule_batches_next(&b, part, sizeof part), 2);
	CU_ASSERT_STRING_EQUAL(part, text);
	CU_ASSERT_EQUAL(rule_batches_next(&b, part, sizeof part), 0);
	rule_batches_begin(&b, "");
	CU_ASSERT_EQUAL(rule_batches_next(&b, part, sizeof part), 0);
}

/* Each part is a table of its own, which the next one takes up; no rule is lost, none comes twice. */
static void many_rules_are_several(void)
{
	static char text[65536], part[65536];
	struct rule_batches b;
	unsigned parts = 0, rules = 0;
	size_t len = (size_t)sprintf(text, "*mangle\n");

	for (unsigned i = 0; i < 2 * RULE_BATCH_LINES; i++)
		len += (size_t)sprintf(text + len, "-A FORWARD -m mark --mark %u -j DROP\n", i);
	sprintf(text + len, "COMMIT\n");
	rule_batches_begin(&b, text);
	while (rule_batches_next(&b, part, sizeof part) > 0) {
		char expected[64];

		CU_ASSERT_EQUAL(strncmp(part, "*mangle\n", 8), 0);
		CU_ASSERT_STRING_EQUAL(part + strlen(part) - 7, "COMMIT\n");
		CU_ASSERT_TRUE(lines_of(part) <= RULE_BATCH_LINES + 2);
		snprintf(expected, sizeof expected, "*mangle\n-A FORWARD -m mark --mark %u -j DROP\n", rules);
		CU_ASSERT_TRUE(lines_of(part) == 2 || strncmp(part, expected, strlen(expected)) == 0);
		rules += lines_of(part) - 2;
		parts++;
	}
	CU_ASSERT_EQUAL(rules, 2 * RULE_BATCH_LINES);
	CU_ASSERT_EQUAL(parts, 3);
}

SUITE(rule_batches, TEST(few_rules_are_one_part), TEST(many_rules_are_several))
