/* The list of who is logged in, fetched from the server page by page. Pure; part of peer. */
#ifndef LISTING_H
#define LISTING_H

#include "chat/peer/login.h"

#define LISTING_WAITING_MAX 16
#define LISTING_PATTERN_SIZE 64 /* with a final zero */

struct listing {
	uint32_t wanted;                                          /* how many times it was asked for and not answered */
	uint32_t serial;                                          /* of the requests for this list */
	uint32_t start;                                           /* of the page being fetched */
	uint32_t count;                                           /* peers shown so far */
	char patterns[LISTING_WAITING_MAX][LISTING_PATTERN_SIZE]; /* of what is wanted, this list's first */
	uint64_t deadline_us; /* of the page; UINT64_MAX while a login is under way */
	struct retry retry;
};

/*
 * Asks for the list of those whose name or address matches the pattern, in which * is anything and ? one character;
 * "" is everybody. They match by what they look like (see name.h). A list under way is followed by another. The clock
 * of the time-out runs unless a login has to come first. Returns false if LISTING_WAITING_MAX are waiting already.
 */
bool listing_ask(struct listing *l, const char *pattern, bool clock_runs, uint64_t now_us);

/* The login that the list waited for is done. */
void listing_start_clock(struct listing *l, uint64_t now_us);

/* Every list asked for has failed, for that reason. */
void listing_fail(struct listing *l, struct effects *fx, enum reason reason);

/* A page came. */
void listing_receive(struct listing *l, struct effects *fx, const struct login *login, const struct wire_message *m,
                     uint64_t now_us);

void listing_tick(struct listing *l, struct effects *fx, const struct login *login, uint64_t now_us);
uint64_t listing_deadline(const struct listing *l, const struct login *login);

#endif
