/*
 * What a world costs: one with 2 NAT boxes, 3 hosts and the router, against the kernel's floor, a bare loop that makes
 * as many network namespaces and veth pairs (up) and nothing else. All are measured in turns, so that a busy machine
 * slows all; the verdicts are ratios of medians.
 *
 * What the bare floor lacks is what differs most from machine to machine: starting a program (on some virtual machines
 * dearer than the whole floor), and RCU grace periods. So the verdicts are on floors that have that, too, and nothing
 * more:
 *
 *   - rules: the same, with one iptables-restore in each box's namespace, both at once, that is given nothing to load;
 *   - capture: the same again, with one packet ring (PACKET_RX_RING) open on each interface: the kernel lets nobody
 * have a ring before an RCU grace period is over, one that has yet to begin. It takes two ticks (8 ms at 250 Hz) after
 * what is left of the one under way, however many rings are opened at once.
 *
 * The ratios to the bare floor are printed beside.
 *
 *     bench_world [ROUNDS]
 */
#include "io/clock.h"
#include "io/log.h"
#include "observe/capture.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"
#include "world/world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 15
#define ROUNDS_MAX 1000
#define BUDGET_RATIO 3.0 /* the budget: at most 3 times the kernel's floor */
#define NAMESPACES 6
#define BOXES 2
#define RING_BLOCK 16384
#define RING_BLOCKS 32
#define RING_SLOT 2048
#define CANNOT_RUN 77

/* --- the floor: system calls only -------------------------------------------------------------- */

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	_exit(1);
}

static void write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd, path);
	must((int)write(fd, text, strlen(text)), path);
	close(fd);
}

/* An ordinary user needs a user namespace for it. */
static void become_root(void)
{
	char line[32];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0)
		return;
	must(unshare(CLONE_NEWUSER), "unshare user");
	snprintf(line, sizeof line, "0 %u 1", uid);
	write_line("/proc/self/uid_map", line);
	write_line("/proc/self/setgroups", "deny");
	snprintf(line, sizeof line, "0 %u 1", gid);
	write_line("/proc/self/gid_map", line);
}

/* One end up: both are, once the other is too. */
static void raise_end(int netns_fd, const struct rtnetlink_interface *dev)
{
	struct rtnetlink nl;

	must(setns(netns_fd, CLONE_NEWNET), "setns");
	must(rtnetlink_open(&nl, "floor"), "rtnetlink");
	must(rtnetlink_set_up(&nl, dev), "up");
	rtnetlink_close(&nl);
}

/* The same kinds of namespaces, as many of them with names, as many links, up. */
static void make_bare_world(int fds[NAMESPACES])
{
	struct rtnetlink nl;

	become_root();
	must(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount private");
	must(mount("tmpfs", "/run", "tmpfs", 0, NULL), "mount tmpfs");
	for (int i = 0; i < NAMESPACES; i++) {
		char path[32];

		snprintf(path, sizeof path, "/run/n%d", i);
		must(unshare(CLONE_NEWNET), "unshare net");
		must(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0444)), "create");
		must(mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL), "bind");
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	must(rtnetlink_open(&nl, "floor"), "rtnetlink");
	for (int i = 1; i < NAMESPACES; i++) {
		struct rtnetlink_end a = { { 10 + i, "", { 2, 0, 0, 0, (uint8_t)i, 1 } }, fds[0], "a" };
		struct rtnetlink_end b = { { 2, "eth0", { 2, 0, 0, 0, (uint8_t)i, 2 } }, fds[i], "b" };

		snprintf(a.interface.name, sizeof a.interface.name, "p%d", i);
		must(rtnetlink_add_veth(&nl, &a, &b), "veth");
		raise_end(fds[0], &a.interface);
		raise_end(fds[i], &b.interface);
	}
}

/* One ring of the size that the lab's have when many worlds are up. */
static void *open_ring(void *netns_fd)
{
	struct tpacket_req ring = { RING_BLOCK, RING_BLOCKS, RING_SLOT, RING_BLOCK / RING_SLOT * RING_BLOCKS };
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int version = TPACKET_V2;
	int fd;

	must(setns(*(const int *)netns_fd, CLONE_NEWNET), "setns");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	must(fd, "packet socket");
	must(setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version), "packet version");
	must(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring), "packet ring");
	address.sll_ifindex = (int)if_nametoindex("eth0");
	must(address.sll_ifindex - 1, "eth0");
	must(bind(fd, (struct sockaddr *)&address, sizeof address), "packet bind");
	return NULL;
}

/* All at once, as the lab does it. */
static void open_rings(int fds[NAMESPACES])
{
	pthread_t threads[NAMESPACES];

	for (int i = 1; i < NAMESPACES; i++)
		must(-pthread_create(&threads[i], NULL, open_ring, &fds[i]), "thread");
	for (int i = 1; i < NAMESPACES; i++)
		pthread_join(threads[i], NULL);
}

/* One for each box, all at once, with nothing to load. */
static void run_rule_programs(int fds[NAMESPACES])
{
	char program[] = "iptables-restore";
	char *const argv[] = { program, NULL };
	posix_spawn_file_actions_t no_input;
	pid_t pids[BOXES];

	must(-posix_spawn_file_actions_init(&no_input), "spawn");
	must(-posix_spawn_file_actions_addopen(&no_input, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "spawn");
	for (int i = 0; i < BOXES; i++) {
		must(setns(fds[1 + i], CLONE_NEWNET), "setns");
		must(-posix_spawnp(&pids[i], program, &no_input, NULL, argv, environ), program);
	}
	for (int i = 0; i < BOXES; i++)
		must(waitpid(pids[i], NULL, 0), program);
	posix_spawn_file_actions_destroy(&no_input);
}

static pid_t fork_floor(void)
{
	int fds[NAMESPACES];
	pid_t pid = fork();

	if (pid == 0)
		make_bare_world(fds);
	return pid;
}

/* Returns in a process of the new PID namespace, which can have threads and children. */
static pid_t fork_into_bare_world(int fds[NAMESPACES])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	make_bare_world(fds);
	pid = fork();
	must(pid, "fork");
	if (pid > 0)
		_exit(waitpid(pid, NULL, 0) == pid ? 0 : 1);
	return 0;
}

