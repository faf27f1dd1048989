#include "world/mounts.h"

#include "io/kernel_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES_FOLDER "/run/punchlab" /* what mounts_replace_file() puts in the place of others */
#define RUN_USER "/run/user"         /* sockets of the user's desktop: Wayland, D-Bus, PulseAudio */

/* Makes a file and the folders it is in, on the world's own /run. */
static int make_file(const char *path, const char *text)
{
	char folder[PATH_MAX];
	int fd;

	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
		if (mkdir(folder, 0755) != 0 && errno != EEXIST)
			return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	close(fd);
	return chmod(path, 0644) == 0 ? kernel_file_write(path, text) : -1; /* whatever the umask is */
}

/* True if it is in its place already: what was written there is seen. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int mounts_replace_file(const char *path, const char *text)
{
	char own[256];
	int n = snprintf(own, sizeof own, "%s%s", FILES_FOLDER, path);

	if (n < 0 || (size_t)n >= sizeof own) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (make_file(own, text) != 0)
		return -1;
	return is_same_file(own, path) ? 0 : mount(own, path, NULL, MS_BIND, NULL);
}

/* Puts the folder that `fd` has open on `path`. A user may not bind a part of a mount without what is mounted in it. */
static int bind_fd(int fd, const char *path)
{
	char source[64];

	snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
	return mount(source, path, NULL, MS_BIND | MS_REC, NULL);
}

static int fill_run(int user_fd)
{
	if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0 ||
	    mkdir(MOUNTS_NETNS_FOLDER, 0755) != 0 || mkdir(FILES_FOLDER, 0755) != 0 || mkdir("/run/lock", 01777) != 0)
		return -1;
	if (user_fd < 0)
		return 0;
	return mkdir(RUN_USER, 0755) == 0 ? bind_fd(user_fd, RUN_USER) : -1;
}

/*
 * No name server can be reached, so none is asked: look-ups that /etc/hosts does not answer fail at once, and send
 * nothing that would show in a capture. `target` is where the machine's file really is, often on the /run that is no
 * more.
 */
static int empty_resolver(const char *target)
{
	if (strncmp(target, "/run/", 5) == 0)
		return make_file(target, "");
	return mounts_replace_file(target, "");
}

/*
 * In a chroot whose root is no mount point: binds that root onto itself, as only a mount can be made private. Those
 * above it must be private before, or the machine would see that bind; so this leaves the chroot, and comes back. The
 * way out is setns() to where this process is already: its root is then the namespace's.
 */
static int make_chroot_private(void)
{
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int own_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	char root[PATH_MAX];
	int result = -1;

	if (root_fd >= 0 && own_fd >= 0 && setns(own_fd, CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && fchdir(root_fd) == 0 &&
	    getcwd(root, sizeof root) != NULL && mount(root, root, NULL, MS_BIND | MS_REC, NULL) == 0 &&
	    chdir(root) == 0)
		result = chroot(".");
	if (root_fd >= 0)
		close(root_fd);
	if (own_fd >= 0)
		close(own_fd);
	return result;
}

int mounts_make_private(void)
{
	char folder[PATH_MAX];

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	if (errno != EINVAL || getcwd(folder, sizeof folder) == NULL)
		return -1;
	return make_chroot_private() == 0 ? chdir(folder) : -1;
}

int mounts_make_run(void)
{
	char resolver[PATH_MAX];
	bool has_resolver = realpath("/etc/resolv.conf", resolver) != NULL;
	int user_fd = open(RUN_USER, O_PATH | O_DIRECTORY | O_CLOEXEC); /* not there on a machine without logins */
	int result = fill_run(user_fd);

	if (user_fd >= 0)
		close(user_fd);
	return result == 0 && has_resolver ? empty_resolver(resolver) : result;
}

int mounts_make_proc(void)
{
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

#define OWN_SIZE 256

static const char *own_path(const char *node, const char *path, char own[OWN_SIZE])
{
	snprintf(own, OWN_SIZE, "%s%s-%s", FILES_FOLDER, strrchr(path, '/'), node);
	return own;
}

int mounts_write_own(const char *node, const char *path, const char *text)
{
	char own[OWN_SIZE];

	return make_file(own_path(node, path, own), text);
}

int mounts_enter_own(const char *node)
{
	static const char *const paths[] = { MOUNTS_HOSTS, MOUNTS_RESOLVER };
	char own[OWN_SIZE], target[PATH_MAX];
	bool entered = false;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (access(own_path(node, paths[i], own), F_OK) != 0 || realpath(paths[i], target) == NULL)
			continue;
		if (!entered && unshare(CLONE_NEWNS) != 0)
			return -1;
		entered = true;
		if (mount(own, target, NULL, MS_BIND, NULL) != 0)
			return -1;
	}
	return 0;
}
