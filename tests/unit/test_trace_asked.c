/*
 * What a trace answers when it is asked for something (said.h): tests/unit/traces/NAME/asked has what is said of each
 * pair of hosts, which journeys each selection takes, what the capture says without its record, and a ladder in
 * colours.
 */
#include "said.h"
#include "suite.h"
#include "trace/annotate.h"
#include "trace/audit.h"
#include "trace/explain.h"
#include "trace/ladder.h"
#include "trace/select.h"
#include "trace/timeline.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces"
#define PATH_SIZE 512
#define JOURNEYS 1024

struct asking {
	struct said said;
	struct trace *trace;
	struct why *why;
	struct selection selection;
	struct journey journeys[JOURNEYS];
	size_t journey_count;
	struct ladder ladder;
	bool used[SCENE_NODES];
};

static void open_trace(struct asking *a, const char *path)
{
	char error[TRACE_ERROR_SIZE];

	a->trace = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->trace);
	a->why = why_read(a->trace, NULL, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->why);
}

static void close_trace(struct asking *a)
{
	why_free(a->why);
	trace_free(a->trace);
}

/* --- pairs ------------------------------------------------------------------------------------------------ */

static bool is_host(const struct asking *a, size_t node)
{
	return a->trace->scene.nodes[node].kind == NODE_HOST;
}

static void ask_pairs(struct asking *a)
{
	const struct scene_node *n = a->trace->scene.nodes;
	char error[TRACE_ERROR_SIZE];

	for (size_t i = 0; i < a->trace->scene.node_count; i++)
		for (size_t k = 0; k < a->trace->scene.node_count; k++) {
			if (i == k || !is_host(a, i) || !is_host(a, k))
				continue;
			fprintf(a->said.f, "-- %s, %s\n", n[i].name, n[k].name);
			CU_ASSERT_EQUAL(explain(a->said.f, a->why, n[i].name, n[k].name, error), 0);
		}
	CU_ASSERT_EQUAL(explain(a->said.f, a->why, n[0].name, "nobody", error), -1);
	fprintf(a->said.f, "%s\n", error);
	CU_ASSERT_EQUAL(explain(a->said.f, a->why, "someone", n[0].name, error), -1);
	fprintf(a->said.f, "%s\n", error);
}

/* --- selections ------------------------------------------------------------------------------------------- */

static void keep(void *context, const struct journey *j, const struct cause *c)
{
	struct asking *a = context;

	(void)c;
	if (a->journey_count < JOURNEYS)
		a->journeys[a->journey_count++] = *j;
}

static void mark(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	const struct asking *a = context;

	(void)p;
	select_packet(&a->selection, 1, raw, j);
}

static void read_marked(struct asking *a)
{
	const struct why_visitor visitor = { .context = a, .packet = mark, .journey = keep };
	char error[TRACE_ERROR_SIZE];

	a->journey_count = 0;
	CU_ASSERT_EQUAL_FATAL(why_read_again(a->why, &visitor, error), 0);
}

/* The numbers of the journeys that are selected; the selection is then empty again. */
static void ask_selected(struct asking *a, const char *title)
{
	char error[TRACE_ERROR_SIZE];

	fprintf(a->said.f, "%s:", title);
	CU_ASSERT_EQUAL(select_check_names(&a->selection, &a->trace->scene, error), 0);
	for (size_t i = 0; i < a->journey_count; i++) {
		const struct journey *j = &a->journeys[i];

		if (select_journey(&a->selection, a->trace, j, flows_target(&a->why->flows, a->why->scene, j)))
			fprintf(a->said.f, " %llu", (unsigned long long)j->id);
	}
	fputc('\n', a->said.f);
	select_free(&a->selection);
	a->selection = (struct selection){ 0 };
}

