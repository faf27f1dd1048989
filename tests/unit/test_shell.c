#include "base/shell.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static void words_stand_on_one_line(void)
{
	static const char *const argv[] = { "iptables", "-A", "two words", "", "it's", "a\033[2J\n'\\", NULL };
	char text[128];

	CU_ASSERT_STRING_EQUAL(shell_line(argv, text, sizeof text),
	                       "iptables -A 'two words' '' 'it'\\''s' $'a\\x1b[2J\\x0a\\'\\\\'");
	CU_ASSERT_STRING_EQUAL(shell_line(argv, text, 9), "iptables");
	CU_ASSERT(strlen(shell_line(argv, text, 20)) < 20);
}

/* A real shell reads each word back as it was. */
static void a_shell_reads_them_back(void)
{
	static const char *const words[] = { "plain",  "",   "a b",       "it's", "''",      "$HOME `id` \"x\" \\",
		                             "a\nb\t", "*?", "\xc3\xb6!", "~",    "-k=#;&|", "\x1b'\\ \x7f" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char line[512], got[256];
		const char *const argv[] = { "printf", "%s", words[i], NULL };
		const char *const bash[] = { "bash", "-c", shell_line(argv, line, sizeof line), NULL };
		char command[2048];
		FILE *f = popen(shell_line(bash, command, sizeof command), "r");

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		got[fread(got, 1, sizeof got - 1, f)] = '\0';
		CU_ASSERT_EQUAL(pclose(f), 0);
		CU_ASSERT_STRING_EQUAL(got, words[i]);
	}
}

SUITE(shell, TEST(words_stand_on_one_line), TEST(a_shell_reads_them_back))
