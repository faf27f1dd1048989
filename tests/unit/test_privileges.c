/* What a confined program can still do, and what not: each tried in a child, as it is for good. */
#include "io/privileges.h"

#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#define CONFINES false /* a sanitizer calls what it likes: nothing is forbidden there */
#else
#define CONFINES true
#endif

enum { DONE, REFUSED, OTHERWISE };

static int outcome(bool done)
{
	return done ? DONE : errno == EPERM ? REFUSED : OTHERWISE;
}

static int opens_a_file(void)
{
	return outcome(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
}

static int opens_a_socket(void)
{
	return outcome(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
}

/* No such files: to be told so is to be let through. By the call that aarch64's rename() is, too. */
static int renames_a_file(void)
{
	bool asked = rename("", "") != 0 && errno == ENOENT;

	return outcome(asked && syscall(SYS_renameat, AT_FDCWD, "", AT_FDCWD, "") != 0 && errno == ENOENT);
}

static int forks(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return outcome(child > 0 && waitpid(child, NULL, 0) == child);
}

static int runs_a_program(void)
{
	char *const words[] = { (char[]){ "true" }, NULL };

	execv("/bin/true", words); /* its exit status would be DONE */
	return outcome(false);
}

static int looks_into_another(void)
{
	return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static int talks(void)
{
	int ends[2] = { -1, -1 };
	char byte = 'x';
	bool done = read(0, &byte, 0) == 0 && write(1, &byte, 0) == 0 && close(ends[0]) != 0;
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(done && memory != MAP_FAILED && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0);
}

static int confined(enum privileges_kept kept, int (*act)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		privileges_confine(kept);
		_exit(act());
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
	CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What the kernel here does not filter at all must not look as if it were forbidden. */
static int forbidden(void)
{
	return CONFINES ? REFUSED : DONE;
}

static void a_server_has_the_sockets_it_has(void)
{
	CU_ASSERT_EQUAL(confined(PRIVILEGES_SOCKETS_OPEN, opens_a_file), forbidden());
	CU_ASSERT_EQUAL(confined(PRIVILEGES_SOCKETS_OPEN, opens_a_socket), forbidden());
	CU_ASSERT_EQUAL(confined(PRIVILEGES_SOCKETS_OPEN, forks), forbidden());
	CU_ASSERT_EQUAL(confined(PRIVILEGES_SOCKETS_OPEN, runs_a_program), forbidden());
	CU_ASSERT_EQUAL(confined(PRIVILEGES_SOCKETS_OPEN, talks), DONE);
}

static void a_client_opens_files_but_runs_nothing(void)
{
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, opens_a_file), DONE);
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, renames_a_file), DONE);
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, opens_a_socket), DONE);
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, forks), DONE);
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, talks), DONE);
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, runs_a_program), forbidden());
	CU_ASSERT_EQUAL(confined(PRIVILEGES_FILES_TOO, looks_into_another), forbidden());
}

SUITE(privileges, TEST(a_server_has_the_sockets_it_has), TEST(a_client_opens_files_but_runs_nothing))