static void ask_flow(struct asking *a, const char *flow)
{
	char error[SELECT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(select_flow(&a->selection, flow, error), 0);
	ask_selected(a, flow);
}

static void ask_names(struct asking *a)
{
	const struct scene *s = &a->trace->scene;
	char flow[2 * SCENE_NAME_SIZE];

	for (size_t i = 0; i < s->node_count; i++) {
		a->selection.host = s->nodes[i].name;
		ask_selected(a, s->nodes[i].name);
		for (size_t k = i + 1; k < s->node_count; k++) {
			snprintf(flow, sizeof flow, "%s,%s", s->nodes[i].name, s->nodes[k].name);
			ask_flow(a, flow);
		}
	}
}

static void ask_times(struct asking *a)
{
	uint64_t all_ns = a->trace->end_ns - a->trace->start_ns;

	a->selection =
	    (struct selection){ .has_from = true, .has_to = true, .from_ns = all_ns / 2, .to_ns = all_ns / 2 };
	ask_selected(a, "the middle");
	a->selection = (struct selection){ .has_from = true, .from_ns = all_ns };
	ask_selected(a, "the end");
	a->selection = (struct selection){ .has_to = true };
	ask_selected(a, "the start");
}

static void ask_selections(struct asking *a)
{
	static const char *const filters[] = { "udp", "ip[8] < 5 or icmp", "src net 10.0.0.0/8 and less 60" };
	static const char *const flows[] = { "203.0.113.1", "203.0.113.1,203.0.113.2", "198.51.100.1:3478",
		                             "10.0.1.2:5000,203.0.113.2" };
	char error[TRACE_ERROR_SIZE];

	read_marked(a);
	ask_names(a);
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
		ask_flow(a, flows[i]);
	a->selection.host = "203.0.113.1";
	ask_selected(a, "host 203.0.113.1");
	ask_times(a);
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		CU_ASSERT_EQUAL_FATAL(select_filter(&a->selection, filters[i], error), 0);
		read_marked(a);
		ask_selected(a, filters[i]);
	}
	CU_ASSERT_EQUAL(select_flow(&a->selection, "nobody,alice", error), 0);
	CU_ASSERT_EQUAL(select_check_names(&a->selection, &a->trace->scene, error), -1);
	fprintf(a->said.f, "%s\n", error);
	a->selection = (struct selection){ 0 };
}

/* --- a ladder in colours ----------------------------------------------------------------------------------- */

static void note_nodes(struct asking *a, const struct journey *j)
{
	for (unsigned i = 0; i < j->leg_count; i++)
		if (a->trace->scene.interfaces[j->legs[i].interface].node >= 0)
			a->used[a->trace->scene.interfaces[j->legs[i].interface].node] = true;
}

/* Of the journeys that were kept. */
static void ask_ladder(struct asking *a)
{
	const struct style style = { .width = 100, .colour = true, .unicode = true };
	struct columns columns;

	for (size_t i = 0; i < a->journey_count; i++)
		note_nodes(a, &a->journeys[i]);
	columns_lay_out(&a->trace->scene, a->used, &columns);
	ladder_begin(&a->ladder, a->said.f, &style, &a->trace->scene, &columns, 24, a->trace->journeys,
	             a->trace->start_ns);
	for (size_t i = 0; i < a->journey_count; i++)
		ladder_draw(&a->ladder, &a->journeys[i], "what", i % 2 == 1 ? "a note" : NULL);
	ladder_legend(&a->ladder);
}

/* --- without the record ------------------------------------------------------------------------------------ */

static void link_capture(const char *path, const char *to)
{
	char target[2 * PATH_SIZE], *top = getcwd(NULL, 0);

	CU_ASSERT_PTR_NOT_NULL_FATAL(top);
	snprintf(target, sizeof target, "%s/%s/trace.pcapng", top, path);
	CU_ASSERT_EQUAL_FATAL(symlink(target, to), 0);
	free(top);
}

static void ask_capture_alone(struct asking *a, const char *path)
{
	char folder[] = "/tmp/alone.XXXXXX", file[PATH_SIZE], text[TRACE_ERROR_SIZE];
	bool agrees = false;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/trace.pcapng", folder);
	link_capture(path, file);
	open_trace(a, folder);
	CU_ASSERT_TRUE(trace_lacks(a->trace, text));
	fprintf(a->said.f, "%s\n", text);
	explain_all(a->said.f, a->why);
	timeline_print(a->said.f, a->why);
	CU_ASSERT_EQUAL(audit_trace(a->trace, a->said.f, &agrees, text), 0);
	close_trace(a);
	unlink(file);
	rmdir(folder);
}

