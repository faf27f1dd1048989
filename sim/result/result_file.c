#include "result/result_file.h"

#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool result_file_is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

bool result_file_is_same(FILE *a, FILE *b)
{
	struct stat x, y;

	return a != NULL && b != NULL && fstat(fileno(a), &x) == 0 && fstat(fileno(b), &y) == 0 && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

FILE *result_file_open(const char *path)
{
	int fd = result_file_is_stdout(path) ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	FILE *f = result_file_is_stdout(path) ? stdout : fd >= 0 ? fdopen(fd, "w") : NULL;

	if (f == NULL)
		log_error("%s: %s", path, strerror(errno));
	if (f == NULL && fd >= 0)
		close(fd);
	return f;
}

int result_file_begin(FILE *f, const char *path)
{
	struct stat st;

	if (f == NULL || f == stdout || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) ||
	    ftruncate(fileno(f), 0) == 0)
		return 0;
	log_error("%s: %s", path, strerror(errno));
	return -1;
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
