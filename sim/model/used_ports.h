/* Which ports a box's flows have outside, and where there is a gap among them. Pure. */
#ifndef USED_PORTS_H
#define USED_PORTS_H

#include <stdint.h>

struct used_ports {
	uint64_t bits[1024]; /* a bit for each port */
};

void used_ports_add(struct used_ports *u, uint16_t port);

/*
 * The widest range of ports from *low to *high (both 0: from 1024 to 65535) that holds none of them, the lowest of
 * several. Returns how many they are; where there is none, 0.
 */
unsigned used_ports_widest_gap(const struct used_ports *u, uint16_t *low, uint16_t *high);

#endif
