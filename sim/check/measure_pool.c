#include "check/measure.h"

#define ADDRESS_SAMPLES 48 /* where a host was seen at several: of four one is missed once in 10^5 times at most */
#define CROWD_MAX 160      /* sockets of a host; a limit beyond is not reached */

/* --- several external addresses ---------------------------------------------------------------- */

/* How many different ones there were, all hosts taken together. */
static unsigned count_addresses(const struct probe *p)
{
	unsigned count = (unsigned)p->outside_count[0];

	for (size_t i = 0; i < p->outside_count[1]; i++) {
		size_t k = 0;

		while (k < p->outside_count[0] && !address_equal(&p->outside[0][k], &p->outside[1][i]))
			k++;
		count += k == p->outside_count[0];
	}
	return count;
}

void measure_addresses(struct probe *p, struct observation *seen)
{
	seen->one_address = p->outside_count[0] <= 1 && p->outside_count[1] <= 1;
	for (int i = 0; i < ADDRESS_SAMPLES && !seen->one_address; i++)
		(void)probe_map(p, probe_socket(p, p->hosts[0], 0), p->remote[0][0]);
	seen->address_count = count_addresses(p);
}

/* --- limits ------------------------------------------------------------------------------------ */

/* How many sockets of the host get a mapping, until three in a row get none. */
static unsigned fill(struct probe *p, int host, struct observation *seen)
{
	unsigned mapped = 0, refused = 0;

	while (mapped + refused < CROWD_MAX && refused < 3 && !probe_failed(p)) {
		struct endpoint outside = probe_map(p, probe_socket(p, host, 0), p->remote[0][0]);
		bool got = outside.address.family != ADDRESS_NONE;

		if (got)
			measure_note_port(seen, outside.port);
		mapped += got;
		refused = got ? 0 : refused + 1;
	}
	return mapped;
}

void measure_limit(struct probe *p, struct observation *seen)
{
	seen->limit_seen = true;
	seen->limit_reach = CROWD_MAX;
	for (size_t i = 0; i < PROBE_HOSTS; i++)
		seen->mapped[i] = fill(p, p->hosts[i], seen);
}
