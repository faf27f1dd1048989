#include "result/result_reader.h"

#include "base/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the line's reference. Returns 0 or -1: it is no result. */
static int take(struct result *r, json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "scenario"));
	const char *file = json_string_value(json_object_get(line, "file"));

	*r = (struct result){
		.line = line,
		.scenario = { .name = name, .file = file },
		.repeat = (unsigned)json_integer_value(json_object_get(line, "repeat")),
		.seconds = json_number_value(json_object_get(line, "seconds")),
		.why = json_string_value(json_object_get(line, "why")),
		.trace = json_string_value(json_object_get(line, "trace")),
	};
	r->scenario.place = (size_t)json_integer_value(json_object_get(line, "place"));
	r->scenario.line = (int)json_integer_value(json_object_get(line, "line"));
	return name != NULL && file != NULL && outcome_from_json(line, &r->outcome) == 0 ? 0 : -1;
}

static int add(struct results *r, const char *text, const char *place, char error[RESULT_ERROR_SIZE])
{
	json_error_t wrong;
	json_t *line = json_loads(text, 0, &wrong);
	struct result *one = line != NULL ? array_add(&r->list, &r->count, sizeof *one) : NULL;

	if (one == NULL) {
		snprintf(error, RESULT_ERROR_SIZE, "%s: %s", place, line != NULL ? "out of memory" : wrong.text);
		json_decref(line);
		return -1;
	}
	if (take(one, line) == 0)
		return 0;
	snprintf(error, RESULT_ERROR_SIZE, "%s: this is no result of punchlab run --json", place);
	return -1;
}

int results_read(struct results *r, const char *file, char error[RESULT_ERROR_SIZE])
{
	FILE *in = fopen(file, "re");
	char *text = NULL, place[256];
	size_t size = 0;
	int result = 0;

	if (in == NULL) {
		snprintf(error, RESULT_ERROR_SIZE, "%s: %s", file, strerror(errno));
		return -1;
	}
	for (unsigned line = 1; result == 0 && getline(&text, &size, in) >= 0; line++) {
		snprintf(place, sizeof place, "%s:%u", file, line);
		result = add(r, text, place, error);
	}
	if (result == 0 && ferror(in)) {
		snprintf(error, RESULT_ERROR_SIZE, "%s: %s", file, strerror(errno));
		result = -1;
	}
	free(text);
	fclose(in);
	return result;
}

void results_clear(struct results *r)
{
	for (size_t i = 0; i < r->count; i++) {
		outcome_clear(&r->list[i].outcome);
		json_decref(r->list[i].line);
	}
	free(r->list);
	*r = (struct results){ 0 };
}
