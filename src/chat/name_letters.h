/*
 * What names are made of: the letters, marks and digits of alphabets in use, emoji, and a few signs of ASCII. Which
 * alphabet each is of tells whether two may stand in one name. Pure; part of name.
 */
#ifndef NAME_LETTERS_H
#define NAME_LETTERS_H

#include <stdint.h>

enum name_alphabet {
	NAME_NO_LETTER, /* it may stand in no name */
	NAME_ANY, /* beside those of each alphabet: digits and signs of ASCII, emoji, and what China, Japan and Korea
	             write with */
	NAME_LATIN,
	NAME_GREEK,
	NAME_CYRILLIC,
	NAME_ARMENIAN,
	NAME_HEBREW,
	NAME_ARABIC,
	NAME_SYRIAC,
	NAME_THAANA,
	NAME_NKO,
	NAME_DEVANAGARI,
	NAME_BENGALI,
	NAME_GURMUKHI,
	NAME_GUJARATI,
	NAME_ORIYA,
	NAME_TAMIL,
	NAME_TELUGU,
	NAME_KANNADA,
	NAME_MALAYALAM,
	NAME_SINHALA,
	NAME_THAI,
	NAME_LAO,
	NAME_TIBETAN,
	NAME_MYANMAR,
	NAME_GEORGIAN,
	NAME_ETHIOPIC,
	NAME_CHEROKEE,
	NAME_CANADIAN, /* syllabics */
	NAME_KHMER,
	NAME_MONGOLIAN,
	NAME_TIFINAGH,
	NAME_LISU,
	NAME_OTHER, /* those of few people each, together */
};

/* Of which alphabet the character with that code point is. */
enum name_alphabet name_alphabet_of(uint32_t code);

#endif
