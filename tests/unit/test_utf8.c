#include "base/utf8.h"

#include "suite.h"

#include <string.h>

static size_t length(const char *text)
{
	return utf8_length((const uint8_t *)text, strlen(text));
}

static void knows_a_character(void)
{
	CU_ASSERT_EQUAL(length("a"), 1);
	CU_ASSERT_EQUAL(length("\xc3\x9f"), 2);
	CU_ASSERT_EQUAL(length("\xe2\x82\xac"), 3);
	CU_ASSERT_EQUAL(length("\xf0\x9f\x98\x80"), 4);
	CU_ASSERT_EQUAL(length("\xdf"), 0);             /* nothing follows */
	CU_ASSERT_EQUAL(length("\xc0\xaf"), 0);         /* longer than needed */
	CU_ASSERT_EQUAL(length("\xed\xa0\x80"), 0);     /* a surrogate */
	CU_ASSERT_EQUAL(length("\xf4\x90\x80\x80"), 0); /* beyond U+10FFFF */
	CU_ASSERT_EQUAL(length("\x80"), 0);
	CU_ASSERT_EQUAL(length("\xff"), 0);
}

static void tells_a_line_of_text(void)
{
	static const char *const bad[] = { "a\nb", "\x1b[31m", "a\tb", "\xc2\x9b", "\xff", "\xe2\x80\x8b" };

	CU_ASSERT_TRUE(utf8_is_line("two cones \xe2\x86\x94 \xc3\x9f"));
	CU_ASSERT_TRUE(utf8_is_line(""));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CU_ASSERT_FALSE(utf8_is_line(bad[i]));
}

/* U+1F600 behind "ab", at every length. */
static void cuts_between_characters(void)
{
	static const size_t fits[] = { 0, 1, 2, 2, 2, 2, 6, 7, 7 };
	char out[16];

	for (size_t most = 0; most < sizeof fits / sizeof fits[0]; most++) {
		CU_ASSERT_EQUAL(utf8_fit("ab\xf0\x9f\x98\x80z", most), fits[most]);
		utf8_print(out, most + 1, "%s%c", "ab\xf0\x9f\x98\x80", 'z');
		CU_ASSERT_EQUAL(strlen(out), fits[most]);
	}
	CU_ASSERT_EQUAL(utf8_fit("a\xff\xff", 2), 2); /* what is no character has no whole */
	CU_ASSERT_EQUAL(utf8_fit("a\xc3", 2), 2);
	utf8_print(out, sizeof out, "skip\xdf"); /* nothing was cut */
	CU_ASSERT_STRING_EQUAL(out, "skip\xdf");
}

SUITE(utf8, TEST(knows_a_character), TEST(tells_a_line_of_text), TEST(cuts_between_characters))
