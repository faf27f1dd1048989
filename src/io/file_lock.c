#include "io/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <unistd.h>

/* What flock() says where a file system has no locks, or NFS no daemon for them. */
static bool means_unsupported(int why)
{
	return why == ENOLCK || why == EOPNOTSUPP || why == ENOSYS || why == EINVAL;
}

/* Why there is no lock, where flock() or open() has just said so in errno. */
static enum file_lock_outcome judge(int fd)
{
	if (fd >= 0 && errno == EWOULDBLOCK)
		return FILE_LOCK_BUSY;
	return fd >= 0 && means_unsupported(errno) ? FILE_LOCK_UNSUPPORTED : FILE_LOCK_FAILED;
}

enum file_lock_outcome file_lock_take(const char *path, int *fd, char error[PRIVATE_FILE_ERROR_SIZE])
{
	enum file_lock_outcome outcome;

	/* to be written, though it never is: over NFS no other file can be locked for one alone, see flock(2) */
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return FILE_LOCK_TAKEN;
	outcome = judge(*fd);
	(void)private_file_fail_by_errno(path, error);
	if (*fd >= 0 && outcome != FILE_LOCK_UNSUPPORTED)
		close(*fd);
	return outcome;
}

void file_lock_free(int fd)
{
	close(fd);
}
