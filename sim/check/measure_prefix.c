/* Prefixes translated (RFC 6296): what an address is outside follows from what it is inside. */
#include "check/measure.h"

#include "model/topology_ipv6.h"

#include <string.h>

#define SOCKETS 2
#define INTERFACE_ID 8 /* where in an address the identifier begins */

/* Where the host is outside, whatever it sends and to whom; family ADDRESS_NONE: not in one place, or by other ports.
 */
static struct address outside_of(struct probe *p, int host)
{
	const int remotes[] = { p->remote[0][0], p->remote[1][1] };
	struct address found = { .family = ADDRESS_NONE };

	for (int i = 0; i < SOCKETS; i++) {
		int s = probe_socket(p, host, 0);

		for (size_t k = 0; k < sizeof remotes / sizeof *remotes; k++) {
			struct endpoint e = probe_map(p, s, remotes[k]);
			bool is_first = i == 0 && k == 0;

			if (e.port != probe_local(p, s).port || (!is_first && !address_equal(&found, &e.address)))
				return (struct address){ .family = ADDRESS_NONE };
			found = e.address;
		}
	}
	return found;
}

/* As long as what is asked of the box says. */
static unsigned prefix_bits(const struct probe *p)
{
	const struct topology *t = &p->world->topology;
	unsigned bits = topology_nptv6(t, t->nodes[p->hosts[0]].links[0].behind).outside.prefix;

	return bits != 0 ? bits : NPTV6_PREFIX;
}

void measure_prefix(struct probe *p, struct observation *seen)
{
	struct address network[PROBE_HOSTS], outside[PROBE_HOSTS];

	seen->by_prefix = seen->checksum_neutral = seen->interface_id_kept = p->host_count == PROBE_HOSTS;
	for (size_t i = 0; i < p->host_count && seen->by_prefix; i++) {
		struct address inside = probe_local(p, probe_socket(p, p->hosts[i], 0)).address;

		outside[i] = outside_of(p, p->hosts[i]);
		network[i] = address_network(&outside[i], prefix_bits(p));
		seen->by_prefix = outside[i].family != ADDRESS_NONE;
		seen->checksum_neutral &= nptv6_is_neutral(&inside, &outside[i]);
		seen->interface_id_kept &= memcmp(inside.bytes + INTERFACE_ID, outside[i].bytes + INTERFACE_ID,
		                                  sizeof inside.bytes - INTERFACE_ID) == 0;
	}
	seen->by_prefix =
	    seen->by_prefix && address_equal(&network[0], &network[1]) && !address_equal(&outside[0], &outside[1]);
}
