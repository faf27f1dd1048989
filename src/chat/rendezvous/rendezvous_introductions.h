/*
 * Bringing peers together: where somebody is, introductions, and what is passed on between them. Pure; part of
 * rendezvous.
 */
#ifndef RENDEZVOUS_INTRODUCTIONS_H
#define RENDEZVOUS_INTRODUCTIONS_H

#include "chat/rendezvous/rendezvous_request.h"

/* Who is called that? */
void rendezvous_introductions_find(const struct request *q);

/*
 * Where is who has that exchange key, and no name? Two that have lost each other look for each other: who seeks can be
 * found from then on, and nobody else, so that a login costs nothing for it.
 */
void rendezvous_introductions_seek(const struct request *q);

/* Introduces both, or refuses. */
void rendezvous_introductions_ask(const struct request *q);

/* Passes a datagram on, if it is an offer or we are a relay. */
void rendezvous_introductions_pass_on(const struct request *q);

#endif
