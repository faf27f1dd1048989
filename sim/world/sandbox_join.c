#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A process cannot join the user namespace it is in already: root's worlds have none of their own. */
static bool has_own_user_namespace(pid_t init)
{
	struct stat own, theirs;
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/ns/user", (long)init);
	if (stat("/proc/self/ns/user", &own) != 0 || stat(path, &theirs) != 0)
		return false;
	return own.st_ino != theirs.st_ino || own.st_dev != theirs.st_dev;
}

/* Joining a mount namespace leaves a chroot: the root must be the world's again. */
static int enter_folder(int root_fd, const char *folder)
{
	return fchdir(root_fd) == 0 && chroot(".") == 0 ? chdir(folder) : -1;
}

static int open_root(pid_t init)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/root", (long)init);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int sandbox_join(pid_t init)
{
	int namespaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
	int fd = (int)syscall(SYS_pidfd_open, init, 0);
	int root_fd = open_root(init);
	char folder[PATH_MAX];
	int result;
	int error;

	if (fd < 0 || root_fd < 0 || getcwd(folder, sizeof folder) == NULL)
		return -1;
	if (has_own_user_namespace(init))
		namespaces |= CLONE_NEWUSER;
	result = setns(fd, namespaces);
	if (result == 0)
		result = enter_folder(root_fd, folder);
	error = errno;
	close(fd);
	close(root_fd);
	errno = error;
	return result;
}
