/*
 * What a client does with its paths as time goes by: asks for them, anew when one is lost, opens, keeps and ends them.
 * The user's commands about paths are in peer.h. Pure; part of peer.
 */
#ifndef PEER_PATHS_H
#define PEER_PATHS_H

#include "chat/peer/peer.h"

/* Asks the server for an introduction to who is there. `path` is the one to it, or a new one. */
void peer_paths_ask(struct peer *p, struct path *path, const struct endpoint *who, bool by_user, uint64_t now_us);

/* The login is done: requests that waited for it begin. */
void peer_paths_start_clocks(struct peer *p, uint64_t now_us);

/* Nobody can be asked any more. */
void peer_paths_fail_requests(struct peer *p, uint64_t now_us);

/* True if a peer is heard by the first socket, as far as keepalives tell. */
bool peer_paths_hear(const struct peer *p);

/* No path may work any more: each is shown again; one that is lost is punched anew. */
void peer_paths_doubt(struct peer *p, uint64_t now_us);

/* Says goodbye to every peer. */
void peer_paths_close(struct peer *p, uint64_t now_us);

/* An undecided path has come to nothing, and the texts that wait for it. */
void peer_paths_fail_punch(struct peer *p, struct path *path, enum reason reason, uint64_t now_us);

void peer_paths_tick(struct peer *p, uint64_t now_us);
uint64_t peer_paths_deadline(const struct peer *p);

/* The sockets of the two families have changed places: what goes by one of them goes on by it. */
void peer_paths_swap_sockets(struct peer *p);

#endif
