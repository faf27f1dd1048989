/* What may be a name, what is wrong with others, and which look the same. */
#include "base/utf8.h"
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
		"Zo\xc3\xab",                                                               /* Latin */
		"Jos\xc3\xa9",                                                              /* Latin */
		"\xc5\x81ukasz",                                                            /* Latin */
		"\305\275i\305\276ek",                                                      /* Latin */
		"Nguy\xe1\xbb\x85n",                                                        /* Latin, Vietnamese */
		"\305\236ahin",                                                             /* Latin, Turkish */
		"\xc4\xb0pek",                                                              /* Latin, Turkish */
		"\xc6\x8fliyev",                                                            /* Latin, Azerbaijani */
		"\xc3\x96zg\xc3\xbcr",                                                      /* Latin */
		"\xc3\x9e\xc3\xb3r\xc3\xb0ur",                                              /* Latin, Icelandic */
		"stra\303\237e",                                                            /* Latin */
		"\xce\x9d\xce\xaf\xce\xba\xce\xbf\xcf\x82",                                 /* Greek */
		"\xce\x95\xce\xbb\xce\xad\xce\xbd\xce\xb7",                                 /* Greek */
		"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd",                                         /* Cyrillic */
		"\xd0\x9d\xd0\xb0\xd1\x82\xd0\xb0\xd0\xbb\xd1\x96\xd1\x8f",                 /* Cyrillic, Ukrainian */
		"\xd0\x82\xd0\xbe\xd1\x80\xd1\x92\xd0\xb5",                                 /* Cyrillic, Serbian */
		"\xd3\x98\xd1\x81\xd0\xb5\xd0\xbb",                                         /* Cyrillic, Kazakh */
		"\xd9\x85\xd8\xad\xd9\x85\xd8\xaf",                                         /* Arabic */
		"\xd8\xa2\xd8\xb1\xd8\xb4",                                                 /* Arabic, Persian */
		"\xda\xa9\xd8\xb1\xdb\x8c\xd9\x85",                                         /* Arabic, Persian */
		"\xd9\xa3\xd8\xb9\xd9\x84\xd9\x8a",                                         /* Arabic, with a digit */
		"\xd7\x9e\xd7\xa9\xd7\x94",                                                 /* Hebrew */
		"\xd7\x92\xd7\xb3\xd7\x95\xd7\x9f",                                         /* Hebrew, with a geresh */
		"\xe0\xa4\x85\xe0\xa4\xae\xe0\xa4\xbf\xe0\xa4\xa4",                         /* Devanagari */
		"\xe0\xa4\xaa\xe0\xa5\x8d\xe0\xa4\xb0\xe0\xa4\xbf\xe0\xa4\xaf\xe0\xa4\xbe", /* Devanagari */
		"\xe0\xa5\xaf\xe0\xa4\x85\xe0\xa4\xae\xe0\xa4\xbf\xe0\xa4\xa4", /* Devanagari, with a digit */
		"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e",                         /* Chinese */
		"\xe6\x9d\x8e",                                                 /* Chinese */
		"\xf0\xa0\xae\xb7\xe9\x87\x8e",                                 /* Chinese, beyond the first plane */
		"\xe5\xb1\xb1\xe7\x94\xb0\xe3\x81\x9f\xe3\x82\x8d\xe3\x81\x86", /* Japanese */
		"\xe3\x82\xb5\xe3\x83\x88\xe3\x83\xbc",                         /* Japanese */
		"\xe4\xbd\x90\xe3\x80\x85\xe6\x9c\xa8",                         /* Japanese */
		"\xed\x95\x9c\xea\xb8\x80",                                     /* Korean */
		"\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98",                         /* Korean */
		"\xe0\xb8\xaa\xe0\xb8\xa1\xe0\xb8\x8a\xe0\xb8\xb2\xe0\xb8\xa2", /* Thai */
		"\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3",                         /* Thai */
		"\xd4\xb1\xd6\x80\xd5\xa1\xd5\xb4",                             /* Armenian */
		"\xe1\x83\x92\xe1\x83\x98\xe1\x83\x9d\xe1\x83\xa0\xe1\x83\x92\xe1\x83\x98", /* Georgian */
		"\xe0\xa6\xb0\xe0\xa6\xb9\xe0\xa6\xbf\xe0\xa6\xae",                         /* Bengali */
		"\xe0\xa8\xb8\xe0\xa8\xbf\xe0\xa9\xb0\xe0\xa8\x98",                         /* Gurmukhi */
		"\xe0\xae\xaa\xe0\xae\xbe\xe0\xae\xb2\xe0\xae\xbe",                         /* Tamil */
		"\xe0\xb0\xb0\xe0\xb0\xbe\xe0\xb0\x9c\xe0\xb1\x81",                         /* Telugu */
		"\xe0\xb2\xb0\xe0\xb2\xbe\xe0\xb2\x9c\xe0\xb3\x81",                         /* Kannada */
		"\xe0\xb4\xb0\xe0\xb4\xbe\xe0\xb4\x9c\xe0\xb5\x81",                         /* Malayalam */
		"\xe0\xb6\x85\xe0\xb6\xb8\xe0\xb6\xbd",                                     /* Sinhala */
		"\xe0\xba\xaa\xe0\xba\xbb\xe0\xba\xa1",                                     /* Lao */
		"\xe0\xbd\x96\xe0\xbd\xa6\xe0\xbe\x9f\xe0\xbd\x93",                         /* Tibetan */
		"\xe1\x80\xa1\xe1\x80\xb1\xe1\x80\xac\xe1\x80\x84\xe1\x80\xba",             /* Myanmar */
		"\xe1\x9e\x9f\xe1\x9e\xbb\xe1\x9e\x81",                                     /* Khmer */
		"\xe1\x8a\xa0\xe1\x89\xa0\xe1\x89\xa0",                                     /* Ethiopic */
		"\xe1\x8f\xa3\xe1\x8e\xb3\xe1\x8e\xa9",                                     /* Cherokee */
		"\xea\x93\xa1\xea\x93\xb2\xea\x93\xa2\xea\x93\xb4",                         /* Lisu */
		"\xe1\x90\x83\xe1\x93\x84\xe1\x92\x83",                                     /* Canadian syllabics */
		"\xe2\xb4\xb0\xe2\xb5\x8e\xe2\xb5\x8f\xe2\xb4\xb0\xe2\xb5\xa2",             /* Tifinagh */
		"\xdf\x92\xdf\x9e\xdf\x8f",                                                 /* N'Ko */
		"anne-marie_7.x+@",                                                         /* signs */
		"~bob",                                                                     /* signs */
		"tarou\xe5\xb1\xb1\xe7\x94\xb0",                                            /* Latin beside Han */
		"\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd\xe5\xb1\xb1",                             /* Cyrillic beside Han */
		"bob\xf0\x9f\x90\xb1",                                                      /* an emoji */
		"bob\U0001f7e0\U0001f7eb\U0001f7f0",                                        /* newer emoji */
		"\u5c71\ufa11",                   /* an ideograph that stands among the compatible ones and is none */
		"\u0f56\u0f7c\u0f51\u0f0b",       /* Tibetan, with a tsheg */
		"\u0f58\u0f7c\u0f0b\u0f63\u0f72", /* Tibetan, with a tsheg */
		"\u1ecc\u0300\u1e63un",           /* Yoruba, with a mark that the letter is never written whole with */
		"m\u0300\u1ecd\u0301",            /* Yoruba */
		"G\u0303uahug\u0303u",            /* Guarani */
		"K\u0254\u0301jo\u0190\u0303",    /* Ewe */
		"Y\u00e1\u012f\u0301",            /* Navajo */
		"12345678901234567890123456789012",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		CU_ASSERT_EQUAL_FATAL(check(names[i]), NAME_IS_GOOD);
}

