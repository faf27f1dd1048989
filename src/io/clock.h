/* Time. Everything that counts durations uses the monotonic clock; wall time is for time stamps people read. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds on the monotonic clock. Never fails. */
uint64_t clock_now_ms(void);

/* Microseconds on the monotonic clock. Never fails. */
uint64_t clock_now_us(void);

/* Nanoseconds on the monotonic clock. Never fails. */
uint64_t clock_now_ns(void);

/* Nanoseconds since 1970-01-01 UTC. Never fails. */
uint64_t clock_wall_ns(void);

#endif
