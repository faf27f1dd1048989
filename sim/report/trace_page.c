#include "report/trace_page.h"

#include "evidence/record.h"
#include "evidence/record_reader.h"
#include "report/page.h"
#include "report/scenario_detail.h"
#include "trace/describe_json.h"

#include "io/log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* What the record says of the scenario it is of, if it is of one. */
struct origin {
	json_t *name, *file, *result, *message;
};

static bool take_origin(void *context, const struct record_line *line)
{
	struct origin *o = context;

	if (line->type == RECORD_WORLD && o->name == NULL) {
		o->name = json_string(line->world.scenario);
		o->file = json_string(line->world.file);
	} else if (line->type == RECORD_RESULT && o->result == NULL) {
		o->result = json_string(line->result.passed ? "passed" : "failed");
		o->message = line->result.message != NULL ? json_string(line->result.message) : json_null();
	}
	return true;
}

static void read_origin(const struct trace *t, struct origin *o)
{
	char path[PATH_MAX];
	struct record_flaws flaws;

	*o = (struct origin){ 0 };
	if (t->has_record && trace_record_path(t, path) && record_read(path, take_origin, o, &flaws) != 0)
		log_warning("%s: %s", path, strerror(errno));
}

static json_t *or_null(json_t *value)
{
	return value != NULL ? value : json_null();
}

static json_t *started(const struct trace *t)
{
	time_t when = (time_t)(t->start_ns / 1000000000);
	char text[64] = "";
	struct tm utc;

	if (t->packets == 0 || gmtime_r(&when, &utc) == NULL)
		return json_string("no packet");
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
	return json_string(text);
}

/* "lan.pcap", "lan.pcap and 2 more" */
static json_t *name_of(const struct trace *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char text[PATH_MAX + 32];

	if (t->source_count > 1)
		snprintf(text, sizeof text, "%s and %zu more", slash != NULL ? slash + 1 : path, t->source_count - 1);
	else
		snprintf(text, sizeof text, "%s", slash != NULL ? slash + 1 : path);
	return record_string(text);
}

static json_t *scenario_of(struct why *why, const struct journeys_choice *choice)
{
	const struct trace *t = why->trace;
	const char *first = t->sources[0].path, *path = strcmp(first, "-") == 0 ? "standard input" : first;
	char missing[SCENARIO_DETAIL_ERROR_SIZE] = "";
	struct origin o;
	json_t *scenario;

	read_origin(t, &o);
	scenario = json_pack("{s:s,s:o,s:o,s:o,s:o,s:f,s:n,s:n,s:n,s:n}", "id", "trace", "name",
	                     o.name != NULL && json_string_length(o.name) > 0 ? json_incref(o.name) : name_of(t, path),
	                     "file", record_string(path), "result", or_null(o.result), "message", or_null(o.message),
	                     "seconds", journey_seconds(t->start_ns, t->end_ns), "line", "trace", "command", "detail");
	json_decref(o.name);
	json_decref(o.file);
	if (scenario != NULL && scenario_detail_put(scenario, why, choice, missing) != 0)
		log_warning("%s", missing);
	json_object_set_new(scenario, "missing", record_string(missing));
	return scenario;
}

static int write_to(const char *path, const json_t *data)
{
	char inside[PATH_MAX];
	struct stat s;

	if (strcmp(path, "-") == 0)
		return page_write(stdout, data);
	if (stat(path, &s) != 0 || !S_ISDIR(s.st_mode))
		return page_write_file(path, data);
	if (snprintf(inside, sizeof inside, "%s/index.html", path) >= (int)sizeof inside) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return page_write_file(inside, data);
}

int trace_page_write(const char *path, struct why *why, const struct journeys_choice *choice, const char *command,
                     const json_t *against)
{
	json_t *scenario = scenario_of(why, choice), *data;
	int result = -1;

	errno = ENOMEM;
	data = json_pack("{s:s,s:s,s:o,s:o,s:f,s:i,s:n,s:n,s:b,s:[o],s:O}", "title", "punchlab trace", "tool",
	                 "punchlab " VERSION, "command", record_string(command), "started", started(why->trace),
	                 "seconds", journey_seconds(why->trace->start_ns, why->trace->end_ns), "not_run", 0, "machine",
	                 "matrix", "alone", 1, "scenarios", scenario, "against", against);
	if (data != NULL)
		result = write_to(path, data);
	if (result != 0)
		log_error("the page %s cannot be written: %s", path, strerror(errno));
	json_decref(data);
	return result;
}
