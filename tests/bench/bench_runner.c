/*
 * What the runner costs as its users meet it: the wall time of the 25 cells of the matrix, captured, with the real
 * programs, also against the cells run one after the other; and the memory of 25 worlds that are up at once, also
 * against one of them.
 *
 *     bench_runner [ROUNDS]
 */
#include "io/clock.h"
#include "io/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 3
#define ROUNDS_MAX 100
#define CELLS 25
#define BUDGET_SECONDS 5.0
#define WORLDS 25
#define BUDGET_KIB (200L * 1024)
#define DEADLINE_MS 60000
#define POLL_NS 10000000
#define PIDS_MAX 4096
#define CANNOT_RUN 77

static char folder[] = "/tmp/bench_runner.XXXXXX";

/* --- programs -------------------------------------------------------------------------------- */

static pid_t start(char *const *argv)
{
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
		execv(argv[0], argv);
	_exit(CANNOT_RUN);
}

static int wait_for(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void remove_folder(void)
{
	char rm[] = "/bin/rm", rf[] = "-rf";
	char *const argv[] = { rm, rf, folder, NULL };

	if (wait_for(start(argv)) != 0)
		log_error("%s could not be removed", folder);
}

/* --- time ------------------------------------------------------------------------------------ */

/* Seconds for the whole matrix, `jobs` cells at a time (NULL: as many as the runner thinks right); -1 if it did not
 * pass. */
static double time_matrix(char *jobs)
{
	char lab[] = "./punchlab", run[] = "run", out[] = "--out", file[] = "scenarios/matrix.lua", j[] = "-j";
	char *const argv[] = { lab, run, out, folder, file, jobs != NULL ? j : NULL, jobs, NULL };
	uint64_t began = clock_now_us();
	int status = wait_for(start(argv));

	if (status == 0)
		return (double)(clock_now_us() - began) / 1e6;
	log_error("punchlab run ended with status %d", status);
	return -1;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* The best of the rounds: what else the machine does can only add. */
static bool bench_time(size_t rounds)
{
	char one[] = "1";
	double serial = time_matrix(one);
	double wall = 1e9;

	for (size_t i = 0; i < rounds; i++)
		wall = least(wall, time_matrix(NULL));
	if (wall < 0 || serial < 0)
		return false;
	printf("matrix of %d cells, captured: %.2f s (at most %.1f): %s; cell after cell: %.2f s; ratio %.2f\n", CELLS,
	       wall, BUDGET_SECONDS, wall <= BUDGET_SECONDS ? "ok" : "TOO SLOW", serial, serial / wall);
	return wall <= BUDGET_SECONDS;
}

/* --- memory ---------------------------------------------------------------------------------- */

struct pss {
	long runner_kib, programs_kib; /* punchlab's own processes; those that the scenarios started */
};

/* The number after `key` in a file of lines "key: number"; -1 if there is none. */
static long read_number(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	size_t length = strlen(key);
	long number = -1;
	char line[256];

	while (f != NULL && number < 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, length) == 0 && line[length] == ':')
			number = strtol(line + length + 1, NULL, 10);
	if (f != NULL)
		fclose(f);
	return number;
}

static bool is_runners(pid_t pid)
{
	char path[64], name[16] = "";
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fgets(name, sizeof name, f) == NULL)
		name[0] = '\0';
	fclose(f);
	return strcmp(name, "punchlab\n") == 0;
}

static bool is_in(const pid_t *pids, size_t count, long pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Adds every process whose parent is among the pids and that is not there yet. */
static size_t add_children(pid_t *pids, size_t count)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc != NULL && count < PIDS_MAX && (entry = readdir(proc)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);
		char path[64];

		snprintf(path, sizeof path, "/proc/%ld/status", pid);
		if (pid > 0 && !is_in(pids, count, pid) && is_in(pids, count, read_number(path, "PPid")))
			pids[count++] = (pid_t)pid;
	}
	if (proc != NULL)
		closedir(proc);
	return count;
}

