/* Programs of a world without namespaces: plain children of the test. */
#include "io/clock.h"
#include "observe/process.h"
#include "observe/process_output.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 60000 /* it matters only when something hangs */

static struct world world;
static struct record *record;
static char folder[64];
static char record_path[128];

static struct process_group *open_group(void)
{
	world.topology.count = 1;
	strcpy(world.topology.nodes[0].name, "alice");
	world.netns_fds[0] = -1; /* stay where the test is */
	world.home_netns_fd = -1;
	strcpy(folder, "/tmp/test_process_XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(record_path, sizeof record_path, "%s/record", folder);
	record = record_open(record_path);
	return process_group_new(&world, record, folder);
}

static void close_group(struct process_group *g)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	process_group_free(g);
	if (dir == NULL)
		abort();
	CU_ASSERT_EQUAL(record_error(record), 0);
	record_close(record);
	while ((entry = readdir(dir)) != NULL) {
		char path[512];

		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(dir);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* Runs a shell script. */
static struct process *run(struct process_group *g, const char *script, bool terminal)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process_options o = { .argv = argv, .terminal = terminal };
	char error[PROCESS_ERROR_SIZE];
	struct process *p = process_start(g, 0, &o, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	return p;
}

static int type_line(struct process *p, const char *line)
{
	return process_type(p, line, strlen(line));
}

static int wait_end(struct process_group *g, const struct process *p)
{
	uint64_t deadline = clock_now_ms() + DEADLINE_MS;
	int status = -1;

	while (!process_ended(p, &status) && process_pump(g, deadline) == 0)
		continue;
	return status;
}

static const char *wait_line(struct process_group *g, struct process *p, int *stream)
{
	uint64_t deadline = clock_now_ms() + DEADLINE_MS;
	const char *line;

	while ((line = process_next_line(p, stream)) == NULL && process_pump(g, deadline) == 0)
		continue;
	return line != NULL ? line : "(nothing came)";
}

static long wait_number(struct process_group *g, struct process *p)
{
	return strtol(wait_line(g, p, NULL), NULL, 10);
}

/* The whole file. The caller frees. */
static char *read_file(const char *name)
{
	char path[512];
	char *text = calloc(1, 1 << 20);
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "r");
	if (text == NULL || f == NULL)
		abort();
	text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void talks_and_ends(void)
{
	struct process_group *g = open_group();
	char name[PROCESS_NAME_SIZE];
	struct process *p = run(g, "read a; echo \"got $a\"; echo oops >&2; printf unfinished; exit 3", false);
	int stream, status = 0;
	char *text;

	CU_ASSERT_FALSE(process_ended(p, &status));
	CU_ASSERT_STRING_EQUAL(process_name(p, name), "alice sh");
	CU_ASSERT_EQUAL(type_line(p, "hello"), 0);
	CU_ASSERT_EQUAL(wait_end(g, p), 3);
	CU_ASSERT_EQUAL(type_line(p, "too late"), -1);
	CU_ASSERT_STRING_EQUAL(process_next_line(p, &stream), "got hello");
	CU_ASSERT_EQUAL(stream, 1);
	CU_ASSERT_STRING_EQUAL(process_line(p, 0, &stream), "got hello");
	CU_ASSERT_PTR_NOT_NULL(process_line(p, 2, NULL));
	CU_ASSERT_PTR_NULL(process_line(p, 3, NULL));
	text = process_last_words(p, 99);
	CU_ASSERT_EQUAL(strncmp(text, "alice sh (ended with status 3), its last lines:\n",
	                        strlen("alice sh (ended with status 3)")),
	                0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  | got hello\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  ! oops\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  | unfinished\n"));
	free(text);
	text = process_last_words(p, 1);
	CU_ASSERT_PTR_NULL(strstr(text, "got hello"));
	free(text);
	text = read_file("alice-1-sh.out");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "got hello\n"));
	free(text);
	text = read_file("record");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"host\":\"alice\",\"id\":1,\"text\":\"hello\"}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"stream\":\"stderr\",\"text\":\"oops\"}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"status\":3}\n"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(text, "\"unfinished\""));
	CU_ASSERT_TRUE(strstr(text, "\"unfinished\"") < strstr(text, "\"status\":3}"));
	free(text);
	close_group(g);
}

