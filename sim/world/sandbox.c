#include "world/sandbox.h"

#include "io/exit_status.h"
#include "io/kernel_file.h"
#include "io/log.h"
#include "world/mounts.h"
#include "world/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)

/* --- identity ------------------------------------------------------------------------------- */

struct identity {
	uid_t uid;
	gid_t gid;
	bool is_mapped; /* by a user namespace */
};

/* Root inside is the user outside, and nobody else: files stay the user's. */
static int map_ids(const struct identity *outside)
{
	char line[64];

	snprintf(line, sizeof line, "0 %u 1\n", outside->uid);
	if (kernel_file_write("/proc/self/uid_map", line) != 0 ||
	    kernel_file_write("/proc/self/setgroups", "deny") != 0)
		return -1;
	snprintf(line, sizeof line, "0 %u 1\n", outside->gid);
	return kernel_file_write("/proc/self/gid_map", line);
}

/* --- network -------------------------------------------------------------------------------- */

static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -1;
	result = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return result;
}

/*
 * Enters a network namespace and takes a name, its own both, as every host of the world will: a container's seccomp
 * profile may allow namespaces and refuse just that.
 */
static int act_as_host(void)
{
	struct utsname own;
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int result = fd < 0 || uname(&own) != 0 ? -1 : setns(fd, CLONE_NEWNET);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return result == 0 ? sethostname(own.nodename, strlen(own.nodename)) : -1;
}

/* --- init ------------------------------------------------------------------------------------ */

static bool has_ended(int pid_fd)
{
	struct pollfd p = { .fd = pid_fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/* Reaps all that ended. Returns the child's exit status once it is among them, else -1. */
static int reap_all(pid_t child)
{
	int result = -1;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child)
			result = exit_status_of(status);
	return result;
}

/* PID 1 has no default signal actions: what is sent to it is passed on, what the terminal sends reached the child too.
 */
static _Noreturn void run_init(pid_t child, const sigset_t *all)
{
	close_range(STDERR_FILENO + 1, ~0U, 0); /* or the caller would never see the end of a pipe the child closes */
	prctl(PR_SET_NAME, "punchlab-init");
	for (;;) {
		siginfo_t info;
		int signal_number = sigwaitinfo(all, &info);
		int status = reap_all(child);

		if (status >= 0)
			_exit(status);
		if (info.si_code <= 0 && (signal_number == SIGTERM || signal_number == SIGINT ||
		                          signal_number == SIGHUP || signal_number == SIGQUIT))
			kill(child, signal_number);
	}
}

static bool failed(struct sandbox_problem *problem, enum sandbox_step step, int result)
{
	problem->step = step;
	problem->error = result < 0 ? errno : 0;
	return result < 0;
}

/* What has to go right before the caller may go on, in this order. Returns 0 or, with *problem, -1. */
static int set_up(const struct identity *outside, struct sandbox_problem *problem)
{
	if ((outside->is_mapped && failed(problem, SANDBOX_IDS, map_ids(outside))) ||
	    failed(problem, SANDBOX_PRIVATE_MOUNTS, mounts_make_private()) ||
	    failed(problem, SANDBOX_RUN, mounts_make_run()) || failed(problem, SANDBOX_HOSTS, act_as_host()) ||
	    failed(problem, SANDBOX_PROC, mounts_make_proc()) || failed(problem, SANDBOX_LOOPBACK, raise_loopback()))
		return -1;
	return 0;
}

/* Tells the caller that the world is ready, or what could not be done; this process is then of no more use. */
static void report(int ready_fd, const struct sandbox_problem *problem)
{
	if (write(ready_fd, problem, sizeof *problem) != sizeof *problem || problem->error != 0)
		_exit(1);
}

/*
 * The first process of the world; returns in its child only. It dies with the caller by PR_SET_PDEATHSIG and, should
 * the caller have died before that took effect, because the caller's descriptor says so. (A change of credentials would
 * clear PR_SET_PDEATHSIG; entering a user namespace by clone() and writing the id maps are none.)
 */
static void begin(int caller_fd, int ready_fd, const struct identity *outside)
{
	sigset_t all, before;
	mode_t mask = umask(022); /* folders of the world are for all in it */
	struct sandbox_problem problem = { 0 };
	bool is_set_up;
	pid_t child = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	is_set_up = set_up(outside, &problem) == 0;
	if (has_ended(caller_fd))
		_exit(1);
	if (is_set_up) {
		child = fork();
		(void)failed(&problem, SANDBOX_PROCESS, child);
	}
	if (child == 0) {
		umask(mask);
		sigprocmask(SIG_SETMASK, &before, NULL);
		return;
	}
	report(ready_fd, &problem);
	run_init(child, &all);
}

/* Waits for the first process's word. Returns 0 when it is ready, or -1 with *problem; it is then reaped. */
static int wait_until_ready(pid_t pid, int ready_fd, struct sandbox_problem *problem)
{
	ssize_t n;

	do
		n = read(ready_fd, problem, sizeof *problem);
	while (n < 0 && errno == EINTR);
	if (n == sizeof *problem && problem->error == 0)
		return 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (n != sizeof *problem)
		*problem = (struct sandbox_problem){ .step = SANDBOX_PROCESS, .error = ECHILD };
	return -1;
}

/* clone(2) without a stack of its own: it returns twice, as fork() does. */
static pid_t clone_process(int flags)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0, 0, 0, 0);
}

