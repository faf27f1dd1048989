#include "chat/rendezvous/doors.h"

#define KEPT_FOR_ANY 2u

static uint8_t find(const struct doors *d, const struct endpoint *local)
{
	uint8_t i = 0;

	while (i < d->count && !endpoint_equal(&d->list[i], local))
		i++;
	return i;
}

uint8_t doors_number(struct doors *d, const struct endpoint *local)
{
	struct endpoint door = *local;
	uint8_t number = find(d, &door);

	if (number == d->count && d->count >= DOORS_MAX - KEPT_FOR_ANY) {
		door.address = (struct address){ .family = local->address.family };
		number = find(d, &door);
	}
	if (number == DOORS_MAX)
		return 0; /* cannot be: all who come here have the port of the server */
	if (number == d->count)
		d->list[d->count++] = door;
	return number;
}
