#include "io/line_completion.h"

#include "suite.h"

#include <string.h>

static const char *one_of(void *context, const char *before, unsigned i)
{
	static const char *const words[] = { "status", "", "say", "send", "n\xc3\xa9", "n\xc3\xa8" };

	(void)context;
	return before[0] == '\0' && i < sizeof words / sizeof *words ? words[i] : NULL;
}

static const struct line_completion completion = { .word = one_of };

static void have_in_common(const char *typed, unsigned count, const char *expected)
{
	char common[16];

	CU_ASSERT_EQUAL(line_completion_common(&completion, "", typed, common, sizeof common), count);
	CU_ASSERT_STRING_EQUAL(common, expected);
}

static void completes_as_far_as_they_are_the_same(void)
{
	have_in_common("", 5, "");
	have_in_common("s", 3, "s");
	have_in_common("st", 1, "status");
	have_in_common("status", 1, "status");
	have_in_common("statuss", 0, "");
	have_in_common("n", 2, "n"); /* not half a character */
	CU_ASSERT_EQUAL(line_completion_common(&completion, "say ", "s", (char[16]){ "" }, 16), 0);
}

static void lists_those_that_begin_so(void)
{
	char list[32];

	line_completion_list(&completion, "", "s", list, sizeof list);
	CU_ASSERT_STRING_EQUAL(list, "status  say  send");
	line_completion_list(&completion, "", "x", list, sizeof list);
	CU_ASSERT_STRING_EQUAL(list, "");
	line_completion_list(&completion, "", "s", list, 10);
	CU_ASSERT_STRING_EQUAL(list, "status  s");
}

SUITE(line_completion, TEST(completes_as_far_as_they_are_the_same), TEST(lists_those_that_begin_so))
