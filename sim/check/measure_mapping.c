#include "check/measure.h"

#define DESTINATIONS 4
#define PASSAGE_TRIES 3
#define MAPPING_SOCKETS 3
#define PORT_SAMPLES 8
#define PARITY_SAMPLES 24 /* of random ports, so many have their inside ports' parity once in 2^24 times */
#define POOL_SAMPLES 4
#define CLASH_PORT 5000 /* and up: below what sockets are given by themselves */
#define CLASHES 5       /* in a pool of 64, two random ports are the same that often in a row once in 2^30 times */
#define STEP_MAX 64     /* farther apart is not called counting */

/* --- passage ----------------------------------------------------------------------------------- */

/* Where a box that lets some UDP out would: like the first address, like a peer's, and where names are asked. */
struct destination {
	int remote;
	int packet;
	const struct probe_packet *arrived; /* or NULL */
};

/* Sends to those destinations that were not reached yet. Returns how many still are not. */
static unsigned send_out(struct probe *p, int s, struct destination destinations[DESTINATIONS])
{
	unsigned missing = 0;

	for (size_t i = 0; i < DESTINATIONS; i++)
		if (destinations[i].arrived == NULL)
			destinations[i].packet = probe_send(p, s, probe_local(p, destinations[i].remote));
	probe_fence(p);
	for (size_t i = 0; i < DESTINATIONS; i++) {
		destinations[i].arrived = probe_arrived(p, destinations[i].packet);
		missing += destinations[i].arrived == NULL;
	}
	return missing;
}

/* True if a packet from outside reaches the socket, which has got none out. */
static bool comes_in(struct probe *p, int s)
{
	struct endpoint outside = probe_outside(p);

	outside.port = probe_local(p, s).port;
	return probe_reaches(p, p->remote[0][0], outside, s) || probe_reaches(p, p->remote[PROBE_PEER][0], outside, s);
}

void measure_passage(struct probe *p, struct observation *seen)
{
	struct destination destinations[DESTINATIONS] = {
		{ .remote = p->remote[0][0] },
		{ .remote = p->remote[1][1] },
		{ .remote = p->remote[PROBE_PEER][0] },
		{ .remote = p->name_server },
	};
	const struct destination *first = &destinations[0], *peer = &destinations[2];
	int s = probe_socket(p, p->hosts[0], 0);
	struct endpoint local = probe_local(p, s);
	unsigned missing = DESTINATIONS;

	/* Again where it failed: a box may lose a mapping's first packet. */
	for (int i = 0; i < PASSAGE_TRIES && missing > 0; i++)
		missing = send_out(p, s, destinations);
	seen->udp_reaches_all = missing == 0;
	seen->udp_reaches_some = missing < DESTINATIONS;
	seen->udp_reaches_peers = peer->arrived != NULL;
	seen->udp_passes = first->arrived != NULL;
	seen->place = seen->udp_passes ? first->arrived->source.address : (struct address){ 0 };
	seen->translated = seen->udp_passes && !endpoint_same_address(&local, &first->arrived->source);
	seen->udp_comes_in = seen->udp_reaches_some || comes_in(p, s);
}

/* --- mapping ----------------------------------------------------------------------------------- */

/* What the mappings of one socket showed, towards two ports of each of several addresses. */
struct mapping_seen {
	struct endpoint first;    /* A1:P1's */
	bool by_address, by_port; /* some other address, or other port of an address, saw another external port */
};

static enum nat_behaviour mapping_of(struct mapping_seen seen)
{
	if (seen.by_port)
		return NAT_ADDRESS_AND_PORT_DEPENDENT;
	return seen.by_address ? NAT_ADDRESS_DEPENDENT : NAT_ENDPOINT_INDEPENDENT;
}

/* `other`: two ports of another address, A2:P1 and A2:P2 (RFC 5780). */
static void map_towards(struct probe *p, int s, const int other[PROBE_PORTS], struct mapping_seen *seen)
{
	struct endpoint address = probe_map(p, s, other[0]);
	struct endpoint port = probe_map(p, s, other[1]);

	seen->by_address |= !endpoint_equal(&seen->first, &address);
	seen->by_port |= !endpoint_equal(&address, &port);
}