static void none_blocks_while_another_is_waited_for(void)
{
	struct process_group *g = open_group();
	struct process *noisy = run(g, "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", false);
	struct process *deaf = run(g, "sleep 100", false);
	struct process *other = run(g, "read x; echo $x", false);
	char big[70000];
	unsigned lines = 0;

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	CU_ASSERT_EQUAL(type_line(deaf, big), 0); /* more than a pipe holds */
	CU_ASSERT_EQUAL(wait_end(g, noisy), 0);
	while (process_next_line(noisy, NULL) != NULL)
		lines++;
	CU_ASSERT_EQUAL(lines, 5000);
	CU_ASSERT_EQUAL(type_line(other, "x"), 0);
	CU_ASSERT_STRING_EQUAL(wait_line(g, other, NULL), "x");
	CU_ASSERT_EQUAL(process_signal(deaf, SIGTERM), 0);
	CU_ASSERT_EQUAL(wait_end(g, deaf), 128 + SIGTERM);
	close_group(g);
}

static void input_ends_after_what_was_typed(void)
{
	struct process_group *g = open_group();
	struct process *p = run(g, "wc -c", false);
	char big[70000];

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	CU_ASSERT_EQUAL(type_line(p, big), 0);
	process_end_input(p);
	CU_ASSERT_EQUAL(type_line(p, "more"), -1);
	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	CU_ASSERT_STRING_EQUAL(process_next_line(p, NULL), "70000");
	close_group(g);
}

static void long_lines_are_split(void)
{
	struct process_group *g = open_group();
	struct process *p = run(g, "head -c 150000 /dev/zero | tr '\\0' x; echo; echo end", false);
	char *text;

	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	CU_ASSERT_EQUAL(strlen(process_next_line(p, NULL)), 65536);
	CU_ASSERT_EQUAL(strlen(process_next_line(p, NULL)), 65536);
	CU_ASSERT_EQUAL(strlen(process_next_line(p, NULL)), 150000 - 2 * 65536);
	CU_ASSERT_STRING_EQUAL(process_next_line(p, NULL), "end");
	CU_ASSERT_PTR_NULL(process_next_line(p, NULL));
	text = read_file("record");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "x\",\"continues\":true}"));
	free(text);
	close_group(g);
}

static void output_on_disk_has_a_limit(void)
{
	struct process_group *g = open_group();
	struct process_output o = { .host = "alice", .id = 1, .fds = { -1, -1 }, .file_len = PROCESS_FILE_MAX - 3 };
	char path[512];
	int pipe_fds[2];
	char *text;

	snprintf(path, sizeof path, "%s/full", folder);
	CU_ASSERT_EQUAL_FATAL(pipe(pipe_fds), 0);
	CU_ASSERT_EQUAL(process_output_open(&o, path), 0);
	o.fds[0] = pipe_fds[0];
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(write(pipe_fds[1], "hello\n", 6), 6);
		CU_ASSERT_TRUE(process_output_read(&o, 1));
	}
	CU_ASSERT_EQUAL(o.count, 2); /* its lines are kept all the same */
	close(pipe_fds[1]);
	process_output_close(&o);
	text = read_file("full");
	CU_ASSERT_STRING_EQUAL(text, "hel\n[punchlab: the program said more than 64 MiB; this file ends here]\n");
	free(text);
	close_group(g);
}

