/* What is typed at the client's prompt. */
#include "chat/peer/client_command.h"
#include "suite.h"

#include <string.h>

static int parse(const char *line, struct client_command *c)
{
	char problem[CLIENT_COMMAND_PROBLEM_SIZE] = "";

	return client_command_parse(line, c, problem);
}

static void words_are_read(void)
{
	struct client_command c;

	CU_ASSERT_EQUAL(parse("", &c), 0);
	CU_ASSERT_EQUAL(c.name, CLIENT_COMMAND_NONE);
	CU_ASSERT_EQUAL(parse(" \tlogin \r", &c), 0); /* a line of a Windows file */
	CU_ASSERT_EQUAL(c.name, CLIENT_COMMAND_LOGIN);
	CU_ASSERT_EQUAL(parse("punch 203.0.113.20:5000\r", &c), 0);
	CU_ASSERT_STRING_EQUAL(c.word, "203.0.113.20:5000");
}

static void a_text_is_taken_as_typed(void)
{
	struct client_command c;

	CU_ASSERT_EQUAL(parse("send 203.0.113.20:5000  two  blanks \r", &c), 0);
	CU_ASSERT_EQUAL(c.text_len, strlen(" two  blanks "));
	CU_ASSERT_EQUAL(memcmp(c.text, " two  blanks ", c.text_len), 0);
	CU_ASSERT_EQUAL(parse("send 203.0.113.20:5000 \r", &c), -1);
}

static void words_too_many_are_refused(void)
{
	static const char *const lines[] = {
		"login now then", "list of all", "logout x", "quit now", "punch 203.0.113.20:5000 twice", "log in"
	};
	struct client_command c;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		CU_ASSERT_EQUAL(parse(lines[i], &c), -1);
}

/* Tab is a character there: what is typed behind the one blank that ends the command, or the peer. */
static void where_a_text_begins_is_told(void)
{
	static const char *const texts[] = { "say ",      "say a",       "say a b",     "say\t",
		                             "send bob ", "send bob hi", " send  bob  " };
	static const char *const others[] = { "",         "say",    "send",      "send ", "send bo",
		                              "send  bo", "list a", "verify b ", "who " };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		CU_ASSERT_TRUE(client_command_is_in_text(texts[i]));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		CU_ASSERT_FALSE(client_command_is_in_text(others[i]));
}

SUITE(prompt, TEST(where_a_text_begins_is_told), TEST(words_are_read), TEST(a_text_is_taken_as_typed),
      TEST(words_too_many_are_refused))
