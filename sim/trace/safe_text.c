#include "trace/safe_text.h"

static const char hex[] = "0123456789abcdef";

const char *text_escape(const uint8_t *bytes, size_t len, char *out, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			if (at + 1 >= room)
				break;
			out[at++] = (char)c;
			continue;
		}
		if (at + 4 >= room)
			break;
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = hex[c >> 4];
		out[at++] = hex[c & 15];
	}
	out[at] = '\0';
	return out;
}