static void bytes_that_are_no_text_are_escaped(void)
{
	struct process_group *g = open_group();
	struct process *p = run(g, "printf 'a\\000b\\377c\\n'", false);
	char *text;

	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	CU_ASSERT_STRING_EQUAL(process_next_line(p, NULL), "a\\x00b\\xffc");
	text = read_file("alice-1-sh.out");
	CU_ASSERT_EQUAL(memcmp(text,
	                       "a\0b\xff"
	                       "c\n",
	                       7),
	                0);
	free(text);
	close_group(g);
}

static void a_terminal_shows_its_prompt(void)
{
	struct process_group *g = open_group();
	struct process *p =
	    run(g, "test -t 0 && test -t 1 && printf '>>> ' && read a && echo \"<$a>\" && cat; echo bye", true);

	CU_ASSERT_EQUAL(type_line(p, "x"), 0);
	CU_ASSERT_STRING_EQUAL(wait_line(g, p, NULL), ">>> <x>"); /* not echoed */
	process_end_input(p);
	CU_ASSERT_STRING_EQUAL(wait_line(g, p, NULL), "bye");
	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	close_group(g);
}

static void what_cannot_start_says_why(void)
{
	static const struct {
		const char *program, *cwd, *error;
	} table[] = {
		{ "no-such-program", NULL, "cannot run 'no-such-program' on alice: there is no such program" },
		{ "/no/such", NULL, "cannot run '/no/such' on alice: No such file or directory" },
		{ "/etc/passwd", NULL, "cannot run '/etc/passwd' on alice: Permission denied" },
		{ "true", "/nowhere", "cannot run 'true' on alice in folder '/nowhere': No such file or directory" },
	};
	struct process_group *g = open_group();
	char *text;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const char *const argv[] = { table[i].program, NULL };
		struct process_options o = { .argv = argv, .cwd = table[i].cwd };
		char error[PROCESS_ERROR_SIZE];

		CU_ASSERT_PTR_NULL(process_start(g, 0, &o, error));
		CU_ASSERT_STRING_EQUAL(error, table[i].error);
	}
	text = read_file("record");
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	close_group(g);
}

