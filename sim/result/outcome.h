/*
 * How one scenario ended, and its way from the scenario's process to the runner: one JSON object a line. Knows nothing
 * of worlds or of how it is printed. Its texts are UTF-8 whatever they were made of: record_text() has seen them.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "model/topology.h"
#include "nat/oracle.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum outcome_result { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED };

/* What a scenario says came of a punch between two hosts (lab:oracle()): the oracle is to agree. */
struct outcome_punch {
	char hosts[2][TOPOLOGY_NAME_SIZE];
	char boxes[2][TOPOLOGY_NAME_SIZE]; /* that each stands behind; "": none */
	enum nat_protocol protocol;
	enum address_family family;
	bool opened;
	bool has_oracle; /* it has been asked: `oracle` holds */
	enum oracle_verdict oracle;
};

struct outcome {
	enum outcome_result result;
	char *message;    /* one line: why it failed or was skipped; NULL when passed */
	char *at;         /* "scenarios/pairs.lua:31"; NULL where no line is to blame */
	char *details;    /* further lines: expected, seen, last words of the programs; NULL: none */
	bool has_weather; /* its world had links with weather: what became of it goes by the run's seed, too */
	bool has_trace;   /* a capture and a record of it were written */
	char *lost;       /* one line: evidence that was lost, though the verdict stands; NULL: none */
	json_t *facts;    /* the user's own names and values (lab:fact()), an object; NULL: none */
	/*
	 * Its place in a grid of the run (lab:cell()), an object; NULL: none. `row` and `column` (texts); `opened` and
	 * `expected` (booleans), `ms` (number), `path` (text), `note` (text: why it may be either way), each if known.
	 */
	json_t *cell;
	struct outcome_punch *punches;
	size_t punch_count;
};

/* Ends it so, with that one line and place (NULL: no line is to blame). For an outcome that has none yet. */
void outcome_set(struct outcome *o, enum outcome_result result, const char *message, const char *at);

/* "passed", "failed", "skipped". */
const char *outcome_name(enum outcome_result result);

/* Makes it a failure with that one line, keeping an earlier failure's text as details. `message` is copied. */
void outcome_fail(struct outcome *o, const char *message);

/* Appends text to the details; a line end is added where there is none. */
void outcome_add_details(struct outcome *o, const char *text);

/* Adds to what was lost. */
void outcome_lose(struct outcome *o, const char *what);

/* Sets a value of facts or cell, which is made where it is NULL yet. Takes the value's reference. */
void outcome_tell(json_t **object, const char *name, json_t *value);

/* Without memory nothing is added. */
void outcome_add_punch(struct outcome *o, const struct outcome_punch *punch);

void outcome_clear(struct outcome *o);

/* Its punches as a JSON list (a new reference); NULL: none. */
json_t *outcome_punches_to_json(const struct outcome *o);

/* As JSON (a new reference; NULL only without memory), and back: 0, or -1 if the object is no outcome. */
json_t *outcome_to_json(const struct outcome *o);
int outcome_from_json(const json_t *object, struct outcome *out) __attribute__((warn_unused_result));

#endif
