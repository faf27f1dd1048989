#include "run/plain.h"

#include <stdbool.h>
#include <string.h>

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

void plain_wrapped(FILE *out, const char *text, size_t used, size_t indent, size_t columns)
{
	bool fresh = true; /* nothing of the text stands on this line yet */

	while (*text != '\0') {
		size_t word = strcspn(text, " \n");

		if (!fresh && used + 1 + word > columns) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
			fresh = true;
		}
		fprintf(out, "%s%.*s", fresh ? "" : " ", (int)word, text);
		used += word + !fresh;
		fresh = text[word] == '\n';
		if (fresh) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
		}
		text += word;
		text += *text != '\0';
	}
	putc('\n', out);
}
