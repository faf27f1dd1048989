#include "trace/wrap.h"

#include <string.h>

#define INDENT 2
#define WIDTH_MAX 100 /* longer lines are hard to read */

static void print_heading(FILE *f, const char *text, size_t len, const struct style *style)
{
	fprintf(f, style->colour ? "\033[1m%.*s\033[0m\n" : "%.*s\n", (int)len, text);
}

static void print_paragraph(FILE *f, const char *text, size_t len, const struct style *style)
{
	size_t width = (style->width < WIDTH_MAX ? style->width : WIDTH_MAX) - INDENT, used = 0;

	while (len > 0) {
		const char *space = memchr(text, ' ', len);
		size_t word = space != NULL ? (size_t)(space - text) : len;

		if (used > 0 && used + 1 + word > width) {
			fputc('\n', f);
			used = 0;
		}
		fprintf(f, "%*s%.*s", used == 0 ? INDENT : 1, "", (int)word, text);
		used += word + (used > 0);
		text += word + (space != NULL);
		len -= word + (space != NULL);
	}
	fputc('\n', f);
}

void wrap_print(FILE *f, const char *text, const struct style *style)
{
	bool heading = true;

	while (text[0] != '\0') {
		size_t len = strcspn(text, "\n");

		if (len == 0)
			fputc('\n', f);
		else if (heading)
			print_heading(f, text, len, style);
		else
			print_paragraph(f, text, len, style);
		heading = len == 0;
		text += len + (text[len] == '\n');
	}
}
