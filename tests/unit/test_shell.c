#include "base/shell.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define WORDS 12

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
	static const char *const words[WORDS] = { "plain",  "",   "a b",       "it's", "''",      "$HOME `id` \"x\" \\",
		                                  "a\nb\t", "*?", "\xc3\xb6!", "~",    "-k=#;&|", "\x1b'\\ \x7f" };

	const char *argv[2 + WORDS + 1] = { "printf", "%s\\0" };
	char line[1024], command[4096], got[1024] = "", *at = got;
	const char *const bash[] = { "bash", "-c", line, NULL };
	FILE *f;

	for (size_t i = 0; i < WORDS; i++)
		argv[2 + i] = words[i];
	shell_line(argv, line, sizeof line);
	/* NOLINTNEXTLINE(cert-env33-c): a shell is to read it */
	f = popen(shell_line(bash, command, sizeof command), "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	got[fread(got, 1, sizeof got - 1, f)] = '\0';
	CU_ASSERT_EQUAL(pclose(f), 0);
	for (size_t i = 0; i < WORDS; i++) {
		CU_ASSERT_STRING_EQUAL(at, words[i]);
		at += strlen(at) + 1;
	}
}

SUITE(shell, TEST(words_stand_on_one_line), TEST(a_shell_reads_them_back))
