/*
 * One spelling of a text that can be typed in several: letters whole or in parts, and the marks above and below one in
 * any order. What Unicode calls canonically equivalent becomes the same; nothing gets longer by it. Pure; part of name.
 */
#ifndef NAME_SPELLING_H
#define NAME_SPELLING_H

#include <stddef.h>
#include <stdint.h>

/*
 * Puts the character of that code point behind a text of `len` bytes that is spelled so, which has room for it: as it
 * is, joined to the letter that it belongs to, or before marks that are to stand behind it. Returns the text's length
 * then, in bytes; it has grown by no more than the character has. (UAX #15, section 1.3; what that keeps in parts for
 * the sake of old texts is joined here.)
 */
size_t name_spell(uint8_t *text, size_t len, uint32_t code);

#endif
