/*
 * Linked into punchlab's ASan build. The leak checker stops the process's threads by a helper it makes with clone();
 * where the process has joined another PID namespace for its children (punchlab exec), that helper cannot see them and
 * tries for ever. There, and only there, leaks are not looked for.
 */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int __lsan_is_turned_off(void); // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static bool read_namespace(const char *path, char name[64])
{
	ssize_t len = readlink(path, name, 63);

	name[len > 0 ? len : 0] = '\0';
	return len > 0;
}

int __lsan_is_turned_off(void) // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
{
	char own[64], childrens[64];

	return !read_namespace("/proc/self/ns/pid", own) ||
	       !read_namespace("/proc/self/ns/pid_for_children", childrens) || strcmp(own, childrens) != 0;
}
