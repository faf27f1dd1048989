/*
 * Bringing peers together: where somebody is, introductions, and what is passed on between them. Pure; part of
 * rendezvous.
 */
#ifndef RENDEZVOUS_INTRODUCTIONS_H
#define RENDEZVOUS_INTRODUCTIONS_H

#include "chat/rendezvous/rendezvous_request.h"

/* Who is called that? */
void rendezvous_introductions_find(const struct request *q);

/* Who has that exchange key? It takes no name to be found so, but to have been introduced, in this run. */
void rendezvous_introductions_seek(const struct request *q);

/* Introduces both, or refuses. */
void rendezvous_introductions_ask(const struct request *q);

/* Passes a datagram on, if it is an offer or we are a relay. */
void rendezvous_introductions_pass_on(const struct request *q);

#endif
