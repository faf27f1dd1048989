#include "world/mapper_program.h"

#include "io/clock.h"
#include "io/log.h"
#include "model/port_mapper.h"
#include "world/background.h"
#include "world/command.h"
#include "world/launch.h"
#include "world/lease_reaper.h"
#include "world/lease_watch.h"
#include "world/program_path.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROGRAM "miniupnpd"
#define START_MS 20000
#define END_MS 10000
#define LOG_SIZE (1024 * 1024) /* it tells of every rule that it sees */

/* --- which there is ------------------------------------------------------------------------------ */

#define INSTALL "sudo apt-get install -y --no-install-recommends miniupnpd-nftables (or miniupnpd-iptables)"

int mapper_find(enum mapper_build *build, char what[MAPPER_PROBLEM_SIZE], char fix[MAPPER_PROBLEM_SIZE])
{
	struct command version = COMMAND(PROGRAM, "--version");
	char path[MAPPER_PROBLEM_SIZE];

	snprintf(fix, MAPPER_PROBLEM_SIZE, INSTALL);
	if (program_path_find(PROGRAM, path, sizeof path) != 0) {
		snprintf(what, MAPPER_PROBLEM_SIZE, "no such program along PATH, /usr/sbin and /sbin");
		return -1;
	}
	/* Some versions end with 1 when they were only asked for it. */
	if (command_start(&version) != 0 || (command_wait_quietly(&version) != 0 && version.status > 1)) {
		snprintf(what, MAPPER_PROBLEM_SIZE, "%.150s cannot be run", path);
		return -1;
	}
	*build = strstr(version.output, "nftables") != NULL ? MAPPER_NFTABLES : MAPPER_IPTABLES;
	snprintf(what, MAPPER_PROBLEM_SIZE, "%.150s (%s)", path,
	         *build == MAPPER_NFTABLES ? "nftables" : "iptables-legacy");
	if (*build == MAPPER_NFTABLES || program_path_find("iptables-legacy", path, sizeof path) == 0)
		return 0;
	snprintf(what, MAPPER_PROBLEM_SIZE, "it writes the legacy tables of iptables, and there is no iptables-legacy");
	return -1;
}

/* --- its files ----------------------------------------------------------------------------------- */

static const char *file_of(const char *box, const char *what, char path[LEASE_PATH_SIZE])
{
	snprintf(path, LEASE_PATH_SIZE, LEASE_FOLDER "/%s.%s", box, what);
	return path;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t len = strlen(text);
	ssize_t n = fd >= 0 ? write(fd, text, len) : -1;

	if (fd >= 0)
		close(fd);
	if (n == (ssize_t)len)
		return 0;
	log_error("%s: %s", path, strerror(errno));
	return -1;
}

/* --- its rules ----------------------------------------------------------------------------------- */

static int add_jump(const char *table, const char *from, const char *way, const char *interface, const char *to)
{
	struct command look = COMMAND("iptables-legacy", "-w", "-t", table, "-C", from, way, interface, "-j", to);
	struct command add = COMMAND("iptables-legacy", "-w", "-t", table, "-I", from, way, interface, "-j", to);

	if (command_start(&look) == 0 && command_wait_quietly(&look) == 0)
		return 0;
	return command_run(&add);
}

static int load_legacy(const struct topology *t, int box, const char *wan)
{
	static char rules[PORT_MAPPER_RULES_SIZE];
	struct command c = COMMAND("iptables-legacy-restore", "--wait", "--noflush");

	port_mapper_legacy(&t->nodes[box].nat, &t->nodes[box].lan, rules);
	c.input = rules;
	if (command_run(&c) != 0 || add_jump("nat", "PREROUTING", "-i", wan, PORT_MAPPER_ARRIVE) != 0 ||
	    add_jump("nat", "POSTROUTING", "-o", wan, PORT_MAPPER_LEAVE) != 0)
		return -1;
	return add_jump("filter", "FORWARD", "-i", wan, PORT_MAPPER_FORWARD);
}

static int load_rules(const struct topology *t, int box, const char *wan, enum mapper_build build)
{
	static char rules[PORT_MAPPER_RULES_SIZE];
	struct command c = COMMAND("nft", "-f", "-");

	port_mapper_nft(&t->nodes[box].nat, wan, &t->nodes[box].lan, rules);
	c.input = rules;
	if (command_run(&c) != 0)
		return -1;
	return build == MAPPER_IPTABLES ? load_legacy(t, box, wan) : 0;
}

/* --- the program --------------------------------------------------------------------------------- */

/* It also speaks to a system's log, which no world has, and then to the console. */
static void silence_console(void)
{
	if (unshare(CLONE_NEWNS) == 0 && mount("/dev/null", "/dev/console", NULL, MS_BIND, NULL) != 0)
		log_debug("/dev/console: %s", strerror(errno));
}

