#include "world/launch.h"

#include "world/program_path.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL); /* refused for some: they are the default already */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_variable(const char *pair)
{
	size_t len = strcspn(pair, "=");
	char *name = strndup(pair, len);

	if (name != NULL && pair[len] == '=')
		setenv(name, pair + len + 1, 1);
	free(name);
}

static void set_environment(const char *const *env)
{
	const char *path = getenv("PATH");
	char longer[4096];
	int len = snprintf(longer, sizeof longer, "%s:" PROGRAM_PATH_MORE,
	                   path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");

	if (len > 0 && (size_t)len < sizeof longer)
		setenv("PATH", longer, 1);
	for (; env != NULL && *env != NULL; env++)
		set_variable(*env);
}

/* execvp(3) says "permission denied" of a program that is nowhere if it may not look into one folder of the PATH. */
static void correct_errno(const char *name)
{
	char path[PATH_MAX];

	if (errno == EACCES && strchr(name, '/') == NULL)
		errno = program_path_find(name, path, sizeof path) == 0 ? EACCES : ENOENT;
}

void launch(char *const *argv, const char *const *env)
{
	reset_signals();
	set_environment(env);
	execvp(argv[0], argv);
	correct_errno(argv[0]);
}
