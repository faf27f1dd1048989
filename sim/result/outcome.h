/*
 * How one scenario ended, and its way from the scenario's process to the runner: one JSON object a line. Knows nothing
 * of worlds or of how it is printed. Its texts are UTF-8 whatever they were made of: record_text() has seen them.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <jansson.h>

enum outcome_result { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED };

struct outcome {
	enum outcome_result result;
	char *message; /* one line: why it failed or was skipped; NULL when passed */
	char *at;      /* "scenarios/pairs.lua:31"; NULL where no line is to blame */
	char *details; /* further lines: expected, seen, last words of the programs; NULL: none */
	json_t *facts; /* what the scenario itself told, an object; NULL: nothing */
};

/* Ends it so, with that one line and place (NULL: no line is to blame). For an outcome that has none yet. */
void outcome_set(struct outcome *o, enum outcome_result result, const char *message, const char *at);

/* "passed", "failed", "skipped". */
const char *outcome_name(enum outcome_result result);

/* Makes it a failure with that one line, keeping an earlier failure's text as details. `message` is copied. */
void outcome_fail(struct outcome *o, const char *message);

/* Appends text to the details; a line end is added where there is none. */
void outcome_add_details(struct outcome *o, const char *text);

void outcome_clear(struct outcome *o);

/* As JSON (a new reference; NULL only without memory), and back: 0, or -1 if the object is no outcome. */
json_t *outcome_to_json(const struct outcome *o);
int outcome_from_json(const json_t *object, struct outcome *out) __attribute__((warn_unused_result));

#endif