static void ask(const char *name)
{
	static struct asking a; /* too large for a stack */
	char path[PATH_SIZE], said_path[PATH_SIZE], *text;

	memset(&a, 0, sizeof a);
	snprintf(path, sizeof path, FOLDER "/%s", name);
	snprintf(said_path, sizeof said_path, FOLDER "/%s/asked", name);
	said_begin(&a.said);
	open_trace(&a, path);
	CU_ASSERT_FALSE(trace_lacks(a.trace, (char[TRACE_ERROR_SIZE]){ "" }));
	said_title(&a.said, "pairs");
	ask_pairs(&a);
	said_title(&a.said, "selections");
	ask_selections(&a);
	said_title(&a.said, "ladder");
	ask_ladder(&a);
	close_trace(&a);
	said_title(&a.said, "wrapped");
	text = explain_file(path);
	fputs(text != NULL ? text : "(nothing)\n", a.said.f);
	free(text);
	said_title(&a.said, "without the record");
	ask_capture_alone(&a, path);
	said_end(&a.said, said_path);
}

static void every_question_to_every_trace(void)
{
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), traces = 0;

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			ask(entries[i]->d_name);
			traces++;
		}
		free(entries[i]);
	}
	CU_ASSERT_TRUE(traces > 10);
	if (count >= 0)
		free(entries);
}

/* --- where a trace comes from and goes to ------------------------------------------------------------------- */

#define ONE FOLDER "/forward"

static size_t read_all(const char *path, char *bytes, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t len = f != NULL ? fread(bytes, 1, room, f) : 0;

	if (f != NULL)
		fclose(f);
	return len;
}

static void copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	size_t len = read_all(from, bytes, sizeof bytes);
	FILE *f = fopen(to, "w");

	CU_ASSERT_TRUE_FATAL(f != NULL && len > 0 && len < sizeof bytes);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

/* Standard input passes once; kept, it can be read as often as a file. */
static void standard_input_is_read_again(void)
{
	int kept = dup(STDIN_FILENO), fd = open(ONE "/trace.pcapng", O_RDONLY);
	const struct trace_visitor nobody = { 0 };
	char error[TRACE_ERROR_SIZE];
	struct trace *t;

	CU_ASSERT_EQUAL_FATAL(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	t = trace_open("-", error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(trace_run(t, &nobody, error), 0);
		CU_ASSERT_TRUE(t->packets > 5 && !t->has_record);
	}
	trace_free(t);
	dup2(kept, STDIN_FILENO);
	close(kept);
	close(fd);
}

static void what_cannot_be_read_is_named(void)
{
	char error[TRACE_ERROR_SIZE], name[5000], folder[] = "/tmp/unread.XXXXXX", file[PATH_SIZE];
	const struct trace_visitor nobody = { 0 };
	struct trace *t;

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	CU_ASSERT_PTR_NULL(trace_open(name, error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "xxx...: name too long"));
	t = trace_open("/nowhere/x.pcapng", error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(trace_run(t, &nobody, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "/nowhere/x.pcapng: No such file or directory"));
	trace_free(t);
	CU_ASSERT_PTR_NULL(explain_file("/nowhere/x.pcapng"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/trace.jsonl", folder);
	CU_ASSERT_EQUAL(mkdir(file, 0700), 0); /* a record that cannot be read */
	CU_ASSERT_PTR_NULL(trace_open(folder, error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "trace.jsonl: "));
	rmdir(file);
	rmdir(folder);
}

/* Where there is room for so many bytes and no more, nothing is left behind, and it is said why. */
static void annotate_with_room_for(struct trace *t, const char *path, rlim_t bytes, bool fits)
{
	struct rlimit was, now;
	char error[TRACE_ERROR_SIZE] = "";
	int status;

	CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &was), 0);
	now = (struct rlimit){ bytes, was.rlim_max };
	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &now), 0);
	status = annotate(t, path, error);
	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &was), 0);
	CU_ASSERT_EQUAL(status, fits ? 0 : -1);
	if (!fits)
		CU_ASSERT_PTR_NOT_NULL(strstr(error, ": File too large"));
	CU_ASSERT_EQUAL(access(path, F_OK), fits ? 0 : -1);
}

