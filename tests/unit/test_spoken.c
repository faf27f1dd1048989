/* What programs said, at its time: read from a record, and drawn into the ladder. */
#include "suite.h"
#include "trace/ladder.h"
#include "trace/spoken.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char record[] =
    "{\"type\":\"world\",\"version\":1,\"scenario\":\"s\",\"file\":\"f.lua\",\"punchlab\":\"0.1.0\"}\n"
    "{\"type\":\"node\",\"name\":\"alice\",\"kind\":\"host\",\"behind\":null,\"addresses\":[\"203.0.113.1\"]}\n"
    "{\"type\":\"node\",\"name\":\"bob\",\"kind\":\"host\",\"behind\":null,\"addresses\":[\"203.0.113.2\"]}\n"
    "{\"type\":\"start\",\"t\":1,\"host\":\"alice\",\"id\":3,\"program\":\"client\",\"argv\":[\"client\"],\"pid\":7}\n"
    "{\"type\":\"output\",\"t\":5000000000,\"host\":\"alice\",\"id\":3,\"stream\":\"stdout\",\"text\":"
    "\"logged\\u001bin\"}\n"
    "{\"type\":\"input\",\"t\":4000000000,\"host\":\"alice\",\"id\":3,\"text\":\"login alice\"}\n"
    "{\"type\":\"output\",\"t\":6000000000,\"host\":\"nobody\",\"id\":511,\"stream\":\"stderr\",\"text\":\"who am "
    "I?\"}\n"
    "{\"type\":\"output\",\"t\":7000000000,\"host\":\"bob\",\"id\":512,\"stream\":\"stderr\",\"text\":\"one too "
    "many\"}\n";

static struct trace *open_record(char *folder)
{
	char path[64], error[TRACE_ERROR_SIZE];
	struct trace *t;
	FILE *f;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/trace.jsonl", folder);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(record, f);
	fclose(f);
	t = trace_open(folder, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

static void close_record(struct trace *t, const char *folder)
{
	char path[64];

	trace_free(t);
	snprintf(path, sizeof path, "%s/trace.jsonl", folder);
	unlink(path);
	rmdir(folder);
}

static void lines_are_read_in_the_order_of_time(void)
{
	static const struct {
		uint64_t s;
		int node;
		const char *text;
	} lines[] = { { 4, 0, "client> login alice" },
		      { 5, 0, "client: logged\\x1bin" },
		      { 6, -1, ": who am I?" },
		      { 7, 1, ": one too many" } };
	char folder[] = "/tmp/spoken.XXXXXX", error[TRACE_ERROR_SIZE];
	struct trace *t = open_record(folder);
	struct spoken s;

	CU_ASSERT_EQUAL(spoken_read(t, &s, error), 0);
	CU_ASSERT_EQUAL_FATAL(s.count, sizeof lines / sizeof lines[0]);
	for (size_t i = 0; i < s.count; i++) {
		CU_ASSERT_STRING_EQUAL(s.lines[i].text, lines[i].text);
		CU_ASSERT_EQUAL(s.lines[i].node, lines[i].node);
		CU_ASSERT_EQUAL(s.lines[i].time_ns, lines[i].s * 1000000000);
	}
	spoken_free(&s);
	CU_ASSERT(s.count == 0 && s.lines == NULL);
	t->has_record = false;
	CU_ASSERT_EQUAL(spoken_read(t, &s, error), 0);
	CU_ASSERT_EQUAL(s.count, 0);
	t->has_record = true;
	close_record(t, folder);
}

static void a_record_that_is_gone_is_told_of(void)
{
	char folder[] = "/tmp/spoken.XXXXXX", path[64], error[TRACE_ERROR_SIZE] = "";
	struct trace *t = open_record(folder);
	struct spoken s;

	snprintf(path, sizeof path, "%s/trace.jsonl", folder);
	unlink(path);
	CU_ASSERT_EQUAL(spoken_read(t, &s, error), -1);
	CU_ASSERT_STRING_EQUAL(error, "the record: No such file or directory");
	CU_ASSERT_EQUAL(s.count, 0);
	spoken_free(&s);
	close_record(t, folder);
}

/* At the program's host, to its right; where there is no room, to its left. */
static void lines_stand_at_their_host(void)
{
	char folder[] = "/tmp/spoken.XXXXXX", *text = NULL, wide[80];
	struct trace *t = open_record(folder);
	const struct style style = { .width = 60 };
	bool used[SCENE_NODES] = { true, true };
	static struct ladder ladder;
	struct columns columns;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	columns_lay_out(&t->scene, used, &columns);
	ladder_begin(&ladder, f, &style, &t->scene, &columns, 4, 9, 4000000000);
	fflush(f);
	CU_ASSERT_PTR_NOT_NULL(text);
	rewind(f);
	ladder_say(&ladder, 4001000000, 0, "alice says");
	ladder_say(&ladder, 4002000000, 1, "bob says");
	ladder_say(&ladder, 4003000000, -1, "nobody says");
	memset(wide, 'w', sizeof wide);
	wide[30] = '\0';
	ladder_say(&ladder, 4004000000, 1, wide);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "1.000"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "| alice says"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "| bob says"));
	CU_ASSERT_PTR_NULL(strstr(text, "nobody says"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, wide));
	free(text);
	close_record(t, folder);
}

SUITE(spoken, TEST(lines_are_read_in_the_order_of_time), TEST(a_record_that_is_gone_is_told_of),
      TEST(lines_stand_at_their_host))
