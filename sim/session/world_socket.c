#include "session/world_socket.h"

#include "io/clock.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 2000 /* a runner that does not answer in that time is as good as gone */
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

/* Abstract: the first byte is zero and the length counts. */
static socklen_t make_address(const char *name, struct sockaddr_un *sa)
{
	int len;

	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	len = snprintf(sa->sun_path + 1, sizeof sa->sun_path - 1, "punchlab/%u/%s", (unsigned)geteuid(), name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static bool peer_uid(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	*uid = peer.uid;
	return true;
}

/* Who asks may be root, too. */
static bool may_ask(int fd)
{
	uid_t uid;

	return peer_uid(fd, &uid) && (uid == geteuid() || uid == 0);
}

/* A connection to whoever holds the name, if that is this user; else -1. */
static int connect_to(const char *name)
{
	struct sockaddr_un sa;
	socklen_t len = make_address(name, &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uid_t uid;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) == 0 && peer_uid(fd, &uid) && uid == geteuid())
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
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
	struct sockaddr_un sa;
	socklen_t len = make_address(name, &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 16) == 0)
		return fd;
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved == EADDRINUSE && !is_own(name) ? EPERM : saved;
	}
	return -1;
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

static ssize_t read_answer(int fd, char *text, size_t room)
{
	uint64_t deadline = clock_now_ms() + ANSWER_MS;
	size_t len = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = clock_now_ms();
		ssize_t got;

		if (len == room || now >= deadline || poll(&p, 1, (int)(deadline - now)) <= 0)
			return -1;
		got = recv(fd, text + len, room - len, 0);
		if (got == 0)
			return (ssize_t)len;
		if (got > 0)
			len += (size_t)got;
		else if (errno != EAGAIN && errno != EINTR)
			return -1;
	}
}

json_t *world_socket_ask(const char *name)
{
	int fd = connect_to(name);
	char *text = malloc(ANSWER_SIZE);
	json_t *answer = NULL;

	if (fd >= 0 && text != NULL) {
		ssize_t got = read_answer(fd, text, ANSWER_SIZE);

		if (got > 0)
			answer = json_loadb(text, (size_t)got, 0, NULL);
	}
	free(text);
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
