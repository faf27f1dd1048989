/*
 * What peers may ask of the server: each peer so many requests and so many bytes to be passed on, and of each kind so
 * much for an address, a network and all together, since one host can be many peers. Pure; part of rendezvous.
 */
#ifndef REQUEST_LIMITS_H
#define REQUEST_LIMITS_H

#include "base/allowance.h"

#include <stddef.h>

/* What a request costs beside the place of who asks in the queue. */
enum limits_kind {
	LIMITS_LOGIN,        /* a new place in the roster */
	LIMITS_LIST,         /* a page */
	LIMITS_INTRODUCTION, /* asked for, granted or not */
	LIMITS_RELAY,        /* bytes passed on */
	LIMITS_KINDS,
};

/* Of one peer. */
struct limits_peer {
	uint32_t requests; /* buckets, kept small: see request_limits.c */
	uint32_t relayed;
};

struct limits {
	struct pace peer_requests, peer_relayed;
	struct allowance of[LIMITS_KINDS];
};

/* `l` is all zero, as fresh memory is. */
void limits_init(struct limits *l, const uint8_t key[CROWD_KEY_SIZE]);

/* Each is true if it may be, and counts it then; false if there was enough. */
bool limits_allow_request(const struct limits *l, struct limits_peer *peer, uint64_t now_us);
bool limits_allow(struct limits *l, enum limits_kind kind, const struct address *who, uint64_t now_us);
bool limits_allow_relay(struct limits *l, struct limits_peer *peer, const struct address *who, size_t bytes,
                        uint64_t now_us);

#endif
