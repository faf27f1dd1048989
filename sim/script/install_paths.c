#include "script/install_paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
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

const char *install_path_scenarios(char *path)
{
	if (access("scenarios", R_OK | X_OK) == 0)
		return memcpy(path, "scenarios", sizeof "scenarios");
	return find("", path);
}
