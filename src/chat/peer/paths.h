/*
 * The table of a client's paths: who has a place, and who gives way when there is none left. Places are few, and any
 * peer that is logged in can ask for one; so what the user asked for comes before what others ask for. Pure; part of
 * peer.
 */
#ifndef PATHS_H
#define PATHS_H

#include "chat/peer/path.h"

#define PATHS_MAX 64

/*
 * So many undecided paths may peers of one address have asked for, an eighth of the table: peers behind one carrier NAT
 * share an address, but seldom do more of them want the same peer within the seconds that a punch takes.
 */
#define PATHS_PER_ADDRESS 8

/* The path to that peer, or NULL. */
struct path *paths_to(struct path paths[PATHS_MAX], const struct endpoint *who);

/* The path with that token, or NULL. */
struct path *paths_named(struct path paths[PATHS_MAX], const uint8_t token[WIRE_TOKEN_SIZE]);

/* The path to that peer, or a place for one: a free one, or that of the path that is down longest. NULL for none. */
struct path *paths_place(struct path paths[PATHS_MAX], const struct endpoint *who);

/* As paths_place(), for a peer that asks by itself: NULL also if its address has too many undecided paths already. */
struct path *paths_place_for_asker(struct path paths[PATHS_MAX], const struct endpoint *who);

/*
 * As paths_place(), for a peer that the user wants. If there is none left, a path ends that the user had no part in:
 * the oldest undecided one, or else the oldest open one over which nothing was said yet. NULL if there is none such.
 */
struct path *paths_place_for_user(struct path paths[PATHS_MAX], struct effects *fx, const struct endpoint *who,
                                  uint64_t now_us);

#endif
