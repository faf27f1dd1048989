/*
 * UTF-8 (RFC 3629): which bytes are a character, which of them could harm a terminal, and cuts that keep characters
 * whole. Pure.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes the character that starts here has, of `left`; 0 if it is none. A zero byte is one of length 1. */
size_t utf8_length(const uint8_t *s, size_t left);

/* The code point of a character of that many bytes, which utf8_length() has found. */
uint32_t utf8_code(const uint8_t *s, size_t len);

/* Writes the character of a code point, U+10FFFF at most. Returns how many bytes that are, 1 to 4. */
size_t utf8_write(uint8_t *out, uint32_t code);

/*
 * True for a character of that many bytes that could move the cursor or hide what is beside it: C0, DEL, C1, and the
 * marks that reorder or hide text (bidirectional controls, U+200B to U+200F, U+2028, U+2029).
 */
bool utf8_moves_cursor(const uint8_t *s, size_t len);

/*
 * True for a character of that many bytes that nobody sees but by what it does to its neighbours: it parts letters that
 * would be written as one, or joins those that would not (U+200C, U+200D). Persian, Hindi and emoji have no other way.
 */
bool utf8_is_joiner(const uint8_t *s, size_t len);

/* True for a code point that a joiner can do something to: a letter or mark of a script that joins, or an emoji. */
bool utf8_can_be_joined(uint32_t code);

/* True for text that is UTF-8 and holds nothing that moves the cursor, no line end either. */
bool utf8_is_line(const char *text);

/* How many bytes of the text to take so that they are at most `most` and the last character is whole. */
size_t utf8_fit(const char *text, size_t most);

/* As snprintf(), but a text that does not fit ends with a whole character. */
void utf8_print(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
void utf8_vprint(char *out, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

#endif
