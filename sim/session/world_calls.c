#include "session/world_calls.h"

#include "io/log.h"
#include "script/script_call.h"
#include "session/local_socket.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_SIZE 65536
#define ANSWER_SIZE (16u << 20)
#define REQUEST_MS 10000  /* in the world, which stands still meanwhile; a caller may have to wait for a turn */
#define ANSWER_MS 3660000 /* a call may wait for an hour (script_check_deadline()) */

#define NAME_SIZE 64

static const char *name_of(long pid, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "punchlab-calls/%ld", pid);
	return name;
}

int world_calls_open(void)
{
	char name[NAME_SIZE];

	return local_socket_listen(name_of(getpid(), name));
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
	if (local_socket_peer(caller) != geteuid()) { /* who is not waited for either */
		close(caller);
		return;
	}
	request = local_socket_read(caller, REQUEST_SIZE, REQUEST_MS);
	answer = request != NULL ? script_call(script, lab, request) : json_pack("{s:s}", "error", "no JSON was sent");
	if (!write_json(caller, answer))
		log_debug("who called the world is gone");
	json_decref(answer);
	json_decref(request);
	close(caller);
}

static json_t *ask(long pid, const json_t *request)
{
	char name[NAME_SIZE];
	int fd = local_socket_connect(name_of(pid, name));
	json_t *answer = NULL;

	if (fd >= 0 && write_json(fd, request) && shutdown(fd, SHUT_WR) == 0)
		answer = local_socket_read(fd, ANSWER_SIZE, ANSWER_MS);
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