static void __attribute__((noreturn)) be_mapper(const char *box)
{
	char configuration[LEASE_PATH_SIZE], pid[LEASE_PATH_SIZE], log[LEASE_PATH_SIZE];
	char *argv[] = {
		(char[]){ PROGRAM }, (char[]){ "-d" }, (char[]){ "-f" }, configuration, (char[]){ "-P" }, pid, NULL
	};
	int fd;

	file_of(box, "conf", configuration);
	file_of(box, "pid", pid);
	background_become(NULL, 0);
	silence_console();
	fd = open(file_of(box, "log", log), O_WRONLY | O_APPEND);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	launch(argv);
	log_error("cannot run '%s': %s", PROGRAM, strerror(errno));
	_exit(127);
}

static bool has_said(const char *path, const char *words)
{
	static char text[LOG_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, words) != NULL;
}

/* Its last words before it serves. */
static bool wait_for_log(const char *box, int news, const char *words)
{
	char path[LEASE_PATH_SIZE], events[1024];
	uint64_t deadline = clock_now_ms() + START_MS;

	file_of(box, "log", path);
	while (!has_said(path, words)) {
		struct pollfd p = { .fd = news, .events = POLLIN };
		uint64_t now = clock_now_ms();

		if (now >= deadline ||
		    (poll(&p, 1, (int)(deadline - now)) > 0 && read(news, events, sizeof events) < 0))
			return false;
	}
	return true;
}

static int start_program(const char *box, const struct nat *nat)
{
	char log[LEASE_PATH_SIZE];
	int news = inotify_init1(IN_CLOEXEC), error;
	bool is_ready;

	if (write_file(file_of(box, "log", log), "") != 0 || news < 0 || inotify_add_watch(news, log, IN_MODIFY) < 0)
		is_ready = false;
	else if (background_fork() == 0)
		be_mapper(box);
	else
		is_ready = wait_for_log(box, news,
		                        nat->nat_pmp || nat->pcp ? "Listening for NAT-PMP" : "HTTP listening on port");
	error = errno;
	if (news >= 0)
		close(news);
	if (is_ready)
		return 0;
	log_error("%s: its " PROGRAM " does not start (%s); it said: see %s in the world", box, strerror(error), log);
	return -1;
}

/* --- all of it ----------------------------------------------------------------------------------- */

static int prepare(const struct node *n, const char *wan, enum mapper_build *build)
{
	char text[PORT_MAPPER_TEXT_SIZE], path[LEASE_PATH_SIZE], leases[LEASE_PATH_SIZE];
	char what[MAPPER_PROBLEM_SIZE], fix[MAPPER_PROBLEM_SIZE];

	if (mapper_find(build, what, fix) != 0) {
		log_error("%s: a box that maps ports needs " PROGRAM ": %s; %s", n->name, what, fix);
		return -1;
	}
	if (mkdir(LEASE_FOLDER, 0755) != 0 && errno != EEXIST) {
		log_error(LEASE_FOLDER ": %s", strerror(errno));
		return -1;
	}
	port_mapper_configuration(&n->nat, wan, lease_watch_path(n->name, leases), text);
	return write_file(file_of(n->name, "conf", path), text);
}

static int start(const struct topology *t, int box)
{
	const struct node *n = &t->nodes[box];
	const char *wan = topology_way_out(t, box)->interface;
	enum mapper_build build;

	if (!nat_maps_ports(&n->nat))
		return 0;
	if (prepare(n, wan, &build) != 0 || load_rules(t, box, wan, build) != 0)
		return -1;
	return n->nat.upnp == NAT_MAPPER_SILENT ? 0 : start_program(n->name, &n->nat);
}

int mapper_start(const struct topology *t, int box)
{
	if (start(t, box) != 0)
		return -1;
	return t->nodes[box].nat.upnp == NAT_MAPPER_SHORT_LEASE ? lease_reaper_start(t, box) : 0;
}

/* Of a file that holds nothing else; 0: none. */
static pid_t pid_in(const char *path)
{
	char text[24] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		close(fd);
	return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* As by a power cut: it has no time to tidy up. The next one would not start while a process has the number that is
 * told in its file, and one that ended has it until it is reaped. */
static void end_program(const char *box)
{
	char path[LEASE_PATH_SIZE];
	pid_t pid = pid_in(file_of(box, "pid", path));
	int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return;
	kill(pid, SIGKILL);
	if (poll(&p, 1, END_MS) != 1)
		log_error("%s: its " PROGRAM " does not end", box);
	close(fd);
	unlink(path);
}

int mapper_restart(const struct topology *t, int box, int netns_fd, bool forgets)
{
	const struct node *n = &t->nodes[box];
	char path[LEASE_PATH_SIZE];
	int home, result;

	if (!nat_maps_ports(&n->nat))
		return 0;
	end_program(n->name);
	if (forgets && n->nat.upnp == NAT_MAPPER_LOST_ON_REBOOT)
		unlink(lease_watch_path(n->name, path));
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || sandbox_enter_netns(netns_fd) != 0) {
		log_error("%s: its network namespace: %s", n->name, strerror(errno));
		return -1;
	}
	result = start(t, box);
	if (sandbox_enter_netns(home) != 0)
		abort(); /* everything after this would happen on the wrong host */
	close(home);
	return result;
}
