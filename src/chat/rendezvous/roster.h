/*
 * Who is logged in: a hash table of peers by public address, with a fixed limit. Its hash is keyed, so that nobody can
 * choose addresses that collide. Those that have a name are found by it, too. Peers stand in three lists in the order
 * they were last heard, those that have done nothing since their login, the others, and those that left a moment ago,
 * so that finding the silent ones takes no walk. Pure; the memory is the caller's.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include "chat/rendezvous/doors.h"
#include "chat/rendezvous/request_limits.h"
#include "chat/rendezvous/shares.h"
#include "chat/wire.h"

#include <assert.h>

#define ROSTER_KEY_SIZE 16        /* crypto_shorthash, SipHash-2-4 */
#define ROSTER_NONE 0u            /* the first place is nobody's: memory that is all zero is an empty roster */
#define ROSTER_MAX_PEERS 4194304u /* a bound on what an option may ask for: 1 GB */

/* What a peer is; ROSTER_NEW and ROSTER_HERE are logged in. */
enum roster_state {
	ROSTER_FREE,
	ROSTER_NEW,  /* has done nothing since its login: makes room for others if there is none left */
	ROSTER_HERE, /* has used its session */
	ROSTER_GONE, /* left a moment ago; remembered, so that a late login does not bring it back */
	ROSTER_STATES,
};

/*
 * In the order in which it is looked at: of most requests the card is no part. A time of eight bytes stands where four
 * do, or each peer would take four more that are nothing.
 */
struct roster_peer {
	struct endpoint where;   /* its public address; the key of the table */
	uint32_t next_in_bucket; /* the roster's own, as are the other links */
	uint64_t heard_us __attribute__((packed, aligned(4)));
	uint32_t next_called, previous_called, older, newer;
	struct limits_peer limits;
	uint8_t state;         /* enum roster_state */
	uint8_t door;          /* the number of our address that it talks to, and hears */
	uint8_t is_called;     /* it is found by its name or key */
	uint8_t leave_is_paid; /* see notices.h */
	uint8_t session[WIRE_SESSION_SIZE];
	uint8_t nonce[WIRE_NONCE_SIZE]; /* of the login */
	struct card card;               /* shown at it; passed on unread */
};

/* All that a peer takes, its part of the buckets included: see src/README.md. */
#define ROSTER_BYTES_PER_PEER 256
static_assert(sizeof(struct roster_peer) + 3 * sizeof(uint32_t) <= ROSTER_BYTES_PER_PEER, "a million fit in 256 MB");

struct roster_list {
	uint32_t oldest, newest;
	uint32_t count;
};

struct roster {
	struct roster_peer *peers;
	uint32_t *buckets; /* twice as many as peers: most have one or none */
	uint32_t *names;   /* buckets of those that are called: by what their name looks like, or their exchange key */
	uint32_t max_peers;
	uint32_t first_free; /* a chain by next_in_bucket */
	uint32_t untouched;  /* peers[] from here on were never used; the first never is */
	struct roster_list lists[ROSTER_STATES];
	struct doors doors;
	struct shares shares;
	uint8_t key[ROSTER_KEY_SIZE];
};

/* Bytes of memory for `max_peers` (1 to ROSTER_MAX_PEERS). */
size_t roster_memory_size(uint32_t max_peers);

/*
 * An empty roster. `r` and `memory` are all zero, as fresh memory is, which so is not touched before it is needed.
 * `memory` is of roster_memory_size(max_peers) bytes, aligned as by malloc(), and outlives it.
 */
void roster_init(struct roster *r, void *memory, uint32_t max_peers, const uint8_t key[ROSTER_KEY_SIZE]);

/* How many are logged in. */
uint32_t roster_count(const struct roster *r);

/* How many places were ever taken: all that a walk looks at. */
uint32_t roster_places(const struct roster *r);

/* The peer at that address, logged in or just gone, or NULL. */
struct roster_peer *roster_find(const struct roster *r, const struct endpoint *where);

/*
 * That address will be asked for in a moment, or added: memory that is far away is sent for meanwhile. With many peers
 * nothing of it is in a cache.
 */
void roster_expect(const struct roster *r, const struct endpoint *where);
void roster_expect_new(const struct roster *r, const struct endpoint *where);

bool roster_is_logged_in(const struct roster_peer *p);

/* The peer that is here and has that name, or one that looks like it: the latest of several. NULL for none. */
struct roster_peer *roster_called(const struct roster *r, const uint8_t name[NAME_SIZE]);

/* True if another that is here has the same name, or one that looks like it: the same key may at two addresses. */
bool roster_has_namesake(const struct roster *r, const struct roster_peer *p);

/* The peer without a name that is here and is called by that exchange key: the latest of several. NULL for none. */
struct roster_peer *roster_with_key(const struct roster *r, const uint8_t exchange[CARD_KEY_SIZE]);

/*
 * The peer is found by the name on its card from now on, or without one by its exchange key, as long as it is here, and
 * no other is called by the same key. It may be called already.
 */
void roster_call(struct roster *r, struct roster_peer *p);

/*
 * Who has to be removed before that address, which roster_find() does not know, can be added: the longest gone, or else
 * the one that was longest without doing anything since its login, and for a second at least: its first request may be
 * under way. NULL if nobody has to, or there is nobody.
 */
struct roster_peer *roster_who_makes_room(const struct roster *r, const struct endpoint *where, uint64_t now_us);

/*
 * A new peer for that address, which roster_find() does not know, with everything else zero and in state ROSTER_NEW.
 * NULL if all places are taken, or its address or network has its share of them.
 */
struct roster_peer *roster_add(struct roster *r, const struct endpoint *where, uint64_t now_us);

/* Notes that the peer was heard now; with `state` ROSTER_HERE or ROSTER_GONE also that it has done something, or left.
 */
void roster_touch(struct roster *r, struct roster_peer *p, enum roster_state state, uint64_t now_us);

void roster_remove(struct roster *r, struct roster_peer *p);

/* The one in that state that has been silent longest, or NULL. */
struct roster_peer *roster_oldest(const struct roster *r, enum roster_state state);

/*
 * The first peer that is logged in at position `*at` or later, with *at set behind it; NULL at the end. Positions stay
 * what they are while peers come and go.
 */
const struct roster_peer *roster_walk(const struct roster *r, uint32_t *at);

/*
 * The same, but no more than *places are looked at, which become fewer: NULL with some of them left is the end, with
 * none it is to be gone on with.
 */
const struct roster_peer *roster_walk_some(const struct roster *r, uint32_t *at, uint32_t *places);

#endif
