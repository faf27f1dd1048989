#include "world/host_processes.h"

#include "io/clock.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#define PATIENCE_MS 10000 /* on a machine that is busy */

/* What tells the host's processes from the others. */
struct place {
	struct stat netns;
	struct stat lab; /* the lab's own program */
};

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* False also of one that has ended. */
static bool is_on_host(const struct place *p, long pid)
{
	char path[64];
	struct stat own;

	snprintf(path, sizeof path, "/proc/%ld/ns/net", pid);
	if (stat(path, &own) != 0 || !is_same(&own, &p->netns))
		return false;
	snprintf(path, sizeof path, "/proc/%ld/exe", pid);
	return stat(path, &own) != 0 || !is_same(&own, &p->lab);
}

/* One letter: proc_pid_stat(5). Its name, before that, may hold anything. */
static char state_of(long pid)
{
	char path[64], line[512], *end = NULL;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 'X';
	if (fgets(line, sizeof line, f) != NULL)
		end = strrchr(line, ')');
	fclose(f);
	return end != NULL && end[1] == ' ' ? end[2] : 'X';
}

/*
 * It may do something yet. One that waits uninterruptibly (D) stops before it does, and may wait for a stopped one: who
 * called vfork(2) waits until its child has executed something.
 */
static bool runs(long pid)
{
	return strchr("TtDZXx", state_of(pid)) == NULL;
}

/* Returns how many may still do something before they hear of the signal, or -1 with errno. */
static int signal_all(const struct place *p, int number)
{
	DIR *d = opendir("/proc");
	int count = 0;

	if (d == NULL)
		return -1;
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		long pid = strtol(e->d_name, NULL, 10);

		if (pid > 0 && is_on_host(p, pid) && kill((pid_t)pid, number) == 0 && runs(pid))
			count++;
	}
	closedir(d);
	return count;
}

static int find_place(int netns_fd, struct place *p)
{
	return fstat(netns_fd, &p->netns) == 0 && stat("/proc/self/exe", &p->lab) == 0 ? 0 : -1;
}

/* Again until none runs: one may have forked before it heard of it. */
int host_processes_stop(int netns_fd)
{
	uint64_t deadline_ms = clock_now_ms() + PATIENCE_MS;
	struct place p;
	int count;

	if (find_place(netns_fd, &p) != 0)
		return -1;
	while ((count = signal_all(&p, SIGSTOP)) > 0) {
		if (clock_now_ms() > deadline_ms) {
			errno = ETIMEDOUT;
			return -1;
		}
		sched_yield();
	}
	return count;
}

int host_processes_continue(int netns_fd)
{
	struct place p;

	return find_place(netns_fd, &p) != 0 || signal_all(&p, SIGCONT) < 0 ? -1 : 0;
}