/* Towards addresses like the first, several, since new random ports may coincide. */
static struct mapping_seen map_socket(struct probe *p, int s)
{
	struct mapping_seen seen = { .first = probe_map(p, s, p->remote[0][0]) };

	for (int a = 1; a < PROBE_PEER; a++)
		map_towards(p, s, p->remote[a], &seen);
	return seen;
}

static enum nat_behaviour more_dependent(enum nat_behaviour a, enum nat_behaviour b)
{
	return a > b ? a : b;
}

static bool is_told(const struct observation *seen)
{
	return seen->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT &&
	       seen->mapping_to_peers == NAT_ADDRESS_AND_PORT_DEPENDENT;
}

/*
 * Of several sockets the most dependent: new random ports may coincide, and REQ-11 wants no socket to differ. One that
 * is as dependent as can be needs no second.
 */
void measure_mapping(struct probe *p, struct observation *seen)
{
	seen->mapping = seen->mapping_to_peers = NAT_ENDPOINT_INDEPENDENT;
	for (int i = 0; i < MAPPING_SOCKETS && !is_told(seen); i++) {
		int s = probe_socket(p, p->hosts[0], 0);
		struct mapping_seen others = map_socket(p, s);
		struct mapping_seen peers = { .first = others.first };

		map_towards(p, s, p->remote[PROBE_PEER], &peers);
		seen->mapping = more_dependent(seen->mapping, mapping_of(others));
		seen->mapping_to_peers = more_dependent(seen->mapping_to_peers, mapping_of(peers));
	}
	seen->mapping_seen = true;
}

/* --- ports ------------------------------------------------------------------------------------- */

struct sample {
	uint16_t inside, outside;
};

void measure_note_port(struct observation *seen, uint16_t port)
{
	if (seen->port_count == 0 || port < seen->port_low)
		seen->port_low = port;
	if (seen->port_count == 0 || port > seen->port_high)
		seen->port_high = port;
	seen->port_count++;
}

/* A new socket's first mapping. */
static struct sample take_sample(struct probe *p, uint16_t inside_port, struct observation *seen)
{
	int s = probe_socket(p, p->hosts[0], inside_port);
	struct endpoint outside = probe_map(p, s, p->remote[0][0]);
	struct sample sample = { .inside = probe_local(p, s).port, .outside = outside.port };

	if ((sample.inside ^ sample.outside) & 1)
		seen->parity_kept = false;
	measure_note_port(seen, sample.outside);
	return sample;
}

static bool all_kept(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (samples[i].inside != samples[i].outside)
			return false;
	return true;
}

/* The step if every port is that much above the one before, with at most one start over; else 0. */
static unsigned find_step(const struct sample *samples, size_t count)
{
	unsigned step = 0;
	unsigned exceptions = 0;

	for (size_t i = 1; i < count; i++) {
		unsigned s = (unsigned)(samples[i].outside - samples[i - 1].outside);

		if (samples[i].outside <= samples[i - 1].outside || s > STEP_MAX || (step != 0 && s != step))
			exceptions++;
		else
			step = s;
	}
	return exceptions <= 1 ? step : 0;
}

/* An inside port of the pool, as far as that is known by now, that has not been given out; 0: there is none. */
static uint16_t unused_in_pool(const struct probe *p, const struct observation *seen)
{
	for (unsigned port = seen->port_low + 1u; port < seen->port_high; port++)
		if (probe_port_is_unused(p, (uint16_t)port))
			return (uint16_t)port;
	return 0;
}

/*
 * A box may keep ports only within its pool: then it is asked again with inside ports of the pool. More samples show
 * more of the pool where little of it is known.
 */
static bool keeps_in_pool(struct probe *p, struct observation *seen)
{
	int kept = 0;

	for (int i = 0; kept < POOL_SAMPLES && i < POOL_SAMPLES + PORT_SAMPLES; i++) {
		uint16_t port = unused_in_pool(p, seen);
		struct sample again = take_sample(p, port, seen);

		if (port != 0 && again.inside != again.outside)
			return false;
		kept += port != 0;
	}
	return kept == POOL_SAMPLES;
}

