/* A NAT64: hosts without IPv4, and packets that are longer by IPv6 than they were by IPv4. */
#include "check/measure.h"

#include <sys/socket.h>
#include <unistd.h>

/* Whether the host has a way to the endpoint by its own IPv4. */
static bool has_ipv4(struct probe *p, struct endpoint to)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(&to, &sa);
	int fd = world_socket(p->world, p->hosts[0], AF_INET, SOCK_DGRAM, 0);
	bool found = fd >= 0 && connect(fd, (const struct sockaddr *)&sa, len) == 0;

	if (fd < 0)
		probe_fail(p, "cannot open a socket");
	else
		close(fd);
	return found;
}

void measure_nat64(struct probe *p, struct observation *seen)
{
	int s = probe_socket(p, p->hosts[0], 0), remote = p->remote[0][0];
	struct endpoint outside = probe_map(p, s, remote);

	seen->nat64_seen = true;
	seen->nat64 = outside.address.family != ADDRESS_NONE;
	seen->ipv4_inside = has_ipv4(p, probe_local(p, remote));
	(void)probe_take_refusal(p, remote);
	(void)probe_send_sized(p, remote, outside, PROBE_ONE_PACKET);
	probe_fence(p);
	seen->nat64_too_big_told = probe_take_refusal(p, remote);
}
