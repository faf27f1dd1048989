/*
 * What the client's state machines do to the world outside, in one place that all of them are handed: datagrams to
 * send, events to show, drops to count, random bytes to draw. Pure.
 */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "base/allowance.h"
#include "chat/drops.h"
#include "chat/peer/event.h"
#include "chat/send_queue.h"

#define EFFECTS_SEED_SIZE 32

struct effects {
	struct send_queue out;
	struct eventq events;
	struct drops drops;
	uint64_t probe_gate_us; /* no probe that is not an answer before this: the pace over all paths */
	struct bucket answered; /* probes from where nobody has answered ours */
	uint64_t guess_gate_us; /* the same of guesses, and of what many sockets send */
	struct endpoint server;
	uint8_t session[WIRE_SESSION_SIZE]; /* of the latest login there */
	struct card card;                   /* shown at it */
	uint8_t exchange[CARD_SECRET_SIZE]; /* the secret half of its exchange key */
	uint8_t seed[EFFECTS_SEED_SIZE];
};

/* A number nobody can guess. */
uint32_t effects_dice(struct effects *fx);

/* 32 bytes nobody can guess. The seed is another afterwards: from what it becomes nothing drawn before can be found. */
void effects_secret(struct effects *fx, uint8_t secret[CARD_SECRET_SIZE]);

/* A nonce nobody can guess. Never zero, which means "none" on the wire. */
void effects_nonce(struct effects *fx, uint8_t nonce[WIRE_NONCE_SIZE]);

/* An event without a text. */
void effects_tell(struct effects *fx, struct event event);

void effects_drop(struct effects *fx, enum drop reason);

#endif
