#include "base/printable.h"
#include "suite.h"

#include <string.h>

static void plain_text_stays(void)
{
	char out[PRINTABLE_ROOM(16)];

	CU_ASSERT_STRING_EQUAL(printable_text((const uint8_t *)"text, ~ and 100%", 16, out, sizeof out),
	                       "text, ~ and 100%");
	CU_ASSERT_STRING_EQUAL(printable_text((const uint8_t *)"", 0, out, sizeof out), "");
}

static void nothing_moves_the_cursor(void)
{
	static const uint8_t bytes[] = { 0x1b, '[', '2', 'J', '\r', '\n', '\t', 0, 0x7f, 0x9b, 0xff, '\\', 'n' };
	char out[PRINTABLE_ROOM(sizeof bytes)];

	CU_ASSERT_STRING_EQUAL(printable_text(bytes, sizeof bytes, out, sizeof out),
	                       "\\x1b[2J\\r\\n\\t\\x00\\x7f\\x9b\\xff\\\\n");
}

static void every_byte_becomes_printable_ascii(void)
{
	for (unsigned b = 0; b < 256; b++) {
		uint8_t byte = (uint8_t)b;
		char out[PRINTABLE_ROOM(1)];

		printable_text(&byte, 1, out, sizeof out);
		for (const char *c = out; *c != '\0'; c++)
			CU_ASSERT_TRUE(*c >= 0x20 && *c < 0x7f);
	}
}

static void what_does_not_fit_is_left_out_whole(void)
{
	char out[6];

	CU_ASSERT_STRING_EQUAL(printable_text((const uint8_t *)"ab\x01z", 4, out, sizeof out), "ab");
	CU_ASSERT_STRING_EQUAL(printable_text((const uint8_t *)"a\x01z", 3, out, sizeof out), "a\\x01");
	CU_ASSERT_STRING_EQUAL(printable_text((const uint8_t *)"abc", 3, out, 1), "");
}

SUITE(printable, TEST(plain_text_stays), TEST(nothing_moves_the_cursor), TEST(every_byte_becomes_printable_ascii),
      TEST(what_does_not_fit_is_left_out_whole))
