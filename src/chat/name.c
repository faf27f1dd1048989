#include "chat/name.h"

#include "base/utf8.h"
#include "chat/name_letters.h"

#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Blanks, fillers, joiners, tags, selectors, private ones: nobody sees what they are. */
static const struct range unseen[] = {
	{ 0x00, 0x20 },        { 0x7f, 0xa0 },     { 0xad, 0xad },     { 0x34f, 0x34f },   { 0x61c, 0x61c },
	{ 0x115f, 0x1160 },    { 0x1680, 0x1680 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f },    { 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 }, { 0x3164, 0x3164 },
	{ 0xe000, 0xf8ff },    { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xffff },
	{ 0xe0000, 0x10ffff },
};

enum { /* combining marks, by Unicode's names */
       GRAVE = 0x300,
       ACUTE = 0x301,
       CIRCUMFLEX = 0x302,
       TILDE = 0x303,
       MACRON = 0x304,
       DIAERESIS = 0x308,
       CARON = 0x30c,
       CEDILLA = 0x327,
       MACRON_BELOW = 0x331,
};

/* Marks of alphabets that have whole letters for them, and the parts that whole Korean letters are made of. */
static const struct range marks[] = {
	{ 0x300, 0x36f },   { 0x483, 0x489 },   { 0x653, 0x655 },   { 0x1100, 0x11ff }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0x3099, 0x309a }, { 0xfe20, 0xfe2f },
};

/* Letters of languages in use that there are not whole with these marks: each may have one of them behind it. */
static const struct {
	uint32_t large, small;
	uint32_t marks[7];
} parted[] = {
	{ 0x1eb8, 0x1eb9, { GRAVE, ACUTE, MACRON } }, /* Yoruba and Igbo: with a dot below, of a tone */
	{ 0x1eca, 0x1ecb, { GRAVE, ACUTE, MACRON } },
	{ 0x1ecc, 0x1ecd, { GRAVE, ACUTE, MACRON } },
	{ 0x1ee4, 0x1ee5, { GRAVE, ACUTE, MACRON } },
	{ 'M', 'm', { GRAVE, MACRON, CEDILLA } },
	{ 'N', 'n', { MACRON } },
	{ 0x186, 0x254, { GRAVE, ACUTE, CIRCUMFLEX, TILDE, MACRON, DIAERESIS, CARON } }, /* Ewe, Lingala, Dinka */
	{ 0x190, 0x25b, { GRAVE, ACUTE, CIRCUMFLEX, TILDE, MACRON, DIAERESIS, CARON } },
	{ 'G', 'g', { TILDE, MACRON_BELOW } }, /* Guarani; Tlingit */
	{ 'X', 'x', { MACRON_BELOW } },
	{ 'O', 'o', { CEDILLA } },   /* Marshallese */
	{ 0x104, 0x105, { ACUTE } }, /* Navajo: with a hook below, of a tone */
	{ 0x118, 0x119, { ACUTE } },
	{ 0x12e, 0x12f, { ACUTE } },
	{ 0x1ea, 0x1eb, { ACUTE } },
};

/*
 * Phonetic, superscript, letterlike, circled, full-width and mathematical letters, numbers made of letters, two letters
 * in one, forms that others are written for, pairs of Tibetan vowels that are written one by one, and radicals of Han.
 */
static const struct range look_alikes[] = {
	{ 0xaa, 0xaa },       { 0xb5, 0xb5 },       { 0xba, 0xba },     { 0x132, 0x133 },   { 0x149, 0x149 },
	{ 0x1c4, 0x1cc },     { 0x1f1, 0x1f3 },     { 0x250, 0x2ff },   { 0x37a, 0x37a },   { 0x3d0, 0x3d6 },
	{ 0x3f0, 0x3ff },     { 0xf73, 0xf81 },     { 0x1d00, 0x1dbf }, { 0x2070, 0x209f }, { 0x2100, 0x218f },
	{ 0x2460, 0x24ff },   { 0x2c60, 0x2c7f },   { 0x2e80, 0x2fdf }, { 0x3200, 0x33ff }, { 0xa720, 0xa7ff },
	{ 0xab30, 0xab6f },   { 0xf900, 0xfdff },   { 0xfe30, 0xfefe }, { 0xff00, 0xffef }, { 0x1d400, 0x1d7ff },
	{ 0x1f100, 0x1f1ff }, { 0x2f800, 0x2fa1f },
};

