#include "chat/peer/port_guesses.h"

#define LOWEST_PORT 1024u
#define PORTS (UINT16_MAX + 1u - LOWEST_PORT) /* 64,512: 2, 3 and 7 are its prime factors */

/*
 * The golden section of PORTS, without a common factor: every port comes once, and those that have come lie as evenly
 * as can be (three-distance theorem, Sós 1958). Ports that were dealt in a row, as many boxes do, are then met for
 * certain; ports of chance are met as often by any order.
 */
#define EVEN_STRIDE 39871u

void port_guesses_in(struct port_guesses *g, uint16_t first, uint16_t span)
{
	*g = (struct port_guesses){ .first = first,
		                    .span = span,
		                    .count = span < PORT_GUESSES_MAX ? span : PORT_GUESSES_MAX };
}

void port_guesses_anywhere(struct port_guesses *g, uint32_t dice)
{
	*g = (struct port_guesses){ .first = LOWEST_PORT,
		                    .span = PORTS,
		                    .count = PORT_GUESSES_MAX,
		                    .start = dice % PORTS,
		                    .stride = EVEN_STRIDE };
}

static uint16_t nth(const struct port_guesses *g, uint32_t n)
{
	uint32_t middle = (g->span - 1) / 2;

	if (g->stride != 0)
		return (uint16_t)(g->first + ((uint64_t)g->start + (uint64_t)n * g->stride) % g->span);
	return (uint16_t)(g->first + (n % 2 == 1 ? middle + (n + 1) / 2 : middle - n / 2));
}

bool port_guesses_next(struct port_guesses *g, uint16_t *port)
{
	if (g->made == g->count)
		return false;
	*port = nth(g, g->made++);
	return true;
}

bool port_guesses_made(const struct port_guesses *g, uint16_t port)
{
	for (uint32_t n = 0; n < g->made; n++)
		if (nth(g, n) == port)
			return true;
	return false;
}
