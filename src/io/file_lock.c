#include "io/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum file_lock_outcome file_lock_take(const char *path, int *fd, char error[PRIVATE_FILE_ERROR_SIZE])
{
	*fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return FILE_LOCK_TAKEN;
	if (*fd >= 0 && errno == EWOULDBLOCK) {
		close(*fd);
		return FILE_LOCK_BUSY;
	}
	(void)private_file_fail_by_errno(path, error);
	if (*fd >= 0)
		close(*fd);
	return FILE_LOCK_FAILED;
}

void file_lock_free(int fd)
{
	close(fd);
}