static bool is_sign(uint32_t code)
{
	bool letter = (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');

	return code < 0x7f && !letter && strchr("-_.+@~", (int)code) == NULL;
}

/* True for a mark behind a letter that has it and that there is not whole with it. */
static bool belongs(uint32_t mark, uint32_t letter)
{
	for (size_t i = 0; i < COUNT(parted); i++) {
		if (letter != parted[i].large && letter != parted[i].small)
			continue;
		for (size_t k = 0; k < COUNT(parted[i].marks); k++)
			if (parted[i].marks[k] == mark)
				return true;
	}
	return false;
}

/* `before` is what it stands behind, 0 at the beginning. */
static enum name_fault check_code(uint32_t code, uint32_t before)
{
	bool is_letter = name_alphabet_of(code) != NAME_NO_LETTER;

	if (is_in(unseen, COUNT(unseen), code))
		return NAME_HAS_UNSEEN;
	if (is_sign(code))
		return NAME_HAS_SIGN;
	if (is_in(marks, COUNT(marks), code))
		return belongs(code, before) ? NAME_IS_GOOD : NAME_HAS_MARK;
	if (!is_letter && is_in(look_alikes, COUNT(look_alikes), code))
		return NAME_HAS_LOOK_ALIKE;
	return is_letter ? NAME_IS_GOOD : NAME_HAS_NO_LETTER;
}

enum name_fault name_check(const uint8_t *name, size_t len, uint32_t *code)
{
	enum name_alphabet seen = NAME_ANY;
	uint32_t before = 0;
	bool mixed = false;

	if (len == 0)
		return NAME_IS_EMPTY;
	if (len > NAME_SIZE)
		return NAME_IS_TOO_LONG;
	for (size_t at = 0, step; at < len; at += step) {
		enum name_alphabet alphabet;
		enum name_fault fault;
		uint32_t one;

		step = utf8_length(name + at, len - at);
		if (step == 0)
			return NAME_IS_NOT_UTF8;
		one = utf8_code(name + at, step);
		if (code != NULL)
			*code = one;
		fault = check_code(one, before);
		if (fault != NAME_IS_GOOD)
			return fault;
		before = one;
		alphabet = name_alphabet_of(one);
		if (alphabet == NAME_ANY || alphabet == NAME_NO_LETTER) /* that is a mark of the letter before it */
			continue;
		mixed |= seen != NAME_ANY && seen != alphabet;
		seen = alphabet;
	}
	return mixed ? NAME_IS_MIXED : NAME_IS_GOOD;
}

size_t name_length(const uint8_t name[NAME_SIZE])
{
	const uint8_t *end = memchr(name, 0, NAME_SIZE);

	return end != NULL ? (size_t)(end - name) : NAME_SIZE;
}

const char *name_fault_words(const char *text, char words[NAME_FAULT_SIZE])
{
	static const char *const plain[] = {
		[NAME_IS_GOOD] = "is good",
		[NAME_IS_EMPTY] = "is empty",
		[NAME_IS_NOT_UTF8] = "is not UTF-8",
		[NAME_IS_MIXED] = "mixes alphabets whose letters look alike",
	};
	uint32_t code = 0;
	enum name_fault fault = name_check((const uint8_t *)text, strlen(text), &code);

	switch (fault) {
	case NAME_IS_GOOD:
	case NAME_IS_EMPTY:
	case NAME_IS_NOT_UTF8:
	case NAME_IS_MIXED: snprintf(words, NAME_FAULT_SIZE, "%s", plain[fault]); break;
	case NAME_IS_TOO_LONG:
		snprintf(words, NAME_FAULT_SIZE, "has %zu bytes, %d are allowed", strlen(text), NAME_SIZE);
		break;
	case NAME_HAS_SIGN:
		snprintf(words, NAME_FAULT_SIZE, "has a %c in it; of such signs only - _ . + @ ~ are allowed",
		         (char)code);
		break;
	case NAME_HAS_UNSEEN:
		snprintf(words, NAME_FAULT_SIZE, "has something in it that cannot be seen, U+%04X", (unsigned)code);
		break;
	case NAME_HAS_MARK:
		snprintf(words, NAME_FAULT_SIZE,
		         "has a combining mark in it, U+%04X: use the whole letter, or leave the mark out",
		         (unsigned)code);
		break;
	case NAME_HAS_NO_LETTER:
		snprintf(
		    words, NAME_FAULT_SIZE,
		    "has U+%04X in it, no letter or digit of an alphabet in use; of signs only - _ . + @ ~ are allowed",
		    (unsigned)code);
		break;
	case NAME_HAS_LOOK_ALIKE:
		snprintf(words, NAME_FAULT_SIZE,
		         "has a sign in it that looks like another letter, U+%04X: use plain letters", (unsigned)code);
		break;
	}
	return words;
}

void name_pad(const char *text, uint8_t name[NAME_SIZE])
{
	size_t len = strnlen(text, NAME_SIZE);

	memset(name, 0, NAME_SIZE);
	memcpy(name, text, len);
}
