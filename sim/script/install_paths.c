#include "script/install_paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char own_folder[PATH_MAX] = ".";

void install_paths_remember(void)
{
	char path[PATH_MAX] = "";
	char *slash;

	if (readlink("/proc/self/exe", path, sizeof path - 1) < 0 || (slash = strrchr(path, '/')) == NULL)
		return;
	*slash = '\0';
	memcpy(own_folder, path, sizeof path);
}

/* Beside the program, as in the tree; in an installation its bin has other people's programs in it. */
const char *install_path_programs(char *path)
{
	static const char installed[] = "/../libexec/punchlab";
	size_t len = strlen(own_folder);

	memcpy(path, own_folder, len + 1);
	if (len + sizeof installed > PATH_MAX)
		return path;
	memcpy(path + len, installed, sizeof installed);
	if (access(path, R_OK | X_OK) != 0)
		path[len] = '\0';
	return path;
}

/* From the program's folder: the tree; a build of another mode (build/asan/bin) in it; an installation (PREFIX/bin). */
static const char *const places[] = { "scenarios", "../../../scenarios", "../share/punchlab/scenarios" };

static const char *find(const char *below, char *path)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		int len = snprintf(path, PATH_MAX, "%s/%s%s", own_folder, places[i], below);

		if (len < PATH_MAX && access(path, R_OK | X_OK) == 0)
			return path;
	}
	return path;
}

const char *install_path_scripts(char *path)
{
	return find("/lib", path);
}

/* What is run from the tree itself is named as it is seen there. */
const char *install_path_scenarios(char *path)
{
	struct stat own, here;

	find("", path);
	if (stat(path, &own) == 0 && stat("scenarios", &here) == 0 && own.st_dev == here.st_dev &&
	    own.st_ino == here.st_ino)
		memcpy(path, "scenarios", sizeof "scenarios");
	return path;
}

const char *install_path_default(char *path)
{
	static const char *const own[] = { INSTALL_PATHS_INIT, "scenarios" };

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (access(own[i], R_OK | X_OK) == 0)
			return memcpy(path, own[i], strlen(own[i]) + 1);
	return install_path_scenarios(path);
}
