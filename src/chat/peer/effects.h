/*
 * What the client's state machines do to the world outside, in one place that all of them are handed: datagrams to
 * send, events to show, drops to count, random bytes to draw. Pure.
 */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "chat/drops.h"
#include "chat/peer/event.h"
#include "chat/send_queue.h"

#define EFFECTS_SEED_SIZE 16

struct effects {
	struct send_queue out;
	struct eventq events;
	struct drops drops;
	uint64_t drawn;         /* nonces so far */
	uint64_t probe_gate_us; /* no probe that is not an answer before this: the pace over all paths */
	uint64_t guess_gate_us; /* the same of guesses, and of what many sockets send */
	struct endpoint server;
	uint8_t session[WIRE_SESSION_SIZE]; /* of the latest login there */
	uint8_t seed[EFFECTS_SEED_SIZE];
};

/* A number nobody can guess. */
uint32_t effects_dice(struct effects *fx);

/* A nonce nobody can guess: a keyed hash of how many were drawn. Never zero, which means "none" on the wire. */
void effects_nonce(struct effects *fx, uint8_t nonce[WIRE_NONCE_SIZE]);

void effects_drop(struct effects *fx, enum drop reason);

#endif
