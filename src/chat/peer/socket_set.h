/*
 * The sockets beside the first that a client wants, by number. The program opens and closes them after every call; the
 * state machines only say which they want, and why a number's socket is to be a new one: none is used twice soon. Pure.
 */
#ifndef SOCKET_SET_H
#define SOCKET_SET_H

#include <stdbool.h>
#include <stdint.h>

#define SOCKET_SET_MAX 320 /* one birthday of 256, and some for measuring */

/*
 * The number of the client's first socket of the other address family than its server's, where it has one; 0 is that of
 * the server's. Open as long as the program runs, like that; neither is in the set.
 */
#define SOCKET_SET_OTHER_FAMILY (SOCKET_SET_MAX + 1)

struct socket_set {
	struct {
		const void *owner;  /* NULL: nobody wants it */
		uint16_t port;      /* its local port; 0 until it is open */
	} list[SOCKET_SET_MAX + 1]; /* number 0 is the client's first, and none of these */
	uint16_t last;              /* taken */
	uint16_t end;               /* numbers from here on were never wanted */
};

/* A new socket for that owner; 0 if there is none left. */
uint16_t socket_set_take(struct socket_set *s, const void *owner);

/* It is another owner's from now on. */
void socket_set_hand_over(struct socket_set *s, uint16_t number, const void *owner);

/* The owner wants none of its sockets any more, but `keep` (0 for none). */
void socket_set_release(struct socket_set *s, const void *owner, uint16_t keep);

bool socket_set_wants(const struct socket_set *s, uint16_t number);

/* The local port of an open socket, else 0. */
uint16_t socket_set_port(const struct socket_set *s, uint16_t number);

/* The program has opened it; port 0: it could not. */
void socket_set_opened(struct socket_set *s, uint16_t number, uint16_t port);

#endif
