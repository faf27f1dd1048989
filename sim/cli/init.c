/* punchlab init: a first scenario, a driver for a matrix, and a CI file, to start from. */
#include "cli/commands.h"

#include "base/shell.h"
#include "io/log.h"
#include "script/install_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCENARIOS INSTALL_PATHS_INIT /* in the project's folder: the CI files name it */
#define TEMPLATE_SIZE 16384
#define HOW_SIZE (3 * PATH_MAX)

enum { OPTION_CI = 256 };

static const struct option_row option_table[] = {
	{ OPTION_CI, "ci", "CI", "the CI file to write: github, gitlab, or none (default)" },
	{ 0 },
};

/* What is written where. */
struct template
{
	const char *name; /* below scenarios/init */
	char to[PATH_MAX];
};

/* Makes the folders above a file. Returns 0, or -1 with errno. */
static int make_folders(const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s", file);
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* Returns the length, or -1 with errno. */
static ssize_t read_template(const char *name, char text[TEMPLATE_SIZE])
{
	char folder[PATH_MAX], path[PATH_MAX + 64];
	int fd;
	ssize_t len;

	snprintf(path, sizeof path, "%s/init/%s", install_path_scenarios(folder), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, text, TEMPLATE_SIZE);
	close(fd);
	return len;
}

/* Writes it, unless there is such a file already. Returns 0, or -1 (logged). */
static int write_template(const struct template *t)
{
	char text[TEMPLATE_SIZE];
	ssize_t len = read_template(t->name, text);
	int fd = -1;
	bool written = len > 0 && make_folders(t->to) == 0 &&
	               (fd = open(t->to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) >= 0 &&
	               write(fd, text, (size_t)len) == len;

	if (!written)
		log_error("%s: %s", t->to, strerror(errno));
	if (fd >= 0 && close(fd) != 0 && written) {
		log_error("%s: %s", t->to, strerror(errno));
		written = false;
	}
	if (!written && fd >= 0)
		unlink(t->to);
	return written ? 0 : -1;
}

/* A CI, its template, and where it looks for the file. */
static const struct ci {
	const char *name, *template, *to;
} cis[] = {
	{ "none", NULL, NULL },
	{ "github", "github.yml", ".github/workflows/punchlab.yml" },
	{ "gitlab", "gitlab.yml", ".gitlab-ci.yml" },
};

static const struct ci *find_ci(const struct cli_command *self, const char *name)
{
	for (size_t i = 0; i < sizeof cis / sizeof cis[0]; i++)
		if (strcmp(cis[i].name, name) == 0)
			return &cis[i];
	exit(cli_usage_error(self, "--ci takes github, gitlab or none, not '%s'", name));
}

/* `folder` is the project's; NULL: where the user is. */
static void plan(struct template *t, const char *name, const char *folder, const char *to)
{
	t->name = name;
	snprintf(t->to, sizeof t->to, "%s%s%s", folder != NULL ? folder : "", folder != NULL ? "/" : "", to);
}

/* Nothing is written where one of the files is there already. */
static int check(const struct template *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (access(files[i].to, F_OK) != 0)
			continue;
		log_error("%s is there already; nothing was written", files[i].to);
		return -1;
	}
	return 0;
}

/* How to go on, in lines to paste: with this very program, which may be in no PATH. */
static void print_how(const char *scenario, const char *driver)
{
	const char *run[] = { program_invocation_name, "run", scenario, NULL };
	const char *matrix[] = { program_invocation_name, "matrix", "--driver", driver, NULL };
	char line[HOW_SIZE];

	printf("try: %s\n", shell_line(run, line, sizeof line));
	printf("     %s\n", shell_line(matrix, line, sizeof line));
}

static int write_all(const struct template *files, size_t count)
{
	if (check(files, count) != 0)
		return CLI_USAGE;
	for (size_t i = 0; i < count; i++) {
		if (write_template(&files[i]) != 0)
			return CLI_FAILED;
		printf("%s\n", files[i].to);
	}
	print_how(files[0].to, files[1].to);
	return options_finish(CLI_OK);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	const struct ci *ci = &cis[0];
	const char *folder;
	struct template files[3];
	size_t count = 2;

	while (cli_next_option(self, argc, argv) != -1)
		ci = find_ci(self, optarg);
	if (argc - optind > 1)
		return cli_usage_error(self, "takes one folder");
	folder = argc > optind ? argv[optind] : NULL;
	if (folder != NULL && (folder[0] == '\0' || strlen(folder) > PATH_MAX - 64))
		return cli_usage_error(self, "takes a folder's name");
	plan(&files[0], "first.lua", folder, SCENARIOS "/first.lua");
	plan(&files[1], "matrix.lua", folder, SCENARIOS "/matrix.lua");
	if (ci->template != NULL)
		plan(&files[count++], ci->template, folder, ci->to);
	return write_all(files, count);
}

const struct cli_command cli_init = {
	.name = "init",
	.arguments = "[--ci CI] [FOLDER]",
	.summary = "write a scenario, a driver for `matrix`, and a CI file to start from",
	.about =
	    "FOLDER, the project's (default: where you are), gets " SCENARIOS "/ with first.lua, a commented scenario, "
	    "and matrix.lua, a driver for `punchlab matrix --driver`; both pass as they are. --ci adds the file that "
	    "GitHub or GitLab looks for there. No file that is there is changed.",
	.options = option_table,
	.run = run,
};
