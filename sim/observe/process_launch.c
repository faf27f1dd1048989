#include "observe/process_launch.h"

#include "world/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The step at which a child failed, and its errno; 0: none did. */
enum launch_step { STEP_DESCRIPTORS, STEP_CWD, STEP_EXEC };
struct failure {
	enum launch_step step;
	int error;
};

/* Both ends of everything. -1: not there. */
struct plumbing {
	int in[2], out[2], err[2]; /* pipes; [0] is read */
	int terminal, terminal_name_fd;
};

/* What a child is told, and tells: it has the parent's memory. */
struct birth {
	const struct process_options *options;
	const struct plumbing *plumbing;
	struct launch_environment environment;
	struct failure failure;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_plumbing(struct plumbing *p)
{
	int *fds[] = { &p->in[0],  &p->in[1],  &p->out[0],   &p->out[1],
		       &p->err[0], &p->err[1], &p->terminal, &p->terminal_name_fd };

	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
		close_fd(fds[i]);
}

/* No echo: what was typed is in the record. No processing of output: lines end as on a pipe. */
static int open_terminal(struct plumbing *p)
{
	struct termios t;
	char name[64];

	p->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->terminal < 0 || grantpt(p->terminal) != 0 || unlockpt(p->terminal) != 0 ||
	    ptsname_r(p->terminal, name, sizeof name) != 0)
		return -1;
	p->terminal_name_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->terminal_name_fd < 0 || tcgetattr(p->terminal_name_fd, &t) != 0)
		return -1;
	t.c_lflag &= ~(tcflag_t)ECHO;
	t.c_oflag &= ~(tcflag_t)OPOST;
	return tcsetattr(p->terminal_name_fd, TCSANOW, &t);
}

static int open_plumbing(struct plumbing *p, bool terminal)
{
	*p = (struct plumbing){ { -1, -1 }, { -1, -1 }, { -1, -1 }, -1, -1 };
	if (terminal)
		return open_terminal(p);
	return pipe2(p->in, O_CLOEXEC) != 0 || pipe2(p->out, O_CLOEXEC) != 0 || pipe2(p->err, O_CLOEXEC) != 0 ? -1 : 0;
}

/* --- in the child ---------------------------------------------------------------------------- */

static void __attribute__((noreturn)) fail(struct birth *b, enum launch_step step)
{
	b->failure = (struct failure){ .step = step, .error = errno };
	_exit(127);
}

/* Standard input, output and error; everything else closes with exec. */
static int take_descriptors(const struct plumbing *p)
{
	bool terminal = p->terminal >= 0;

	if (dup2(terminal ? p->terminal_name_fd : p->in[0], STDIN_FILENO) < 0 ||
	    dup2(terminal ? p->terminal_name_fd : p->out[1], STDOUT_FILENO) < 0 ||
	    dup2(terminal ? p->terminal_name_fd : p->err[1], STDERR_FILENO) < 0)
		return -1;
	if (terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		return -1;
	return (int)syscall(SYS_close_range, 3u, ~0u, 1u << 2 /* CLOSE_RANGE_CLOEXEC */);
}

static void become(void *argument)
{
	struct birth *b = argument;
	union {
		const char *const *in;
		char *const *out;
	} argv = { .in = b->options->argv };

	setsid();
	if (take_descriptors(b->plumbing) != 0)
		fail(b, STEP_DESCRIPTORS);
	if (b->options->cwd != NULL && chdir(b->options->cwd) != 0)
		fail(b, STEP_CWD);
	launch_in(argv.out, &b->environment);
	fail(b, STEP_EXEC);
}

/* --- in the parent --------------------------------------------------------------------------- */

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static void explain(const struct process_options *o, const char *host, const struct failure *f,
                    char error[PROCESS_ERROR_SIZE])
{
	const char *name = o->argv[0];

	switch (f->step) {
	case STEP_DESCRIPTORS: break;
	case STEP_CWD:
		snprintf(error, PROCESS_ERROR_SIZE, "cannot run '%.80s' on %s in folder '%.80s': %s", name, host,
		         o->cwd, strerror(f->error));
		return;
	case STEP_EXEC:
		snprintf(error, PROCESS_ERROR_SIZE, "cannot run '%.120s' on %s: %s", name, host,
		         f->error == ENOENT && strchr(name, '/') == NULL ? "there is no such program"
		                                                         : strerror(f->error));
		return;
	}
	snprintf(error, PROCESS_ERROR_SIZE, "cannot start '%.120s' on %s: %s", name, host, strerror(f->error));
}

static int take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	if (taken >= 0)
		fcntl(taken, F_SETFL, fcntl(taken, F_GETFL) | O_NONBLOCK);
	return taken;
}

static void hand_over(struct plumbing *p, struct process_launched *l)
{
	if (p->terminal >= 0) {
		l->in = fcntl(p->terminal, F_DUPFD_CLOEXEC, 3);
		l->out = take(&p->terminal);
		l->err = -1;
	} else {
		l->in = take(&p->in[1]);
		l->out = take(&p->out[0]);
		l->err = take(&p->err[0]);
	}
}

/* The child has executed the program, or ended, when this returns. False with errno if there is none. */
static bool give_birth(const struct world *w, int node, struct birth *b, struct process_launched *l)
{
	char **own = environ;
	int error;

	if (launch_environment_make(&b->environment, b->options->env) != 0)
		return false;
	l->pid = world_start(w, node, become, b);
	error = errno;
	environ = own;
	launch_environment_free(&b->environment);
	errno = error;
	return l->pid > 0;
}

/* False with b->failure if it did not come to a program; its child is then reaped. */
static bool start(const struct world *w, int node, struct birth *b, struct process_launched *l)
{
	if (!give_birth(w, node, b, l)) {
		b->failure.error = errno;
		return false;
	}
	l->pid_fd = b->failure.error == 0 ? (int)syscall(SYS_pidfd_open, l->pid, 0) : -1;
	if (l->pid_fd >= 0)
		return true;
	if (b->failure.error == 0)
		b->failure.error = errno;
	kill(l->pid, SIGKILL);
	reap(l->pid);
	return false;
}

int process_launch(const struct world *w, int node, const struct process_options *o, struct process_launched *l,
                   char error[PROCESS_ERROR_SIZE])
{
	struct plumbing p;
	struct birth b = { .options = o, .plumbing = &p };
	int result = -1;

	if (open_plumbing(&p, o->terminal) != 0) {
		b.failure.error = errno;
	} else if (start(w, node, &b, l)) {
		hand_over(&p, l);
		result = 0;
	}
	if (result != 0)
		explain(o, topology_name(&w->topology, node), &b.failure, error);
	close_plumbing(&p);
	return result;
}
