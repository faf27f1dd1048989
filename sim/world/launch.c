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

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

/* In the place of the one that has the name, or at the end. */
static void set_variable(char **list, char *pair)
{
	size_t len = strcspn(pair, "=");

	if (len == 0 || pair[len] == '\0')
		return;
	while (*list != NULL && strncmp(*list, pair, len + 1) != 0)
		list++;
	*list = pair;
}

int launch_environment_make(struct launch_environment *e, const char *const *env)
{
	union {
		const char *in;
		char *out;
	} pair;
	size_t own = 0;
	const char *path = getenv("PATH");

	while (environ != NULL && environ[own] != NULL)
		own++;
	*e = (struct launch_environment){ .list = calloc(own + count(env) + 2, sizeof *e->list) };
	if (e->list == NULL || asprintf(&e->path, "PATH=%s:" PROGRAM_PATH_MORE,
	                                path != NULL ? path : "/usr/local/bin:/usr/bin:/bin") < 0) {
		free(e->list);
		return -1;
	}
	for (size_t i = 0; i < own; i++)
		e->list[i] = environ[i];
	set_variable(e->list, e->path);
	for (; env != NULL && *env != NULL; env++) {
		pair.in = *env;
		set_variable(e->list, pair.out);
	}
	return 0;
}

void launch_environment_free(struct launch_environment *e)
{
	free(e->list);
	free(e->path);
	*e = (struct launch_environment){ 0 };
}

/* execvp(3) says "permission denied" of a program that is nowhere if it may not look into one folder of the PATH. */
static void correct_errno(const char *name)
{
	char path[PATH_MAX];

	if (errno == EACCES && strchr(name, '/') == NULL)
		errno = program_path_find(name, path, sizeof path) == 0 ? EACCES : ENOENT;
}

void launch_in(char *const *argv, const struct launch_environment *e)
{
	reset_signals();
	environ = e->list;
	execvp(argv[0], argv);
	correct_errno(argv[0]);
}

void launch(char *const *argv)
{
	struct launch_environment e;

	if (launch_environment_make(&e, NULL) == 0)
		launch_in(argv, &e);
}
