#include "chat/peer/port_guesses.h"

#define LOWEST_PORT 1024u
#define PORTS (UINT16_MAX + 1u - LOWEST_PORT) /* 64,512: 2, 3 and 7 are its prime factors */

void port_guesses_in(struct port_guesses *g, uint16_t first, uint16_t span)
{
	*g = (struct port_guesses){ .first = first, .span = span, .count = span };
}

void port_guesses_anywhere(struct port_guesses *g, uint32_t dice)
{
	uint32_t stride = dice % PORTS | 1;

	while (stride % 3 == 0 || stride % 7 == 0)
		stride += 2; /* without a common factor every port comes once */
	*g = (struct port_guesses){ .first = LOWEST_PORT,
		                    .span = PORTS,
		                    .count = PORT_GUESSES_MAX,
		                    .start = dice / PORTS % PORTS,
		                    .stride = stride };
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
