#include "base/shell.h"

#include "base/text.h"

#include <string.h>

/* What no shell takes for anything but itself. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,=:@%+"

static int is_control(char c)
{
	return (c >= 0 && c < 0x20) || c == 0x7f;
}

static void add_quoted(struct text *t, const char *word)
{
	int escapes = 0;

	for (const char *c = word; *c != '\0'; c++)
		escapes = escapes || is_control(*c);
	text_add(t, "%s'", escapes ? "$" : "");
	for (; *word != '\0'; word++) {
		if (is_control(*word))
			text_add(t, "\\x%02x", (unsigned)*word);
		else if (*word == '\'')
			text_add(t, "%s", escapes ? "\\'" : "'\\''");
		else if (*word == '\\' && escapes)
			text_add(t, "\\\\");
		else
			text_add(t, "%c", *word);
	}
	text_add(t, "'");
}

const char *shell_line(const char *const *argv, char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (size_t i = 0; argv[i] != NULL; i++) {
		text_add(&t, "%s", i > 0 ? " " : "");
		if (argv[i][0] != '\0' && argv[i][strspn(argv[i], PLAIN)] == '\0')
			text_add(&t, "%s", argv[i]);
		else
			add_quoted(&t, argv[i]);
	}
	return text;
}
