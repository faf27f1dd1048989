#include "result/terminal_text.h"

#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

/* Prints what the text begins with. Returns what follows. */
static const char *put(FILE *out, const char *text)
{
	char shown[ESCAPE_FIRST_SIZE];
	size_t step = escape_first(text, strnlen(text, ESCAPE_FIRST_SEEN), ESCAPE_KEPT_COLUMNS, shown);

	fputs(shown, out);
	return text + step;
}

void terminal_text(FILE *out, const char *text)
{
	while (*text != '\0')
		text = put(out, text);
}

void terminal_lines(FILE *out, const char *indent, const char *text)
{
	bool fresh = true;

	while (*text != '\0') {
		if (fresh)
			fputs(indent, out);
		fresh = *text == '\n';
		if (fresh)
			putc(*text++, out);
		else
			text = put(out, text);
	}
	if (!fresh)
		putc('\n', out);
}

void terminal_wrapped(FILE *out, const char *text, size_t used, size_t indent, size_t columns)
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
