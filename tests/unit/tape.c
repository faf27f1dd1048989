#include "tape.h"

static struct flight flights[400];
static size_t count;

static void keep(struct network *n, const struct flight *f)
{
	(void)n;
	if (count < sizeof flights / sizeof flights[0])
		flights[count++] = *f;
}

void tape_start(struct network *n)
{
	count = 0;
	n->watch = keep;
}

void tape_stop(struct network *n)
{
	n->watch = NULL;
}

size_t tape_count(void)
{
	return count;
}

struct flight tape_flight(size_t i)
{
	return flights[i];
}
