#include "script/load_limit.h"

#include "base/utf8.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char words[1024]; /* made beforehand: a handler may not print */

static void give_up(int unused)
{
	ssize_t ignored = write(STDERR_FILENO, words, strlen(words));

	(void)unused;
	(void)ignored;
	_exit(2);
}

void load_limit_begin(const char *file, unsigned seconds, const char *complaint)
{
	struct sigaction action = { .sa_handler = give_up };

	snprintf(words, sizeof words, "punchlab: %.*s: %s\n", (int)utf8_fit(file, sizeof words / 2), file, complaint);
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

void load_limit_end(void)
{
	alarm(0);
	signal(SIGALRM, SIG_DFL);
}
