#include "in_world.h"

#include "world/sandbox.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool ended_well(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool listing;
static const char *wanted; /* NULL: all */
static char names[32768];  /* of all tests that were asked about */
static size_t names_len;

void tests_choose(int argc, char **argv)
{
	listing = argc == 2 && strcmp(argv[1], "--list") == 0;
	wanted = argc == 3 && strcmp(argv[1], "-k") == 0 ? argv[2] : NULL;
	if (argc == 1 || listing || wanted != NULL)
		return;
	fprintf(stderr, "usage: %s [--list | -k TEXT]\n", argv[0]);
	exit(2);
}

bool tests_want(const char *format, ...)
{
	char *name = names + names_len;
	size_t room = sizeof names - names_len;
	va_list args;
	bool is_meant;
	int len;

	va_start(args, format);
	len = vsnprintf(name, room, format, args);
	va_end(args);
	if (len < 0 || (size_t)len + 2 > room)
		abort();
	is_meant = !listing && (wanted == NULL || strcasestr(name, wanted) != NULL);
	names_len += (size_t)len + 1;
	memcpy(names + names_len - 1, "\n", 2);
	return is_meant;
}

int tests_end(const char *what, size_t passed, size_t failed, size_t skipped)
{
	if (listing) {
		fputs(names, stdout);
		return 0;
	}
	if (passed + failed + skipped > 0) {
		printf("%s: %zu passed, %zu failed, %zu skipped\n", what, passed, failed, skipped);
		return failed > 0;
	}
	fprintf(stderr, "there is no such test; there are:\n%s", names);
	return 2;
}

void tests_print_differences(const struct measurement *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].differs)
			printf("! %s: asked %s, measured %s\n", measurement_part_name(m->rows[i].part),
			       m->rows[i].asked, m->rows[i].measured);
}

bool sandbox_works(void)
{
	pid_t pid = listing ? -1 : sandbox_fork();

	if (listing)
		return true;
	if (pid == 0)
		_exit(0);
	return ended_well(pid);
}

bool in_world(const struct topology *t, bool (*body)(const struct world *w, const void *argument), const void *argument)
{
	pid_t pid = sandbox_fork();

	if (pid == 0) {
		struct world *w = calloc(1, sizeof *w);

		_exit(w != NULL && world_build(w, t, NULL) == 0 && body(w, argument) ? 0 : 1);
	}
	return ended_well(pid);
}
