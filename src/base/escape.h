/*
 * Text from outside made safe to show: every byte that may not stay as it is becomes \xNN. Each sort of view says what
 * may stay; there is no other escaper. Pure.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

enum escape_kept {
	ESCAPE_KEPT_ASCII,   /* printable ASCII but the backslash: what is shown can be told from what was sent */
	ESCAPE_KEPT_LINE,    /* UTF-8 that moves no cursor (utf8_moves_cursor()), and joiners between what they join */
	ESCAPE_KEPT_COLUMNS, /* the same, and tabs */
	ESCAPE_KEPT_XML,     /* what XML 1.0 §2.2 allows in a document, but DEL */
	ESCAPE_KEPT_UTF8,    /* all of UTF-8 but a zero byte */
};

/* Room for any text that is made of `len` bytes. */
#define ESCAPE_ROOM(len) (4 * (size_t)(len) + 1)

#define ESCAPE_FIRST_SEEN 11 /* bytes that decide how the first is shown: a character, a joiner, a character */
#define ESCAPE_FIRST_SIZE 8  /* of how it is: a character and its joiner, or \xNN, and a final zero */

/*
 * How the first of `left` bytes (at least 1) is shown: writes its character, with the joiner behind it if that stands
 * between two that it can join, or \xNN for that byte alone, to `text`. Returns how many bytes that was.
 */
size_t escape_first(const void *bytes, size_t left, enum escape_kept kept, char text[ESCAPE_FIRST_SIZE]);

/*
 * Writes `len` bytes so to `out`. What does not fit `size` (at least 1) with its final zero is left out, never half a
 * character. Returns the length.
 */
size_t escape_text(char *out, size_t size, const void *bytes, size_t len, enum escape_kept kept);

#endif
