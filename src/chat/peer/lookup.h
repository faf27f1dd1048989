/*
 * Where somebody is who has a name, or a run of a program without one whose exchange key is known: the server is asked.
 * One at a time. Pure; part of peer.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "chat/peer/login.h"

enum lookup_state { LOOKUP_NONE, LOOKUP_ASKING, LOOKUP_FOUND, LOOKUP_FAILED };

struct lookup {
	enum lookup_state state;
	uint8_t name[NAME_SIZE];    /* all zero: by the key */
	uint8_t key[CARD_KEY_SIZE]; /* exchange key */
	struct endpoint who;        /* once it is found */
	enum reason reason;         /* once it has failed */
	uint32_t serial;
	uint64_t deadline_us; /* UINT64_MAX while a login is under way */
	struct retry retry;
};

/* Asks; what was asked before is forgotten. The clock of the time-out runs unless a login has to come first. */
void lookup_ask(struct lookup *l, const uint8_t name[NAME_SIZE], uint32_t serial, bool clock_runs, uint64_t now_us);

/* The same for who has no name. */
void lookup_ask_key(struct lookup *l, const uint8_t key[CARD_KEY_SIZE], uint32_t serial, bool clock_runs,
                    uint64_t now_us);

/* The login that it waited for is done. */
void lookup_start_clock(struct lookup *l, uint64_t now_us);

/* It comes to nothing, if it is under way. */
void lookup_fail(struct lookup *l, enum reason reason);

/* The answer came. */
void lookup_receive(struct lookup *l, struct effects *fx, const struct wire_message *m);

void lookup_tick(struct lookup *l, struct effects *fx, const struct login *login, uint64_t now_us);
uint64_t lookup_deadline(const struct lookup *l, const struct login *login);

#endif
