#include "trace/find.h"

#include "evidence/record_reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACE_NAME "trace.pcapng"
#define RECORD_NAME "trace.jsonl"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_with(const char *word, const char *end)
{
	size_t len = strlen(word), end_len = strlen(end);

	return len >= end_len && strcmp(word + len - end_len, end) == 0;
}

bool find_is_path(const char *word)
{
	return strcmp(word, "-") == 0 || access(word, F_OK) == 0 || strchr(word, '/') != NULL ||
	       ends_with(word, ".pcap") || ends_with(word, ".pcapng");
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static bool take_result(void *context, const struct record_line *line)
{
	bool *failed = context;

	if (line->type == RECORD_RESULT)
		*failed = !line->result.passed;
	return true;
}

static bool scenario_failed(const char *record)
{
	struct record_flaws flaws;
	bool failed = false;

	return record_read(record, take_result, &failed, &flaws) == 0 && failed;
}

/* Looks through the folders of a run's scenarios. */
static int find_in_run(const char *folder, struct found *out, char error[FIND_ERROR_SIZE])
{
	struct dirent **entries;
	int count = scandir(folder, &entries, visible, alphasort);
	size_t traces = 0;
	char path[sizeof out->path], record[sizeof out->path];

	for (int i = 0; i < count; i++) {
		bool fits =
		    snprintf(path, sizeof path, "%s/%s/" TRACE_NAME, folder, entries[i]->d_name) < (int)sizeof path &&
		    snprintf(record, sizeof record, "%s/%s/" RECORD_NAME, folder, entries[i]->d_name) <
			(int)sizeof record;

		if (fits && access(path, F_OK) == 0) {
			traces++;
			if (!out->failed) {
				memcpy(out->path, path, sizeof path);
				out->failed = scenario_failed(record);
			}
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (traces == 0) {
		snprintf(error, FIND_ERROR_SIZE, "%.400s: no " TRACE_NAME " in it or in its folders", folder);
		return -1;
	}
	out->others = traces - 1;
	snprintf(out->folder, sizeof out->folder, "%s", folder);
	return 0;
}

int find_trace(const char *path, struct found *out, char error[FIND_ERROR_SIZE])
{
	bool latest = path == NULL;
	size_t named;

	*out = (struct found){ .others = 0 };
	if (latest)
		path = FIND_LATEST;
	named = strlen(path);
	if (named + sizeof "/" TRACE_NAME > sizeof out->path) {
		snprintf(error, FIND_ERROR_SIZE, "%.100s...: name too long", path);
		return -1;
	}
	if (strcmp(path, "-") == 0 || (access(path, F_OK) == 0 && !is_folder(path))) {
		snprintf(out->path, sizeof out->path, "%s", path);
		return 0;
	}
	if (!is_folder(path)) {
		if (latest)
			snprintf(error, FIND_ERROR_SIZE, "%s: run one (punchlab run), or name a capture",
			         is_folder(FIND_RUNS) ? "no run is left in " FIND_RUNS ": the last run kept nothing"
			                              : "no run in " FIND_LATEST " yet");
		else
			snprintf(error, FIND_ERROR_SIZE, "%.400s: %s", path, strerror(errno));
		return -1;
	}
	while (named > 1 && path[named - 1] == '/') /* as a shell completes a folder's name */
		named--;
	snprintf(out->path, sizeof out->path, "%.*s/" TRACE_NAME, (int)named, path);
	return access(out->path, F_OK) == 0 ? 0 : find_in_run(path, out, error);
}
