#include "trace/spoken.h"

#include "base/array.h"
#include "base/escape.h"
#include "evidence/record_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES 512 /* programs whose names are known; of more, only the text is shown */

struct listening {
	const struct trace *trace;
	struct spoken *out;
	char names[NAMES][SCENE_NAME_SIZE]; /* by id */
	bool short_of_memory;
};

static void take_said(struct listening *l, const struct record_line *line)
{
	const char *name = line->said.id < NAMES ? l->names[line->said.id] : "";
	char words[512], text[600];
	struct spoken_line *s = array_add(&l->out->lines, &l->out->count, sizeof *l->out->lines);

	escape_text(words, sizeof words, line->said.text, strlen(line->said.text), ESCAPE_KEPT_ASCII);
	snprintf(text, sizeof text, "%s%s %s", name, line->type == RECORD_INPUT ? ">" : ":", words);
	if (s == NULL || (s->text = strdup(text)) == NULL) {
		l->short_of_memory = true;
		return;
	}
	s->time_ns = line->time_ns;
	s->node = scene_find(&l->trace->scene, line->said.host);
}

static bool take(void *context, const struct record_line *line)
{
	struct listening *l = context;

	if (line->type == RECORD_START && line->start.id < NAMES)
		escape_text(l->names[line->start.id], SCENE_NAME_SIZE, line->start.program, strlen(line->start.program),
		            ESCAPE_KEPT_ASCII);
	else if ((line->type == RECORD_INPUT || line->type == RECORD_OUTPUT) && !l->short_of_memory)
		take_said(l, line);
	return true;
}

int spoken_read(const struct trace *t, struct spoken *out, char error[TRACE_ERROR_SIZE])
{
	struct listening *l = calloc(1, sizeof *l);
	struct record_flaws flaws;
	char path[PATH_MAX];
	int result = 0;

	*out = (struct spoken){ 0 };
	if (l != NULL && t->has_record && trace_record_path(t, path)) {
		l->trace = t;
		l->out = out;
		result = record_read(path, take, l, &flaws);
	}
	if (l == NULL || l->short_of_memory) {
		errno = ENOMEM;
		result = -1;
	}
	if (result != 0)
		snprintf(error, TRACE_ERROR_SIZE, "the record: %s", strerror(errno));
	if (out->lines != NULL)
		qsort(out->lines, out->count, sizeof *out->lines, recorded_by_time);
	free(l);
	return result;
}

void spoken_free(struct spoken *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->lines[i].text);
	free(s->lines);
	*s = (struct spoken){ 0 };
}
