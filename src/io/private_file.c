#include "io/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

int private_file_fail(const char *path, const char *what, char error[PRIVATE_FILE_ERROR_SIZE])
{
	snprintf(error, PRIVATE_FILE_ERROR_SIZE, "%.380s %s", path, what);
	return -1;
}

int private_file_fail_by_errno(const char *path, char error[PRIVATE_FILE_ERROR_SIZE])
{
	snprintf(error, PRIVATE_FILE_ERROR_SIZE, "%.380s: %s", path, strerror(errno));
	return -1;
}

/* All there is, and one byte more if there is more than fits. Returns -1 and errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	char more;
	size_t len = 0;
	ssize_t got = 0;

	while (len < room && (got = read(fd, bytes + len, room - len)) > 0)
		len += (size_t)got;
	if (got < 0)
		return -1;
	return (ssize_t)len + (len == room && read(fd, &more, 1) == 1 ? 1 : 0);
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int private_file_read(const char *path, char *bytes, size_t room, size_t *len, char error[PRIVATE_FILE_ERROR_SIZE])
{
	struct stat st;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 && errno == ELOOP && is_link(path))
		return private_file_fail(path, "is a symbolic link, and none is followed: name the file itself", error);
	if (fd < 0 || fstat(fd, &st) != 0) {
		private_file_fail_by_errno(path, error);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	got = S_ISREG(st.st_mode) ? read_all(fd, bytes, room) : 0;
	close(fd);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return private_file_fail(path, "is not a file of yours", error);
	if ((st.st_mode & 077) != 0)
		return private_file_fail(path, "can be read by others: chmod 600 it", error);
	if (got < 0 || (size_t)got > room)
		return private_file_fail(path, got < 0 ? "cannot be read" : "is too long", error);
	*len = (size_t)got;
	return 0;
}

/* Returns 0, or the errno of the first that could not be made. */
static int make_folders(const char *path)
{
	char folder[PATH_MAX];
	int why = 0;

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = folder + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST && why == 0)
			why = errno;
		*slash = '/';
	}
	return why;
}

static bool put_in_place(const char *other, const char *path, bool keep)
{
	if (!keep)
		return rename(other, path) == 0;
	return link(other, path) == 0 || errno == EEXIST;
}

/* Under another name first: nobody finds half a file, and of two that make one at once the first stays. */
int private_file_write(const char *path, const char *bytes, size_t len, bool keep, char error[PRIVATE_FILE_ERROR_SIZE])
{
	char other[PATH_MAX];
	int fd, status = -1, why = make_folders(path);

	/* a name that none had which was left behind, as by a crash, and not the process's number, which comes again */
	snprintf(other, sizeof other, "%s.%08x%08x", path, (unsigned)randombytes_random(),
	         (unsigned)randombytes_random());
	fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == ENOENT && why != 0)
		errno = why;
	if (fd < 0)
		return private_file_fail_by_errno(path, error);
	errno = ENOSPC; /* what a short write means */
	if (write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0 && put_in_place(other, path, keep))
		status = 0;
	else
		private_file_fail_by_errno(path, error);
	close(fd);
	if (keep || status != 0)
		unlink(other);
	return status;
}
