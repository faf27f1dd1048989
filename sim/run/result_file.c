#include "run/result_file.h"

#include "log.h"

#include <errno.h>
#include <string.h>

bool result_file_is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

FILE *result_file_open(const char *path)
{
	FILE *f = result_file_is_stdout(path) ? stdout : fopen(path, "we");

	if (f == NULL)
		log_error("%s: %s", path, strerror(errno));
	return f;
}

int result_file_close(FILE *f, const char *path)
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
