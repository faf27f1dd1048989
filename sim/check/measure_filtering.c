#include "check/measure.h"

#define UNMAPPED_PORT 6000 /* and up */

/* A port of the inside host that has sent nothing: its socket, and where the outside would expect it. */
struct silent {
	int socket;
	struct endpoint outside;
};

/* In the box's pool, where it has one. */
static struct silent make_silent(struct probe *p, const struct observation *seen)
{
	struct endpoint address = probe_map(p, probe_socket(p, p->hosts[0], 0), p->remote[0][0]);
	uint16_t port = seen->pool_only ? seen->port_low : UNMAPPED_PORT;
	struct silent s;

	while (!probe_port_is_unused(p, port))
		port++;
	s.socket = probe_socket(p, p->hosts[0], port);
	s.outside = address;
	s.outside.port = port;
	return s;
}

/* --- filtering --------------------------------------------------------------------------------- */

/* True if a new socket that has sent to A1:P1 only hears `stranger`. */
static bool hears(struct probe *p, int stranger)
{
	int s = probe_socket(p, p->hosts[0], 0);

	return probe_reaches(p, stranger, probe_map(p, s, p->remote[0][0]), s);
}

void measure_filtering(struct probe *p, struct observation *seen)
{
	bool other_address = hears(p, p->remote[1][1]); /* A2:P2 */
	bool other_port = hears(p, p->remote[0][1]);    /* A1:P2 */

	if (other_address && other_port)
		seen->filtering = NAT_ENDPOINT_INDEPENDENT;
	else
		seen->filtering = other_port ? NAT_ADDRESS_DEPENDENT : NAT_ADDRESS_AND_PORT_DEPENDENT;
	seen->filtering_seen =
		hears(p, p->remote[0][0]); /* who was sent to is heard, or it is no filtering to speak of */
}

void measure_unmapped(struct probe *p, struct observation *seen)
{
	struct silent s = make_silent(p, seen);
	int stranger = p->remote[2][0];

	(void)probe_take_refusal(p, stranger);
	seen->lets_in_unmapped = probe_reaches(p, stranger, s.outside, s.socket);
	seen->refuses = probe_take_refusal(p, stranger);
}

/* --- the early packet -------------------------------------------------------------------------- */

/*
 * An inside socket that has a mapping, from `known`, is expected to use it towards `stranger` as well. True if it does
 * not once the stranger has sent to it first.
 */
static bool moves_mapped(struct probe *p, int known, int stranger)
{
	int s = probe_socket(p, p->hosts[0], 0);
	struct endpoint before = probe_map(p, s, known);
	struct endpoint after;

	probe_send(p, stranger, before);
	probe_fence(p);
	after = probe_map(p, s, stranger);
	return !endpoint_equal(&before, &after);
}

/* The same for a port that has no mapping yet and is expected to be kept. */
static bool moves_unmapped(struct probe *p, const struct observation *seen, int stranger)
{
	struct silent s = make_silent(p, seen);
	struct endpoint after;

	probe_send(p, stranger, s.outside);
	probe_fence(p);
	after = probe_map(p, s.socket, stranger);
	return !endpoint_equal(&s.outside, &after);
}

void measure_early_packet(struct probe *p, struct observation *seen)
{
	bool cone = seen->mapping == NAT_ENDPOINT_INDEPENDENT;
	bool by_address = seen->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT;
	bool keeps = seen->ports == NAT_PORTS_PRESERVE;
	bool moves = false;

	if (cone)
		moves |= moves_mapped(p, p->remote[0][0], p->remote[3][0]);
	if (by_address)
		moves |= moves_mapped(p, p->remote[2][0], p->remote[2][1]);
	if (keeps)
		moves |= moves_unmapped(p, seen, p->remote[3][1]);
	if (moves)
		seen->early = EARLY_MOVES_PORT;
	else
		seen->early = cone || by_address || keeps ? EARLY_HARMLESS : EARLY_UNSEEN;
	(void)probe_take_refusal(p, p->remote[3][0]);
}
