/*
 * Where a peer is now whose path was lost. Both may have moved, so that neither can ask for the other: who has a name
 * is looked up by it, who has none by the exchange key of the run that the path was to, again and again, and asked for
 * where it turns up. Once that path is open, and the peer has shown
 * its keys, it takes the place of the old one with all that waits. Pure; part of peer.
 */
#ifndef PEER_SEARCH_H
#define PEER_SEARCH_H

#include "chat/peer/peer.h"

/* A path was lost, and is asked for anew. */
void peer_search_begin(struct peer *p, uint64_t now_us);

/* Returns true if the answer is to a search: who was found is asked for. */
bool peer_search_receive(struct peer *p, const struct wire_message *m, uint64_t now_us);

void peer_search_tick(struct peer *p, uint64_t now_us);
uint64_t peer_search_deadline(const struct peer *p);

#endif