/* Where ports are not kept, a parity that was kept so far may be chance. */
static void confirm_parity(struct probe *p, struct observation *seen)
{
	for (int i = PORT_SAMPLES; i < PARITY_SAMPLES && seen->parity_kept; i++)
		(void)take_sample(p, 0, seen);
}

void measure_ports(struct probe *p, struct observation *seen)
{
	struct sample samples[PORT_SAMPLES];

	seen->parity_kept = true;
	for (size_t i = 0; i < PORT_SAMPLES; i++)
		samples[i] = take_sample(p, 0, seen);
	seen->step = find_step(samples, PORT_SAMPLES);
	if (!all_kept(samples, PORT_SAMPLES))
		confirm_parity(p, seen);
	if (all_kept(samples, PORT_SAMPLES)) {
		seen->ports = NAT_PORTS_PRESERVE;
		seen->step = 0;
	} else if (seen->step != 0) {
		seen->ports = NAT_PORTS_SEQUENTIAL;
	} else {
		seen->pool_only = keeps_in_pool(p, seen);
		seen->ports = seen->pool_only ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
	}
	seen->ports_seen = true;
}

/* --- two hosts, one source port ---------------------------------------------------------------- */

/* Two sockets of two hosts bound to one port that nothing else has had. */
static void same_port(struct probe *p, int sockets[2])
{
	uint16_t port = CLASH_PORT;

	while (!probe_port_is_unused(p, port))
		port++;
	sockets[0] = probe_socket(p, p->hosts[0], port);
	sockets[1] = probe_socket(p, p->hosts[1], port);
}

/* Towards different destinations, where nothing but the box's own care keeps the external ports apart. */
static bool share_port(struct probe *p, const int sockets[2], struct observation *seen)
{
	struct endpoint first = probe_map(p, sockets[0], p->remote[0][0]);
	struct endpoint second = probe_map(p, sockets[1], p->remote[1][0]);

	if (!probe_reaches(p, p->remote[0][0], first, sockets[0]) ||
	    !probe_reaches(p, p->remote[1][0], second, sockets[1]))
		seen->own_answers = false;
	return first.port == second.port;
}

/* What a third endpoint may send, that none has sent to, must reach whoever it was meant for; by the filtering
 * measured. */
static void check_strangers(struct probe *p, const int sockets[2], struct observation *seen)
{
	int lets_in = p->remote[0][1];

	if (!seen->filtering_seen || seen->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT)
		return;
	for (int i = 0; i < 2; i++) {
		struct endpoint outside = probe_map(p, sockets[i], p->remote[0][0]);

		if (!probe_reaches(p, lets_in, outside, sockets[i]))
			seen->own_answers = false;
	}
}

/* The outside endpoint they share gets whoever sent last what comes there; and so on, to and fro. */
static bool take_over(struct probe *p, const int sockets[2])
{
	for (int i = 0; i < 3; i++) {
		struct endpoint outside = probe_map(p, sockets[i % 2], p->remote[0][0]);
		struct endpoint other = probe_map(p, sockets[(i + 1) % 2], p->remote[0][0]);

		if (!endpoint_equal(&outside, &other) ||
		    !probe_reaches(p, p->remote[0][0], outside, sockets[(i + 1) % 2]))
			return false;
	}
	return true;
}

static bool keeps_parity(struct probe *p, int s)
{
	return ((probe_map(p, s, p->remote[0][0]).port ^ probe_local(p, s).port) & 1) == 0;
}

void measure_clash(struct probe *p, struct observation *seen)
{
	int sockets[2];

	if (p->host_count < 2)
		return;
	seen->two_hosts_seen = true;
	seen->own_answers = true;
	seen->port_shared = true;
	/* Random ports coincide once in a while, but not again and again. */
	for (int i = 0; i < CLASHES && seen->port_shared; i++) {
		same_port(p, sockets);
		seen->port_shared = share_port(p, sockets, seen);
	}
	seen->taken_over = seen->port_shared && p->protocol == NAT_UDP && take_over(p, sockets);
	seen->clash_parity_kept = keeps_parity(p, sockets[0]) && keeps_parity(p, sockets[1]);
	/* Before strangers come: what answers a connection of theirs leaves from where they came in. */
	seen->mapping_after_clash = mapping_of(map_socket(p, sockets[1])) == seen->mapping;
	check_strangers(p, sockets, seen);
}
