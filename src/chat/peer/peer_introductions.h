/*
 * Whom the server introduces, and whether that is to be believed: whose card is good, whose name belongs to that key,
 * and who was asked for. Pure; part of peer.
 */
#ifndef PEER_INTRODUCTIONS_H
#define PEER_INTRODUCTIONS_H

#include "chat/peer/peer.h"

/* An introduction by the server. */
void peer_introductions_receive(struct peer *p, const struct wire_message *m, uint64_t now_us);

/* The server has refused a request: there is no such peer. */
void peer_introductions_refused(struct peer *p, const struct wire_message *m, uint64_t now_us);

#endif
