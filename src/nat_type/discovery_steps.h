/*
 * The steps of a discovery, in their order, and what discovery.c offers them. Internal to discovery. Pure.
 */
#ifndef DISCOVERY_STEPS_H
#define DISCOVERY_STEPS_H

#include "nat_type/discovery.h"

#define DISCOVERY_SENDS 4 /* where silence says something, four losses in a row must be unlikely */

/* One step: the sockets it needs, its questions (at most DISCOVERY_HANDLES), and what is kept of the answers. */
struct discovery_step {
	void (*want)(struct discovery *s);
	void (*ask)(struct discovery *s, uint64_t now_ms);
	void (*conclude)(struct discovery *s);
};

extern const struct discovery_step discovery_steps[];
extern const size_t discovery_step_count;

#define DISCOVERY_ROUND_STEP 3 /* where each round begins */

/* The next questions need this socket, bound to port `wish` if that is free (0: any); these `count` sockets from
 * `first`. */
void discovery_want(struct discovery *s, uint16_t socket, uint16_t wish);
void discovery_want_many(struct discovery *s, uint16_t first, uint16_t count);

/* A Binding request without more, to the server as it was named. */
struct stun_question discovery_plain(const struct discovery *s, uint16_t socket);

/* Asks; keeps the place of a question that has no use here, so that the others keep their numbers. */
void discovery_ask(struct discovery *s, const struct stun_question *q, uint64_t now_ms);
void discovery_ask_plain(struct discovery *s, uint16_t socket, uint64_t now_ms);
void discovery_ask_nothing(struct discovery *s);

/* The answer to the step's i-th question; STUN_UNASKED if it is not there or not there yet. */
struct stun_answer discovery_answer(const struct discovery *s, size_t i);

#endif
