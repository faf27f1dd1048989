#include "result/outcome.h"

#include "evidence/record.h"
#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const oracle_words[] = {
	[ORACLE_SHUT] = "shut", [ORACLE_OPEN] = "open", [ORACLE_DEPENDS] = "depends"
};
static const char *const protocol_words[] = { [NAT_UDP] = "udp", [NAT_TCP] = "tcp" };

static const char *const names[] = { "passed", "failed", "skipped" };

const char *outcome_name(enum outcome_result result)
{
	return names[result];
}

static char *copy(const char *text)
{
	return text != NULL ? record_text(text, strlen(text)) : NULL;
}

void outcome_add_details(struct outcome *o, const char *text)
{
	char *clean = text[0] != '\0' ? copy(text) : NULL;
	size_t len = o->details != NULL ? strlen(o->details) : 0;

	if (clean != NULL && array_append(&o->details, &len, clean, strlen(clean)) == 0 && o->details[len - 1] != '\n')
		array_append(&o->details, &len, "\n", 1);
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

void outcome_lose(struct outcome *o, const char *what)
{
	char *clean = copy(what);
	size_t len = o->lost != NULL ? strlen(o->lost) : 0;

	if (clean != NULL && (len == 0 || array_append(&o->lost, &len, "; ", 2) == 0))
		array_append(&o->lost, &len, clean, strlen(clean));
	free(clean);
}

void outcome_tell(json_t **object, const char *name, json_t *value)
{
	if (*object == NULL)
		*object = json_object();
	json_object_set_new(*object, name, value);
}

void outcome_add_punch(struct outcome *o, const struct outcome_punch *punch)
{
	struct outcome_punch *one = array_add(&o->punches, &o->punch_count, sizeof *one);

	if (one != NULL)
		*one = *punch;
}

void outcome_clear(struct outcome *o)
{
	free(o->message);
	free(o->at);
	free(o->details);
	free(o->lost);
	json_decref(o->facts);
	json_decref(o->cell);
	free(o->punches);
	*o = (struct outcome){ 0 };
}

json_t *outcome_punches_to_json(const struct outcome *o)
{
	json_t *list = o->punch_count > 0 ? json_array() : NULL;

	for (size_t i = 0; i < o->punch_count; i++) {
		const struct outcome_punch *p = &o->punches[i];

		json_array_append_new(list, json_pack("{s:[s,s],s:[s,s],s:s,s:s,s:b,s:s*}", "hosts", p->hosts[0],
		                                      p->hosts[1], "boxes", p->boxes[0], p->boxes[1], "protocol",
		                                      protocol_words[p->protocol], "family",
		                                      p->family == ADDRESS_IPV6 ? "6" : "4", "opened", p->opened,
		                                      "oracle", p->has_oracle ? oracle_words[p->oracle] : NULL));
	}
	return list;
}

static void take_oracle(const char *word, struct outcome_punch *p)
{
	for (size_t i = 0; word != NULL && i < sizeof oracle_words / sizeof *oracle_words; i++)
		if (strcmp(word, oracle_words[i]) == 0) {
			p->has_oracle = true;
			p->oracle = (enum oracle_verdict)i;
		}
}

/* Results of earlier versions tell no family. */
static void take_punches(const json_t *list, struct outcome *o)
{
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *hosts[2], *boxes[2], *protocol, *family = "4", *oracle = NULL;
		struct outcome_punch p = { 0 };
		int opened;

		if (json_unpack(one, "{s:[s,s],s:[s,s],s:s,s?s,s:b,s?s}", "hosts", &hosts[0], &hosts[1], "boxes",
		                &boxes[0], &boxes[1], "protocol", &protocol, "family", &family, "opened", &opened,
		                "oracle", &oracle) != 0)
			continue;
		for (int k = 0; k < 2; k++) {
			snprintf(p.hosts[k], sizeof p.hosts[k], "%s", hosts[k]);
			snprintf(p.boxes[k], sizeof p.boxes[k], "%s", boxes[k]);
		}
		p.protocol = strcmp(protocol, protocol_words[NAT_TCP]) == 0 ? NAT_TCP : NAT_UDP;
		p.family = strcmp(family, "6") == 0 ? ADDRESS_IPV6 : ADDRESS_IPV4;
		p.opened = opened != 0;
		take_oracle(oracle, &p);
		outcome_add_punch(o, &p);
	}
}

json_t *outcome_to_json(const struct outcome *o)
{
	return json_pack("{s:s,s:s*,s:s*,s:s*,s:b,s:b,s:s*,s:O*,s:O*,s:o*}", "result", names[o->result], "message",
	                 o->message, "at", o->at, "details", o->details, "weather", o->has_weather, "trace",
	                 o->has_trace, "lost", o->lost, "facts", o->facts, "cell", o->cell, "punches",
	                 outcome_punches_to_json(o));
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
		out->has_weather = json_is_true(json_object_get(object, "weather"));
		out->has_trace = json_is_true(json_object_get(object, "trace"));
		out->lost = copy(json_string_value(json_object_get(object, "lost")));
		out->facts = json_incref(json_object_get(object, "facts"));
		out->cell = json_incref(json_object_get(object, "cell"));
		take_punches(json_object_get(object, "punches"), out);
		return 0;
	}
	return -1;
}
