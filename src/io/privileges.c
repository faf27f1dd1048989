#include "io/privileges.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The library for this (libseccomp) is for filters that look at arguments, on any processor; ours is a list of numbers.
 */

#if defined __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

void privileges_give_up(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#if defined OUR_ARCH && !defined SANITIZED

/* The frequent ones first: a filter is gone through from the start, where the kernel remembers nothing of it. */
static const uint32_t always[] = {
	SYS_recvmmsg,       SYS_sendmmsg,     SYS_recvfrom,        SYS_sendto,    SYS_ppoll,
	SYS_clock_gettime, /* where the vDSO has no clock */
	SYS_read,           SYS_write,        SYS_writev,          SYS_recvmsg,   SYS_sendmsg,
	SYS_accept4,        SYS_close,        SYS_shutdown,        SYS_fcntl,     SYS_getsockopt,
	SYS_setsockopt,     SYS_getsockname,  SYS_getpeername,     SYS_getrandom, SYS_brk, /* memory */
	SYS_mmap,           SYS_munmap,       SYS_mremap,          SYS_mprotect,  SYS_madvise,
	SYS_futex,          SYS_rt_sigaction, /* signals, and the end */
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall, SYS_getpid,    SYS_gettid,
	SYS_tgkill,         SYS_exit,         SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_accept
	SYS_accept,
#endif
};

static const uint32_t with_files[] = {
	SYS_socket, /* more sockets, of a resolver too */
	SYS_bind,
	SYS_connect,
	SYS_ioctl, /* of the terminal, too */
	SYS_openat,
	SYS_lseek,
	SYS_fsync,
	SYS_ftruncate,
	SYS_fchmod,
	SYS_flock,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_mkdirat,
	SYS_unlinkat,
	SYS_linkat,
	SYS_renameat, /* what rename() is where there is no call of that name */
	SYS_renameat2,
	SYS_faccessat,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_pread64,
	SYS_clone, /* who looks a name up, and its end */
	SYS_set_robust_list,
	SYS_prlimit64,
	SYS_prctl,
	SYS_pipe2,
	SYS_wait4,
	SYS_kill,
	SYS_getppid,
	SYS_getuid, /* whose files these are */
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_uname,
	SYS_sysinfo,
	SYS_clock_nanosleep,
	SYS_clock_getres,
	SYS_dup3,
	SYS_tgkill,
#ifdef SYS_open /* what old processors have beside these */
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_mkdir,
	SYS_unlink,
	SYS_link,
	SYS_rename,
	SYS_readlink,
	SYS_chmod,
	SYS_pipe,
	SYS_dup2,
#endif
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_rseq
	SYS_rseq,
#endif
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct filter {
	struct sock_filter lines[8 + 2 * (COUNT(always) + COUNT(with_files))];
	unsigned short count;
};

static void add(struct filter *f, struct sock_filter line)
{
	f->lines[f->count++] = line;
}

static void allow(struct filter *f, const uint32_t *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1));
		add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	}
}

/* Calls of another kind (32 bits on a 64-bit processor) have other numbers: none of them is allowed. */
static void begin(struct filter *f)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
	add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
}

void privileges_confine(enum privileges_kept kept)
{
	struct filter f = { .count = 0 };
	struct sock_fprog program = { .filter = f.lines };

	begin(&f);
	allow(&f, always, COUNT(always));
	if (kept == PRIVILEGES_FILES_TOO)
		allow(&f, with_files, COUNT(with_files));
	add(&f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	program.len = f.count;
	privileges_give_up();
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

#else

void privileges_confine(enum privileges_kept kept)
{
	(void)kept;
	privileges_give_up();
}

#endif
