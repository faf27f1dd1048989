#include "base/escape.h"
#include "suite.h"

#include <stdint.h>
#include <string.h>

static const char *escaped(const char *bytes, size_t len, enum escape_kept kept)
{
	static char out[128];

	CU_ASSERT_EQUAL(escape_text(out, sizeof out, bytes, len, kept), strlen(out));
	return out;
}

static void plain_text_stays(void)
{
	for (int kept = ESCAPE_KEPT_ASCII; kept <= ESCAPE_KEPT_UTF8; kept++) {
		CU_ASSERT_STRING_EQUAL(escaped("text, ~ and 100%", 16, (enum escape_kept)kept), "text, ~ and 100%");
		CU_ASSERT_STRING_EQUAL(escaped("", 0, (enum escape_kept)kept), "");
		CU_ASSERT_STRING_EQUAL(escaped("\0\xff", 2, (enum escape_kept)kept), "\\x00\\xff");
	}
}

/* What each sort keeps of: an escape sequence, tab, line end, backslash, a letter of two bytes, C1, DEL, U+FFFE. */
static void each_keeps_its_own(void)
{
	static const char bytes[] = "\x1b[2J\t\n\\\xc3\x9f\xc2\x9b\x7f\xef\xbf\xbe";
	static const char *const shown[] = {
		[ESCAPE_KEPT_ASCII] = "\\x1b[2J\\x09\\x0a\\x5c\\xc3\\x9f\\xc2\\x9b\\x7f\\xef\\xbf\\xbe",
		[ESCAPE_KEPT_LINE] = "\\x1b[2J\\x09\\x0a\\\xc3\x9f\\xc2\\x9b\\x7f\xef\xbf\xbe",
		[ESCAPE_KEPT_COLUMNS] = "\\x1b[2J\t\\x0a\\\xc3\x9f\\xc2\\x9b\\x7f\xef\xbf\xbe",
		[ESCAPE_KEPT_XML] = "\\x1b[2J\t\n\\\xc3\x9f\xc2\x9b\\x7f\\xef\\xbf\\xbe",
		[ESCAPE_KEPT_UTF8] = bytes,
	};

	for (int kept = ESCAPE_KEPT_ASCII; kept <= ESCAPE_KEPT_UTF8; kept++)
		CU_ASSERT_STRING_EQUAL(escaped(bytes, sizeof bytes - 1, (enum escape_kept)kept), shown[kept]);
}

static void every_byte_becomes_printable_ascii(void)
{
	for (unsigned b = 0; b < 256; b++) {
		char byte = (char)b;

		for (const char *c = escaped(&byte, 1, ESCAPE_KEPT_ASCII); *c != '\0'; c++)
			CU_ASSERT_TRUE(*c >= 0x20 && *c < 0x7f);
	}
}

static void what_does_not_fit_is_left_out_whole(void)
{
	char out[6];

	CU_ASSERT_EQUAL(escape_text(out, 6, "ab\x01z", 4, ESCAPE_KEPT_ASCII), 2);
	CU_ASSERT_STRING_EQUAL(out, "ab");
	CU_ASSERT_EQUAL(escape_text(out, 6, "a\x01z", 3, ESCAPE_KEPT_ASCII), 5);
	CU_ASSERT_STRING_EQUAL(out, "a\\x01");
	CU_ASSERT_EQUAL(escape_text(out, 5, "a\xff", 2, ESCAPE_KEPT_LINE), 1);
	CU_ASSERT_EQUAL(escape_text(out, 2, "\xc3\x9f", 2, ESCAPE_KEPT_LINE), 0);
	CU_ASSERT_EQUAL(escape_text(out, 1, "abc", 3, ESCAPE_KEPT_ASCII), 0);
	CU_ASSERT_STRING_EQUAL(out, "");
}

#define ZWNJ "\xe2\x80\x8c"
#define ZWJ "\xe2\x80\x8d"
#define MIM "\xd9\x85"          /* Arabic */
#define KA "\xe0\xa4\x95"       /* Devanagari */
#define VIRAMA "\xe0\xa5\x8d"   /* which takes the vowel of the letter in front */
#define HEART "\xe2\x9d\xa4"    /* an emoji */
#define AS_EMOJI "\xef\xb8\x8f" /* a variation selector */
#define FIRE "\xf0\x9f\x94\xa5" /* another */

/* What is written with joiners stays; where they join nothing, or one another, they would only hide. */
static void joiners_stay_between_what_they_join(void)
{
	static const char *const good[] = {
		MIM ZWNJ MIM,
		KA VIRAMA ZWJ KA,
		"a " HEART AS_EMOJI ZWJ FIRE ZWJ FIRE "!",
	};
	static const char *const bad[][2] = {
		{ "a" ZWJ "b", "a\\xe2\\x80\\x8db" },
		{ ZWNJ MIM, "\\xe2\\x80\\x8c" MIM },
		{ MIM ZWNJ, MIM "\\xe2\\x80\\x8c" },
		{ MIM ZWNJ " " MIM, MIM "\\xe2\\x80\\x8c " MIM },
		{ MIM ZWNJ ZWNJ MIM, MIM "\\xe2\\x80\\x8c\\xe2\\x80\\x8c" MIM },
		{ MIM "\xe2\x80\x8e" MIM, MIM "\\xe2\\x80\\x8e" MIM }, /* a mark of direction */
		{ MIM "\xe2\x80\x8b" MIM, MIM "\\xe2\\x80\\x8b" MIM }, /* a blank of no width */
	};

	for (enum escape_kept kept = ESCAPE_KEPT_LINE; kept <= ESCAPE_KEPT_COLUMNS; kept++) {
		for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
			CU_ASSERT_STRING_EQUAL(escaped(good[i], strlen(good[i]), kept), good[i]);
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			CU_ASSERT_STRING_EQUAL(escaped(bad[i][0], strlen(bad[i][0]), kept), bad[i][1]);
	}
	CU_ASSERT_STRING_EQUAL(escaped(MIM ZWNJ MIM, 7, ESCAPE_KEPT_ASCII), "\\xd9\\x85\\xe2\\x80\\x8c\\xd9\\x85");
}

SUITE(escape, TEST(joiners_stay_between_what_they_join), TEST(plain_text_stays), TEST(each_keeps_its_own),
      TEST(every_byte_becomes_printable_ascii), TEST(what_does_not_fit_is_left_out_whole))
