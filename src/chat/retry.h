/*
 * When to send again what has no answer yet: every 250 ms for the first 2 s, every 500 ms until 10 s are over, then
 * every second. 250 ms is above most round trips and below what a person notices. It is not doubled from the start, as
 * RFC 8489 §6.2.1 has it, because what is waited for ends after 10 s: where each link loses every fifth packet, a
 * question and its answer come through the links of both with 0.41, so that the 24 tries there are time for fail
 * together three times in a million, while the 11 of a wait that is doubled at once up to a second fail three times in
 * a thousand. What a server or a path has to bear stays bounded: 4 datagrams a second for each thing that is waited
 * for, a fifth of the pace that RFC 8445 §14.2 allows (one in 50 ms); what goes on for ever, an automatic login, comes
 * down to 1. Pure.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry {
	uint64_t next_us;
	uint32_t tries; /* so far */
};

/* Something was sent for the first time. */
void retry_start(struct retry *r, uint64_t now_us);

/* Something is to be sent for the first time now: due at once. */
void retry_at_once(struct retry *r, uint64_t now_us);

/* True if it is to be sent again now; the next time is then set. */
bool retry_due(struct retry *r, uint64_t now_us);

/* The earlier of two deadlines; UINT64_MAX is never. */
uint64_t retry_earlier(uint64_t a_us, uint64_t b_us);

#endif
