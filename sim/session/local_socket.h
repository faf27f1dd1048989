/*
 * Abstract unix sockets of standing worlds: names that no file stands for, between processes of one user. What is said
 * is a JSON value, then the end of what is sent.
 */
#ifndef LOCAL_SOCKET_H
#define LOCAL_SOCKET_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket of that name that is listened to and does not block; -1 with errno. */
int local_socket_listen(const char *name);

/* A connection to whoever listens at that name, if that is this user; else -1. */
int local_socket_connect(const char *name);

/* Whose the process at the other end is; -1 if that is not told. */
uid_t local_socket_peer(int fd);

/* Everything the other side sends, up to `size` bytes; NULL when that is no JSON, or did not come within `limit_ms`. */
json_t *local_socket_read(int fd, size_t size, uint64_t limit_ms) __attribute__((warn_unused_result));

#endif
