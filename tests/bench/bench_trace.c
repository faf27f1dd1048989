/*
 * How fast a trace is read and joined, against tshark printing the same packets' addresses, and in how much memory. The
 * capture is the lab's own: a UDP flow through two NATs, each datagram seen on six links. Both readers are timed in
 * turns on the same file, so that a busy machine slows both.
 *
 *     bench_trace [PACKETS]      (default 1000000; made anew each time by ./punchlab run)
 */
#include "io/clock.h"
#include "io/log.h"
#include "trace/trace.h"
#include "trace/why.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACKETS 1000000L
#define SMALL 120000L /* for the memory; the join has touched all of its own after JOIN_LIVE journeys */
#define LEGS 6        /* of each datagram */
#define ROUNDS 3
#define BUDGET_RATIO 10.0       /* at least so many times faster than tshark */
#define BUDGET_GROWTH_KIB 2048L /* what a longer trace may cost more in memory: pages of libraries, no more */
#define CANNOT_RUN 77

struct cost {
	double seconds;
	long kib; /* the most memory it held */
};

static void silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDOUT_FILENO);
}

/* Waits for the child and takes what it cost. Returns its exit status. */
static int reap(pid_t pid, uint64_t began_ns, struct cost *cost)
{
	struct rusage usage;
	int status;

	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return -1;
	cost->seconds = (double)(clock_wall_ns() - began_ns) / 1e9;
	cost->kib = usage.ru_maxrss;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_command(char *const *argv, struct cost *cost)
{
	uint64_t began = clock_wall_ns();
	pid_t pid = fork();

	if (pid == 0) {
		silence();
		execvp(argv[0], argv);
		_exit(CANNOT_RUN);
	}
	return reap(pid, began, cost);
}

static uint64_t joined; /* keeps the work from being left out */

static void count(void *context, const struct journey *j)
{
	(void)context;
	joined += j->leg_count;
}

static int join_all(const char *path, uint64_t packets)
{
	static const struct trace_visitor visitor = { NULL, NULL, count };
	char error[TRACE_ERROR_SIZE];
	struct trace *t = trace_open(path, error);

	joined = 0;
	if (t == NULL || trace_run(t, &visitor, error) != 0) {
		log_error("%s", error);
		return 1;
	}
	if (joined != t->packets || (packets != 0 && joined < packets)) {
		log_error("%llu packets of %llu were joined", (unsigned long long)joined,
		          (unsigned long long)t->packets);
		return 1;
	}
	trace_free(t);
	return 0;
}

/* In a process of its own, so that its memory can be seen. */
static int run_join(const char *path, uint64_t packets, struct cost *cost)
{
	uint64_t began = clock_wall_ns();
	pid_t pid = fork();

	if (pid == 0)
		_exit(join_all(path, packets));
	return reap(pid, began, cost);
}

/* Makes a capture with about so many packets. Returns 0, or an exit status. */
static int make_capture(char *folder, long packets, char path[PATH_MAX])
{
	char program[] = "./punchlab", run[] = "run", out[] = "--out", file[] = "tests/bench/flood.lua", datagrams[32];
	char *const argv[] = { program, run, out, folder, file, NULL };
	struct cost cost;
	int status;

	snprintf(datagrams, sizeof datagrams, "%ld", (packets + LEGS - 1) / LEGS);
	setenv("BENCH_DATAGRAMS", datagrams, 1);
	setenv("PUNCHLAB_RING", "16384", 0);
	status = run_command(argv, &cost);
	snprintf(path, PATH_MAX, "%s/latest/001-a-flow-through-two-nats", folder);
	if (status != 0)
		log_error("the capture could not be made: punchlab run ended with status %d; it is left in %s", status,
		          path);
	else
		log_info("a capture of %ld packets made in %.1f s", packets, cost.seconds);
	return status;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* The best of the rounds of each: what else the machine does can only add. */
static int compare(const char *path, long packets, struct cost *join, struct cost *tshark)
{
	char capture[PATH_MAX], program[] = "tshark", n[] = "-n", r[] = "-r", t[] = "-T", fields[] = "fields",
				e[] = "-e";
	char src[] = "ip.src", dst[] = "ip.dst";
	char *const argv[] = { program, n, r, capture, t, fields, e, src, e, dst, NULL };

	snprintf(capture, sizeof capture, "%.4000s/trace.pcapng", path);
	*join = *tshark = (struct cost){ .seconds = 1e9 };
	for (int round = 0; round < ROUNDS; round++) {
		struct cost a, b = { 0 };

		if (run_join(path, (uint64_t)packets, &a) != 0)
			return 1;
		if (round < 2 && run_command(argv, &b) != 0) { /* it takes its time: two must do */
			log_error("tshark cannot be run");
			return CANNOT_RUN;
		}
		join->seconds = least(join->seconds, a.seconds);
		join->kib = a.kib;
		tshark->seconds = round < 2 ? least(tshark->seconds, b.seconds) : tshark->seconds;
	}
	return 0;
}

static void remove_folder(char *folder)
{
	char program[] = "rm", all[] = "-rf";
	char *const argv[] = { program, all, folder, NULL };
	struct cost ignored;

	if (run_command(argv, &ignored) != 0)
		log_warning("%s could not be removed", folder);
}

static int verdict(const char *what, double value, double budget, bool ok, const char *unit)
{
	printf("%-4s %s: %.1f%s (budget %.0f%s)\n", ok ? "ok" : "FAIL", what, value, unit, budget, unit);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	long packets = argc > 1 ? strtol(argv[1], NULL, 10) : PACKETS;
	char folder[] = "/tmp/bench_trace.XXXXXX", large[PATH_MAX], small[PATH_MAX];
	struct cost join = { 0 }, tshark = { 0 }, little = { 0 };
	int status;

	log_init("bench_trace", LOG_INFO);
	if (packets < 6000 || mkdtemp(folder) == NULL) {
		log_error("usage: bench_trace [PACKETS], at least 6000; and /tmp must be writable");
		return 2;
	}
	if (make_capture(folder, packets < 2 * SMALL ? packets / 2 : SMALL, small) != 0 ||
	    make_capture(folder, packets, large) != 0)
		return 1; /* what was made tells why */
	status = run_join(small, 0, &little) == 0 ? compare(large, packets, &join, &tshark) : 1;
	if (status == 0) {
		double ratio = tshark.seconds / join.seconds;

		printf("     %ld packets: %.2f s read and joined, %.2f s by tshark -T fields -e ip.src -e ip.dst\n",
		       packets, join.seconds, tshark.seconds);
		status |= verdict("a trace is joined faster than tshark prints it, times", ratio, BUDGET_RATIO,
		                  ratio >= BUDGET_RATIO, "");
		status |= verdict("memory that grows with the trace, KiB", (double)(join.kib - little.kib),
		                  BUDGET_GROWTH_KIB, join.kib - little.kib <= BUDGET_GROWTH_KIB, "");
		printf("     at most %ld MiB held, %zu MiB of it for the join\n", join.kib / 1024, join_memory() >> 20);
	}
	remove_folder(folder);
	return status;
}