static pid_t fork_floor_with_rules(void)
{
	int fds[NAMESPACES];
	pid_t pid = fork_into_bare_world(fds);

	if (pid == 0)
		run_rule_programs(fds);
	return pid;
}

static pid_t fork_captured_floor(void)
{
	int fds[NAMESPACES];
	pid_t pid = fork_into_bare_world(fds);

	if (pid == 0) {
		open_rings(fds);
		run_rule_programs(fds);
	}
	return pid;
}

/* --- the real thing -------------------------------------------------------------------------- */

static void draw(struct topology *t)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;
	int a = -1;
	int b = -1;

	if (nat_parse("port-restricted", &nat, error) == 0) {
		a = topology_add_box(t, "nat-a", TOPOLOGY_INTERNET, &nat, NULL, error);
		b = topology_add_box(t, "nat-b", TOPOLOGY_INTERNET, &nat, NULL, error);
	}
	if (a < 0 || b < 0 || topology_add_host(t, "server", TOPOLOGY_INTERNET, 1, error) < 0 ||
	    topology_add_host(t, "alice", a, 1, error) < 0 || topology_add_host(t, "bob", b, 1, error) < 0) {
		log_error("%s", error);
		exit(1);
	}
}

static pid_t fork_world(void)
{
	static struct topology t;
	static struct world w;
	pid_t pid;

	if (t.count == 0)
		draw(&t);
	pid = sandbox_fork();
	if (pid == 0 && world_build(&w, &t, NULL) != 0)
		_exit(1);
	return pid;
}

static pid_t fork_captured_world(void)
{
	static struct topology t;
	static struct world w;
	struct capture *c;
	pid_t pid;

	if (t.count == 0)
		draw(&t);
	pid = sandbox_fork();
	if (pid != 0)
		return pid;
	if (world_begin(&w, &t) != 0)
		_exit(1);
	c = capture_begin(&w, "/run/bench.pcapng", record_open("/run/bench.jsonl"), -1);
	if (world_finish(&w, NULL) != 0 || c == NULL || capture_wait(c) != 0)
		_exit(1);
	return 0;
}

/* --- measuring ------------------------------------------------------------------------------- */

/* Milliseconds until the child said that it is ready; -1 if it failed. The child is gone when this returns. */
static double measure(pid_t (*fork_it)(void))
{
	int ready[2];
	uint64_t start, end = 0;
	pid_t pid;
	int status;
	ssize_t n;

	if (pipe2(ready, O_CLOEXEC) != 0)
		return -1;
	start = clock_now_us();
	pid = fork_it();
	if (pid == 0) {
		end = clock_now_us();
		_exit(write(ready[1], &end, sizeof end) == sizeof end ? 0 : 1);
	}
	close(ready[1]);
	n = pid < 0 ? -1 : read(ready[0], &end, sizeof end);
	close(ready[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return n == sizeof end ? (double)(end - start) / 1000 : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, compare);
	return values[count / 2];
}

static bool say(const char *what, double ms, const char *floor, double floor_ms, double bare_ms)
{
	double ratio = ms / floor_ms;
	bool ok = ratio <= BUDGET_RATIO;

	printf("%s: %.1f ms; %s: %.1f ms; ratio %.2f (at most %.1f): %s; to the bare floor %.2f\n", what, ms, floor,
	       floor_ms, ratio, BUDGET_RATIO, ok ? "ok" : "TOO SLOW", ms / bare_ms);
	return ok;
}

enum { FLOOR, FLOOR_WITH_RULES, WORLD, CAPTURED_FLOOR, CAPTURED_WORLD, KINDS };

int main(int argc, char **argv)
{
	static pid_t (*const makers[KINDS])(void) = { fork_floor, fork_floor_with_rules, fork_world,
		                                      fork_captured_floor, fork_captured_world };
	static double times[KINDS][ROUNDS_MAX];
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
	double ms[KINDS];
	bool ok;

	log_init("bench_world", LOG_INFO);
	if (rounds == 0 || rounds > ROUNDS_MAX) {
		log_error("usage: bench_world [ROUNDS], 1 to %d", ROUNDS_MAX);
		return 2;
	}
	for (size_t i = 0; i < rounds; i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			times[kind][i] = measure(makers[kind]);
			if (times[kind][i] < 0)
				return CANNOT_RUN;
		}
	}
	for (int kind = 0; kind < KINDS; kind++)
		ms[kind] = median(times[kind], rounds);
	printf("the kernel's bare floor, namespaces and links alone: %.1f ms\n", ms[FLOOR]);
	ok = say("world of 2 boxes, 3 hosts, router, with rules", ms[WORLD], "the floor with as many rule programs",
	         ms[FLOOR_WITH_RULES], ms[FLOOR]);
	ok = say("the same, captured", ms[CAPTURED_WORLD], "that floor with packet rings", ms[CAPTURED_FLOOR],
	         ms[FLOOR]) &&
	     ok;
	return ok ? 0 : 1;
}
