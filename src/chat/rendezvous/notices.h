/*
 * Who comes and goes, told to all who are logged in: names only. A notice goes to one after the other, some at each
 * tick, and only when nothing else waits to be sent: no login is delayed by who is to hear of others. What there is no
 * room for, or has come too often from one address, one network or all together, is not told, and counted. What waits
 * is at most in part about one network, so that it takes the room of no other. Where too many are logged in for anybody
 * to read it, all are told that, and then nothing, until they are fewer. Pure; part of rendezvous.
 */
#ifndef NOTICES_H
#define NOTICES_H

#include "base/allowance.h"
#include "chat/rendezvous/roster.h"
#include "chat/send_queue.h"

#define NOTICES_PEERS 768u       /* logged in; where more are, nothing is told: a network's four a second are 3,072 */
#define NOTICES_PEERS_AGAIN 576u /* or fewer, and a minute later it is told again */
#define NOTICES_CROWD_US 60000000u
#define NOTICES_WAITING 256u        /* notices */
#define NOTICES_UNSENT 16384u       /* datagrams that these may be, or they come too late to be of use: 5 s */
#define NOTICES_OF_A_NETWORK 10240u /* of these: about one network (see crowd.h), whatever else it has paid for */
#define NOTICES_KEPT 2048u          /* of either: about those who go and have paid for that, and nobody else */
#define NOTICES_AT_ONCE 64u         /* datagrams, of one tick */
#define NOTICES_PACE_US 20000u      /* between two ticks of which each sends so many: 3,200 a second */
#define NOTICES_PLACES 16384u       /* of the roster that one tick looks at */

/* Why a notice is not told to anybody. */
enum notices_untold {
	NOTICES_OVER_THE_RATE,
	NOTICES_NO_ROOM,
	NOTICES_CROWDED, /* more than NOTICES_PEERS are logged in */
	NOTICES_REASONS,
};

/* Of whom is told, and what; or whether it is crowded. */
struct notice {
	bool is_of_the_crowd;
	struct endpoint who;
	uint8_t name[NAME_SIZE];
	uint8_t presence; /* enum wire_presence */
	bool crowded;
};

struct notices {
	struct allowance allowance;
	struct notice waiting[NOTICES_WAITING];
	uint32_t first, count;
	uint32_t at;                /* how far in the roster the first of them has been told */
	uint32_t datagrams, places; /* left of this tick */
	uint64_t next_us;           /* there are more of them */
	bool crowded;
	uint64_t crowded_us; /* since when */
	uint64_t told;       /* notices */
	uint64_t untold[NOTICES_REASONS];
};

/* Nothing waits. `n` is all zero, as fresh memory is. */
void notices_init(struct notices *n, const uint8_t key[CROWD_KEY_SIZE]);

/*
 * `about` has come, or is about to go: the others are to hear of it, unless it has no name, or another login of its key
 * bears that too. Who is told to have come has paid for the notice that it goes, for which some room is kept.
 */
void notices_tell(struct notices *n, const struct roster *roster, struct roster_peer *about,
                  enum wire_presence presence, uint64_t now_us);

/* Looks how many there are. Returns whether it is crowded from now on, or no longer: all are going to be told. */
bool notices_look_around(struct notices *n, const struct roster *roster, uint64_t now_us);

/* Time has passed: more can be sent. */
void notices_tick(struct notices *n, uint64_t now_us);

/* When these two are to be called next, UINT64_MAX for never. */
uint64_t notices_deadline(const struct notices *n, const struct roster *roster);

/* Puts the next datagram of this tick into `out`, which has room; false if there is none. */
bool notices_send(struct notices *n, const struct roster *roster, struct send_queue *out);

/* "over the rate" and so on, for counters that people read. */
const char *notices_untold_name(enum notices_untold reason);

#endif
