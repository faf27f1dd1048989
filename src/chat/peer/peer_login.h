/*
 * What a login, and its end, mean for everything else a client has under way. The commands are in peer.h. Pure; part of
 * peer.
 */
#ifndef PEER_LOGIN_H
#define PEER_LOGIN_H

#include "chat/peer/peer.h"

/* To be called after whatever may have changed the login, with its state before that. */
void peer_login_follow(struct peer *p, enum login_state before, uint64_t now_us);

#endif
