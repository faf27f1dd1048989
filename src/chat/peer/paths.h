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
 * So many paths, undecided or open, over which nothing was said, may peers of one address (an IPv6 /64) have asked for:
 * eight addresses leave room for others. Behind one carrier's NAT many share an address, but seldom do more of them
 * want the same peer and then say nothing.
 */
#define PATHS_PER_ADDRESS 7

struct paths {
	size_t end; /* places from here on were never taken: nobody looks there */
	struct path list[PATHS_MAX];
};

/* The path to that peer, or NULL. */
struct path *paths_to(struct paths *paths, const struct endpoint *who);

/* Another path to the same run of the same peer's program; NULL for none. */
struct path *paths_to_same_run(struct paths *paths, const struct path *path);

/* The path that is open, or may become so, to who has that name, or one that looks like it; NULL for none. */
struct path *paths_called(struct paths *paths, const uint8_t name[NAME_SIZE]);

/* The path with that token, or NULL. */
struct path *paths_named(struct paths *paths, const uint8_t token[WIRE_TOKEN_SIZE]);

/* The path to that peer, or a place for one: a free one, or that of the path that is down longest and
 * for which no text waits. NULL for none. */
struct path *paths_place(struct paths *paths, const struct endpoint *who);

/* As paths_place(), for a peer that asks by itself: NULL also if its address has enough of
 * them already. */
struct path *paths_place_for_asker(struct paths *paths, const struct endpoint *who);

/*
 * As paths_place(), for a peer that the user wants. If there is none left, a path ends that the user had no part in:
 * the oldest undecided one, or else the oldest open one over which nothing was said yet. NULL if there is none such.
 */
struct path *paths_place_for_user(struct paths *paths, struct effects *fx, const struct endpoint *who, uint64_t now_us);

#endif
