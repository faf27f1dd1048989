#include "io/line_cluster.h"

#include "locale_utf8.h"
#include "suite.h"

#include <string.h>
#include <wctype.h>

#define ACUTE 0x301
#define JOINER 0x200d
#define SELECTOR 0xfe0f
#define HAN 0x6f22
#define PLANE_15 0xf0000
#define RARE_HAN 0x20000
#define HIEROGLYPH 0x13000

static struct line_clusters clusters;
static wchar_t line[64];
static size_t len;

static void begin(void)
{
	enter_utf8();
	len = 0;
}

static void end(void)
{
	line_clusters_free(&clusters);
	leave_utf8();
}

static void type(const wchar_t *typed)
{
	for (; *typed != L'\0'; typed++)
		len = line_clusters_add(&clusters, line, len, *typed);
}

static void stands_for(wchar_t c, const wchar_t *expected)
{
	wchar_t letters[LINE_CLUSTER_SIZE];
	size_t count = line_clusters_letters(&clusters, c, letters);

	CU_ASSERT_EQUAL_FATAL(count, wcslen(expected));
	CU_ASSERT_EQUAL(wmemcmp(letters, expected, count), 0);
}

static void is_drawn_as(wchar_t c, const wchar_t *expected)
{
	wchar_t drawn[LINE_CLUSTER_SIZE + 1];
	size_t count = line_clusters_drawn(&clusters, c, drawn);

	CU_ASSERT_EQUAL_FATAL(count, wcslen(expected));
	CU_ASSERT_EQUAL(wmemcmp(drawn, expected, count), 0);
}

static void a_mark_is_one_with_its_letter(void)
{
	begin();
	type(L"ae\x301x");
	CU_ASSERT_EQUAL_FATAL(len, 3);
	CU_ASSERT_EQUAL(line[0], L'a');
	stands_for(line[0], L"a");
	stands_for(line[1], L"e\x301");
	is_drawn_as(line[1], L"e\x301");
	type(L"\x302\x303");
	CU_ASSERT_EQUAL_FATAL(len, 3);
	stands_for(line[2], L"x\x302\x303");
	end();
}

static void the_same_letters_are_the_same_character(void)
{
	begin();
	type(L"e\x301o\x301"
	     L"e\x301");
	CU_ASSERT_EQUAL_FATAL(len, 3);
	CU_ASSERT_EQUAL(line[0], line[2]);
	CU_ASSERT_NOT_EQUAL(line[0], line[1]);
	end();
}

static void it_is_as_wide_as_its_letter(void)
{
	begin();
	type(L"e\x301\x6f22\x301");
	CU_ASSERT_EQUAL_FATAL(len, 2);
	CU_ASSERT_EQUAL(wcwidth(line[0]), 1);
	CU_ASSERT_EQUAL(wcwidth(line[1]), 2);
	stands_for(line[1], L"\x6f22\x301");
	end();
}

/* Ctrl-W and others go by words, which are what the C library says of characters. */
static void it_is_of_a_word_where_its_letter_is(void)
{
	begin();
	type(L"e\x301\xe01\xe34\x915\x94d(\x301\x6f22\x301\x2764\xfe0f");
	CU_ASSERT_EQUAL_FATAL(len, 6);
	CU_ASSERT_TRUE(iswalnum((wint_t)line[0]));
	CU_ASSERT_TRUE(iswalnum((wint_t)line[1]));
	CU_ASSERT_TRUE(iswalnum((wint_t)line[2]));
	CU_ASSERT_FALSE(iswalnum((wint_t)line[3]));
	CU_ASSERT_TRUE(iswalnum((wint_t)line[4]));
	CU_ASSERT_FALSE(iswalnum((wint_t)line[5]));
	end();
}

static void a_mark_alone_is_drawn_on_a_circle(void)
{
	begin();
	type(L"\x301\t\x302");
	CU_ASSERT_EQUAL_FATAL(len, 3);
	stands_for(line[0], L"\x301");
	is_drawn_as(line[0], L"\x25cc\x301");
	CU_ASSERT_EQUAL(line[1], L'\t');
	stands_for(line[2], L"\x302"); /* a tab has none */
	end();
}

static void a_mark_too_many_begins_another(void)
{
	begin();
	type(L"e\x301\x301\x301\x301\x301\x301\x301\x301\x302");
	CU_ASSERT_EQUAL_FATAL(len, 2);
	stands_for(line[0], L"e\x301\x301\x301\x301\x301\x301\x301");
	stands_for(line[1], L"\x301\x302");
	end();
}

static void what_makes_terminals_differ_is_not_drawn(void)
{
	begin();
	type(L"\x2764\xfe0f\x200d");
	CU_ASSERT_EQUAL_FATAL(len, 1);
	stands_for(line[0], L"\x2764\xfe0f\x200d");
	is_drawn_as(line[0], L"\x2764");
	end();
}

