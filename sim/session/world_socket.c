#include "session/world_socket.h"

#include "session/local_socket.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 10000 /* a runner that does not answer in that time is as good as gone */
#define ANSWER_SIZE 65536
#define WORLDS_MAX 256

int world_socket_is_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!isascii((unsigned char)name[i]) ||
		    (!isalnum((unsigned char)name[i]) && strchr("-_.", name[i]) == NULL))
			return 0;
	return len > 0 && len < WORLD_SOCKET_NAME_SIZE;
}

#define ADDRESS_SIZE (WORLD_SOCKET_NAME_SIZE + 32)

static const char *address_of(const char *name, char address[ADDRESS_SIZE])
{
	snprintf(address, ADDRESS_SIZE, "punchlab/%u/%s", (unsigned)geteuid(), name);
	return address;
}

/* Who asks may be root, too. */
static bool may_ask(int fd)
{
	uid_t uid = local_socket_peer(fd);

	return uid == geteuid() || uid == 0;
}

/* A connection to whoever holds the name, if that is this user; else -1. */
static int connect_to(const char *name)
{
	char address[ADDRESS_SIZE];

	return local_socket_connect(address_of(name, address));
}

static bool is_own(const char *name)
{
	int fd = connect_to(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int world_socket_open(const char *name)
{
	char address[ADDRESS_SIZE];
	int fd = local_socket_listen(address_of(name, address));

	if (fd < 0 && errno == EADDRINUSE)
		errno = is_own(name) ? EADDRINUSE : EPERM;
	return fd;
}

void world_socket_answer(int fd, const json_t *about)
{
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char *text;

	if (client < 0)
		return;
	text = may_ask(client) ? json_dumps(about, JSON_COMPACT) : NULL;
	/* Fits the socket's buffer; whoever does not read it harms only himself. */
	if (text != NULL && send(client, text, strlen(text), MSG_NOSIGNAL) < 0)
		errno = 0;
	free(text);
	close(client);
}

json_t *world_socket_ask(const char *name)
{
	int fd = connect_to(name);
	json_t *answer = fd >= 0 ? local_socket_read(fd, ANSWER_SIZE, ANSWER_MS) : NULL;

	if (fd >= 0)
		close(fd);
	return answer;
}

/* --- the list ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The world's name in a line of /proc/net/unix, where "@" stands for the zero byte; false if it is none of ours. */
static bool read_name(const char *line, char name[WORLD_SOCKET_NAME_SIZE])
{
	char lead[64];
	const char *at = strchr(line, '@');
	size_t len = (size_t)snprintf(lead, sizeof lead, "@punchlab/%u/", (unsigned)geteuid());

	if (at == NULL || strncmp(at, lead, len) != 0)
		return false;
	snprintf(name, WORLD_SOCKET_NAME_SIZE, "%s", at + len);
	name[strcspn(name, "\n")] = '\0';
	return world_socket_is_name(name) != 0;
}

void world_socket_list(void (*found)(void *argument, const char *name), void *argument)
{
	char(*names)[WORLD_SOCKET_NAME_SIZE] = calloc(WORLDS_MAX, WORLD_SOCKET_NAME_SIZE);
	FILE *in = fopen("/proc/net/unix", "re");
	char line[512];
	size_t count = 0;

	while (in != NULL && names != NULL && count < WORLDS_MAX && fgets(line, sizeof line, in) != NULL)
		count += read_name(line, names[count]);
	if (names != NULL)
		qsort(names, count, WORLD_SOCKET_NAME_SIZE, by_name);
	for (size_t i = 0; i < count; i++) /* a connection has a line of its own with the same name */
		if ((i == 0 || strcmp(names[i], names[i - 1]) != 0) && is_own(names[i]))
			found(argument, names[i]);
	if (in != NULL)
		fclose(in);
	free(names);
}
