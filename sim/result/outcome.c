#include "result/outcome.h"

#include "evidence/record.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "passed", "failed", "skipped" };

const char *outcome_name(enum outcome_result result)
{
	return names[result];
}

static char *copy(const char *text)
{
	return text != NULL ? record_text(text, strlen(text)) : NULL;
}

static void join(struct outcome *o, const char *text)
{
	size_t had = o->details != NULL ? strlen(o->details) : 0;
	size_t more = strlen(text);
	char *joined = realloc(o->details, had + more + 2);

	if (joined == NULL)
		return;
	memcpy(joined + had, text, more + 1);
	if (text[more - 1] != '\n')
		memcpy(joined + had + more, "\n", 2);
	o->details = joined;
}

void outcome_add_details(struct outcome *o, const char *text)
{
	char *clean = text[0] != '\0' ? copy(text) : NULL;

	if (clean != NULL)
		join(o, clean);
	free(clean);
}

void outcome_set(struct outcome *o, enum outcome_result result, const char *message, const char *at)
{
	o->result = result;
	o->message = copy(message);
	o->at = copy(at);
}

void outcome_fail(struct outcome *o, const char *message)
{
	char *earlier = o->result == OUTCOME_FAILED ? o->message : NULL;

	if (earlier == NULL)
		free(o->message);
	else
		outcome_add_details(o, earlier);
	free(earlier);
	o->result = OUTCOME_FAILED;
	o->message = copy(message);
}

void outcome_clear(struct outcome *o)
{
	free(o->message);
	free(o->at);
	free(o->details);
	json_decref(o->facts);
	*o = (struct outcome){ 0 };
}

json_t *outcome_to_json(const struct outcome *o)
{
	return json_pack("{s:s, s:s*, s:s*, s:s*, s:O*}", "result", names[o->result], "message", o->message, "at",
	                 o->at, "details", o->details, "facts", o->facts);
}

int outcome_from_json(const json_t *object, struct outcome *out)
{
	const char *result = json_string_value(json_object_get(object, "result"));

	if (result == NULL)
		return -1;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(result, names[i]) != 0)
			continue;
		out->result = (enum outcome_result)i;
		out->message = copy(json_string_value(json_object_get(object, "message")));
		out->at = copy(json_string_value(json_object_get(object, "at")));
		out->details = copy(json_string_value(json_object_get(object, "details")));
		out->facts = json_incref(json_object_get(object, "facts"));
		return 0;
	}
	return -1;
}
