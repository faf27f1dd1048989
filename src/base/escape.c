#include "base/escape.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* XML allows no control characters but tab and line end, no U+FFFE and U+FFFF, not even as references. */
static bool is_in_xml(const uint8_t *s, size_t len)
{
	if (len == 1)
		return (s[0] >= 0x20 && s[0] != 0x7f) || s[0] == '\t' || s[0] == '\n';
	return !(len == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe);
}

/* Whether that character of `len` bytes stays. */
static bool stays(const uint8_t *s, size_t len, enum escape_kept kept)
{
	switch (kept) {
	case ESCAPE_KEPT_ASCII: return len == 1 && s[0] >= 0x20 && s[0] < 0x7f && s[0] != '\\';
	case ESCAPE_KEPT_LINE: return !utf8_moves_cursor(s, len);
	case ESCAPE_KEPT_COLUMNS: return s[0] == '\t' || !utf8_moves_cursor(s, len);
	case ESCAPE_KEPT_XML: return is_in_xml(s, len);
	case ESCAPE_KEPT_UTF8: return s[0] != '\0';
	}
	return false;
}

size_t escape_first(const void *bytes, size_t left, enum escape_kept kept, char text[ESCAPE_ROOM(1)])
{
	const uint8_t *s = bytes;
	size_t len = utf8_length(s, left);

	if (len != 0 && stays(s, len, kept)) {
		memcpy(text, s, len);
		text[len] = '\0';
		return len;
	}
	snprintf(text, ESCAPE_ROOM(1), "\\x%02x", s[0]);
	return 1;
}

size_t escape_text(char *out, size_t size, const void *bytes, size_t len, enum escape_kept kept)
{
	const uint8_t *s = bytes;
	char text[ESCAPE_ROOM(1)];
	size_t at = 0;

	for (size_t i = 0; i < len;) {
		size_t shown;

		i += escape_first(s + i, len - i, kept, text);
		shown = strlen(text);
		if (at + shown >= size)
			break;
		memcpy(out + at, text, shown);
		at += shown;
	}
	out[at] = '\0';
	return at;
}
