/*
 * Logging in: the cookie by which an address proves that it receives, the name and the proof that it is one's own, a
 * place in the roster. Nothing is kept of an address before. Pure; part of rendezvous.
 */
#ifndef RENDEZVOUS_LOGIN_H
#define RENDEZVOUS_LOGIN_H

#include "chat/rendezvous/rendezvous_request.h"

/* A cookie is good in its slice of time and the next: long enough for any round trip, too short to collect. */
#define RENDEZVOUS_COOKIE_SLICE_US UINT64_C(10000000)

void rendezvous_login_receive(const struct request *q);

#endif
