#include "world/limits.h"

#include "io/kernel_file.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES_LEAST 64   /* a dozen worlds of five or six; the kernel's own limit is in the thousands */
#define DESCRIPTORS_LEAST 256 /* the matrix runs with 128 on two processors, but not with 64 */
#define PROCESSES_LEAST 16    /* the recorder, a server and its clients, and what loads the rules of the boxes */
#define PROCESSES_PLENTY 1024 /* the user may have so many: trying, which takes a while, would tell nothing */

/* --- which one it is ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int flag;
} kinds[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },  { "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },   { "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS },
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

/* As sandbox.c: a user namespace comes first where root's rights are missing. */
static bool needs_user_namespace(void)
{
	return geteuid() != 0 || (unshare(CLONE_NEWUTS) != 0 && errno == EPERM);
}

/* In a child, because there is no way back: exits with the number of the first kind that there can be no more of. */
static _Noreturn void find_exhausted(void)
{
	for (int i = needs_user_namespace() ? 0 : 1; i < KINDS; i++)
		if (unshare(kinds[i].flag) != 0 && errno == ENOSPC)
			_exit(i);
	_exit(KINDS);
}

/* The name of the first kind that there can be no more of, or NULL. */
static const char *exhausted_kind(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		find_exhausted();
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) < KINDS ? kinds[WEXITSTATUS(status)].name : NULL;
}

const char *limits_fix(int error, const char *kind, char fix[LIMITS_TEXT_SIZE])
{
	if (error == ENOSPC && kind == NULL)
		kind = exhausted_kind();
	if (error == ENOSPC && kind != NULL)
		snprintf(fix, LIMITS_TEXT_SIZE, "sudo sysctl -w user.max_%s_namespaces=15000", kind);
	else if (error == ENOSPC)
		snprintf(fix, LIMITS_TEXT_SIZE, "raise the limits of namespaces (sysctl -a | grep _namespaces)");
	else if (error == EAGAIN)
		snprintf(fix, LIMITS_TEXT_SIZE,
		         "ulimit -u 4096 (where that is refused: nproc in /etc/security/limits.conf, or a container's "
		         "limit of pids)");
	else if (error == EMFILE)
		snprintf(fix, LIMITS_TEXT_SIZE,
		         "ulimit -n 1024 (where that is refused: nofile in /etc/security/limits.conf)");
	else if (error == ENFILE)
		snprintf(fix, LIMITS_TEXT_SIZE, "sudo sysctl -w fs.file-max=1000000");
	else
		return NULL;
	return fix;
}

/* --- before they are met --------------------------------------------------------------------- */

/* The limit, or -1 where the kernel has none. */
static long read_limit(const char *kind)
{
	char path[64], text[32];

	snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", kind);
	return kernel_file_read(path, text, sizeof text) ? strtol(text, NULL, 10) : -1;
}

int limits_check_namespaces(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
{
	for (int i = geteuid() == 0 ? 1 : 0; i < KINDS; i++) { /* root makes no user namespaces */
		long limit = read_limit(kinds[i].name);

		if (limit < 0 || limit >= NAMESPACES_LEAST)
			continue;
		snprintf(problem, LIMITS_TEXT_SIZE, "user.max_%s_namespaces is %ld, and several worlds need %d",
		         kinds[i].name, limit, NAMESPACES_LEAST);
		limits_fix(ENOSPC, kinds[i].name, fix);
		return -1;
	}
	return 0;
}

int limits_check_descriptors(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_LEAST)
		return 0;
	snprintf(problem, LIMITS_TEXT_SIZE,
	         "only %llu files may be open at once (ulimit -n), and several worlds need %d",
	         (unsigned long long)limit.rlim_cur, DESCRIPTORS_LEAST);
	limits_fix(EMFILE, NULL, fix);
	return -1;
}

static bool has_low_limit_of_processes(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur < PROCESSES_PLENTY;
}

int limits_try_processes(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
{
	pid_t pids[PROCESSES_LEAST];
	int count = 0;
	int error;

	if (!has_low_limit_of_processes())
		return 0;
	while (count < PROCESSES_LEAST && (pids[count] = fork()) > 0)
		count++;
	if (count < PROCESSES_LEAST && pids[count] == 0)
		for (;;)
			pause();
	error = errno;
	for (int i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < count; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			continue;
	if (count == PROCESSES_LEAST)
		return 0;
	snprintf(problem, LIMITS_TEXT_SIZE, "a world's %d processes cannot be started: %s", PROCESSES_LEAST,
	         error == EAGAIN ? "the limit of processes (ulimit -u) is reached" : strerror(error));
	if (limits_fix(error, NULL, fix) == NULL)
		snprintf(fix, LIMITS_TEXT_SIZE, "free some memory");
	return -1;
}
