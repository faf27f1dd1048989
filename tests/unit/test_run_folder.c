#include "result/run_folder.h"

#include "suite.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

/* A folder that anyone may write to. */
static void make_folder(const char *top, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", top, name);
	CU_ASSERT_EQUAL(mkdir(path, 0777), 0);
	CU_ASSERT_EQUAL(chmod(path, 0777), 0);
}

/* A folder with a/b/file in it. */
static void make_tree(char top[64])
{
	char path[PATH_MAX];
	int fd;

	snprintf(top, 64, "/tmp/punchlab-folder-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(top));
	CU_ASSERT_EQUAL(chmod(top, 0777), 0);
	make_folder(top, "a");
	make_folder(top, "a/b");
	snprintf(path, sizeof path, "%s/a/b/file", top);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	CU_ASSERT(fd >= 0);
	close(fd);
}

static void is_removed_with_all_in_it(void)
{
	char top[64], outside[64], path[PATH_MAX];

	make_tree(outside);
	make_tree(top);
	snprintf(path, sizeof path, "%s/a/b/link", top);
	CU_ASSERT_EQUAL(symlink(outside, path), 0);
	run_folder_remove(top);
	CU_ASSERT_NOT_EQUAL(access(top, F_OK), 0);
	snprintf(path, sizeof path, "%s/a/b/file", outside); /* what a link leads to stays */
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	run_folder_remove(outside);
}

/* What run_folder_remove() logs. */
static void remove_logged(const char *top, char said[512])
{
	int log = memfd_create("log", MFD_CLOEXEC), standard_error = dup(STDERR_FILENO);
	ssize_t got;

	CU_ASSERT_FATAL(log >= 0 && standard_error >= 0);
	CU_ASSERT(dup2(log, STDERR_FILENO) >= 0);
	run_folder_remove(top);
	CU_ASSERT(dup2(standard_error, STDERR_FILENO) >= 0);
	got = pread(log, said, 511, 0);
	said[got > 0 ? got : 0] = '\0';
	close(standard_error);
	close(log);
}

static void what_stays_is_told(void)
{
	char top[64], path[PATH_MAX], said[512];

	make_tree(top);
	snprintf(path, sizeof path, "%s/a/b", top);
	CU_ASSERT_EQUAL(chmod(path, 0555), 0);
	setfsuid(NOBODY); /* root could write there all the same; others stay who they are */
	remove_logged(top, said);
	setfsuid(geteuid());
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "/a/b/file could not be removed: Permission denied\n"));
	CU_ASSERT_PTR_EQUAL(strchr(said, '\n'), said + strlen(said) - 1);
	CU_ASSERT_EQUAL(chmod(path, 0777), 0);
	run_folder_remove(top);
	CU_ASSERT_NOT_EQUAL(access(top, F_OK), 0);
}

SUITE(run_folder, TEST(is_removed_with_all_in_it), TEST(what_stays_is_told))