/* Who types a character that stands for others elsewhere has that, and no other. */
static void a_character_that_could_stand_for_others_stands_for_itself(void)
{
	static const wchar_t typed[] = { PLANE_15, RARE_HAN, HIEROGLYPH, PLANE_15 + 1, ACUTE, 0 };

	begin();
	type(L"(\x301"
	     L"e\x301"); /* take the first ones */
	CU_ASSERT_EQUAL(line[0], PLANE_15);
	CU_ASSERT_EQUAL(line[1], HIEROGLYPH);
	type(typed);
	CU_ASSERT_EQUAL_FATAL(len, 6);
	stands_for(line[0], L"(\x301");
	stands_for(line[1], L"e\x301");
	stands_for(line[2], (wchar_t[]){ PLANE_15, 0 });
	stands_for(line[3], (wchar_t[]){ RARE_HAN, 0 });
	CU_ASSERT_EQUAL(wcwidth(line[3]), 2);
	stands_for(line[4], (wchar_t[]){ HIEROGLYPH, 0 });
	stands_for(line[5], (wchar_t[]){ PLANE_15 + 1, ACUTE, 0 });
	end();
}

/* 1,024 of words and 8,192 of one column: the next mark is not taken, and what is there stays. */
static void there_is_an_end_of_them(void)
{
	wchar_t letters[2] = { 'a' };
	unsigned count = 0;

	begin();
	for (letters[1] = 0x4000; line_clusters_put(&clusters, letters, 2) != 0; letters[1]++)
		count++;
	CU_ASSERT_EQUAL(count, 1024 + 8192);
	type(L"e\x301\x301");
	CU_ASSERT_EQUAL_FATAL(len, 1);
	CU_ASSERT_EQUAL(line[0], L'e');
	stands_for(HIEROGLYPH + 1023, (wchar_t[]){ 'a', 0x4000 + 1023, 0 });
	stands_for(PLANE_15 + 8191, (wchar_t[]){ 'a', 0x4000 + 1024 + 8191, 0 });
	type(L"\x6f22\x301"); /* there is room for wide ones */
	CU_ASSERT_EQUAL(len, 2);
	end();
}

static void its_bytes_are_those_that_were_typed(void)
{
	static const char expected[] = "e\xcc\x81 \xf3\xb0\x80\x80x";
	char text[sizeof expected];

	begin();
	type((wchar_t[]){ 'e', ACUTE, ' ', PLANE_15, 'x', 0 });
	CU_ASSERT_EQUAL_FATAL(line_clusters_text(&clusters, line, len, text, sizeof text), sizeof expected - 1);
	CU_ASSERT_EQUAL(memcmp(text, expected, sizeof expected - 1), 0);
	end();
}

/* Of a line too long all bytes are told, none is left as it was: a line end there would end a shorter line. */
static void bytes_too_many_are_all_its_own(void)
{
	char text[] = "\n\n\n\n\n\n";

	begin();
	type(L"ae\x301\x6f22");
	CU_ASSERT_EQUAL_FATAL(line_clusters_text(&clusters, line, len, text, sizeof text), sizeof text);
	CU_ASSERT_EQUAL(memcmp(text, "ae\xcc\x81", 4), 0);
	CU_ASSERT_PTR_NULL(memchr(text, '\n', sizeof text));
	end();
}

static void what_is_a_mark(void)
{
	enter_utf8();
	CU_ASSERT_TRUE(line_cluster_is_mark(ACUTE));
	CU_ASSERT_TRUE(line_cluster_is_mark(JOINER));
	CU_ASSERT_TRUE(line_cluster_is_mark(SELECTOR));
	CU_ASSERT_FALSE(line_cluster_is_mark(L'\0'));
	CU_ASSERT_FALSE(line_cluster_is_mark(L'a'));
	CU_ASSERT_FALSE(line_cluster_is_mark(L'\x01'));
	CU_ASSERT_FALSE(line_cluster_is_mark(HAN));
	CU_ASSERT_TRUE(line_cluster_is_taken(PLANE_15));
	CU_ASSERT_TRUE(line_cluster_is_taken(PLANE_15 + 8191));
	CU_ASSERT_FALSE(line_cluster_is_taken(PLANE_15 + 8192));
	CU_ASSERT_TRUE(line_cluster_is_taken(RARE_HAN + 8191));
	CU_ASSERT_FALSE(line_cluster_is_taken(RARE_HAN + 8192));
	CU_ASSERT_TRUE(line_cluster_is_taken(HIEROGLYPH));
	CU_ASSERT_TRUE(line_cluster_is_taken(HIEROGLYPH + 1023));
	CU_ASSERT_FALSE(line_cluster_is_taken(HIEROGLYPH + 1024));
	CU_ASSERT_FALSE(line_cluster_is_taken(HAN));
	leave_utf8();
}

SUITE(line_cluster, TEST(a_mark_is_one_with_its_letter), TEST(the_same_letters_are_the_same_character),
      TEST(it_is_as_wide_as_its_letter), TEST(it_is_of_a_word_where_its_letter_is),
      TEST(a_mark_alone_is_drawn_on_a_circle), TEST(a_mark_too_many_begins_another),
      TEST(what_makes_terminals_differ_is_not_drawn), TEST(a_character_that_could_stand_for_others_stands_for_itself),
      TEST(there_is_an_end_of_them), TEST(its_bytes_are_those_that_were_typed), TEST(bytes_too_many_are_all_its_own),
      TEST(what_is_a_mark))
