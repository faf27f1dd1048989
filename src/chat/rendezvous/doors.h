/*
 * The server's own addresses that peers talk to, each with a number: a peer is to hear from the one it speaks to, and a
 * number takes less room than an address. Pure; part of roster.
 */
#ifndef DOORS_H
#define DOORS_H

#include "base/endpoint.h"

#define DOORS_MAX 64u /* of them one for each family is "any address" */

struct doors {
	struct endpoint list[DOORS_MAX];
	uint8_t count;
};

/*
 * The number of that address and port. If there are too many of them, that of "any" of the same family and port: the
 * route then says which it is.
 */
uint8_t doors_number(struct doors *d, const struct endpoint *local);

#endif
