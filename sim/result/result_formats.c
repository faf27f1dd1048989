#include "result/result_formats.h"

#include "evidence/record.h"
#include "result/terminal_text.h"

#include "base/shell.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

const char *verdict_name(const struct verdict *v, char text[512])
{
	if (v->repeat != 0)
		utf8_print(text, 512, "%s (repeat %u)", v->scenario->name, v->repeat);
	else
		utf8_print(text, 512, "%s", v->scenario->name);
	return text;
}

/* The dice of a world without weather are never thrown: 0, which all have unless told, goes without saying there. */
static bool tells_seed(const struct verdict *v)
{
	return v->seed != 0 || v->outcome->has_weather;
}

const char *verdict_again(const struct verdict *v, char text[VERDICT_AGAIN_SIZE])
{
	char file[PATH_MAX + 2], seed[24], repeats[12], timeout[12];
	const char *argv[20] = { program_invocation_name, "run", "-k", v->scenario->name, file };
	size_t count = 5;

	/* no option, whatever its name */
	snprintf(file, sizeof file, "%s%s", v->scenario->file[0] == '-' ? "./" : "", v->scenario->file);
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)v->seed);
	snprintf(repeats, sizeof repeats, "%u", v->repeats);
	snprintf(timeout, sizeof timeout, "%u", v->timeout_s);
	if (v->repeats > 1) {
		argv[count++] = "--repeat";
		argv[count++] = repeats;
	}
	if (v->weather != NULL) {
		argv[count++] = "--link";
		argv[count++] = v->weather;
	}
	if (tells_seed(v)) {
		argv[count++] = "--seed";
		argv[count++] = seed;
	}
	if (v->addresses != ADDRESS_PLAN_ORDINARY) {
		argv[count++] = "--addresses";
		argv[count++] = address_plan_name(v->addresses);
	}
	if (v->timeout_s != 0) {
		argv[count++] = "--timeout";
		argv[count++] = timeout;
	}
	if (v->audit)
		argv[count++] = "--audit";
	return shell_line(argv, text, VERDICT_AGAIN_SIZE);
}

/* A description may not hold "#", which starts a directive. */
static void put_description(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '#' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
}

/* A JSON string is a YAML string. */
static void put_field(FILE *out, const char *name, const char *text)
{
	json_t *string = record_string(text);
	char *quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	if (quoted != NULL)
		fprintf(out, "  %s: %s\n", name, quoted);
	free(quoted);
	json_decref(string);
}

void result_tap(FILE *out, size_t number, const struct verdict *v)
{
	const struct outcome *o = v->outcome;
	char name[512];

	fprintf(out, "%sok %zu - ", o->result == OUTCOME_FAILED ? "not " : "", number);
	put_description(out, verdict_name(v, name));
	if (o->result == OUTCOME_SKIPPED) {
		fputs(" # SKIP ", out);
		terminal_text(out, o->message != NULL ? o->message : "");
	}
	putc('\n', out);
	if (o->result != OUTCOME_FAILED && o->lost == NULL)
		return;
	fputs("  ---\n", out);
	put_field(out, "message", o->message);
	put_field(out, "at", o->at);
	put_field(out, "file", v->scenario->file);
	put_field(out, "details", o->details);
	put_field(out, "lost", o->lost);
	put_field(out, "why", v->why);
	put_field(out, "trace", v->trace);
	fputs("  ...\n", out);
}

/* What verdict_again() needs besides: where results are joined, it is not known otherwise. */
static void add_conditions(json_t *line, const struct verdict *v)
{
	if (v->repeats > 1)
		json_object_set_new(line, "repeats", json_integer(v->repeats));
	if (v->weather != NULL)
		json_object_set_new(line, "link", record_string(v->weather));
	if (v->outcome->has_weather)
		json_object_set_new(line, "weather", json_true());
	if (tells_seed(v))
		json_object_set_new(line, "seed", json_integer((json_int_t)v->seed));
	if (v->addresses != ADDRESS_PLAN_ORDINARY)
		json_object_set_new(line, "addresses", json_string(address_plan_name(v->addresses)));
	if (v->timeout_s != 0)
		json_object_set_new(line, "timeout", json_integer(v->timeout_s));
	if (v->audit)
		json_object_set_new(line, "audit", json_true());
}

static json_t *verdict_object(const struct verdict *v)
{
	const struct outcome *o = v->outcome;
	json_t *line =
	    json_pack("{s:o,s:o,s:i,s:s,s:f,s:o?,s:o*,s:o*,s:o*,s:o*,s:o*,s:O*,s:O*,s:o*}", "scenario",
	              record_string(v->scenario->name), "file", record_string(v->scenario->file), "line",
	              v->scenario->line, "result", outcome_name(o->result), "seconds", v->seconds, "trace",
	              record_string(v->trace), "message", record_string(o->message), "at", record_string(o->at),
	              "details", record_string(o->details), "lost", record_string(o->lost), "why",
	              record_string(v->why), "facts", o->facts, "cell", o->cell, "punches", outcome_punches_to_json(o));

	if (line != NULL && v->place != 0)
		json_object_set_new(line, "place", json_integer((json_int_t)v->place));
	if (line != NULL && v->repeat != 0)
		json_object_set_new(line, "repeat", json_integer(v->repeat));
	if (line != NULL)
		add_conditions(line, v);
	return line;
}

void result_json(FILE *out, const struct verdict *v)
{
	json_t *line = verdict_object(v);
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;

	if (text != NULL)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, "{\"scenario\":null,\"result\":\"%s\",\"message\":\"out of memory\"}\n",
		        outcome_name(v->outcome->result));
	free(text);
	json_decref(line);
}
