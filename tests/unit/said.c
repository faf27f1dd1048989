#include "said.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

void said_begin(struct said *s)
{
	*s = (struct said){ .f = NULL };
	s->f = open_memstream(&s->text, &s->len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s->f);
}

void said_title(struct said *s, const char *title)
{
	fprintf(s->f, "\n== %s\n", title);
}

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (f == NULL)
		return NULL;
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

/* The first line that differs. */
static void show_difference(const char *path, const char *is, const char *was)
{
	size_t line = 0;

	for (size_t i = 0; is[i] != '\0' && is[i] == was[i]; i++)
		line = is[i] == '\n' ? i + 1 : line;
	printf("%s says\n%.*s\nnot\n%.*s\nIf that is meant, UPDATE_TRACES=1 build/release/unit writes it anew.\n", path,
	       (int)strcspn(is + line, "\n"), is + line, (int)strcspn(was + line, "\n"), was + line);
}

static void write_anew(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

void said_end(struct said *s, const char *path)
{
	char *was;

	fclose(s->f);
	if (getenv("UPDATE_TRACES") != NULL)
		write_anew(path, s->text);
	was = read_all(path);
	CU_ASSERT_PTR_NOT_NULL(was);
	CU_ASSERT_TRUE(was != NULL && strcmp(s->text, was) == 0);
	if (was != NULL && strcmp(s->text, was) != 0)
		show_difference(path, s->text, was);
	free(was);
	free(s->text);
}
