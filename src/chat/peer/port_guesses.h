/*
 * Which ports to try, one after the other, where the peer's is not known: those around the middle of a range, nearest
 * first, or any, in an order that hits no port twice. Pure.
 */
#ifndef PORT_GUESSES_H
#define PORT_GUESSES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Of 64,512 ports so many guesses miss all of 256 with a probability of 0.05 %; at one every 5 ms they fill a punch of
 * 10 s. More would be a port scan.
 */
#define PORT_GUESSES_MAX 1900

struct port_guesses {
	uint16_t first; /* of the range */
	uint32_t span;  /* its length; 0: nothing to guess */
	uint32_t count; /* guesses to make, in all */
	uint32_t made;
	uint32_t start, stride; /* of those anywhere; stride 0 for a range */
};

/* The ports of a range, those in the middle if there are too many. */
void port_guesses_in(struct port_guesses *g, uint16_t first, uint16_t span);

/* Any port from 1024 on, spread evenly; `dice` is random, and says which is the first. */
void port_guesses_anywhere(struct port_guesses *g, uint32_t dice);

/* The next one; false if there is none left. */
bool port_guesses_next(struct port_guesses *g, uint16_t *port);

/* True if that port was guessed already. */
bool port_guesses_made(const struct port_guesses *g, uint16_t port);

#endif
