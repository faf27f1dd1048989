#include "suite.h"
#include "world/command.h"
#include "world/program_path.h"

#include "io/clock.h"
#include "io/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void finds_programs_beyond_the_path(void)
{
	char path[256];
	const char *own = getenv("PATH");
	char *before = own == NULL ? NULL : strdup(own);

	setenv("PATH", "/nonexistent::", 1);
	CU_ASSERT_EQUAL(program_path_find("sh", path, sizeof path), 0);
	CU_ASSERT_EQUAL(access(path, X_OK), 0);
	CU_ASSERT_EQUAL(program_path_find("no-such-program", path, sizeof path), -1);
	CU_ASSERT_EQUAL(program_path_find("/bin/sh", path, sizeof path), 0);
	CU_ASSERT_STRING_EQUAL(path, "/bin/sh");
	CU_ASSERT_EQUAL(program_path_find("/etc/passwd", path, sizeof path), -1); /* no program */
	CU_ASSERT_EQUAL(program_path_find("sh", path, 3), -1);
	if (before != NULL)
		setenv("PATH", before, 1);
	free(before);
}

static void keeps_status_and_output(void)
{
	struct command good = COMMAND("sh", "-c", "echo said; echo too >&2");
	struct command bad = COMMAND("sh", "-c", "exit 3");
	struct command killed = COMMAND("sh", "-c", "kill -9 $$");

	CU_ASSERT_EQUAL(command_run(&good), 0);
	CU_ASSERT_STRING_EQUAL(good.output, "said\ntoo\n");
	CU_ASSERT_EQUAL(command_start(&bad), 0);
	CU_ASSERT_EQUAL(command_wait_quietly(&bad), -1);
	CU_ASSERT_EQUAL(bad.status, 3);
	CU_ASSERT_EQUAL(command_start(&killed), 0);
	CU_ASSERT_EQUAL(command_wait_quietly(&killed), -1);
	CU_ASSERT_EQUAL(killed.status, 128 + 9);
}

/* More than a pipe holds, both ways. */
static void long_input_and_output_block_nobody(void)
{
	static char input[300000];
	struct command c = COMMAND("cat");
	struct command count = COMMAND("wc", "-c");

	memset(input, 'x', sizeof input - 1);
	c.input = count.input = input;
	CU_ASSERT_EQUAL(command_run(&c), 0);
	CU_ASSERT_EQUAL(strlen(c.output), sizeof c.output - 1);
	CU_ASSERT_EQUAL(command_run(&count), 0);
	CU_ASSERT_EQUAL(strtol(count.output, NULL, 10), (long)sizeof input - 1);
}

static void does_not_wait_for_what_a_command_leaves_running(void)
{
	struct command c = COMMAND("sh", "-c", "sleep 100 & echo $!");
	uint64_t start = clock_now_ms();

	CU_ASSERT_EQUAL(command_run(&c), 0);
	CU_ASSERT_TRUE(clock_now_ms() - start < 50000);
	CU_ASSERT_TRUE(strtol(c.output, NULL, 10) > 1);
	if (strtol(c.output, NULL, 10) > 1) {
		struct command end = COMMAND("kill", "-9", NULL);
		const char *argv[] = { "kill", "-9", c.output, NULL };

		c.output[strcspn(c.output, "\n")] = '\0';
		end.argv = argv;
		CU_ASSERT_EQUAL(command_run(&end), 0);
	}
}

static void several_run_at_once(void)
{
	struct command commands[] = { COMMAND("sh", "-c", "echo 0"), COMMAND("sh", "-c", "echo 1"),
		                      COMMAND("sh", "-c", "echo 2") };
	char wanted[] = "0\n";

	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(command_start(&commands[i]), 0);
	for (size_t i = 3; i-- > 0;) {
		CU_ASSERT_EQUAL(command_wait(&commands[i]), 0);
		wanted[0] = (char)('0' + i);
		CU_ASSERT_STRING_EQUAL(commands[i].output, wanted);
	}
}

SUITE(command, TEST(finds_programs_beyond_the_path), TEST(keeps_status_and_output),
      TEST(long_input_and_output_block_nobody), TEST(does_not_wait_for_what_a_command_leaves_running),
      TEST(several_run_at_once))
