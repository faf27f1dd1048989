#include "report/html.h"

#include "evidence/record.h"
#include "report/earlier_run.h"
#include "report/matrix.h"
#include "report/scenario_detail.h"
#include "report/trace_files.h"
#include "report/page.h"
#include "result/result_formats.h"
#include "result/run_folder.h"

#include "io/log.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define SLUG_SIZE 80

struct html {
	char folder[PATH_MAX];
	char *title, *command;
	json_t *against; /* an earlier run, or null */
	char started[64];
	json_t *scenarios; /* in the order of the run */
	json_t *taken;     /* the ids given out so far */
};

static void note_start(struct html *h)
{
	time_t now = time(NULL);
	struct tm utc;

	if (gmtime_r(&now, &utc) != NULL)
		strftime(h->started, sizeof h->started, "%Y-%m-%d %H:%M:%S UTC", &utc);
}

static void html_free(struct html *h)
{
	json_decref(h->scenarios);
	json_decref(h->taken);
	json_decref(h->against);
	free(h->title);
	free(h->command);
	free(h);
}

struct html *html_open(const char *folder, const char *title, const char *command, const char *against)
{
	char error[EARLIER_RUN_ERROR_SIZE];
	json_t *earlier = against != NULL ? earlier_run_read(against, error) : json_null();
	struct html *h = earlier != NULL ? calloc(1, sizeof *h) : NULL;

	if (earlier == NULL)
		log_error("--against: %s", error);
	if (h == NULL)
		return NULL;
	h->against = earlier;
	snprintf(h->folder, sizeof h->folder, "%s", folder);
	h->title = strdup(title);
	h->command = strdup(command);
	h->scenarios = json_array();
	h->taken = json_object();
	note_start(h);
	if (run_folder_make(folder) == 0 && h->title != NULL && h->command != NULL)
		return h;
	log_error("the report's folder %s cannot be written: %s", folder, strerror(errno));
	html_free(h);
	return NULL;
}

/* The name in a-z, 0-9 and single "-": for addresses and file names. */
static void slug(const char *name, char text[SLUG_SIZE])
{
	size_t len = 0;

	for (; *name != '\0' && len < SLUG_SIZE - 16; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < 0x80 && isalnum(c))
			text[len++] = (char)tolower(c);
		else if (len > 0 && text[len - 1] != '-')
			text[len++] = '-';
	}
	while (len > 0 && text[len - 1] == '-')
		len--;
	snprintf(text + len, SLUG_SIZE - len, "%s", len == 0 ? "scenario" : "");
}

/* A slug that no other scenario of the page has. */
static void make_id(struct html *h, const struct verdict *v, char id[SLUG_SIZE])
{
	char base[SLUG_SIZE];

	slug(v->scenario->name, base);
	snprintf(id, SLUG_SIZE, "%s", base);
	for (unsigned n = v->repeat > 1 ? v->repeat : 2;
	     json_object_get(h->taken, id) != NULL || (v->repeat > 1 && strcmp(id, base) == 0); n++)
		snprintf(id, SLUG_SIZE, "%.60s-%u", base, n);
	json_object_set_new(h->taken, id, json_true());
}

/* What failed and where, what evidence was lost, and further lines; each where there is any. */
static json_t *message_of(const struct verdict *v)
{
	const struct outcome *o = v->outcome;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	json_t *message;

	if (f == NULL)
		return json_null();
	if (o->message != NULL)
		fprintf(f, "%s%s%s\n", o->at != NULL ? o->at : "", o->at != NULL ? ": " : "", o->message);
	if (o->lost != NULL)
		fprintf(f, "%s\n", o->lost);
	if (o->details != NULL)
		fputs(o->details, f);
	if (fclose(f) != 0)
		len = 0;
	while (len > 0 && text[len - 1] == '\n')
		len--;
	message = len > 0 ? json_stringn(text, len) : json_null();
	free(text);
	return message;
}

/* The trace beside the page, as the page links to it. */
static json_t *keep_trace(const struct html *h, const struct verdict *v, const char *id)
{
	if (v->folder == NULL || v->trace == NULL || trace_files_keep(v->folder, h->folder, id) != 0)
		return json_null();
	return json_sprintf("traces/%s.pcapng", id);
}

/* Puts it where it belongs in the order of the run; they end nearly in that order. */
static void insert(json_t *scenarios, json_t *scenario, json_int_t index)
{
	size_t at = json_array_size(scenarios);

	while (at > 0 && json_integer_value(json_object_get(json_array_get(scenarios, at - 1), "index")) > index)
		at--;
	json_array_insert_new(scenarios, at, scenario);
}

void html_add(struct html *h, const struct verdict *v)
{
	char id[SLUG_SIZE], name[512], again[VERDICT_AGAIN_SIZE],
	    missing[SCENARIO_DETAIL_ERROR_SIZE] = "The scenario left no evidence.";
	json_t *scenario;

	make_id(h, v, id);
	scenario =
	    json_pack("{s:s,s:o,s:i,s:s,s:f,s:i,s:o,s:o,s:o,s:n}", "id", id, "file", record_string(v->scenario->file),
	              "line", v->scenario->line, "result", outcome_name(v->outcome->result), "seconds", v->seconds,
	              "index", (int)v->index, "message", message_of(v), "trace", keep_trace(h, v, id), "command",
	              record_string(verdict_again(v, again)), "detail");
	if (scenario == NULL) {
		log_warning("the report lacks '%s': out of memory", v->scenario->name);
		return;
	}
	if (v->folder != NULL && scenario_detail_read(scenario, v->folder, missing) == 0)
		missing[0] = '\0';
	json_object_set_new(scenario, "missing", record_string(missing));
	json_object_set_new(scenario, "name", record_string(verdict_name(v, name)));
	if (v->outcome->cell != NULL) {
		json_object_set_new(scenario, "cell", json_deep_copy(v->outcome->cell));
		json_object_set(scenario, "opened", json_object_get(v->outcome->cell, "opened"));
	}
	insert(h->scenarios, scenario, (json_int_t)v->index);
}

static json_t *machine(void)
{
	struct utsname u;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (uname(&u) != 0)
		return json_null();
	return json_sprintf("%s %s, %ld CPU%s", u.sysname, u.release, cpus, cpus == 1 ? "" : "s");
}

int html_close(struct html *h, double seconds, size_t not_run)
{
	char path[PATH_MAX];
	json_t *matrix = matrix_of(h->scenarios);
	json_t *data = json_pack("{s:s,s:s,s:o,s:s,s:f,s:I,s:o,s:o,s:O,s:O}", "title", h->title, "tool",
	                         "punchlab " VERSION, "command", record_string(h->command), "started", h->started,
	                         "seconds", seconds, "not_run", (json_int_t)not_run, "machine", machine(), "matrix",
	                         matrix, "scenarios", h->scenarios, "against", h->against);
	int result = -1;

	errno = ENOMEM;
	if (data != NULL && snprintf(path, sizeof path, "%s/index.html", h->folder) < (int)sizeof path)
		result = page_write_file(path, data);
	if (result != 0)
		log_error("the report %s/index.html cannot be written: %s", h->folder, strerror(errno));
	json_decref(data);
	html_free(h);
	return result;
}
