#include "command.h"
#include "suite.h"

#include <string.h>

static void good_lines_are_read(void)
{
	static const struct {
		const char *line;
		enum command_name name;
		const char *peer;
		const char *text;
	} table[] = {
		{ "", COMMAND_NONE, "", NULL },
		{ " \t\r", COMMAND_NONE, "", NULL },
		{ "help", COMMAND_HELP, "", NULL },
		{ "  login  ", COMMAND_LOGIN, "", NULL },
		{ "list\r", COMMAND_LIST, "", NULL },
		{ "logout", COMMAND_LOGOUT, "", NULL },
		{ "quit", COMMAND_QUIT, "", NULL },
		{ "punch 1.2.3.4:5", COMMAND_PUNCH, "1.2.3.4:5", NULL },
		{ "punch\t[::1]:5 ", COMMAND_PUNCH, "[::1]:5", NULL },
		{ "send 1.2.3.4:5 hello", COMMAND_SEND, "1.2.3.4:5", "hello" },
		{ "send 1.2.3.4:5   spaces kept  ", COMMAND_SEND, "1.2.3.4:5", "  spaces kept  " },
		{ "send 1.2.3.4:5 line end\r", COMMAND_SEND, "1.2.3.4:5", "line end" },
		{ "send name:5 quit", COMMAND_SEND, "name:5", "quit" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char problem[COMMAND_PROBLEM_SIZE];
		struct command c;

		CU_ASSERT_EQUAL_FATAL(command_parse(table[i].line, &c, problem), 0);
		CU_ASSERT_EQUAL(c.name, table[i].name);
		CU_ASSERT_STRING_EQUAL(c.peer, table[i].peer);
		if (table[i].text != NULL)
			CU_ASSERT(c.text_len == strlen(table[i].text) && memcmp(c.text, table[i].text, c.text_len) == 0);
	}
}

static void bad_lines_say_what_is_wrong(void)
{
	static const struct {
		const char *line;
		const char *problem;
	} table[] = {
		{ "foo", "unknown command \"foo\"; help lists what there is" },
		{ "Login", "unknown command \"Login\"; help lists what there is" },
		{ "log", "unknown command \"log\"; help lists what there is" },
		{ "login x", "usage: login" },
		{ "quit now", "usage: quit" },
		{ "punch", "usage: punch HOST:PORT" },
		{ "punch 1.2.3.4:5 x", "usage: punch HOST:PORT" },
		{ "send", "usage: send HOST:PORT TEXT" },
		{ "send 1.2.3.4:5", "usage: send HOST:PORT TEXT" },
		{ "send 1.2.3.4:5 ", "usage: send HOST:PORT TEXT" },
		{ "send 1.2.3.4:5 \r", "usage: send HOST:PORT TEXT" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char problem[COMMAND_PROBLEM_SIZE];
		struct command c;

		CU_ASSERT_EQUAL(command_parse(table[i].line, &c, problem), -1);
		CU_ASSERT_STRING_EQUAL(problem, table[i].problem);
	}
}

static void long_words_are_cut(void)
{
	char line[4096] = "punch ";
	char problem[COMMAND_PROBLEM_SIZE];
	struct command c;

	memset(line + 6, 'x', sizeof line - 7);
	line[sizeof line - 1] = '\0';
	CU_ASSERT_EQUAL(command_parse(line, &c, problem), 0);
	CU_ASSERT_EQUAL(strlen(c.peer), COMMAND_PEER_SIZE - 1);
	CU_ASSERT_EQUAL(command_parse(line + 6, &c, problem), -1);
	CU_ASSERT_TRUE(strlen(problem) < 100);
	for (enum command_name name = COMMAND_HELP; name < COMMANDS; name++)
		CU_ASSERT_TRUE(command_usage(name)[0] != '\0' && command_help(name)[0] != '\0');
}

SUITE(command, TEST(good_lines_are_read), TEST(bad_lines_say_what_is_wrong), TEST(long_words_are_cut))
