/*
 * What people are called: UTF-8 of any script in use, at most NAME_SIZE bytes. A name is one word that can be typed,
 * that shows what it is made of, and that is not taken for another's: signs nobody sees, letters that are there to look
 * like others and mixed alphabets are refused, and names that look the same count as the same. That is judged letter by
 * letter, and mostly by what looks like Latin: src/README.md has what is left. Pure.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE 32      /* bytes, on the wire; a shorter one is followed by zeros */
#define NAME_TEXT_SIZE 33 /* with a final zero */
#define NAME_FAULT_SIZE 128

enum name_fault {
	NAME_IS_GOOD,
	NAME_IS_EMPTY,
	NAME_IS_TOO_LONG,
	NAME_IS_NOT_UTF8,
	NAME_HAS_SIGN,       /* an ASCII sign that means something else, as the colon of an address */
	NAME_HAS_UNSEEN,     /* blank, control, what hides or turns others around, what is no character */
	NAME_HAS_MARK,       /* a combining mark: its letter is to be written whole, or does not have it */
	NAME_HAS_NO_LETTER,  /* a sign beyond ASCII's, or of an alphabet that nobody uses any more */
	NAME_HAS_LOOK_ALIKE, /* made to look like another: mathematical, circled, small capital letters */
	NAME_IS_MIXED,       /* letters of two alphabets; but China's, Japan's and Korea's stand beside any */
};

/* What is wrong with `len` bytes as a name. Where it is one character, *code (which may be NULL) becomes that. */
enum name_fault name_check(const uint8_t *name, size_t len, uint32_t *code);

/* The length of a name that is followed by zeros to NAME_SIZE. */
size_t name_length(const uint8_t name[NAME_SIZE]);

/* The fault of the text in words: "has 40 bytes, 32 are allowed". Returns `words`. */
const char *name_fault_words(const char *text, char words[NAME_FAULT_SIZE]);

/* What a name looks like, followed by zeros: the same for two that could be taken for each other. */
void name_look(const uint8_t name[NAME_SIZE], uint8_t look[NAME_SIZE]);

/*
 * The same of any text: `look` has room for `len` bytes, as what a character looks like is never longer than it is.
 * Returns how many bytes it is.
 */
size_t name_look_of_text(const uint8_t *text, size_t len, uint8_t *look);

/* True for two names that could be taken for each other. */
bool name_looks_like(const uint8_t a[NAME_SIZE], const uint8_t b[NAME_SIZE]);

/* A text of at most NAME_SIZE bytes followed by zeros. */
void name_pad(const char *text, uint8_t name[NAME_SIZE]);

#endif
