#include "check/measure.h"

/* From a socket that has sent nothing before. A box may lose the first packet of a mapping. */
static bool reaches_unmapped(struct probe *p, int callee, struct endpoint outside)
{
	int caller = probe_socket(p, p->hosts[p->host_count - 1], 0);

	for (unsigned times = 0; times < 2; times++)
		if (probe_reaches(p, caller, outside, callee))
			return true;
	return false;
}

static bool comes_from(struct endpoint seen, struct endpoint host)
{
	return seen.address.family != ADDRESS_NONE && endpoint_same_address(&seen, &host);
}

/*
 * A packet from inside to a mapped port of another inside host (or, with one host, of its own). The source it arrives
 * with is the other's external endpoint, RFC 4787 REQ-9a, or its inside one.
 */
void measure_hairpin(struct probe *p, struct observation *seen)
{
	int callee = probe_socket(p, p->hosts[0], 0);
	int caller = probe_socket(p, p->hosts[p->host_count - 1], 0);
	struct endpoint outside = probe_map(p, callee, p->remote[0][0]);
	struct endpoint inside = probe_local(p, caller);
	const struct probe_packet *arrived;
	struct endpoint back;
	int packet, watch;

	(void)probe_map(p, caller, p->remote[0][0]);
	watch = p->protocol == NAT_TCP ? probe_watch_syns(p, p->hosts[0]) : -1;
	packet = probe_send(p, caller, outside);
	probe_fence(p);
	arrived = probe_arrived(p, packet);
	seen->hairpin_seen = p->host_count > 1;
	seen->hairpin = NAT_HAIRPIN_NONE;
	/* Answered from inside to inside, a SYN never becomes a connection. */
	if (p->protocol == NAT_TCP && comes_from(probe_syn_seen(p, p->hosts[0], watch, probe_local(p, callee)), inside))
		seen->hairpin = NAT_HAIRPIN_INTERNAL;
	seen->hairpin_answers = false;
	if (arrived == NULL || arrived->arrived_at != callee)
		return;
	seen->hairpin_seen = true;
	back = arrived->source;
	seen->hairpin = endpoint_same_address(&arrived->source, &inside) ? NAT_HAIRPIN_INTERNAL : NAT_HAIRPIN_EXTERNAL;
	if (seen->hairpin == NAT_HAIRPIN_EXTERNAL && !reaches_unmapped(p, callee, outside))
		seen->hairpin = NAT_HAIRPIN_MAPPED;
	packet = probe_send(p, callee, back);
	probe_fence(p);
	arrived = probe_arrived(p, packet);
	seen->hairpin_answers =
	    arrived != NULL && arrived->arrived_at == caller && endpoint_equal(&arrived->source, &outside);
}
