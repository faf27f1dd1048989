/*
 * remote_flock.so: loaded before a program's libraries (LD_PRELOAD), it makes flock() what it is where a home comes
 * over a network. NFS wants a file that may be written for an exclusive lock (flock(2)). With FLOCK_ERRNO=NAME no file
 * can be locked, and that is why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} reasons[] = {
	{ "ENOLCK", ENOLCK },         /* NFS without a lock daemon */
	{ "EOPNOTSUPP", EOPNOTSUPP }, /* of the file system */
	{ "ENOSYS", ENOSYS },         { "EINVAL", EINVAL }, { "EIO", EIO },
};

/* 0 if it is not told, -1 if there is none of that name here. */
static int told_reason(void)
{
	const char *told = getenv("FLOCK_ERRNO");

	if (told == NULL || told[0] == '\0')
		return 0;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].name, told) == 0)
			return reasons[i].number;
	return -1;
}

int flock(int fd, int operation)
{
	int why = told_reason();

	if (why < 0)
		abort();
	if (why == 0 && (operation & LOCK_EX) != 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		why = EBADF;
	if (why == 0)
		return (int)syscall(SYS_flock, fd, operation);
	errno = why;
	return -1;
}
