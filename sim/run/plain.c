#include "run/plain.h"

#include <stdbool.h>

/* C0 controls but tab, and DEL; C1 controls come as two bytes of UTF-8, the first of which is 0xc2. */
static bool is_control(const char *text)
{
	unsigned char c = (unsigned char)text[0];
	unsigned char next = c != '\0' ? (unsigned char)text[1] : '\0';

	return (c < 0x20 && c != '\t') || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0);
}

static void put(FILE *out, const char *text)
{
	if (is_control(text))
		fprintf(out, "\\x%02x", (unsigned char)text[0]);
	else
		putc(text[0], out);
}

void plain_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		put(out, text);
}

void plain_lines(FILE *out, const char *indent, const char *text)
{
	bool fresh = true;

	for (; *text != '\0'; text++) {
		if (fresh)
			fputs(indent, out);
		fresh = *text == '\n';
		if (fresh)
			putc('\n', out);
		else
			put(out, text);
	}
	if (!fresh)
		putc('\n', out);
}
