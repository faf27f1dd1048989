#include "io/line_place.h"

#include "locale_utf8.h"
#include "suite.h"

#define PROMPT 4 /* of ">>> " */

static void ends_at(const wchar_t *line, unsigned width, unsigned row, unsigned column)
{
	struct line_place end = line_place_of(line, wcslen(line), wcslen(line), PROMPT, width);

	CU_ASSERT_EQUAL(end.row, row);
	CU_ASSERT_EQUAL(end.column, column);
}

static void a_character_has_the_columns_it_is_drawn_in(void)
{
	enter_utf8();
	CU_ASSERT_EQUAL(line_place_columns(L'a'), 1);
	CU_ASSERT_EQUAL(line_place_columns(0x6f22), 2);  /* a Chinese character */
	CU_ASSERT_EQUAL(line_place_columns(0x301), 0);   /* a combining acute */
	CU_ASSERT_EQUAL(line_place_columns(0xfe0f), 0);  /* a variation selector */
	CU_ASSERT_EQUAL(line_place_columns(0x01), 2);    /* ^A */
	CU_ASSERT_EQUAL(line_place_columns(0x7f), 2);    /* ^? */
	CU_ASSERT_EQUAL(line_place_columns(0x85), 7);    /* a C1 control: \U+0085 */
	CU_ASSERT_EQUAL(line_place_columns(0xffff), 7);  /* no character: \U+FFFF */
	CU_ASSERT_EQUAL(line_place_columns(0x1ffff), 8); /* \U+1FFFF */
	CU_ASSERT_EQUAL(line_place_columns(0x10ffff), 9);
	leave_utf8();
}

static void a_full_row_ends_in_the_next(void)
{
	enter_utf8();
	ends_at(L"", 10, 0, 4);
	ends_at(L"abcde", 10, 0, 9);
	ends_at(L"abcdef", 10, 1, 0);
	ends_at(L"abcdefghijklmnopq", 10, 2, 1);
	ends_at(L"abcde\x01", 10, 1, 1); /* ^A may be parted, and so may a code */
	ends_at(L"\xffff", 10, 1, 1);
	leave_utf8();
}

static void a_mark_takes_no_place(void)
{
	enter_utf8();
	ends_at(L"e\x301"
	        L"e\x301",
	        10, 0, 6);
	ends_at(L"abcdef\x301", 10, 1, 0);
	ends_at(L"\x2764\xfe0f", 10, 0, 5);
	leave_utf8();
}

static void a_wide_one_is_not_parted(void)
{
	static const wchar_t line[] = L"abcde\x6f22x";
	struct line_place at;

	enter_utf8();
	ends_at(L"abcd\x6f22", 10, 1, 0);
	ends_at(L"abcde\x6f22", 10, 1, 2);
	at = line_place_of(line, 7, 5, PROMPT, 10); /* the cursor on it, the last column left empty */
	CU_ASSERT_EQUAL(at.row, 1);
	CU_ASSERT_EQUAL(at.column, 0);
	at = line_place_of(line, 7, 4, PROMPT, 10);
	CU_ASSERT_EQUAL(at.row, 0);
	CU_ASSERT_EQUAL(at.column, 8);
	leave_utf8();
}

static void a_tab_ends_at_a_stop_or_the_edge(void)
{
	enter_utf8();
	ends_at(L"\t", 20, 0, 8);
	ends_at(L"abcd\t", 20, 0, 16);
	ends_at(L"abcd\t\t", 20, 1, 0);
	ends_at(L"a\nb", 20, 0, 8); /* ^J: a line end ends the line */
	leave_utf8();
}

SUITE(line_place, TEST(a_character_has_the_columns_it_is_drawn_in), TEST(a_full_row_ends_in_the_next),
      TEST(a_mark_takes_no_place), TEST(a_wide_one_is_not_parted), TEST(a_tab_ends_at_a_stop_or_the_edge))
