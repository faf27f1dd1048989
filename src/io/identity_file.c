#include "io/identity_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_SIZE (2 * IDENTITY_FILE_SIZE + 1) /* with its line end */

int identity_file_default(char *path, size_t size)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int len = -1;

	if (data != NULL && data[0] == '/')
		len = snprintf(path, size, "%s/p2pchat/identity", data);
	else if (home != NULL && home[0] == '/')
		len = snprintf(path, size, "%s/.local/share/p2pchat/identity", home);
	return len > 0 && (size_t)len < size ? 0 : -1;
}

static int fail(char error[IDENTITY_FILE_ERROR_SIZE], const char *path, const char *what)
{
	snprintf(error, IDENTITY_FILE_ERROR_SIZE, "%.380s %s", path, what);
	return -1;
}

/* Returns 1 if there is none. */
static int read_file(const char *path, uint8_t secret[IDENTITY_FILE_SIZE], char error[IDENTITY_FILE_ERROR_SIZE])
{
	char line[LINE_SIZE + 1];
	size_t bytes = 0;
	struct stat st;
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || fstat(fd, &st) != 0) {
		fail(error, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	len = read(fd, line, sizeof line);
	close(fd);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return fail(error, path, "is not a file of yours");
	if ((st.st_mode & 077) != 0)
		return fail(error, path, "can be read by others: chmod 600 it, or remove it for a new identity");
	if (len != LINE_SIZE || line[LINE_SIZE - 1] != '\n' ||
	    sodium_hex2bin(secret, IDENTITY_FILE_SIZE, line, LINE_SIZE - 1, NULL, &bytes, NULL) != 0 ||
	    bytes != IDENTITY_FILE_SIZE)
		return fail(error, path, "holds no identity: put the right one back, or remove it for a new one");
	sodium_memzero(line, sizeof line);
	return 0;
}

static void make_folders(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = folder + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(folder, 0700);
		*slash = '/';
	}
}

/* Under another name first: nobody finds half a file, and of two that make one at once the first stays. */
static int make_file(const char *path, char error[IDENTITY_FILE_ERROR_SIZE])
{
	uint8_t secret[IDENTITY_FILE_SIZE];
	char line[LINE_SIZE + 1], other[PATH_MAX];
	int fd, status = -1;

	randombytes_buf(secret, sizeof secret);
	sodium_bin2hex(line, sizeof line, secret, sizeof secret);
	line[LINE_SIZE - 1] = '\n';
	make_folders(path);
	snprintf(other, sizeof other, "%s.%ld", path, (long)getpid());
	fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(error, path, strerror(errno));
	errno = ENOSPC; /* what a short write means */
	if (write(fd, line, LINE_SIZE) == LINE_SIZE && fsync(fd) == 0 && (link(other, path) == 0 || errno == EEXIST))
		status = 0;
	else
		fail(error, path, strerror(errno));
	close(fd);
	unlink(other);
	sodium_memzero(line, sizeof line);
	sodium_memzero(secret, sizeof secret);
	return status;
}

int identity_file_read(const char *path, uint8_t secret[IDENTITY_FILE_SIZE], char error[IDENTITY_FILE_ERROR_SIZE])
{
	int found = read_file(path, secret, error);

	if (found == 1 && make_file(path, error) != 0)
		return -1;
	return found == 1 ? read_file(path, secret, error) : found;
}
