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

static bool can_be_joined(const uint8_t *s, size_t left)
{
	size_t len = utf8_length(s, left);

	return len != 0 && utf8_can_be_joined(utf8_code(s, len));
}

/* The length of the joiner behind the first `len` bytes, a character, if it is between two that it can join; else 0. */
static size_t joiner_behind(const uint8_t *s, size_t len, size_t left, enum escape_kept kept)
{
	const uint8_t *joiner = s + len;
	size_t joiner_len = utf8_length(joiner, left - len);
	bool may_stay = kept == ESCAPE_KEPT_LINE || kept == ESCAPE_KEPT_COLUMNS;

	if (!may_stay || joiner_len == 0 || !utf8_is_joiner(joiner, joiner_len) || !can_be_joined(s, len))
		return 0;
	return can_be_joined(joiner + joiner_len, left - len - joiner_len) ? joiner_len : 0;
}

size_t escape_first(const void *bytes, size_t left, enum escape_kept kept, char text[ESCAPE_FIRST_SIZE])
{
	const uint8_t *s = bytes;
	size_t len = utf8_length(s, left);

	if (len != 0 && stays(s, len, kept)) {
		len += joiner_behind(s, len, left, kept);
		memcpy(text, s, len);
		text[len] = '\0';
		return len;
	}
	snprintf(text, ESCAPE_FIRST_SIZE, "\\x%02x", s[0]);
	return 1;
}

size_t escape_text(char *out, size_t size, const void *bytes, size_t len, enum escape_kept kept)
{
	const uint8_t *s = bytes;
	char text[ESCAPE_FIRST_SIZE];
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