static void gets_environment_and_no_descriptors(void)
{
	static const char *const env[] = { "COLOUR=blue", NULL };
	const char *const argv[] = { "sh", "-c", "echo $COLOUR; pwd; for f in /proc/self/fd/*; do echo ${f##*/}; done",
		                     NULL };
	struct process_options o = { .argv = argv, .env = env, .cwd = "/" };
	struct process_group *g = open_group();
	int leaked = dup(STDOUT_FILENO);
	char error[PROCESS_ERROR_SIZE];
	struct process *p = process_start(g, 0, &o, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	CU_ASSERT_STRING_EQUAL(process_next_line(p, NULL), "blue");
	CU_ASSERT_STRING_EQUAL(process_next_line(p, NULL), "/");
	for (const char *line; (line = process_next_line(p, NULL)) != NULL;)
		CU_ASSERT_TRUE(strlen(line) == 1 && line[0] < '4'); /* 3 is the folder that the shell lists */
	close(leaked);
	close_group(g);
}

static void everything_ends_with_the_group(void)
{
	struct process_group *g = open_group();
	struct process *stubborn = run(g, "trap '' TERM; sleep 100 & echo $!; while :; do wait; done", false);
	struct process *parent = run(g, "sleep 100 >/dev/null 2>&1 & echo $!", false);
	long pids[] = { wait_number(g, stubborn), wait_number(g, parent) };
	uint64_t deadline = clock_now_ms() + DEADLINE_MS;

	CU_ASSERT_EQUAL(wait_end(g, parent), 0);
	process_group_end(g, 50);
	CU_ASSERT_EQUAL(wait_end(g, stubborn), 128 + SIGKILL);
	close_group(g);
	for (size_t i = 0; i < 2; i++) {
		char path[64];
		char state = 'Z';
		FILE *f;

		/* gone, or a zombie that waits for whoever reaps orphans */
		do {
			snprintf(path, sizeof path, "/proc/%ld/stat", pids[i]);
			f = fopen(path, "r");
			if (f != NULL && fscanf(f, "%*d %*s %c", &state) != 1)
				state = 'Z';
			if (f != NULL)
				fclose(f);
		} while (f != NULL && state != 'Z' && clock_now_ms() < deadline);
		CU_ASSERT_TRUE(f == NULL || state == 'Z');
	}
}

static void output_goes_on_after_its_parent(void)
{
	struct process_group *g = open_group();
	struct process *p = run(g, "exec 3<&0; (read x <&3; echo late) & echo early", false);
	int status;

	CU_ASSERT_STRING_EQUAL(wait_line(g, p, NULL), "early");
	CU_ASSERT_EQUAL(wait_end(g, p), 0);
	CU_ASSERT_TRUE(process_ended(p, &status));
	CU_ASSERT_STRING_EQUAL(wait_line(g, p, NULL), "late"); /* its input ended with the program */
	close_group(g);
}

/* As Ctrl-C would: not the shell alone, which may be waiting for what it started. */
static void a_signal_is_for_all_that_a_program_started(void)
{
	struct process_group *g = open_group();
	struct process *p = run(
	    g,
	    "trap 'echo shell; exit 7' INT; sh -c 'trap \"echo child; exit 0\" INT; echo up; sleep 100 & wait'; wait",
	    false);
	bool child = false, shell = false;

	CU_ASSERT_STRING_EQUAL(wait_line(g, p, NULL), "up");
	CU_ASSERT_EQUAL(process_signal(p, SIGINT), 0);
	for (int i = 0; i < 2; i++) {
		const char *line = wait_line(g, p, NULL);

		child |= strcmp(line, "child") == 0;
		shell |= strcmp(line, "shell") == 0;
	}
	CU_ASSERT_TRUE(child && shell);
	CU_ASSERT_EQUAL(wait_end(g, p), 7);
	close_group(g);
}

static void the_record_says_who_is_told_to_end_before_he_speaks_of_it(void)
{
	struct process_group *g = open_group();
	struct process *first = run(
	    g, "trap 'echo reads anew' HUP; (trap '' HUP; echo up; exec sleep 100) & while :; do wait; done", false);
	struct process *second = run(g, "trap 'echo goes; exit 0' TERM; echo up; sleep 100 & wait", false);
	char *text;

	CU_ASSERT_STRING_EQUAL(wait_line(g, first, NULL), "up");
	CU_ASSERT_STRING_EQUAL(wait_line(g, second, NULL), "up");
	CU_ASSERT_EQUAL(process_signal(first, SIGHUP), 0); /* which ends nobody */
	CU_ASSERT_STRING_EQUAL(wait_line(g, first, NULL), "reads anew");
	text = read_file("record");
	CU_ASSERT_PTR_NULL(strstr(text, "\"stop\""));
	free(text);
	CU_ASSERT_EQUAL(process_signal(first, SIGKILL), 0);
	wait_end(g, first);
	process_group_end(g, 20000);
	text = read_file("record");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"host\":\"alice\",\"id\":1}"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(text, "\"host\":\"alice\",\"id\":2}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strstr(text, "\"host\":\"alice\",\"id\":2}"), "\"goes\""));
	free(text);
	close_group(g);
}

SUITE(process, TEST(a_signal_is_for_all_that_a_program_started),
      TEST(the_record_says_who_is_told_to_end_before_he_speaks_of_it), TEST(talks_and_ends),
      TEST(none_blocks_while_another_is_waited_for), TEST(input_ends_after_what_was_typed), TEST(long_lines_are_split),
      TEST(output_on_disk_has_a_limit), TEST(bytes_that_are_no_text_are_escaped), TEST(a_terminal_shows_its_prompt),
      TEST(what_cannot_start_says_why), TEST(gets_environment_and_no_descriptors), TEST(everything_ends_with_the_group),
      TEST(output_goes_on_after_its_parent))
