/*
 * Who is logged in: a hash table of peers by public address, with a fixed limit. Its hash is keyed, so that nobody can
 * choose addresses that collide. Peers stand in two lists in the order they were last heard, those logged in and those
 * that left a moment ago, so that finding the silent ones takes no walk. Pure; the memory is the caller's.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include "chat/rendezvous/repeats.h"
#include "chat/wire.h"

#define ROSTER_KEY_SIZE 16 /* crypto_shorthash, SipHash-2-4 */
#define ROSTER_NONE UINT32_MAX
#define ROSTER_NETWORKS 4096u     /* counters; networks that share one share its limit */
#define ROSTER_MAX_PEERS 4194304u /* a bound on what an option may ask for: 600 MB */

enum roster_state { ROSTER_FREE, ROSTER_HERE, ROSTER_GONE };

struct roster_peer {
	struct endpoint where; /* its public address; the key of the table */
	struct endpoint local; /* which of our addresses it talks to, and hears */
	uint8_t session[WIRE_SESSION_SIZE];
	uint8_t nonce[WIRE_NONCE_SIZE]; /* of the login */
	struct card card;               /* shown at it; passed on unread */
	uint8_t state;                  /* enum roster_state */
	struct repeats repeats;         /* of its punch requests */
	uint64_t heard_us;
	uint64_t paid_until_us;  /* for the rate limit of rendezvous */
	uint64_t relay_until_us; /* the same of what is passed on for it */
	uint32_t next_in_bucket; /* the rest belongs to the roster */
	uint32_t older, newer;
};

struct roster_list {
	uint32_t oldest, newest;
	uint32_t count;
};

struct roster {
	struct roster_peer *peers;
	uint32_t *buckets;
	uint32_t max_peers;
	uint32_t bucket_mask;
	uint32_t first_free; /* a chain by next_in_bucket */
	uint32_t untouched;  /* peers[] from here on were never used */
	struct roster_list here;
	struct roster_list gone;
	uint32_t held[ROSTER_NETWORKS]; /* places of each network: a /24, or a /56 of IPv6 */
	uint8_t key[ROSTER_KEY_SIZE];
};

/* Bytes of memory for `max_peers` (1 to ROSTER_MAX_PEERS). */
size_t roster_memory_size(uint32_t max_peers);

/* Empties the roster. `memory` is of roster_memory_size(max_peers) bytes, aligned as by malloc(), and outlives it. */
void roster_init(struct roster *r, void *memory, uint32_t max_peers, const uint8_t key[ROSTER_KEY_SIZE]);

/* The peer at that address, here or just gone, or NULL. */
struct roster_peer *roster_find(const struct roster *r, const struct endpoint *where);

/*
 * A new peer for that address, which roster_find() does not know, with everything else zero and in state ROSTER_HERE.
 * If all places are taken the longest gone one makes room; NULL if everybody is here, or the peer's network has its
 * share, an eighth of a roster of 8,192 places or more: one host has 64,000 ports.
 */
struct roster_peer *roster_add(struct roster *r, const struct endpoint *where, uint64_t now_us);

/* Notes that the peer was heard now. */
void roster_touch(struct roster *r, struct roster_peer *p, uint64_t now_us);

/* The peer has left: it is in no list any more, but remembered until it is removed. */
void roster_leave(struct roster *r, struct roster_peer *p, uint64_t now_us);

void roster_remove(struct roster *r, struct roster_peer *p);

/* The one that has been silent longest, or NULL. */
struct roster_peer *roster_oldest(const struct roster *r, enum roster_state state);

/*
 * The first peer that is here at position `*at` or later, with *at set behind it; NULL at the end. Positions stay what
 * they are while peers come and go.
 */
const struct roster_peer *roster_walk(const struct roster *r, uint32_t *at);

#endif
