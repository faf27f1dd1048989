#include "world/uplink.h"

#include "world/command.h"
#include "world/mounts.h"
#include "world/program_path.h"
#include "world/tun.h"

#include "io/clock.h"
#include "io/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INTERFACE "uplink"
/* Of 192.0.0.0/29, which RFC 7335 sets aside for the two ends of such a translation. */
#define OWN "192.0.0.2"
#define GATEWAY "192.0.0.1"
#define RESOLVER "192.0.0.3" /* pasta's name for the machine's own */
#define AWAIT_MS 60000
#define LOOK_MS 20
/* Nobody's (RFC 2544), and in no world: whether there is a route to it tells whether there is one to everywhere. */
#define ELSEWHERE "198.18.0.1"

int uplink_try(char what[UPLINK_TEXT_SIZE], char fix[UPLINK_TEXT_SIZE])
{
	char path[UPLINK_TEXT_SIZE];

	if (program_path_find("pasta", path, sizeof path) != 0) {
		snprintf(what, UPLINK_TEXT_SIZE, "pasta: no such program along PATH, /usr/sbin and /sbin");
		snprintf(fix, UPLINK_TEXT_SIZE, "sudo apt-get install -y --no-install-recommends passt");
		return -1;
	}
	if (tun_try(what, fix) != 0)
		return -1;
	snprintf(what, UPLINK_TEXT_SIZE, "%s", path);
	return 0;
}

/* --- outside --------------------------------------------------------------------------------- */

static bool is_same_user_namespace(pid_t init)
{
	char path[64];
	struct stat ours, its;

	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)init);
	return stat("/proc/self/ns/user", &ours) == 0 && stat(path, &its) == 0 && ours.st_ino == its.st_ino;
}

/*
 * pasta begins by dropping capabilities, and then may not look at root's processes any more: their namespace has to
 * have a name of its own. In a mount namespace of this process, so that it is nobody else's. Returns 0, or -1 with
 * errno.
 */
static int name_namespace(pid_t init, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)init);
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, NULL) != 0)
		return -1;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	close(fd);
	return mount(path, name, NULL, MS_BIND, NULL);
}

/* Becomes pasta. Nothing is forwarded inwards, and no address leads to this machine's loopback. */
static void __attribute__((noreturn)) become_pasta(pid_t init, pid_t parent)
{
	static const char name[] = "/run/world";
	const char *argv[40] = {
		"pasta", "-f",   "-q", "-4",   "--config-net", "--no-map-gw", "--ns-ifname", INTERFACE,       "-a",
		OWN,     "-n",   "29", "-g",   GATEWAY,        "-m",          "1500",        "--dns-forward", RESOLVER,
		"-t",    "none", "-u", "none", "-T",           "none",        "-U",          "none"
	};
	char number[16], path[PATH_MAX];
	size_t count = 0;

	while (argv[count] != NULL)
		count++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	snprintf(number, sizeof number, "%d", (int)init);
	if (!is_same_user_namespace(init)) {
		argv[count++] = number;
	} else if (name_namespace(init, name) == 0) {
		argv[count++] = "--runas";
		argv[count++] = "0:0";
		argv[count++] = "--netns-only";
		argv[count++] = "--netns";
		argv[count++] = name;
	} else {
		log_error("the uplink: %s", strerror(errno));
		_exit(1);
	}
	if (program_path_find("pasta", path, sizeof path) == 0)
		execv(path, (char **)(uintptr_t)argv);
	log_error("pasta: %s", strerror(errno));
	_exit(127);
}

pid_t uplink_start(pid_t init)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become_pasta(init, parent);
	if (pid < 0)
		log_error("the uplink: %s", strerror(errno));
	return pid;
}

/* --- inside ---------------------------------------------------------------------------------- */

int uplink_prepare(void)
{
	struct command translate =
	    COMMAND("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", "-o", INTERFACE, "-j", "MASQUERADE");

	if (command_run(&translate) != 0)
		return -1;
	if (mounts_replace_file("/etc/resolv.conf", "nameserver " RESOLVER "\n") == 0)
		return 0;
	log_error("/etc/resolv.conf: %s", strerror(errno));
	return -1;
}

/* Asks the routing table; nothing is sent. */
static bool has_way_out(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = inet_pton(AF_INET, ELSEWHERE, &to.sin_addr) == 1 &&
	           connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;

	close(fd);
	return has;
}

int uplink_await(void)
{
	uint64_t deadline = clock_now_ms() + AWAIT_MS;
	struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	while (!has_way_out()) {
		if (clock_now_ms() > deadline) {
			log_error("the uplink did not come up: pasta is to make an interface '%s' in the world",
			          INTERFACE);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}
