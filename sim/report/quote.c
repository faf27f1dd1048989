#include "report/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What no shell takes for anything but itself. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,=:@%+"

static void put_word(FILE *f, const char *word)
{
	if (*word != '\0' && word[strspn(word, PLAIN)] == '\0') {
		fputs(word, f);
		return;
	}
	putc('\'', f);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", f);
		else
			putc(*word, f);
	}
	putc('\'', f);
}

char *quote_command(size_t count, const char *const *words)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	fputs("./punchlab", f);
	for (size_t i = 0; i < count; i++) {
		putc(' ', f);
		put_word(f, words[i]);
	}
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
