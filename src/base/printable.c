#include "base/printable.h"

#include <string.h>

/* Writes one byte's text, at most 4 characters. Returns its length. */
static size_t print_byte(uint8_t byte, char text[4])
{
	static const char hex[] = "0123456789abcdef";
	static const char plain[] = "\n\r\t\\";
	static const char letters[] = "nrt\\";
	const char *found = byte != 0 ? strchr(plain, byte) : NULL;

	text[0] = '\\';
	if (found != NULL) {
		text[1] = letters[found - plain];
		return 2;
	}
	if (byte >= 0x20 && byte < 0x7f) {
		text[0] = (char)byte;
		return 1;
	}
	text[1] = 'x';
	text[2] = hex[byte >> 4];
	text[3] = hex[byte & 15];
	return 4;
}

const char *printable_text(const uint8_t *bytes, size_t len, char *out, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		char text[4];
		size_t n = print_byte(bytes[i], text);

		if (at + n >= room)
			break;
		memcpy(out + at, text, n);
		at += n;
	}
	out[at] = '\0';
	return out;
}
