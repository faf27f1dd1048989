/*
 * Traces are read and told with what memory there is: all of it is given back, and where it does not suffice that is
 * said in a line, at whichever request it ends.
 */
#include "memory.h"
#include "suite.h"

#include "trace/annotate.h"
#include "trace/audit.h"
#include "trace/explain.h"
#include "trace/select.h"
#include "trace/spoken.h"
#include "trace/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces/"

/* Of this run alone: others may be at it at the same time. */
static const char *copy_path(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/tmp/annotated.%ld.pcapng", (long)getpid());
	return path;
}

/* With its record; or the capture alone, as one's own. */
static struct trace *open_trace(const char *folder, bool recorded, char error[TRACE_ERROR_SIZE])
{
	struct source list = { .fd = -1, .name = "" };

	if (recorded)
		return trace_open(folder, error);
	snprintf(list.path, sizeof list.path, "%.80s/trace.pcapng", folder);
	return trace_open_captures(&list, 1, NULL, 0, error);
}

enum telling { EXPLAINED, AUDITED, ANNOTATED, SPOKEN, VIEWS };

static bool explain_it(struct trace *t, FILE *f, char error[TRACE_ERROR_SIZE])
{
	struct why *w = why_read(t, NULL, error);

	if (w == NULL)
		return false;
	explain_all(f, w);
	timeline_print(f, w);
	why_free(w);
	return true;
}

static bool speak(const struct trace *t, char error[TRACE_ERROR_SIZE])
{
	struct spoken said;
	int status = spoken_read(t, &said, error);

	spoken_free(&said);
	return status == 0;
}

/* False if it could not, for the reason in `error`. */
static bool tell(struct trace *t, enum telling telling, FILE *f, char error[TRACE_ERROR_SIZE])
{
	bool agrees = false;

	switch (telling) {
	case EXPLAINED: return explain_it(t, f, error);
	case AUDITED: return audit_trace(t, f, &agrees, error) == 0;
	case ANNOTATED: return annotate(t, copy_path(), error) == 0;
	case SPOKEN: return speak(t, error);
	case VIEWS: break;
	}
	return false;
}

/* How a trace is read, and what of it is told. */
struct attempt {
	const char *folder;
	bool recorded;
	enum telling telling;
};

/* True if all requests got what they asked for. */
static bool try_to_tell(const struct attempt *a, size_t fail_at, bool once)
{
	char error[TRACE_ERROR_SIZE] = "", *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct trace *t;
	bool told;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	memory_watch(fail_at, once);
	t = open_trace(a->folder, a->recorded, error);
	told = t != NULL && tell(t, a->telling, f, error);
	trace_free(t);
	CU_ASSERT_EQUAL(memory_left(), 0);
	if (!memory_failed())
		CU_ASSERT_TRUE(told);
	if (!told)
		CU_ASSERT_TRUE(strstr(error, "memory") != NULL || strstr(error, "can be held") != NULL);
	fclose(f);
	free(text);
	return !memory_failed();
}

static void whoever_gets_none_says_so(void)
{
	struct attempt a = { .folder = FOLDER "closed-port" };

	for (int recorded = 0; recorded < 2; recorded++)
		for (a.telling = 0; a.telling < VIEWS; a.telling++) {
			size_t fail_at = 1; /* it alone; at times all after it, too */

			a.recorded = recorded != 0;
			while (!try_to_tell(&a, fail_at, fail_at % 4 != 0))
				fail_at++;
			CU_ASSERT_TRUE(fail_at > 1);
		}
	unlink(copy_path());
}

static void a_file_is_explained_or_not(void)
{
	size_t fail_at = 0;
	char *text;

	do {
		memory_watch(++fail_at, false);
		text = explain_file(FOLDER "closed-port");
		free(text);
		CU_ASSERT_EQUAL(memory_left(), 0);
		CU_ASSERT_TRUE(text != NULL || memory_failed());
	} while (memory_failed());
}

static void all_is_given_back(void)
{
	static const char *const traces[] = { "closed-port", "forward", "nested", "roaming", "weather" };

	for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
		char path[64];

		snprintf(path, sizeof path, FOLDER "%s", traces[i]);
		for (enum telling telling = 0; telling < VIEWS; telling++) {
			CU_ASSERT_TRUE(try_to_tell(&(struct attempt){ path, true, telling }, 0, false));
			CU_ASSERT_TRUE(try_to_tell(&(struct attempt){ path, false, telling }, 0, false));
		}
	}
	unlink(copy_path());
}

SUITE(memory, TEST(a_file_is_explained_or_not), TEST(whoever_gets_none_says_so), TEST(all_is_given_back))
