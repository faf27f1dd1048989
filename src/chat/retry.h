/*
 * When to send again what has no answer yet: after 250 ms, then twice as long each time, up to 1 s. The first is above
 * most round trips and below what a person notices; RFC 8445 and RFC 6298 start at 500 ms and 1 s, for more careful
 * reasons than a chat has. Pure.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry {
	uint64_t next_us;
	uint64_t wait_us;
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
