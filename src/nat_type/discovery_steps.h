/*
 * The steps of a survey, in their order, and what survey.c offers them. Internal to survey. Pure.
 */
#ifndef DISCOVERY_STEPS_H
#define DISCOVERY_STEPS_H

#include "nat_type/discovery.h"

#define SURVEY_SENDS 4 /* where silence says something, four losses in a row must be unlikely */

/* One step: the sockets it needs, its questions (at most SURVEY_HANDLES), and what is kept of the answers. */
struct survey_step {
	void (*want)(struct survey *s);
	void (*ask)(struct survey *s, uint64_t now_ms);
	void (*conclude)(struct survey *s);
};

extern const struct survey_step survey_steps[];
extern const size_t survey_step_count;

/* The next questions need this socket, bound to port `wish` if that is free (0: any); these `count` sockets from
 * `first`. */
void survey_want(struct survey *s, uint16_t socket, uint16_t wish);
void survey_want_many(struct survey *s, uint16_t first, uint16_t count);

/* A Binding request without more, to the server as it was named. */
struct stun_question survey_plain(const struct survey *s, uint16_t socket);

/* Asks; keeps the place of a question that has no use here, so that the others keep their numbers. */
void survey_ask(struct survey *s, const struct stun_question *q, uint64_t now_ms);
void survey_ask_plain(struct survey *s, uint16_t socket, uint64_t now_ms);
void survey_ask_nothing(struct survey *s);

/* The answer to the step's i-th question; STUN_UNASKED if it is not there or not there yet. */
struct stun_answer survey_answer(const struct survey *s, size_t i);

#endif
