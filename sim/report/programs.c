#include "report/programs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	uint64_t start_ns;
	json_t *programs, *steps;
};

double programs_time_us(uint64_t start_ns, uint64_t time_ns)
{
	return time_ns >= start_ns ? (double)(time_ns - start_ns) / 1e3 : -((double)(start_ns - time_ns) / 1e3);
}

static json_t *time_of(const struct reader *r, const json_t *line)
{
	const json_t *t = json_object_get(line, "t");

	return json_is_integer(t) ? json_real(programs_time_us(r->start_ns, (uint64_t)json_integer_value(t)))
	                          : json_real(0);
}

/* A string member; "" if it is not there. */
static const char *text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text != NULL ? text : "";
}

/* The program a line is about; NULL if it was never started. */
static json_t *program_of(const struct reader *r, const json_t *line)
{
	const json_t *id = json_object_get(line, "id");
	json_t *program;
	size_t i;

	json_array_foreach(r->programs, i, program)
	{
		if (json_is_integer(id) && json_equal(json_object_get(program, "id"), id))
			return program;
	}
	return NULL;
}

static void take_start(struct reader *r, const json_t *line)
{
	json_t *argv = json_object_get(line, "argv");
	json_t *program = json_pack("{s:O?,s:s,s:s,s:o,s:n,s:n,s:[]}", "id", json_object_get(line, "id"), "host",
	                            text_of(line, "host"), "name", text_of(line, "program"), "started",
	                            time_of(r, line), "ended", "status", "lines");

	if (json_is_array(argv))
		json_object_set(program, "argv", argv);
	else
		json_object_set_new(program, "argv", json_array());
	json_array_append_new(r->programs, program);
}

static void take_line_of_text(const struct reader *r, const json_t *line, const char *stream)
{
	json_t *lines = json_object_get(program_of(r, line), "lines");
	size_t count = json_array_size(lines);

	if (lines == NULL || count > PROGRAMS_LINES)
		return;
	if (count == PROGRAMS_LINES)
		json_array_append_new(
		    lines, json_pack("[o,s,s]", time_of(r, line), "err", "(more in the program's output file)"));
	else
		json_array_append_new(lines, json_pack("[o,s,s]", time_of(r, line), stream, text_of(line, "text")));
}

static void take_exit(const struct reader *r, const json_t *line)
{
	json_t *program = program_of(r, line);

	if (program == NULL)
		return;
	json_object_set_new(program, "ended", time_of(r, line));
	json_object_set(program, "status", json_object_get(line, "status"));
}

/* Without a packet time begins with the first line that has one. */
static void note_start(struct reader *r, const json_t *line)
{
	const json_t *t = json_object_get(line, "t");

	if (r->start_ns == 0 && json_is_integer(t))
		r->start_ns = (uint64_t)json_integer_value(t);
}

static void take(struct reader *r, const json_t *line)
{
	const char *type = text_of(line, "type");

	note_start(r, line);
	if (strcmp(type, "start") == 0)
		take_start(r, line);
	else if (strcmp(type, "input") == 0)
		take_line_of_text(r, line, "in");
	else if (strcmp(type, "output") == 0)
		take_line_of_text(r, line, strcmp(text_of(line, "stream"), "stderr") == 0 ? "err" : "out");
	else if (strcmp(type, "exit") == 0)
		take_exit(r, line);
	else if (strcmp(type, "step") == 0)
		json_array_append_new(r->steps, json_pack("[o,s]", time_of(r, line), text_of(line, "text")));
}

static int read_lines(FILE *f, struct reader *r)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int result;

	while ((len = getline(&text, &room, f)) > 0) {
		json_t *line = json_loadb(text, (size_t)len, 0, NULL);

		if (line != NULL)
			take(r, line);
		json_decref(line);
	}
	result = ferror(f) ? -1 : 0;
	free(text);
	return result;
}

int programs_read(const char *record, uint64_t start_ns, json_t *detail)
{
	struct reader r = { .start_ns = start_ns, .programs = json_array(), .steps = json_array() };
	FILE *f = fopen(record, "re");
	int result = f != NULL ? read_lines(f, &r) : -1;
	int error = errno;

	if (f != NULL)
		fclose(f);
	json_object_set_new(detail, "programs", r.programs);
	json_object_set_new(detail, "steps", r.steps);
	errno = error;
	return result;
}
