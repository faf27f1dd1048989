#include "session/world_calls.h"

#include "io/clock.h"
#include "io/log.h"
#include "script/script_call.h"

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

#define REQUEST_SIZE 65536
#define ANSWER_SIZE (16u << 20)
#define REQUEST_MS 2000   /* in the world, which stands still meanwhile */
#define ANSWER_MS 3660000 /* a call may wait for an hour (script_check_deadline()) */

/* Abstract: the first byte is zero and the length counts. */
static socklen_t make_address(long pid, struct sockaddr_un *sa)
{
	int len;

	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	len = snprintf(sa->sun_path + 1, sizeof sa->sun_path - 1, "punchlab-calls/%ld", pid);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static bool is_own_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

int world_calls_open(void)
{
	struct sockaddr_un sa;
	socklen_t len = make_address(getpid(), &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || (bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 16) == 0))
		return fd;
	close(fd);
	return -1;
}

/* Everything the other side sends, as JSON; NULL when that is none, or did not come in time. */
static json_t *read_json(int fd, size_t size, uint64_t limit_ms)
{
	uint64_t deadline = clock_now_ms() + limit_ms, now;
	char *text = malloc(size);
	json_t *value = NULL;
	size_t len = 0;

	while (text != NULL && len < size && (now = clock_now_ms()) < deadline) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got = poll(&p, 1, (int)(deadline - now)) > 0 ? recv(fd, text + len, size - len, 0) : -1;

		if (got > 0)
			len += (size_t)got;
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	value = text != NULL ? json_loadb(text, len, 0, NULL) : NULL;
	free(text);
	return value;
}

/* False where the other side does not take it all. */
static bool write_json(int fd, const json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
	size_t left = text != NULL ? strlen(text) : 0;
	const char *from = text;
	ssize_t sent = -1;

	while (left > 0 && (sent = send(fd, from, left, MSG_NOSIGNAL)) > 0) {
		from += sent;
		left -= (size_t)sent;
	}
	free(text);
	return sent > 0;
}

void world_calls_answer(int fd, struct script *script, struct lab *lab)
{
	struct timeval limit = { .tv_sec = REQUEST_MS / 1000 };
	int caller = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	json_t *request, *answer;

	if (caller < 0)
		return;
	setsockopt(caller, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (!is_own_user(caller)) { /* who is not waited for either */
		close(caller);
		return;
	}
	request = read_json(caller, REQUEST_SIZE, REQUEST_MS);
	answer = request != NULL ? script_call(script, lab, request) : json_pack("{s:s}", "error", "no JSON was sent");
	if (!write_json(caller, answer))
		log_debug("who called the world is gone");
	json_decref(answer);
	json_decref(request);
	close(caller);
}

static json_t *ask(long pid, const json_t *request)
{
	struct sockaddr_un sa;
	socklen_t len = make_address(pid, &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	json_t *answer = NULL;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) == 0 && is_own_user(fd) && write_json(fd, request) &&
	    shutdown(fd, SHUT_WR) == 0)
		answer = read_json(fd, ANSWER_SIZE, ANSWER_MS);
	if (fd >= 0)
		close(fd);
	return answer;
}

json_t *world_call(const json_t *about, const char *on, const char *name, json_t *arguments)
{
	json_t *request = json_pack("{s:s,s:s,s:o}", "on", on, "call", name, "args", arguments);
	json_t *answer = ask((long)json_integer_value(json_object_get(about, "pid")), request);
	json_t *result = json_incref(json_object_get(answer, "result"));
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (result == NULL)
		log_error("%s", error != NULL ? error : "the world does not answer; it is ending, or another user's");
	json_decref(answer);
	json_decref(request);
	return result;
}
