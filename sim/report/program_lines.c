#include "report/program_lines.h"

#include "evidence/record_reader.h"

#include <errno.h>

struct program_reader {
	uint64_t start_ns;
	json_t *programs, *steps;
};

double program_lines_time_us(uint64_t start_ns, uint64_t time_ns)
{
	return time_ns >= start_ns ? (double)(time_ns - start_ns) / 1e3 : -((double)(start_ns - time_ns) / 1e3);
}

static json_t *time_of(const struct program_reader *r, const struct record_line *line)
{
	return json_real(program_lines_time_us(r->start_ns, line->time_ns));
}

/* The program of that id; NULL if it was never started. */
static json_t *program_of(const struct program_reader *r, unsigned id)
{
	json_t *program;
	size_t i;

	json_array_foreach (r->programs, i, program) {
		if (json_integer_value(json_object_get(program, "id")) == (json_int_t)id)
			return program;
	}
	return NULL;
}

static void take_start(struct program_reader *r, const struct record_line *line)
{
	json_t *argv = json_array();

	for (const char *const *word = line->start.argv; *word != NULL; word++)
		json_array_append_new(argv, json_string(*word));
	json_array_append_new(r->programs, json_pack("{s:i,s:s,s:s,s:o,s:n,s:n,s:[],s:o}", "id", (int)line->start.id,
	                                             "host", line->start.host, "name", line->start.program, "started",
	                                             time_of(r, line), "ended", "status", "lines", "argv", argv));
}

static void take_said(const struct program_reader *r, const struct record_line *line)
{
	json_t *lines = json_object_get(program_of(r, line->said.id), "lines");
	const char *stream = line->type == RECORD_INPUT ? "in" : line->said.is_stderr ? "err" : "out";
	size_t count = json_array_size(lines);

	if (lines == NULL || count > PROGRAM_LINES_MAX)
		return;
	if (count == PROGRAM_LINES_MAX)
		json_array_append_new(
		    lines, json_pack("[o,s,s]", time_of(r, line), "err", "(more in the program's output file)"));
	else
		json_array_append_new(lines, json_pack("[o,s,s]", time_of(r, line), stream, line->said.text));
}

static void take_exit(const struct program_reader *r, const struct record_line *line)
{
	json_t *program = program_of(r, line->exit.id);

	if (program == NULL)
		return;
	json_object_set_new(program, "ended", time_of(r, line));
	json_object_set_new(program, "status", json_integer(line->exit.status));
}

static bool take(void *context, const struct record_line *line)
{
	struct program_reader *r = context;

	if (r->start_ns == 0) /* without a packet time begins with the first line that has one */
		r->start_ns = line->time_ns;
	if (line->type == RECORD_START)
		take_start(r, line);
	else if (line->type == RECORD_INPUT || line->type == RECORD_OUTPUT)
		take_said(r, line);
	else if (line->type == RECORD_EXIT)
		take_exit(r, line);
	else if (line->type == RECORD_STEP)
		json_array_append_new(r->steps, json_pack("[o,s]", time_of(r, line), line->step.text));
	return true;
}

int program_lines_read(const char *record, uint64_t start_ns, json_t *detail)
{
	struct program_reader r = { .start_ns = start_ns, .programs = json_array(), .steps = json_array() };
	struct record_flaws flaws;
	int result = record_read(record, take, &r, &flaws), error = errno;

	json_object_set_new(detail, "programs", r.programs);
	json_object_set_new(detail, "steps", r.steps);
	errno = error;
	return result;
}