/* clone() into a world; as root without a user namespace, unless root lacks what can be had in one. */
static pid_t clone_world(struct identity *outside)
{
	pid_t pid = -1;

	outside->uid = geteuid();
	outside->gid = getegid();
	outside->is_mapped = outside->uid != 0 || (privilege_lacking() & PRIVILEGE_ANY_WORLD) != 0;
	if (!outside->is_mapped) {
		pid = clone_process(NAMESPACES);
		outside->is_mapped = pid < 0 && errno == EPERM;
	}
	if (outside->is_mapped)
		pid = clone_process(NAMESPACES | CLONE_NEWUSER);
	return pid;
}

/* Closes `ready[1]`, so that the first process's death shows as its end. */
static pid_t fork_with(int caller_fd, int ready[2], struct sandbox_problem *problem)
{
	struct identity outside;
	pid_t pid = clone_world(&outside);

	if (pid == 0) {
		begin(caller_fd, ready[1], &outside);
		return 0;
	}
	if (failed(problem, SANDBOX_NAMESPACES, pid))
		return -1;
	close(ready[1]);
	ready[1] = -1;
	return wait_until_ready(pid, ready[0], problem) == 0 ? pid : -1;
}

pid_t sandbox_try(struct sandbox_problem *problem)
{
	int caller_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int ready[2] = { -1, -1 };
	pid_t pid = -1;

	*problem = (struct sandbox_problem){ .error = 0 };
	if (!failed(problem, SANDBOX_PROCESS, caller_fd) && !failed(problem, SANDBOX_PROCESS, pipe2(ready, O_CLOEXEC)))
		pid = fork_with(caller_fd, ready, problem);
	for (int i = 0; i < 2; i++)
		if (ready[i] >= 0)
			close(ready[i]);
	if (caller_fd >= 0)
		close(caller_fd);
	errno = problem->error;
	return pid;
}

const char *sandbox_describe(const struct sandbox_problem *problem, char text[SANDBOX_TEXT_SIZE])
{
	static const char *const steps[] = {
		[SANDBOX_NAMESPACES] = "create namespaces",
		[SANDBOX_IDS] = "map the user's id",
		[SANDBOX_PRIVATE_MOUNTS] = "make mounts private",
		[SANDBOX_RUN] = "mount /run",
		[SANDBOX_HOSTS] = "enter a network namespace and name a host",
		[SANDBOX_PROC] = "mount /proc",
		[SANDBOX_LOOPBACK] = "raise the loopback interface",
		[SANDBOX_PROCESS] = "start the first process",
	};
	bool is_limit = problem->error == ENOSPC && problem->step == SANDBOX_NAMESPACES;
	const char *reason = is_limit                   ? "the limit of them (user.max_*_namespaces) is reached"
	                     : problem->error == EAGAIN ? "the limit of processes (ulimit -u) is reached"
	                     : problem->error == ECHILD ? "it died"
	                                                : strerror(problem->error);

	snprintf(text, SANDBOX_TEXT_SIZE, "cannot %s: %s", steps[problem->step], reason);
	return text;
}

pid_t sandbox_fork(void)
{
	struct sandbox_problem problem;
	char text[SANDBOX_TEXT_SIZE];
	pid_t pid = sandbox_try(&problem);

	if (pid < 0)
		log_error("cannot make a private world: %s", sandbox_describe(&problem, text));
	return pid;
}

/* --- inside the world ------------------------------------------------------------------------ */

static int open_netns(const char *name, int flags, char path[256])
{
	int n = snprintf(path, 256, "%s/%s", MOUNTS_NETNS_FOLDER, name);

	if (n < 0 || n >= 256 || strchr(name, '/') != NULL) {
		errno = EINVAL;
		return -1;
	}
	return open(path, flags | O_CLOEXEC, 0444);
}

int sandbox_open_netns(const char *name)
{
	char path[256];

	return open_netns(name, O_RDONLY, path);
}

int sandbox_name_netns(const char *name)
{
	char path[256];
	int fd = open_netns(name, O_RDONLY | O_CREAT | O_EXCL, path);

	if (fd < 0)
		return -1;
	close(fd);
	if (mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) == 0)
		return open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	return -1;
}

int sandbox_unnamed_netns(void)
{
	return unshare(CLONE_NEWNET) == 0 ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
}

int sandbox_new_netns(const char *name)
{
	return unshare(CLONE_NEWNET) == 0 ? sandbox_name_netns(name) : -1;
}

int sandbox_enter_netns(int netns_fd)
{
	return setns(netns_fd, CLONE_NEWNET);
}

int sandbox_set_hostname(const char *name)
{
	return unshare(CLONE_NEWUTS) == 0 ? sethostname(name, strlen(name)) : -1;
}
