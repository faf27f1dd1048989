/*
 * How a standing world is found: an abstract unix socket "punchlab/UID/NAME", which is no file and is gone with the
 * process that holds it. Who connects as the same user (or root) is told about the world in one JSON object and nothing
 * else. Anybody can take any such name: so it counts only if it is held by a process of this very user.
 */
#ifndef WORLD_SOCKET_H
#define WORLD_SOCKET_H

#include <jansson.h>
#include <sys/types.h>

#define WORLD_SOCKET_NAME_SIZE 40

/* True for 1 to 39 letters, digits, "-", "_" and ".". */
int world_socket_is_name(const char *name);

/*
 * Takes the name. Returns a descriptor that is readable when somebody asks, or -1 with errno: EADDRINUSE if a world of
 * this user has it, EPERM if somebody else holds it.
 */
int world_socket_open(const char *name) __attribute__((warn_unused_result));

/* Answers whoever asks now. */
void world_socket_answer(int fd, const json_t *about);

/* Calls with the name of each standing world of this user, in the order of their names. */
void world_socket_list(void (*found)(void *argument, const char *name), void *argument);

/* Asks the world of that name. A new reference, or NULL if there is none or it is not this user's. */
json_t *world_socket_ask(const char *name) __attribute__((warn_unused_result));

#endif
