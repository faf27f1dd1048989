#include "world/lease_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_SIZE_MAX ((size_t)LEASE_FILE_MAX * 128)

const char *lease_watch_path(const char *box, char path[LEASE_PATH_SIZE])
{
	snprintf(path, LEASE_PATH_SIZE, LEASE_FOLDER "/%s.leases", box);
	return path;
}

/* A line is added in place; where one goes, another file takes the place of the old one. */
int lease_watch_open(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), error;

	if (fd < 0)
		return -1;
	if ((mkdir(LEASE_FOLDER, 0755) == 0 || errno == EEXIST) &&
	    inotify_add_watch(fd, LEASE_FOLDER, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) >= 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void lease_watch_clear(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof events) > 0)
		continue;
}

size_t lease_watch_read(const char *box, struct lease out[LEASE_FILE_MAX], uint64_t *changed_ns)
{
	static char text[FILE_SIZE_MAX + 1];
	char path[LEASE_PATH_SIZE];
	struct stat file;
	int fd = open(lease_watch_path(box, path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, FILE_SIZE_MAX) : -1;

	if (changed_ns != NULL)
		*changed_ns = fd >= 0 && fstat(fd, &file) == 0 ? (uint64_t)file.st_mtim.tv_sec * UINT64_C(1000000000) +
		                                                     (uint64_t)file.st_mtim.tv_nsec
		                                               : 0;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return lease_file_read(text, out);
}
