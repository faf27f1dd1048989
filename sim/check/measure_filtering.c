#include "check/measure.h"

#include "io/clock.h"

/* Where a port is expected to be kept; and up. */
#define UNMAPPED_PORT 6000
#define EARLY_PORT 4000    /* a program's under test, not some port: rules may be for it alone */
#define LATE_LEAST_MS 6000 /* RFC 5382 REQ-4 */
#define LIKE_IT 1000       /* further up, whether such a port is kept at all is tried */

/* A port of the inside host that has sent nothing: its socket, and where the outside would expect it. */
struct silent {
	int socket;
	struct endpoint outside;
};

static uint16_t next_unused(const struct probe *p, uint16_t port)
{
	while (!probe_port_is_unused(p, port))
		port++;
	return port;
}

/* True if a box that keeps ports does so only within a pool, which that port does not belong to. */
static bool is_beyond_pool(struct probe *p, const struct observation *seen, uint16_t port)
{
	struct endpoint outside;

	if (!seen->translated || seen->ports != NAT_PORTS_PRESERVE || seen->pool_only)
		return seen->pool_only;
	port = next_unused(p, port);
	outside = probe_map(p, probe_socket(p, p->hosts[0], port), p->remote[0][0]);
	return outside.port != port;
}

/* From `port` on, or in the box's pool, where it has one. */
static struct silent make_silent(struct probe *p, const struct observation *seen, uint16_t port)
{
	struct endpoint address = probe_map(p, probe_socket(p, p->hosts[0], 0), p->remote[0][0]);
	struct silent s;

	port = next_unused(p, is_beyond_pool(p, seen, port + LIKE_IT) ? seen->port_low : port);
	s.socket = probe_socket(p, p->hosts[0], port);
	s.outside = address;
	s.outside.port = port;
	return s;
}

/* --- filtering --------------------------------------------------------------------------------- */

/* True if a new socket that has sent to `known` only hears `remote`. */
static bool hears(struct probe *p, int known, int remote)
{
	int s = probe_socket(p, p->hosts[0], 0);

	return probe_reaches(p, remote, probe_map(p, s, known), s);
}

static enum nat_behaviour filtering_by(bool hears_other_port, bool hears_other_address)
{
	if (hears_other_port && hears_other_address)
		return NAT_ENDPOINT_INDEPENDENT;
	return hears_other_port ? NAT_ADDRESS_DEPENDENT : NAT_ADDRESS_AND_PORT_DEPENDENT;
}

void measure_filtering(struct probe *p, struct observation *seen)
{
	int known = p->remote[0][0], peer = p->remote[PROBE_PEER][0];
	bool other_address = hears(p, known, p->remote[1][1]); /* A2:P2 */
	bool other_port = hears(p, known, p->remote[0][1]);    /* A1:P2 */

	seen->filtering = filtering_by(other_port, other_address);
	seen->filtering_of_peers = filtering_by(other_port, hears(p, known, peer));
	/* Who was sent to is heard, or it is no filtering to speak of. */
	seen->filtering_seen = hears(p, known, known);
	seen->hears_peers = hears(p, peer, peer);
}

void measure_unmapped(struct probe *p, struct observation *seen)
{
	struct silent s = make_silent(p, seen, UNMAPPED_PORT);
	int stranger = p->remote[2][0];

	(void)probe_take_refusal(p, stranger);
	(void)probe_take_reset(p, stranger);
	seen->lets_in_unmapped = probe_reaches(p, stranger, s.outside, s.socket);
	seen->refuses = probe_take_refusal(p, stranger);
	seen->resets = probe_take_reset(p, stranger);
}

/* The kernel repeats a SYN after 1, 3 and 7 s, newer ones more often. */
#define LATE_MS 9000

void measure_late_refusal(struct probe *p, struct observation *seen)
{
	struct silent s = make_silent(p, seen, UNMAPPED_PORT);
	int stranger = p->remote[2][1];
	uint64_t began = clock_now_ms();

	(void)probe_take_refusal(p, stranger);
	(void)probe_send(p, stranger, s.outside);
	probe_wait_for_refusal(p, stranger, began + LATE_MS);
	seen->late_seen = true;
	seen->refuses_late = probe_take_refusal(p, stranger) && clock_now_ms() - began >= LATE_LEAST_MS;
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
	struct silent s = make_silent(p, seen, EARLY_PORT);
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
	bool keeps =
	    seen->ports == NAT_PORTS_PRESERVE && p->outside_count[0] <= 1; /* else who foretells the address? */
	/* A peer's, as in life, unless the box has a way of its own with peers. */
	int stranger = p->remote[seen->mapping_to_peers == seen->mapping ? PROBE_PEER : 2][0];
	bool moves = false;

	if (cone)
		moves |= moves_mapped(p, p->remote[0][0], stranger);
	if (by_address)
		moves |= moves_mapped(p, p->remote[2][0], p->remote[2][1]);
	if (keeps)
		moves |= moves_unmapped(p, seen, stranger);
	if (moves)
		seen->early = EARLY_MOVES_PORT;
	else
		seen->early = cone || by_address || keeps ? EARLY_HARMLESS : EARLY_UNSEEN;
	(void)probe_take_refusal(p, stranger);
}
