/*
 * What a world costs: one with 2 NAT boxes, 3 hosts and the router, rules and capture ready, against the kernel's floor, a
 * bare loop that makes as many network namespaces and veth pairs (up) and nothing else. Both are measured in turns, so that a
 * busy machine slows both; the verdict is the ratio of the medians.
 *
 *     bench_world [ROUNDS]
 */
#include "clock.h"
#include "log.h"
#include "observe/capture.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"
#include "world/world.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 15
#define ROUNDS_MAX 1000
#define BUDGET_RATIO 3.0 /* the budget: at most 3 times the kernel's floor */
#define NAMESPACES 6
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
static void make_bare_world(void)
{
	struct rtnetlink nl;
	int fds[NAMESPACES];

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

static pid_t fork_floor(void)
{
	pid_t pid = fork();

	if (pid == 0)
		make_bare_world();
	return pid;
}

/* --- the real thing -------------------------------------------------------------------------- */

static void draw(struct topology *t)
{
	char error[TOPOLOGY_ERROR_SIZE];
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
	c = capture_begin(&w, "/run/bench.pcapng", "/run/bench.jsonl");
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

int main(int argc, char **argv)
{
	static double floors[ROUNDS_MAX], worlds[ROUNDS_MAX], captured[ROUNDS_MAX];
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
	double floor_ms, world_ms, captured_ms;

	log_init("bench_world", LOG_INFO);
	if (rounds == 0 || rounds > ROUNDS_MAX) {
		log_error("usage: bench_world [ROUNDS], 1 to %d", ROUNDS_MAX);
		return 2;
	}
	for (size_t i = 0; i < rounds; i++) {
		floors[i] = measure(fork_floor);
		worlds[i] = measure(fork_world);
		captured[i] = measure(fork_captured_world);
		if (floors[i] < 0 || worlds[i] < 0 || captured[i] < 0)
			return CANNOT_RUN;
	}
	floor_ms = median(floors, rounds);
	world_ms = median(worlds, rounds);
	captured_ms = median(captured, rounds);
	printf("world of 2 boxes, 3 hosts, router: %.1f ms; the kernel's floor: %.1f ms; ratio %.2f\n", world_ms, floor_ms,
	       world_ms / floor_ms);
	printf("the same with capture ready: %.1f ms; ratio %.2f (at most %.1f): %s\n", captured_ms, captured_ms / floor_ms,
	       BUDGET_RATIO, captured_ms / floor_ms <= BUDGET_RATIO ? "ok" : "TOO SLOW");
	return captured_ms / floor_ms <= BUDGET_RATIO ? 0 : 1;
}
