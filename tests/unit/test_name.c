/* What may be a name, what is wrong with others, and which look the same. */
#include "chat/name.h"
#include "suite.h"

#include <string.h>

static enum name_fault check(const char *text)
{
	return name_check((const uint8_t *)text, strlen(text), NULL);
}

static void names_of_any_script_are_good(void)
{
	static const char *const names[] = {
		"bob",
		"Zo\xc3\xab",
		"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", /* Ivan */
		"a",
		"anne-marie_7.x+@",
		"\xe5\xb1\xb1\xe7\x94\xb0tarou", /* Yamada in Kanji, and Latin */
		"\xce\xa3",
		"\xf0\x9f\x90\xb1",
		"\xed\x95\x9c\xea\xb8\x80", /* a cat; Hangul */
		"12345678901234567890123456789012",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		CU_ASSERT_EQUAL(check(names[i]), NAME_IS_GOOD);
}

static void each_fault_is_told(void)
{
	static const struct {
		const char *name;
		enum name_fault fault;
		const char *words;
	} table[] = {
		{ "", NAME_IS_EMPTY, "is empty" },
		{ "123456789012345678901234567890123", NAME_IS_TOO_LONG, "has 33 bytes, 32 are allowed" },
		{ "bob\xff", NAME_IS_NOT_UTF8, "is not UTF-8" },
		{ "\xc0\x80", NAME_IS_NOT_UTF8, "is not UTF-8" },
		{ "10.0.0.1:5000", NAME_HAS_SIGN, "has a : in it; of such signs only - _ . + @ ~ are allowed" },
		{ "b*b", NAME_HAS_SIGN, "has a * in it; of such signs only - _ . + @ ~ are allowed" },
		{ "b b", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+0020" },
		{ "b\x1b[2J", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+001B" },
		/* NOLINTNEXTLINE(misc-misleading-bidirectional): nobody is misled who reads an escape */
		{ "b\xe2\x80\xaeob", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+202E" },
		{ "b\xe2\x80\x8b", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+200B" },
		{ "\xd9\x85\xe2\x80\x8c\xd9\x85", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+200C" },
		{ "b\xf3\xa0\x81\xa2", NAME_HAS_UNSEEN, "has something in it that cannot be seen, U+E0062" },
		{ "e\xcc\x81", NAME_HAS_MARK, "has a combining mark in it, U+0301: use the whole letter" },
		{ "\xf0\x9d\x90\x9bob", NAME_HAS_LOOK_ALIKE,
		  "has a sign in it that looks like another letter, U+1D41B" },
		{ "\xef\xbd\x82ob", NAME_HAS_LOOK_ALIKE, "has a sign in it that looks like another letter, U+FF42" },
		{ "b\xd0\xbe"
		  "b",
		  NAME_IS_MIXED, "mixes alphabets whose letters look alike" }, /* Cyrillic o */
		{ "b\xce\xbf"
		  "b",
		  NAME_IS_MIXED, "mixes alphabets whose letters look alike" }, /* Greek o */
	};
	char words[NAME_FAULT_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		CU_ASSERT_EQUAL(check(table[i].name), table[i].fault);
		CU_ASSERT_STRING_EQUAL(name_fault_words(table[i].name, words), table[i].words);
	}
}

static bool alike(const char *a, const char *b)
{
	uint8_t one[NAME_SIZE], other[NAME_SIZE];

	name_pad(a, one);
	name_pad(b, other);
	return name_looks_like(one, other);
}

static void names_that_look_the_same_are_the_same(void)
{
	CU_ASSERT_TRUE(alike("Alice", "aLICE"));
	CU_ASSERT_TRUE(alike("alice", "a1ice"));
	CU_ASSERT_TRUE(alike("alice", "aIice"));
	CU_ASSERT_TRUE(alike("bob", "b0b"));
	CU_ASSERT_TRUE(alike("ace", "\xd0\xb0\xd1\x81\xd0\xb5"));          /* in Cyrillic */
	CU_ASSERT_TRUE(alike("BETA", "\xce\x92\xce\x95\xce\xa4\xce\x91")); /* in Greek */
	CU_ASSERT_TRUE(alike("\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd"));
	CU_ASSERT_TRUE(alike("ZO\xc3\x8b", "zo\xc3\xab"));
	CU_ASSERT_TRUE(alike("\xd4\xb3", "\xd5\xa3")); /* an Armenian capital, whose small letter looks like q */
	/* the first and the last letters of each row of capitals that has its small ones at a distance */
	CU_ASSERT_TRUE(alike("\xc3\x80", "\xc3\xa0") && alike("\xc3\x9e", "\xc3\xbe"));
	CU_ASSERT_TRUE(alike("\xce\x91", "\xce\xb1") && alike("\xce\xa9", "\xcf\x89"));
	CU_ASSERT_TRUE(alike("\xd0\x90", "\xd0\xb0") && alike("\xd0\xaf", "\xd1\x8f"));
	CU_ASSERT_TRUE(alike("\xd0\x80", "\xd1\x90") && alike("\xd0\x8f", "\xd1\x9f"));
	CU_ASSERT_TRUE(alike("\xd4\xb1", "\xd5\xa1") && alike("\xd5\x96", "\xd6\x86"));
	CU_ASSERT_FALSE(alike("alice", "alicia"));
	CU_ASSERT_FALSE(alike("bob", "rob"));
	CU_ASSERT_FALSE(alike("zoe", "zo\xc3\xab"));
	CU_ASSERT_FALSE(alike("\xc3\xa4", "\xc3\xb6")); /* a and o, both with dots: the second byte tells them apart */
	CU_ASSERT_FALSE(alike("\xe5\xb1\xb1", "\xe5\xb7\x9d"));
}

/* Whatever bytes come: nothing is read or written beyond them, and what is good has a look that is no longer. */
static void any_bytes_are_judged(void)
{
	uint32_t dice = 7;

	for (unsigned i = 0; i < 20000; i++) {
		uint8_t name[NAME_SIZE] = { 0 }, look[NAME_SIZE];
		size_t len;

		dice = dice * 1664525u + 1013904223u;
		len = (dice >> 8) % (NAME_SIZE + 1);
		for (size_t k = 0; k < len; k++) {
			dice = dice * 1664525u + 1013904223u;
			name[k] = (uint8_t)(dice >> (i % 2 == 0 ? 24 : 25) | (i % 2 == 0 ? 0 : 0x40)) | 1;
		}
		name_look(name, look);
		if (name_check(name, name_length(name), NULL) == NAME_IS_GOOD)
			CU_ASSERT_TRUE(name_length(look) > 0 && name_length(look) <= name_length(name));
	}
}

SUITE(name, TEST(names_of_any_script_are_good), TEST(each_fault_is_told), TEST(names_that_look_the_same_are_the_same),
      TEST(any_bytes_are_judged))