/* The proportional set size of the runner and of all its descendants: a page that n share counts 1/n to each. */
static struct pss measure_tree(pid_t runner)
{
	static pid_t pids[PIDS_MAX];
	struct pss sum = { 0, 0 };
	size_t before = 0;
	size_t count = 1;

	pids[0] = runner;
	while (count > before) {
		before = count;
		count = add_children(pids, count);
	}
	for (size_t i = 0; i < count; i++) {
		char path[64];
		long kib;

		snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pids[i]);
		kib = read_number(path, "Pss");
		if (kib > 0)
			*(is_runners(pids[i]) ? &sum.runner_kib : &sum.programs_kib) += kib;
	}
	return sum;
}

static int count_files(const char *path)
{
	DIR *d = opendir(path);
	int count = -2; /* "." and ".." */

	while (d != NULL && readdir(d) != NULL)
		count++;
	if (d != NULL)
		closedir(d);
	return count;
}

/* Until so many worlds said that they stand, or the runner ended. */
static bool wait_until_standing(pid_t runner, const char *standing, int worlds)
{
	uint64_t deadline = clock_now_ms() + DEADLINE_MS;
	const struct timespec pause = { 0, POLL_NS };

	while (count_files(standing) < worlds) {
		if (clock_now_ms() > deadline || waitpid(runner, NULL, WNOHANG) != 0)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* With that many worlds up. runner_kib is -1 if they did not come up. */
static struct pss measure_worlds(int worlds)
{
	char lab[] = "./punchlab", run[] = "run", out[] = "--out", file[] = "tests/bench/stand.lua", j[] = "-j";
	char keep[] = "--keep", none[] = "none", count[16], standing[sizeof folder + 16];
	char *const argv[] = { lab, run, j, count, keep, none, out, folder, file, NULL };
	struct pss pss = { -1, -1 };
	pid_t runner;

	snprintf(count, sizeof count, "%d", worlds);
	snprintf(standing, sizeof standing, "%s/standing.%d", folder, worlds);
	setenv("BENCH_WORLDS", count, 1);
	setenv("BENCH_STANDING", standing, 1);
	if (mkdir(standing, 0755) != 0) {
		log_error("%s: %s", standing, strerror(errno));
		return pss;
	}
	runner = start(argv);
	if (runner < 0)
		return pss;
	if (!wait_until_standing(runner, standing, worlds)) {
		log_error("%d of %d worlds came up", count_files(standing), worlds);
		kill(runner, SIGTERM);
		return pss;
	}
	pss = measure_tree(runner);
	kill(runner, SIGTERM);
	waitpid(runner, NULL, 0);
	return pss;
}

static bool bench_memory(void)
{
	struct pss one = measure_worlds(1);
	struct pss all = measure_worlds(WORLDS);

	if (one.runner_kib < 0 || all.runner_kib < 0)
		return false;
	printf("runner with %d worlds up: %.1f MiB (at most %ld): %s; with one: %.1f MiB; ratio %.1f; the scenarios' "
	       "programs: "
	       "%.1f MiB\n",
	       WORLDS, (double)all.runner_kib / 1024, BUDGET_KIB / 1024,
	       all.runner_kib <= BUDGET_KIB ? "ok" : "TOO MUCH", (double)one.runner_kib / 1024,
	       (double)all.runner_kib / (double)one.runner_kib, (double)all.programs_kib / 1024);
	return all.runner_kib <= BUDGET_KIB;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
	bool ok;

	log_init("bench_runner", LOG_INFO);
	if (rounds == 0 || rounds > ROUNDS_MAX) {
		log_error("usage: bench_runner [ROUNDS], 1 to %d", ROUNDS_MAX);
		return 2;
	}
	if (mkdtemp(folder) == NULL) {
		log_error("%s: %s", folder, strerror(errno));
		return CANNOT_RUN;
	}
	ok = bench_time(rounds);
	ok = bench_memory() && ok;
	remove_folder();
	return ok ? 0 : 1;
}
