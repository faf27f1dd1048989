#include "result/result_reader.h"

#include "base/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_int_t integer(const json_t *line, const char *name)
{
	return json_integer_value(json_object_get(line, name));
}

static enum address_plan addresses(const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "addresses"));
	enum address_plan plan = ADDRESS_PLAN_ORDINARY;
	char error[ADDRESS_PLAN_ERROR_SIZE];

	return name != NULL && address_plan_parse(name, &plan, error) == 0 ? plan : ADDRESS_PLAN_ORDINARY;
}

/* Takes the line's reference. Returns 0 or -1: it is no result. */
static int take(struct result *r, json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "scenario"));
	const char *file = json_string_value(json_object_get(line, "file"));

	*r = (struct result){
		.line = line,
		.scenario = { .name = name, .file = file, .line = (int)integer(line, "line") },
		.verdict = { .place = (size_t)integer(line, "place"),
		             .repeat = (unsigned)integer(line, "repeat"),
		             .repeats = (unsigned)integer(line, "repeats"),
		             .seconds = json_number_value(json_object_get(line, "seconds")),
		             .why = json_string_value(json_object_get(line, "why")),
		             .trace = json_string_value(json_object_get(line, "trace")),
		             .weather = json_string_value(json_object_get(line, "link")),
		             .seed = (uint64_t)integer(line, "seed"),
		             .addresses = addresses(line),
		             .audit = json_is_true(json_object_get(line, "audit")),
		             .timeout_s = (unsigned)integer(line, "timeout") },
	};
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
	for (size_t i = 0; i < r->count; i++) { /* they stay where they are now */
		r->list[i].verdict.scenario = &r->list[i].scenario;
		r->list[i].verdict.outcome = &r->list[i].outcome;
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
