/*
 * deny WHAT COMMAND...: runs a command that the kernel denies something, by a seccomp filter. For tests/cli/doctor.sh.
 *
 *   user-namespaces  clone and unshare of user namespaces (EPERM): what a sysctl or a security module does
 *   namespaces       of all kinds, and mounting: the standard profile of containers without SYS_ADMIN
 *   mounts           mounting (EACCES): the standard AppArmor profile of containers
 *   hosts            entering namespaces and naming hosts: podman's standard profile without SYS_ADMIN
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_NAMESPACES                                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Flags are looked for in the low half of the first argument, both of clone and of unshare. */
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IS(number, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), then, otherwise)
#define HAS(flags, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (flags), then, otherwise)
#define REFUSE(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int filter(unsigned flags, int mount_error, bool denies_hosts)
{
	struct sock_filter code[] = {
		LOAD(nr),
		IS(SYS_clone3, 7, 0), /* its flags are out of a filter's sight: glibc then takes clone */
		IS(SYS_mount, 7, 0),
		IS(SYS_setns, 7, 0),
		IS(SYS_sethostname, 6, 0),
		IS(SYS_clone, 1, 0),
		IS(SYS_unshare, 0, 6),
		LOAD(args[0]),
		HAS(flags, 3, 4),
		REFUSE(ENOSYS),
		REFUSE((unsigned)mount_error),
		denies_hosts ? (struct sock_filter)REFUSE(EPERM) : (struct sock_filter)ALLOW,
		REFUSE(EPERM),
		ALLOW,
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	if (mount_error == 0)
		code[10] = (struct sock_filter)ALLOW;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) : -1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		unsigned flags;
		int mount_error;
		bool denies_hosts;
	} kinds[] = {
		{ "user-namespaces", CLONE_NEWUSER, 0, false },
		{ "namespaces", ALL_NAMESPACES, EPERM, false },
		{ "mounts", 0, EACCES, false },
		{ "hosts", 0, 0, true },
	};

	for (size_t i = 0; argc > 2 && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		if (filter(kinds[i].flags, kinds[i].mount_error, kinds[i].denies_hosts) == 0)
			execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 126;
	}
	fprintf(stderr, "usage: deny user-namespaces|namespaces|mounts|hosts COMMAND...\n");
	return 2;
}
