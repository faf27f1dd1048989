#include "report/earlier_run.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE_MOST ((off_t)1 << 30)
#define DATA_BEGIN "<script type=\"application/json\" id=\"data\">" /* page.html */
#define DATA_END "</script>"

static char *read_stream(FILE *f, const char *path, char error[EARLIER_RUN_ERROR_SIZE])
{
	struct stat s;
	char *text = NULL;

	if (fstat(fileno(f), &s) != 0 || !S_ISREG(s.st_mode) || s.st_size > PAGE_MOST) {
		snprintf(error, EARLIER_RUN_ERROR_SIZE, "%.400s: not a page", path);
		return NULL;
	}
	text = calloc(1, (size_t)s.st_size + 1);
	if (text == NULL || fread(text, 1, (size_t)s.st_size, f) != (size_t)s.st_size) {
		snprintf(error, EARLIER_RUN_ERROR_SIZE, "%.400s: cannot be read", path);
		free(text);
		return NULL;
	}
	return text;
}

static char *read_page(const char *path, char error[EARLIER_RUN_ERROR_SIZE])
{
	char inside[PATH_MAX];
	struct stat s;
	bool folder = stat(path, &s) == 0 && S_ISDIR(s.st_mode);
	FILE *f;
	char *text;

	if (snprintf(inside, sizeof inside, folder ? "%s/index.html" : "%s", path) >= (int)sizeof inside) {
		snprintf(error, EARLIER_RUN_ERROR_SIZE, "%.200s...: name too long", path);
		return NULL;
	}
	f = fopen(inside, "re");
	if (f == NULL) {
		snprintf(error, EARLIER_RUN_ERROR_SIZE, "%.400s: %s", inside, strerror(errno));
		return NULL;
	}
	text = read_stream(f, inside, error);
	fclose(f);
	return text;
}

/* The page's data; NULL if it has none. */
static json_t *data_of(const char *page)
{
	const char *begin = strstr(page, DATA_BEGIN), *end;

	if (begin == NULL)
		return NULL;
	begin += strlen(DATA_BEGIN);
	end = strstr(begin, DATA_END); /* no text inside has one: page.h */
	return end != NULL ? json_loadb(begin, (size_t)(end - begin), JSON_ALLOW_NUL, NULL) : NULL;
}

static void keep(json_t *to, const json_t *from, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_get(from, names[i]);

		json_object_set(to, names[i], value != NULL ? value : json_null());
	}
}

/* What can be compared of a scenario; the evidence stays where it is. */
static json_t *scenario_of(const json_t *scenario)
{
	static const char *const names[] = { "name", "file", "result", "pairs", "opened" };
	json_t *slim = json_object();

	keep(slim, scenario, names, sizeof names / sizeof names[0]);
	return slim;
}

static json_t *run_of(const json_t *data)
{
	static const char *const names[] = { "title", "started" };
	json_t *slim = json_object(), *list = json_array(), *scenario;
	size_t i;

	keep(slim, data, names, sizeof names / sizeof names[0]);
	json_array_foreach (json_object_get(data, "scenarios"), i, scenario) {
		json_array_append_new(list, scenario_of(scenario));
	}
	json_object_set_new(slim, "scenarios", list);
	return slim;
}

json_t *earlier_run_read(const char *path, char error[EARLIER_RUN_ERROR_SIZE])
{
	char *page = read_page(path, error);
	json_t *data = page != NULL ? data_of(page) : NULL, *run = NULL;

	if (json_is_array(json_object_get(data, "scenarios")))
		run = run_of(data);
	else if (page != NULL)
		snprintf(error, EARLIER_RUN_ERROR_SIZE, "%.400s: not a page that --html wrote", path);
	json_decref(data);
	free(page);
	return run;
}
