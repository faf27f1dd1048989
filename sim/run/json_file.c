#include "run/json_file.h"

#include "log.h"

#include <errno.h>
#include <string.h>

bool json_file_is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

FILE *json_file_open(const char *path)
{
	FILE *f = json_file_is_stdout(path) ? stdout : fopen(path, "we");

	if (f == NULL)
		log_error("%s: %s", path, strerror(errno));
	return f;
}

int json_file_close(FILE *f, const char *path)
{
	bool broken;

	if (f == NULL || f == stdout)
		return 0;
	broken = ferror(f) != 0; /* by an earlier flush, whose lines are lost: closing alone would not tell */
	if (fclose(f) == 0 && !broken)
		return 0;
	log_error("%s: %s", path, broken ? "not all could be written" : strerror(errno));
	return -1;
}
