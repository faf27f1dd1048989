#include "model/used_ports.h"

#include <stdbool.h>

#define LOWEST 1024
#define HIGHEST 65535

void used_ports_add(struct used_ports *u, uint16_t port)
{
	u->bits[port / 64] |= UINT64_C(1) << port % 64;
}

static bool is_used(const struct used_ports *u, unsigned port)
{
	return (u->bits[port / 64] >> port % 64 & 1) != 0;
}

unsigned used_ports_widest_gap(const struct used_ports *u, uint16_t *low, uint16_t *high)
{
	unsigned first = *low != 0 ? *low : LOWEST, last = *high != 0 ? *high : HIGHEST, widest = 0, length = 0;

	for (unsigned port = first; port <= last; port++) {
		length = is_used(u, port) ? 0 : length + 1;
		if (length <= widest)
			continue;
		widest = length;
		*low = (uint16_t)(port + 1 - length);
		*high = (uint16_t)port;
	}
	return widest;
}
