#include "lab/program.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SHOWN 160 /* bytes of a line among the last words; all of it is in the program's output file */

static bool keep(struct program *p, int stream, const char *text)
{
	size_t room = p->room != 0 ? 2 * p->room : 64;
	struct program_line *lines = p->lines;

	if (p->count == p->room) {
		lines = realloc(lines, room * sizeof *lines);
		if (lines == NULL)
			return false;
		p->lines = lines;
		p->room = room;
	}
	lines[p->count].stream = stream;
	lines[p->count].text = strdup(text);
	return lines[p->count].text != NULL && ++p->count != 0;
}

void program_update(struct program *p)
{
	const char *text;
	int stream = 1;

	while ((text = process_next_line(p->process, &stream)) != NULL)
		if (!keep(p, stream, text))
			return;
}

const struct program_line *program_next(struct program *p)
{
	program_update(p);
	return p->position < p->count ? &p->lines[p->position++] : NULL;
}

const char *program_name(const struct program *p, const struct topology *t, char text[64])
{
	snprintf(text, 64, "%s %s", t->nodes[process_node(p->process)].name, process_program(p->process));
	return text;
}

static void print_state(FILE *out, const struct program *p)
{
	int status = 0;

	if (!process_ended(p->process, &status))
		fprintf(out, "still running");
	else if (process_signal_that_ended(p->process) != 0)
		fprintf(out, "ended by signal %d", process_signal_that_ended(p->process));
	else
		fprintf(out, "ended with status %d", status);
}

static void print_line(FILE *out, const struct program_line *line)
{
	size_t len = utf8_fit(line->text, LINE_SHOWN);

	fprintf(out, "  %c %.*s%s\n", line->stream == 2 ? '!' : '|', (int)len, line->text,
	        line->text[len] != '\0' ? "..." : "");
}

char *program_last_words(const struct program *p, const struct topology *t, size_t lines)
{
	char *text = NULL;
	size_t len = 0;
	char name[64];
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	fprintf(out, "%s (", program_name(p, t, name));
	print_state(out, p);
	fprintf(out, p->count == 0 ? "), said nothing\n" : "), its last lines:\n");
	for (size_t i = p->count > lines ? p->count - lines : 0; i < p->count; i++)
		print_line(out, &p->lines[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void program_clear(struct program *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->lines[i].text);
	free(p->lines);
	*p = (struct program){ 0 };
}
