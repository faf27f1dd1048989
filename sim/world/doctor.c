#include "world/doctor.h"

#include "world/command.h"
#include "world/program_path.h"
#include "world/denial.h"
#include "world/feature.h"
#include "world/limits.h"
#include "world/mapper_program.h"
#include "world/sandbox.h"
#include "world/uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- private worlds -------------------------------------------------------------------------- */

/* In the world. What a limit would break anyway is not tried one by one. */
static void examine_world(struct findings *found, struct finding *world, enum doctor_depth depth)
{
	char problem[LIMITS_TEXT_SIZE], fix[LIMITS_TEXT_SIZE];

	if (limits_try_processes(problem, fix) != 0)
		finding_missing(world, problem, fix);
	else if (depth == DOCTOR_FULL)
		feature_try_all(found);
}

/* What is found out inside comes back through memory that both have. */
static void examine_inside(struct findings *found, struct finding *world, enum doctor_depth depth)
{
	struct sandbox_problem problem;
	struct findings *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED) {
		finding_missing(world, strerror(errno), "free some memory");
		return;
	}
	*shared = *found;
	fflush(NULL);
	pid = sandbox_try(&problem);
	if (pid == 0) {
		examine_world(shared, &shared->all[world - found->all], depth);
		_exit(0);
	}
	if (pid < 0)
		denial_explain(&problem, world);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (pid > 0 && status == 0)
		*found = *shared;
	else if (pid > 0)
		finding_missing(world, "a world was made, but died while it was examined", "try again");
	munmap(shared, sizeof *shared);
}

static void examine_worlds(struct findings *found, enum doctor_depth depth)
{
	struct finding *world = findings_add(found, "private worlds");
	char problem[LIMITS_TEXT_SIZE], fix[LIMITS_TEXT_SIZE];

	if (access("/proc/self/ns/net", F_OK) != 0)
		finding_missing(world, "/proc is not mounted, or not all of it is there",
		                "sudo mount -t proc proc /proc");
	else if (limits_check_namespaces(problem, fix) != 0 || limits_check_descriptors(problem, fix) != 0)
		finding_missing(world, problem, fix);
	else
		examine_inside(found, world, depth);
}

/* --- programs -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *package;
	bool is_needed;
} programs[] = {
	{ "iptables-restore", "iptables", true },
	{ "iptables", "iptables", true }, /* scenarios change rules with it */
	{ "ip6tables-restore", "iptables", false },
	{ "ipset", "ipset", true },
	{ "nft", "nftables", true },
	{ "conntrack", "conntrack", true },
	{ "ip", "iproute2", false },
	{ "dnsmasq", "dnsmasq-base", false }, /* for worlds that ask for a name server */
};

static void examine_programs(struct findings *found)
{
	char fix[FINDING_TEXT_SIZE];

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct finding *f = findings_add(found, programs[i].name);

		f->is_needed = programs[i].is_needed;
		if (program_path_find(programs[i].name, f->detail, sizeof f->detail) == 0)
			continue;
		snprintf(fix, sizeof fix, "sudo apt-get install -y --no-install-recommends %s", programs[i].package);
		finding_missing(f, "no such program along PATH, /usr/sbin and /sbin", fix);
	}
}

/* Of boxes that map ports; everything else does without. */
static void examine_mapper(struct findings *found)
{
	struct finding *f = findings_add(found, "miniupnpd (upnp, nat-pmp, pcp)");
	char what[MAPPER_PROBLEM_SIZE], fix[MAPPER_PROBLEM_SIZE];
	enum mapper_build build;

	f->is_needed = false;
	if (mapper_find(&build, what, fix) == 0)
		snprintf(f->detail, sizeof f->detail, "%s", what);
	else
		finding_missing(f, what, fix);
}

/* For worlds that ask for a way out. */
static void examine_uplink(struct findings *found)
{
	struct finding *f = findings_add(found, "pasta (--uplink)");
	char what[UPLINK_TEXT_SIZE], fix[UPLINK_TEXT_SIZE];

	f->is_needed = false;
	if (uplink_try(what, fix) == 0)
		snprintf(f->detail, sizeof f->detail, "%s", what);
	else
		finding_missing(f, what, fix);
}

/* --- the output folder ----------------------------------------------------------------------- */

/* The folder itself, or the nearest one above it that exists. */
static void find_existing(const char *folder, char existing[PATH_MAX])
{
	snprintf(existing, PATH_MAX, "%s", folder);
	while (access(existing, F_OK) != 0 && strcmp(existing, ".") != 0 && strcmp(existing, "/") != 0) {
		char *parent = dirname(existing); /* cuts `existing` or is a constant */

		memmove(existing, parent, strlen(parent) + 1);
	}
}

/* Makes a file there and writes into it: a full disk or a read-only one shows at nothing less. Returns 0 or -1 with
 * errno. */
static int try_to_write(const char *folder)
{
	static const char text[4096];
	int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char path[PATH_MAX];
	ssize_t n;

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) { /* a file system without nameless files */
		int len = snprintf(path, sizeof path, "%s/.punchlab-XXXXXX", folder);

		fd = len > 0 && (size_t)len < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		return -1;
	n = write(fd, text, sizeof text);
	close(fd);
	return n == (ssize_t)sizeof text ? 0 : -1;
}

static void examine_folder(struct findings *found, const char *folder)
{
	struct finding *f = findings_add(found, "output folder");
	char existing[PATH_MAX];
	char detail[FINDING_TEXT_SIZE];

	find_existing(folder, existing);
	snprintf(f->detail, sizeof f->detail, "%.200s", folder);
	if (try_to_write(existing) == 0)
		return;
	snprintf(detail, sizeof detail, "cannot write in '%.180s': %s", existing, strerror(errno));
	finding_missing(f, detail,
	                errno == ENOSPC ? "free some space there, or name another folder with --out"
	                                : "name another folder with --out");
}

/* --- all of it ------------------------------------------------------------------------------- */

void doctor_examine(struct findings *found, enum doctor_depth depth, const char *out_folder)
{
	found->count = 0;
	examine_programs(found);
	if (depth == DOCTOR_FULL) {
		examine_mapper(found);
		examine_uplink(found);
	}
	examine_worlds(found, depth);
	if (out_folder != NULL)
		examine_folder(found, out_folder);
}
