#include "world/denial.h"

#include "world/container.h"
#include "world/limits.h"
#include "world/privilege.h"

#include "base/text.h"
#include "io/kernel_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PROFILE "/etc/apparmor.d/punchlab"

/* --- what is there ------------------------------------------------------------------------------ */

static bool is_set_to(const char *sysctl, const char *value)
{
	char text[32];

	return kernel_file_read(sysctl, text, sizeof text) && strcmp(text, value) == 0;
}

/* Whether a mount point of this process is `path` or, with a slash at its end, below it. */
static bool has_mount(const char *path)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t len = strlen(path);
	bool is_folder = len > 1 && path[len - 1] == '/';
	bool has = false;
	char *line = NULL, point[256];
	size_t room = 0;

	while (f != NULL && !has && getline(&line, &room, f) > 0)
		if (sscanf(line, "%*s %*s %*s %*s %255s", point) == 1)
			has = is_folder ? strncmp(point, path, len) == 0 : strcmp(point, path) == 0;
	free(line);
	if (f != NULL)
		fclose(f);
	return has;
}

static bool is_chroot(void)
{
	return !has_mount("/"); /* a root that is no mount; one that is cannot be told from a machine's own */
}

static bool is_filtered_by_seccomp(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
}

static bool is_confined_by_apparmor(void)
{
	char label[128];

	return kernel_file_read("/proc/self/attr/apparmor/current", label, sizeof label) &&
	       strncmp(label, "unconfined", 10) != 0;
}

