/* Time stamps of captures in any unit, as nanoseconds. Pure. */
#ifndef PCAPNG_TIME_H
#define PCAPNG_TIME_H

#include <stdint.h>

/* if_tsresol of an interface that does not say: microseconds. */
#define PCAPNG_TIME_DEFAULT 6

/*
 * Ticks of the unit that the octet if_tsresol names (draft-ietf-opsawg-pcapng §4.2: 10^-n s, with the top bit set 2^-n
 * s), moved by if_tsoffset seconds. What does not fit in 64 bits becomes the nearest that does.
 */
uint64_t pcapng_time_ns(uint64_t ticks, uint8_t resolution, int64_t offset_s);

#endif
