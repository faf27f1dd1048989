/*
 * The rendezvous server: who is logged in, and who is to be introduced to whom. Pure: datagrams and the time go in,
 * datagrams and events come out.
 *
 * It sends only to addresses that have proved they receive (by the cookie of a challenge), or no more bytes than it
 * just got; to an address that stands in a message only if it is logged in from there. It keeps no state for an address
 * before its proof, and none for an introduction: the token of a path is a keyed hash of both sides' sessions, so
 * that a repeated request, or both asking at once, leads to the same path.
 *
 * It passes small datagrams on between peers, by which they tell each other how else they can be reached, and if it is
 * allowed to, all of them: the last resort of two that find no path. Both have limits, for each sender and in all.
 */
#ifndef RENDEZVOUS_H
#define RENDEZVOUS_H

#include "chat/rendezvous/credentials.h"
#include "chat/drops.h"
#include "chat/rendezvous/repeats.h"
#include "chat/rendezvous/notices.h"
#include "chat/rendezvous/roster.h"
#include "chat/send_queue.h"

#define RENDEZVOUS_SECRET_SIZE CREDENTIALS_SECRET_SIZE
#define RENDEZVOUS_EVENTS 64

enum rendezvous_event_type {
	RENDEZVOUS_LOGIN,        /* who, name */
	RENDEZVOUS_LOGOUT,       /* who */
	RENDEZVOUS_FORGOTTEN,    /* who was silent for too long */
	RENDEZVOUS_DISPLACED,    /* who did nothing since its login, and made room for other */
	RENDEZVOUS_INTRODUCTION, /* who asked for other */
	RENDEZVOUS_REFUSAL,      /* who asked for other, and cannot have it: reason */
	RENDEZVOUS_NO_ROOM,      /* who wanted to log in */
	RENDEZVOUS_CROWDED,      /* nobody is told any more who comes and goes */
	RENDEZVOUS_ROOMY,        /* all are told again */
	RENDEZVOUS_NO_NAME,      /* who wanted to log in with a name that it cannot have: name, reason */
};

struct rendezvous_event {
	enum rendezvous_event_type type;
	struct endpoint who;
	struct endpoint other;
	uint8_t reason;          /* enum wire_reason */
	uint8_t name[NAME_SIZE]; /* all zero for none */
	uint32_t peers;          /* logged in after it */
};

struct rendezvous {
	struct roster roster;
	struct limits limits;
	uint64_t introductions;
	struct notices notices;
	bool relays;      /* passes all on, not only offers */
	uint64_t relayed; /* datagrams passed on */
	struct send_queue out;
	struct repeats repeats; /* of punch requests */
	struct drops drops;
	uint64_t received;
	uint64_t forget_us;
	uint64_t logins; /* ever; makes every session another */
	uint8_t secret[RENDEZVOUS_SECRET_SIZE];
	bool stopping;
	uint32_t stop_at; /* position in the roster of the next to be told */
	size_t first_event, event_count;
	struct rendezvous_event events[RENDEZVOUS_EVENTS];
};

/*
 * Starts with nobody logged in. `r` and `memory` are all zero, as fresh memory is. `memory` is of
 * roster_memory_size(max_peers) bytes and outlives it; `secret` is random and new for every start; a peer silent for
 * `forget_us` microseconds is forgotten.
 */
void rendezvous_init(struct rendezvous *r, void *memory, uint32_t max_peers, uint64_t forget_us,
                     const uint8_t secret[RENDEZVOUS_SECRET_SIZE]);

/* That datagram will be received in a moment, after others: far memory that it needs is sent for. Changes nothing. */
void rendezvous_expect(const struct rendezvous *r, const struct endpoint *from, const uint8_t *bytes, size_t len);

/* A datagram came from `from` to our address `local`. */
void rendezvous_receive(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                        const uint8_t *bytes, size_t len, uint64_t now_us);

/* From now on it passes all datagrams on between peers. */
void rendezvous_allow_relay(struct rendezvous *r);

/* A datagram came to the second port, where nothing is answered but which address it came from. */
void rendezvous_receive_aside(struct rendezvous *r, const struct endpoint *local, const struct endpoint *from,
                              const uint8_t *bytes, size_t len);

/* Does what is due. */
void rendezvous_tick(struct rendezvous *r, uint64_t now_us);

/* When rendezvous_tick() is to be called next, UINT64_MAX for never. */
uint64_t rendezvous_deadline(const struct rendezvous *r);

/* From now on rendezvous_next_datagram() tells every peer that the server stops, one after the other. */
void rendezvous_stop(struct rendezvous *r);

/* The next datagram to send; false if there is none. Call until false after every receive and tick. */
bool rendezvous_next_datagram(struct rendezvous *r, struct datagram *out);

/* The next thing that happened; false if there is none. Call until false after every receive and tick. */
bool rendezvous_next_event(struct rendezvous *r, struct rendezvous_event *out);

#endif
