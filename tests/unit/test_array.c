#include "base/array.h"
#include "suite.h"

static void a_list_grows_and_keeps_what_it_has(void)
{
	unsigned *list = NULL;
	size_t count = 0;

	for (unsigned i = 0; i < 100; i++) {
		unsigned *one = array_add(&list, &count, sizeof *one);

		CU_ASSERT_PTR_NOT_NULL_FATAL(one);
		CU_ASSERT_EQUAL(*one, 0);
		*one = i;
	}
	CU_ASSERT_EQUAL(count, 100);
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(list[i], i);
	free(list);
}

static void a_text_grows_by_any_amount_and_ends_with_zero(void)
{
	char *text = NULL;
	size_t len = 0;

	CU_ASSERT_EQUAL(array_append(&text, &len, "", 0), 0);
	CU_ASSERT_STRING_EQUAL(text, "");
	for (size_t more = 0; more < 40; more++) {
		CU_ASSERT_EQUAL(array_append(&text, &len, "0123456789012345678901234567890123456789", more), 0);
		CU_ASSERT_EQUAL(strlen(text), len);
	}
	CU_ASSERT_EQUAL(len, 39 * 40 / 2);
	len = 2; /* begun anew: its room may be larger than the length tells */
	CU_ASSERT_EQUAL(array_append(&text, &len, "abc", 3), 0);
	CU_ASSERT_STRING_EQUAL(text + 2, "abc");
	free(text);
}

SUITE(array, TEST(a_list_grows_and_keeps_what_it_has), TEST(a_text_grows_by_any_amount_and_ends_with_zero))