static void a_full_disk_is_told(void)
{
	char folder[] = "/tmp/annotate.XXXXXX", path[PATH_SIZE], error[TRACE_ERROR_SIZE];
	struct trace *t = trace_open(ONE, error);
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	struct stat whole;

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/to.pcapng", folder);
	CU_ASSERT_EQUAL_FATAL(annotate(t, path, error), 0);
	CU_ASSERT_EQUAL_FATAL(stat(path, &whole), 0);
	unlink(path);
	for (rlim_t room = 0; room < (rlim_t)whole.st_size; room += 512)
		annotate_with_room_for(t, path, room, false);
	annotate_with_room_for(t, path, (rlim_t)whole.st_size, true);
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
	trace_free(t);
	signal(SIGXFSZ, before);
}

/* In its own place or elsewhere, a capture with comments is read as the bare one; nothing half written is left. */
static void a_capture_is_annotated(void)
{
	char folder[] = "/tmp/annotate.XXXXXX", capture[PATH_SIZE], record[PATH_SIZE], other[PATH_SIZE];
	static char once[1 << 20], twice[1 << 20];
	char error[TRACE_ERROR_SIZE], *report = NULL;
	struct trace *t;
	size_t len;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(capture, sizeof capture, "%s/trace.pcapng", folder);
	snprintf(record, sizeof record, "%s/trace.jsonl", folder);
	snprintf(other, sizeof other, "%s/other.pcapng", folder);
	copy_file(ONE "/trace.pcapng", capture);
	copy_file(ONE "/trace.jsonl", record);
	t = trace_open(folder, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(annotate(t, capture, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "is the trace itself: name another file to write to"));
	CU_ASSERT_EQUAL(annotate(t, "/nowhere/x.pcapng", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "/nowhere/x.pcapng: No such file or directory");
	CU_ASSERT_EQUAL(annotate(t, folder, error), -1); /* a folder stands there already */
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "Is a directory"));
	CU_ASSERT_EQUAL(annotate(t, other, error), 0);
	trace_free(t);
	CU_ASSERT_EQUAL(annotate_in_place(capture, error), 0);
	len = read_all(capture, once, sizeof once);
	CU_ASSERT_TRUE(len > 0 && len == read_all(other, twice, sizeof twice) && memcmp(once, twice, len) == 0);
	CU_ASSERT_EQUAL(audit_file(folder, &report), 0);
	CU_ASSERT_PTR_NULL(report);
	CU_ASSERT_EQUAL(annotate_in_place(capture, error), 0); /* and again, with comments in it already */
	CU_ASSERT_TRUE(len == read_all(capture, twice, sizeof twice) && memcmp(once, twice, len) == 0);
	CU_ASSERT_EQUAL(annotate_in_place("/nowhere/x.pcapng", error), -1);
	CU_ASSERT_EQUAL(audit_file("/nowhere/x.pcapng", &report), -1);
	CU_ASSERT_TRUE(report != NULL && strstr(report, "No such file or directory\n") != NULL);
	free(report);
	unlink(capture);
	unlink(record);
	unlink(other);
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* no ".part" is left in it */
}

/* What cannot be written is said, and nothing is left of it. */
static void comments_that_cannot_be_written(void)
{
	char error[TRACE_ERROR_SIZE], folder[] = "/tmp/unwritten.XXXXXX", path[64], part[80], name[5000];
	struct trace *t = trace_open(ONE, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	CU_ASSERT_EQUAL(annotate(t, ONE "/trace.pcapng", error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "is the trace itself"));
	snprintf(path, sizeof path, "%s/none/a.pcapng", folder);
	CU_ASSERT_EQUAL(annotate(t, path, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "none/a.pcapng: No such file or directory"));
	snprintf(path, sizeof path, "%s/taken", folder); /* a folder stands where the file should */
	snprintf(part, sizeof part, "%s.part", path);
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	CU_ASSERT_EQUAL(annotate(t, path, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "taken: Is a directory"));
	CU_ASSERT_EQUAL(access(part, F_OK), -1);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	CU_ASSERT_EQUAL(annotate(t, name, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "File name too long"));
	CU_ASSERT_EQUAL(rmdir(path), 0);
	snprintf(path, sizeof path, "%s/a.pcapng", folder);
	CU_ASSERT_EQUAL(annotate(t, path, error), 0);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* nothing else is in it */
	trace_free(t);
}

SUITE(trace_asked, TEST(comments_that_cannot_be_written), TEST(every_question_to_every_trace),
      TEST(standard_input_is_read_again), TEST(what_cannot_be_read_is_named), TEST(a_capture_is_annotated),
      TEST(a_full_disk_is_told))
