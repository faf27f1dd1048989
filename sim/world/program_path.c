#include "world/program_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find_along(const char *folders, const char *name, char *path, size_t size)
{
	while (*folders != '\0') {
		size_t len = strcspn(folders, ":");
		int n = snprintf(path, size, "%.*s/%s", (int)len, folders, name);

		if (len > 0 && n > 0 && (size_t)n < size && access(path, X_OK) == 0)
			return 0;
		folders += len + (folders[len] == ':');
	}
	return -1;
}

int program_path_find(const char *name, char *path, size_t size)
{
	const char *own = getenv("PATH");

	if (strchr(name, '/') != NULL) {
		int n = snprintf(path, size, "%s", name);

		return n > 0 && (size_t)n < size && access(path, X_OK) == 0 ? 0 : -1;
	}
	if (own != NULL && find_along(own, name, path, size) == 0)
		return 0;
	if (find_along(PROGRAM_PATH_MORE ":/usr/bin:/bin", name, path, size) == 0)
		return 0;
	errno = ENOENT;
	return -1;
}
