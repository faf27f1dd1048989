#include "lab/lab_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED "shared" /* below the scenario's folder */

const char *lab_path_beside(const char *file, const char *name, char path[PATH_MAX])
{
	const char *slash = strrchr(file, '/');
	int folder = slash != NULL && name[0] != '/' ? (int)(slash + 1 - file) : 0;
	char whole[PATH_MAX];

	if (snprintf(path, PATH_MAX, "%.*s%s", folder, file, name) >= PATH_MAX)
		return name;
	if (name[0] != '/' && realpath(path, whole) != NULL)
		memcpy(path, whole, strlen(whole) + 1);
	return path;
}

const char *lab_find_beside(const char *file, const char *name, char path[PATH_MAX])
{
	const char *beside = lab_path_beside(file, name, path);

	return access(beside, F_OK) == 0 ? beside : name;
}

int lab_shared_folder(const struct lab *l, char path[PATH_MAX], char error[LAB_ERROR_SIZE])
{
	char made[PATH_MAX];

	if (snprintf(made, sizeof made, "%s/" SHARED, lab_folder(l)) < (int)sizeof made &&
	    (mkdir(made, 0777) == 0 || errno == EEXIST) && realpath(made, path) != NULL)
		return 0;
	snprintf(error, LAB_ERROR_SIZE, "the scenario's folder: %s", strerror(errno));
	return -1;
}
