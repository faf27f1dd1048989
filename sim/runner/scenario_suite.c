#include "runner/scenario_suite.h"

#include "base/array.h"
#include "script/install_paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(char error[SCRIPT_ERROR_SIZE], const char *path, const char *why)
{
	snprintf(error, SCRIPT_ERROR_SIZE, "%s: %s", path, why);
	return -1;
}

static int add_script(struct scenario_suite *s, struct script *script)
{
	struct script **place;

	script_set_places(script, s->loaded);
	s->loaded += script_count(script);
	for (size_t i = 0; i < script_count(script); i++) {
		const struct scenario **one = array_add(&s->scenarios, &s->count, sizeof(struct scenario *));

		if (one == NULL)
			return -1;
		*one = script_scenario(script, i);
	}
	place = array_add(&s->scripts, &s->script_count, sizeof(struct script *));
	if (place == NULL)
		return -1;
	*place = script;
	return 0;
}

/* Beside scenarios there may be helpers, which they require. */
static int add_file(struct scenario_suite *s, const char *path, bool may_be_helper, char error[SCRIPT_ERROR_SIZE])
{
	struct script *script = script_open(path, error);
	bool helper;

	if (script == NULL)
		return -1;
	helper = script_count(script) == 0;
	if (!helper && add_script(s, script) == 0)
		return 0;
	script_close(script);
	if (!helper)
		return refuse(error, path, "out of memory");
	return may_be_helper ? 0 : refuse(error, path, "registers no scenario");
}

static int is_lua(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return e->d_name[0] != '.' && dot != NULL && strcmp(dot, ".lua") == 0;
}

static int add_folder(struct scenario_suite *s, const char *path, char error[SCRIPT_ERROR_SIZE])
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_lua, alphasort);
	size_t before = s->loaded;
	char file[PATH_MAX];
	int result = 0;

	if (count <= 0)
		result = refuse(error, path, count == 0 ? "no *.lua file in it" : strerror(errno));
	for (int i = 0; i < count; i++) {
		size_t len = strlen(path);

		snprintf(file, sizeof file, "%s%s%s", path, len > 0 && path[len - 1] == '/' ? "" : "/",
		         entries[i]->d_name);
		if (result == 0)
			result = add_file(s, file, true, error);
		free(entries[i]);
	}
	free(entries);
	if (result == 0 && s->loaded == before)
		result = refuse(error, path, "no scenario in it");
	return result;
}

/* What is not here may be one of punchlab's own, by its name alone. */
static const char *find(const char *path, char own[PATH_MAX])
{
	char folder[PATH_MAX];
	int len;

	if (strchr(path, '/') != NULL || access(path, F_OK) == 0)
		return path;
	len = snprintf(own, PATH_MAX, "%s/%s", install_path_scenarios(folder), path);
	return len < PATH_MAX && access(own, F_OK) == 0 ? own : path;
}

int scenario_suite_add_path(struct scenario_suite *s, const char *path, char error[SCRIPT_ERROR_SIZE])
{
	char own[PATH_MAX];
	struct stat st;

	path = find(path, own);
	if (stat(path, &st) != 0)
		return refuse(error, path, strerror(errno));
	return S_ISDIR(st.st_mode) ? add_folder(s, path, error) : add_file(s, path, false, error);
}

/* From the last folder on: where the suite lies says nothing of a scenario, and may contain any word. */
static const char *last_folder(const char *path)
{
	const char *from = path, *next;

	while ((next = strchr(from, '/')) != NULL && strchr(next + 1, '/') != NULL)
		from = next + 1;
	return from;
}

size_t scenario_suite_filter(struct scenario_suite *s, const char *text)
{
	size_t kept = 0;
	bool is_path = strchr(text, '/') != NULL;
	char line[1024];

	for (size_t i = 0; i < s->count; i++) {
		const struct scenario *one = s->scenarios[i];

		snprintf(line, sizeof line, "%s: %s", is_path ? one->file : last_folder(one->file), one->name);
		if (strcasestr(line, text) != NULL)
			s->scenarios[kept++] = s->scenarios[i];
	}
	if (kept > 0)
		s->count = kept;
	return kept;
}

void scenario_suite_clear(struct scenario_suite *s)
{
	for (size_t i = 0; i < s->script_count; i++)
		script_close(s->scripts[i]);
	free(s->scripts);
	free(s->scenarios);
	*s = (struct scenario_suite){ 0 };
}