/* Nobody can say whether it is a hyphen, or an o. */
static void signs_and_alphabets_of_old_are_refused(void)
{
	static const char *const names[] = {
		"al\xe2\x80\x90ice", /* a hyphen */
		"al\xe2\x80\x91ice", /* a hyphen that does not break */
		"al\xe2\x88\x92ice", /* minus */
		"al\xe2\x80\x93ice", /* a dash */
		"dora\xe2\x80\x91",
		"d\xe2\x97\x8bra", /* a circle */
		"d\xc2\xb0ra",     /* degrees */
		"d\xe2\x97\x8fra",
		"d\xe2\x88\x98ra",
		"a\342\200\242b", /* a bullet */
		"a\302\267b",     /* a dot */
		"a\342\210\231b",
		"\342\202\254bob",
		"\xf0\x90\x8a\xa0lice",     /* Carian */
		"\360\220\220\240b",        /* Deseret */
		"\341\233\201bob",          /* runes */
		"\xe2\xb2\x81\xe2\xb2\x83", /* Coptic */
		"\xd7\x90\xd6\xbe\xd7\x91", /* maqaf */
		"\xe0\xa4\x85\xe0\xa5\xa4", /* danda */
		"\xe5\xb1\xb1\xe3\x80\x81\xe7\x94\xb0",
		"\xe5\xb1\xb1\xe3\x83\xbb\xe7\x94\xb0", /* a dot in the middle */
		"\342\230\205bob",
		"\xe1\xbd\x88", /* Greek of old */
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		CU_ASSERT_EQUAL_FATAL(check(names[i]), NAME_HAS_NO_LETTER);
}

static void alphabets_stand_alone(void)
{
	static const char *const names[] = {
		"d\xe0\xbb\x90ra",  /* Lao */
		"d\xe0\xab\xa6ra",  /* Gujarati */
		"d\xe0\xa5\xa6ra",  /* Devanagari */
		"d\xdf\x80ra",      /* N'Ko */
		"a\xe0\xb9\x80ice", /* Thai */
		"a\xd8\xa7ice",     /* Arabic */
		"a\327\241b",       /* Hebrew */
		"\xea\x93\xaelice", /* Lisu */
		"\xe1\x8e\xaalice", /* Cherokee */
		"\xe1\x97\x85lice", /* Canadian syllabics */
		"\342\265\224b",    /* Tifinagh */
		"\xd5\xa3ilice",    /* Armenian */
		"\341\203\235b",    /* Georgian */
		"\xd0\x90lice",     /* Cyrillic */
		"\xce\x91lice",     /* Greek */
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		CU_ASSERT_EQUAL_FATAL(check(names[i]), NAME_IS_MIXED);
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
		{ "e\xcc\x81", NAME_HAS_MARK,
		  "has a combining mark in it, U+0301: use the whole letter, or leave the mark out" },
		{ "\u1ecd\u0300\u0300", NAME_HAS_MARK, /* one is allowed, behind its letter */
		  "has a combining mark in it, U+0300: use the whole letter, or leave the mark out" },
		{ "\u0300\u1ecd", NAME_HAS_MARK,
		  "has a combining mark in it, U+0300: use the whole letter, or leave the mark out" },
		{ "\u1ecd\u0327", NAME_HAS_MARK,
		  "has a combining mark in it, U+0327: use the whole letter, or leave the mark out" },
		{ "g\u0303\u043e", NAME_IS_MIXED, "mixes alphabets whose letters look alike" }, /* Cyrillic o */
		{ "\xf0\x9d\x90\x9bob", NAME_HAS_LOOK_ALIKE,
		  "has a sign in it that looks like another letter, U+1D41B: use plain letters" },
		{ "\xef\xbd\x82ob", NAME_HAS_LOOK_ALIKE,
		  "has a sign in it that looks like another letter, U+FF42: use plain letters" },
		{ "\u0f40\u0f73", NAME_HAS_LOOK_ALIKE, /* two vowels of Tibetan */
		  "has a sign in it that looks like another letter, U+0F73: use plain letters" },
		{ "\u0627\u0653", NAME_HAS_MARK,
		  "has a combining mark in it, U+0653: use the whole letter, or leave the mark out" },
		{ "al\xe2\x80\x90ice", NAME_HAS_NO_LETTER,
		  "has U+2010 in it, no letter or digit of an alphabet in use; of signs only - _ . + @ ~ are allowed" },
		{ "b\320\276b", NAME_IS_MIXED, "mixes alphabets whose letters look alike" }, /* Cyrillic o */
		{ "b\316\277b", NAME_IS_MIXED, "mixes alphabets whose letters look alike" }, /* Greek o */
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

struct pair {
	const char *name, *other;
};

static void expect_alike(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CU_ASSERT_EQUAL_FATAL(check(pairs[i].name), NAME_IS_GOOD);
		CU_ASSERT_EQUAL_FATAL(check(pairs[i].other), NAME_IS_GOOD);
		CU_ASSERT_TRUE_FATAL(alike(pairs[i].name, pairs[i].other));
	}
}

static void expect_unlike(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_FALSE_FATAL(alike(pairs[i].name, pairs[i].other));
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

static void whole_names_in_other_letters_are_the_same(void)
{
	static const struct pair same[] = {
		{ "alice", "\xea\x93\xae\xea\x93\xa1\xea\x93\xb2\xea\x93\x9a\xea\x93\xb0" }, /* Lisu */
		{ "alice", "\xe1\x8e\xaa\xe1\x8f\x9e\xe1\x8f\x86\xe1\x8f\x9f\xe1\x8e\xac" }, /* Cherokee */
		{ "alice", "\xea\xad\xba\xea\xae\xae\xea\xae\x96\xea\xae\xaf\xea\xad\xbc" }, /* small Cherokee */
		{ "dora", "\xea\x93\x93\xea\x93\xb3\xea\x93\xa3\xea\x93\xae" },              /* Lisu */
		{ "abla", "\xe1\x97\x85\xe1\x97\xb7\xe1\x92\xaa\xe1\x97\x85" },              /* Canadian syllabics */
		{ "oo1", "\340\271\220\340\271\2201" },                                      /* Thai */
		{ "o1o", "\340\245\2461\340\245\246" },                                      /* Devanagari */
		{ "oo", "\xe0\xab\xa6\xe0\xab\xa6" },                                        /* Gujarati */
		{ "oo", "\xe0\xbb\x90\xe0\xbb\x90" },                                        /* Lao */
		{ "oo", "\xdf\x80\xdf\x80" },                                                /* N'Ko */
		{ "oo", "\xd7\xa1\xd7\xa1" },                                                /* Hebrew */
		{ "ol", "\xd9\xa5\xd9\xa1" },                                                /* Arabic */
		{ "\xd9\xa2\xd9\xa3", "\xdb\xb2\xdb\xb3" },                                  /* Arabic, Persian */
		{ "\xd8\xb9\xd9\x84\xd9\x8a", "\xd8\xb9\xd9\x84\xdb\x8c" },                  /* Arabic, Persian */
		{ "o-o", "\xe3\x80\x87\xe4\xb8\x80\xe3\x80\x87" },                           /* Han */
		{ "o", "\xe3\x85\x87" },                                                     /* Korean */
		{ "\xe4\xba\x8c\xe5\x8f\xa3", "\xe3\x83\x8b\xe3\x83\xad" },                  /* Japanese */
		{ "\xd0\x92\xd0\xb0\xd0\xbd\xd1\x8f", "\xd0\x92\xd0\x90\xd0\x9d\xd0\xaf" },  /* Cyrillic */
		{ "\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0", "\xd1\x91\xd0\x9b\xd0\x9a\xd0\x90" },  /* Cyrillic */
		{ "\305\275i\305\276ek", "\305\275I\305\275EK" },
		{ "\xc5\x81ukasz", "\xc5\x82UKASZ" },
		{ "NGUY\xe1\xbb\x84N", "nguy\xe1\xbb\x85n" },
		{ "\xe1\x83\x92\xe1\x83\x98\xe1\x83\x90", "\xe1\xb2\x92\xe1\xb2\x98\xe1\xb2\x90" }, /* Georgian */
		{ "\xd4\xb1\xd6\x80\xd5\xa1\xd5\xb4", "\xd4\xb1\xd5\x90\xd4\xb1\xd5\x84" },         /* Armenian */
		{ "\xc8\x99tefan", "\xc5\x9eTEFAN" }, /* comma and cedilla */
		{ "\u1ecc\u0300\u1e63un", "\u1ecd\u0300\u1e62UN" },
		{ "K\u0186\u0301jo", "k\u0254\u0301JO" },
		{ "\u0197\u0193\u0244\u023a\u023e", "\u0268\u0260\u0289\u2c65\u2c66" },
		{ "\u2c7e\u2c7f\u01ae\u01b1\u0245", "\u023f\u0240\u0288\u028a\u028c" },
		{ "\u0398", "\u0275" }, /* theta, and o with a bar */
		{ "\u04e8", "\u0275" },
		{ "wr3fl", "\u026f\u0280\u0292\u0283\u0269" },
		{ "\u03a3", "\u01a9" }, /* sigma, and a large esh */
	};
	static const struct pair others[] = {
		{ "alice", "alicia" },
		{ "bob", "rob" },
		{ "zoe", "zo\xc3\xab" },
		{ "\xc3\xa4", "\xc3\xb6" },
		{ "\xe5\xb1\xb1", "\xe5\xb7\x9d" },
		{ "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\x98\xd0\xbb\xd0\xb0\xd0\xbd" },
		{ "\xd9\x85\xd8\xad\xd9\x85\xd8\xaf", "\xd9\x85\xd8\xad\xd9\x85\xd9\x88\xd8\xaf" },
		{ "\xd7\x9e\xd7\xa9\xd7\x94", "\xd7\x9e\xd7\xa0\xd7\x94" },
		{ "\xe0\xa4\x85\xe0\xa4\xae\xe0\xa4\xbf\xe0\xa4\xa4",
		  "\xe0\xa4\x85\xe0\xa4\xae\xe0\xa4\xbf\xe0\xa4\xa4\xe0\xa4\xbe" },
		{ "\xe0\xa4\xb8\xe0\xa4\xae", "\xe0\xa4\xae\xe0\xa4\xb8" },
		{ "\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98", "\xea\xb9\x80\xec\xb2\xa0\xed\x98\xb8" },
		{ "\xe7\x8e\x8b", "\xe7\x8e\x89" },
		{ "\xe0\xb8\xaa\xe0\xb8\xa1\xe0\xb8\x8a\xe0\xb8\xb2\xe0\xb8\xa2",
		  "\xe0\xb8\xaa\xe0\xb8\xa1\xe0\xb8\xab\xe0\xb8\x8d\xe0\xb8\xb4\xe0\xb8\x87" },
	};

	expect_alike(same, sizeof same / sizeof same[0]);
	expect_unlike(others, sizeof others / sizeof others[0]);
}

/* A letter and its other form, small or large, are both of names or both none. */
static void letters_are_good_with_their_other_form(void)
{
	static const struct {
		const char *large, *small;
	} letters[] = {
		{ "\u0193", "\u0260" }, { "\u0196", "\u0269" }, { "\u0197", "\u0268" }, { "\u019c", "\u026f" },
		{ "\u019f", "\u0275" }, { "\u01a6", "\u0280" }, { "\u01a9", "\u0283" }, { "\u01ae", "\u0288" },
		{ "\u01b1", "\u028a" }, { "\u01b7", "\u0292" }, { "\u023a", "\u2c65" }, { "\u023e", "\u2c66" },
		{ "\u2c7e", "\u023f" }, { "\u2c7f", "\u0240" }, { "\u0244", "\u0289" }, { "\u0245", "\u028c" },
	};

	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		CU_ASSERT_EQUAL(check(letters[i].large), NAME_IS_GOOD);
		CU_ASSERT_EQUAL(check(letters[i].small), NAME_IS_GOOD);
	}
}

/* Whole or in parts, and whatever the order of marks: what Unicode calls equivalent, and what only looks so. */
static void all_spellings_of_a_letter_look_the_same(void)
{
	static const struct pair same[] = {
		{ "\u095c", "\u0921\u093c" },             /* Devanagari */
		{ "\u0915\u0929", "\u0915\u0928\u093c" }, /* Devanagari */
		{ "\u0929\u094d", "\u0928\u094d\u093c" }, /* Devanagari, with a virama */
		{ "\u09dc", "\u09a1\u09bc" },             /* Bengali */
		{ "\u0995\u09cb", "\u0995\u09c7\u09be" }, /* Bengali */
		{ "\u0a36", "\u0a38\u0a3c" },             /* Gurmukhi */
		{ "\u0b15\u0b4b", "\u0b15\u0b47\u0b3e" }, /* Oriya */
		{ "\u0b95\u0bca", "\u0b95\u0bc6\u0bbe" }, /* Tamil */
		{ "\u0c15\u0c48", "\u0c15\u0c46\u0c56" }, /* Telugu */
		{ "\u0c95\u0cca", "\u0c95\u0cc6\u0cc2" }, /* Kannada */
		{ "\u0ccb", "\u0cca\u0cd5" },             /* Kannada */
		{ "\u0ccb", "\u0cc6\u0cc2\u0cd5" },       /* Kannada, three parts */
		{ "\u0d15\u0d4b", "\u0d15\u0d47\u0d3e" }, /* Malayalam */
		{ "\u0ddd", "\u0ddc\u0dca" },             /* Sinhala */
		{ "\u0ddd", "\u0dd9\u0dcf\u0dca" },       /* Sinhala, three parts */
		{ "\u0f43", "\u0f42\u0fb7" },             /* Tibetan */
		{ "\u0f40\u0f71\u0f74", "\u0f40\u0f74\u0f71" },
		{ "\u1026", "\u1025\u102e" },                               /* Myanmar */
		{ "\u1b06", "\u1b05\u1b35" },                               /* Bali */
		{ "\U0001112e", "\U00011131\U00011127" },                   /* Chakma */
		{ "\u05e9\u05bc\u05c1\u05b8", "\u05e9\u05b8\u05c1\u05bc" }, /* Hebrew, three marks of a letter */
		{ "\u0645\u064e\u0651", "\u0645\u0651\u064e" },             /* Arabic, two marks of a letter */
		{ "\u0e19\u0e38\u0e49", "\u0e19\u0e49\u0e38" },             /* Thai, below and above */
		{ "\u0e17\u0e33", "\u0e17\u0e4d\u0e32" },                   /* Thai */
		{ "\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e4d\u0e32" },       /* Thai, with a tone */
		{ "\u0e19\u0e49\u0e33", "\u0e19\u0e4d\u0e49\u0e45" },       /* Thai, with a tone behind the ring */
		{ "\u0e99\u0ec9\u0eb3", "\u0e99\u0ecd\u0ec9\u0eb2" },       /* Lao */
		{ "\u0edc\u0edd", "\u0eab\u0e99\u0eab\u0ea1" },             /* Lao */
		{ "\u054d\u0587\u0561\u056f", "\u054d\u0565\u0582\u0561\u056f" }, /* Armenian */
	};
	static const struct pair others[] = {
		{ "\u0921", "\u0921\u093c" },
		{ "\u0915\u0928\u093c", "\u0915\u093c\u0928" }, /* on the other letter */
		{ "\u0e17\u0e33", "\u0e17\u0e32" },
		{ "\u0645\u064e\u064f", "\u0645\u064f" },
	};

	expect_alike(same, sizeof same / sizeof same[0]);
	expect_unlike(others, sizeof others / sizeof others[0]);
}

/* Of all characters: what one looks like is no longer than it is, and looks like itself. */
static void looks_are_final(void)
{
	unsigned accepted = 0;

	for (uint32_t code = 1; code <= 0x10ffff; code++) {
		uint8_t name[NAME_SIZE] = { 0 }, look[NAME_SIZE], again[NAME_SIZE];
		size_t len = utf8_write(name, code);

		if (utf8_length(name, len) != len) /* a surrogate */
			continue;
		CU_ASSERT_EQUAL_FATAL(utf8_code(name, len), code);
		accepted += name_check(name, len, NULL) == NAME_IS_GOOD;
		name_look(name, look);
		name_look(look, again);
		CU_ASSERT_TRUE_FATAL(name_length(look) <= len && memcmp(look, again, NAME_SIZE) == 0);
	}
	CU_ASSERT_TRUE(accepted > 100000 && accepted < 120000); /* most of them of Han, and of Korea */
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

SUITE(name, TEST(names_of_any_script_are_good), TEST(signs_and_alphabets_of_old_are_refused),
      TEST(alphabets_stand_alone), TEST(each_fault_is_told), TEST(names_that_look_the_same_are_the_same),
      TEST(whole_names_in_other_letters_are_the_same), TEST(letters_are_good_with_their_other_form),
      TEST(all_spellings_of_a_letter_look_the_same), TEST(looks_are_final), TEST(any_bytes_are_judged))
