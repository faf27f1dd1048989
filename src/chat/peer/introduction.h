/*
 * How a path begins: asking the server for an introduction, and being introduced, by one's own request, by the peer's,
 * or by both. Pure; part of path.
 */
#ifndef INTRODUCTION_H
#define INTRODUCTION_H

#include "chat/peer/path.h"

/* Asks for an introduction; the caller sends the requests introduction_is_due() tells of. */
void introduction_ask(struct path *p, const struct endpoint *peer, uint32_t request, bool by_user);

/* The clock of introduction_ask() runs from now on (it does not while a login is under way). */
void introduction_start_clock(struct path *p, const struct path_times *times, uint64_t now_us);

/* The server knows nobody there; who may be back soon is asked for until then, at a slower pace. */
void introduction_wait(struct path *p, uint64_t until_us, uint64_t now_us);

/* True if the request for an introduction is to be sent now (again). */
bool introduction_is_due(struct path *p, uint64_t now_us);

/*
 * True if an introduction tells that the open path is of a life that is over: who is at the peer's address has logged
 * in anew, and may be somebody else. The caller ends the path, and with it what is on its way there, before it goes on.
 */
bool introduction_ends_path(const struct path *p, const struct wire_message *m);

/* The server introduced us. `p` is ours for m->who, or one that is free. */
void introduction_receive(struct path *p, struct effects *fx, const struct path_times *times,
                          const struct wire_message *m, uint64_t now_us);

/* When introduction_is_due() will want one, UINT64_MAX for never. */
uint64_t introduction_deadline(const struct path *p);

#endif