static bool is_restricted_by_apparmor(void)
{
	return is_set_to("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
}

/* What root would need to do without a user namespace. */
static unsigned lacking(void)
{
	return privilege_lacking() & PRIVILEGE_ANY_WORLD;
}

static bool is_almost_root(void)
{
	return geteuid() == 0 && lacking() != 0 && (lacking() & PRIVILEGE_SYS_ADMIN) == 0;
}

/* Whether something between this process and the machine holds it back, as containers do. */
static bool is_contained(void)
{
	return container_find() != CONTAINER_NONE || is_filtered_by_seccomp() || is_confined_by_apparmor() ||
	       (geteuid() == 0 && lacking() != 0);
}

/* --- what allows it ----------------------------------------------------------------------------- */

/* Root needs a user namespace only for what it lacks. */
static void name_what_is_lacking(struct finding *world)
{
	unsigned set = lacking();
	size_t len = strlen(world->detail);
	struct text t = text_in(world->detail + len, sizeof world->detail - len);

	text_add(&t, "%s", set != 0 ? ", and this root lacks" : "");
	for (unsigned i = 0; i < PRIVILEGES; i++)
		if ((set & 1U << i) != 0)
			text_add(&t, " %s", privilege_name(i));
}

static void allow_by_container(unsigned permissions, struct finding *world)
{
	container_allow(container_find(), permissions, lacking(), world->fix, sizeof world->fix);
}

/* The switch for all programs, or a profile for this one. */
static void allow_by_apparmor(struct finding *world)
{
	char program[160] = "";
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

	snprintf(world->fix, sizeof world->fix,
	         "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; or for this program alone: "
	         "echo 'abi <abi/4.0>, profile punchlab \"%s\" flags=(unconfined) { userns, }' | sudo tee " PROFILE
	         " && sudo apparmor_parser -r " PROFILE,
	         len > 0 ? program : "PATH");
}

/* Of a container's AppArmor profile, and of what it hides of /proc: only where they are. */
static unsigned confinement(void)
{
	return is_confined_by_apparmor() ? CONTAINER_APPARMOR : 0;
}

static unsigned masks(void)
{
	return has_mount("/proc/") ? CONTAINER_PROC : 0;
}

/*
 * Root that lacks capabilities is best given them: then it needs no user namespace, which the container's seccomp
 * profile forbids it; one that has SYS_ADMIN it allows namespaces. Everybody else needs user namespaces, and these a
 * whole /proc.
 */
static void allow_namespaces_by_container(struct finding *world)
{
	if (geteuid() != 0)
		allow_by_container(CONTAINER_SECCOMP | confinement() | masks(), world);
	else if (lacking() == 0)
		allow_by_container(CONTAINER_SECCOMP | confinement(), world);
	else if (is_almost_root())
		allow_by_container(CONTAINER_CAPABILITIES, world);
	else
		allow_by_container(CONTAINER_CAPABILITIES | confinement(), world);
}

static void allow_user_namespaces(struct finding *world)
{
	const char *fix = NULL;

	if (is_chroot())
		fix = "nobody may make user namespaces in a chroot: run the lab as root there, or enter the folder by "
		      "bwrap or systemd-nspawn";
	else if (is_set_to("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		fix = "sudo sysctl -w kernel.unprivileged_userns_clone=1";
	else if (!is_restricted_by_apparmor() && !is_contained())
		fix = "run the lab as root: something forbids user namespaces (a security module?)";
	if (fix != NULL)
		snprintf(world->fix, sizeof world->fix, "%s", fix);
	else if (is_restricted_by_apparmor())
		allow_by_apparmor(world);
	else
		allow_namespaces_by_container(world);
}

/* Root that maps itself into a user namespace needs a capability for that. */
static void allow_ids(struct finding *world)
{
	if (geteuid() != 0 || (privilege_lacking() & PRIVILEGE_SETFCAP) == 0) {
		allow_user_namespaces(world);
		return;
	}
	container_allow(container_find(), CONTAINER_CAPABILITIES, PRIVILEGE_SETFCAP, world->fix, sizeof world->fix);
}

/*
 * A user namespace may have a /proc of its own only where nothing of the one outside is hidden. Root that could mount
 * without one needs it for some capability, and is best given that.
 */
static void allow_proc(struct finding *world)
{
	if (!has_mount("/proc/")) {
		snprintf(world->fix, sizeof world->fix, "sudo mount -t proc proc /proc");
		return;
	}
	snprintf(world->detail + strlen(world->detail), sizeof world->detail - strlen(world->detail),
	         ": parts of /proc are masked");
	if (is_almost_root())
		name_what_is_lacking(world);
	allow_by_container(is_almost_root() ? CONTAINER_CAPABILITIES : CONTAINER_PROC, world);
}

/* EACCES is how a security module refuses, EPERM how a seccomp profile does. */
static void allow_mounts(int error, struct finding *world)
{
	if (is_restricted_by_apparmor() && geteuid() != 0)
		allow_by_apparmor(world);
	else if (error == EACCES)
		allow_by_container(CONTAINER_APPARMOR, world);
	else
		allow_by_container(CONTAINER_SECCOMP | confinement(), world);
}

/* Seccomp profiles that allow everybody namespaces (podman's) may refuse this all the same to who has no SYS_ADMIN. */
static void allow_hosts(struct finding *world)
{
	if (geteuid() != 0 && (is_restricted_by_apparmor() || !is_contained()))
		allow_user_namespaces(world);
	else
		allow_by_container(CONTAINER_SECCOMP | masks(), world);
}

/* --- all of it ---------------------------------------------------------------------------------- */

static void explain_permission(const struct sandbox_problem *problem, struct finding *world)
{
	switch (problem->step) {
	case SANDBOX_NAMESPACES:
	case SANDBOX_LOOPBACK:
	case SANDBOX_PROCESS: allow_user_namespaces(world); return;
	case SANDBOX_PRIVATE_MOUNTS:
	case SANDBOX_RUN: allow_mounts(problem->error, world); return;
	case SANDBOX_IDS: allow_ids(world); return;
	case SANDBOX_HOSTS: allow_hosts(world); return;
	case SANDBOX_PROC: allow_proc(world); return;
	}
}

static const char *other_fix(const struct sandbox_problem *problem)
{
	if (access("/proc/self/ns", F_OK) != 0)
		return "sudo mount -t proc proc /proc";
	if (problem->step == SANDBOX_NAMESPACES && (problem->error == EINVAL || problem->error == ENOSYS))
		return "use a kernel with namespaces (CONFIG_USER_NS, _PID_NS, _NET_NS, _IPC_NS, _UTS_NS)";
	if (problem->error == ENOENT && problem->step == SANDBOX_RUN)
		return "sudo mkdir -p /run";
	return "try again; if it stays so, what this says is new to the lab";
}

void denial_explain(const struct sandbox_problem *problem, struct finding *world)
{
	char text[SANDBOX_TEXT_SIZE];
	char limit[LIMITS_TEXT_SIZE];

	finding_missing(world, sandbox_describe(problem, text), "");
	if (limits_fix(problem->error, NULL, limit) != NULL) {
		snprintf(world->fix, sizeof world->fix, "%s", limit);
	} else if (problem->error == EPERM || problem->error == EACCES) {
		if (geteuid() == 0 && problem->step == SANDBOX_NAMESPACES)
			name_what_is_lacking(world);
		explain_permission(problem, world);
	} else {
		snprintf(world->fix, sizeof world->fix, "%s", other_fix(problem));
	}
}
