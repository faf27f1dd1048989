#include "nat_type/discovery_steps.h"

#include "nat_type/round.h"

static bool answered(const struct stun_answer *a)
{
	return a->outcome == STUN_ANSWERED;
}

static bool is_translated(const struct discovery_findings *f)
{
	return answered(&f->contact) && !endpoint_equal(&f->contact.mapped, &f->inside);
}

static size_t ports_kept(const struct discovery_findings *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->port_count; i++)
		kept += f->ports[i].inside == f->ports[i].outside;
	return kept;
}

static uint16_t round_socket(size_t round, enum discovery_round_socket socket)
{
	return (uint16_t)(DISCOVERY_SOCKET_ROUND + round * DISCOVERY_ROUND_SOCKETS + socket);
}

/* --- contact: does it answer at all, and what does it say of itself ----------------------------- */

static void contact_want(struct discovery *s)
{
	discovery_want(s, DISCOVERY_SOCKET_CONTACT, 0);
}

static void contact_ask(struct discovery *s, uint64_t now_ms)
{
	discovery_ask_plain(s, DISCOVERY_SOCKET_CONTACT, now_ms);
}

/* A second address must differ in both parts (RFC 5780 §7.4), and a public server's must be public. */
static enum discovery_other judge_other(const struct endpoint *server, const struct endpoint *other)
{
	if (other->address.family == ADDRESS_NONE)
		return DISCOVERY_OTHER_NONE;
	if (other->address.family != server->address.family || endpoint_same_address(server, other) ||
	    server->port == other->port || !endpoint_is_sendable(other) ||
	    address_scope(&other->address) < address_scope(&server->address))
		return DISCOVERY_OTHER_UNUSABLE;
	return DISCOVERY_OTHER_SAID;
}

static void note_servers(struct discovery_findings *f)
{
	const struct endpoint *server = &f->server[0][0];

	f->server[0][1] = *server;
	f->server[0][1].port = f->other_said.port;
	f->server[1][0] = f->other_said;
	f->server[1][0].port = server->port;
	f->server[1][1] = f->other_said;
}

static void contact_conclude(struct discovery *s)
{
	struct discovery_findings *f = &s->findings;
	struct stun_answer a = discovery_answer(s, 0);

	f->contact = a;
	f->inside = s->slots[DISCOVERY_SOCKET_CONTACT].local;
	if (!answered(&a)) {
		s->done = true;
		return;
	}
	f->other_said = a.other_address;
	f->other = judge_other(&f->server[0][0], &f->other_said);
	if (f->other == DISCOVERY_OTHER_SAID) {
		note_servers(f);
		return;
	}
	for (size_t i = 0; i < s->options.other_count; i++)
		f->others[f->other_count++] = s->options.others[i];
}

/* --- ports: fresh sockets to one endpoint, one after the other ----------------------------------- */

static void ports_want(struct discovery *s)
{
	discovery_want_many(s, DISCOVERY_SOCKET_PORTS, DISCOVERY_PORTS);
}

static void sample_ask(struct discovery *s, uint16_t first, uint16_t count, uint64_t now_ms)
{
	for (uint16_t i = 0; i < count; i++)
		discovery_ask_plain(s, (uint16_t)(first + i), now_ms);
}

static void sample_conclude(struct discovery *s, uint16_t first)
{
	struct discovery_findings *f = &s->findings;

	for (size_t i = 0; i < s->handle_count; i++) {
		const struct discovery_slot *slot = &s->slots[first + i];
		struct stun_answer a = discovery_answer(s, i);

		if (a.outcome == STUN_SILENT)
			f->ports_missed++;
		if (!answered(&a))
			continue;
		f->ports_missed = 0;
		f->ports[f->port_count++] = (struct discovery_port){
			.inside = slot->local.port,
			.outside = a.mapped.port,
		};
	}
}

static void ports_ask(struct discovery *s, uint64_t now_ms)
{
	sample_ask(s, DISCOVERY_SOCKET_PORTS, DISCOVERY_PORTS, now_ms);
}

static void ports_conclude(struct discovery *s)
{
	/* The first two are the ends of the hairpin, and must be known by their socket: both or none. */
	for (size_t i = 0; i < 2; i++) {
		struct stun_answer a = discovery_answer(s, i);

		s->findings.hairpin_inside[i] = s->slots[DISCOVERY_SOCKET_PORTS + i].local;
		s->findings.hairpin_outside[i] = a.mapped;
	}
	sample_conclude(s, DISCOVERY_SOCKET_PORTS);
}

/* --- mapping: one socket of each round to all of the server's endpoints -------------------------- */

/* The first time two rounds at once, then one after the other. */
static void mapping_want(struct discovery *s)
{
	s->round = s->findings.round_count;
	s->findings.round_count += s->round == 0 ? 2 : 1;
	for (size_t i = s->round; i < s->findings.round_count; i++)
		discovery_want(s, round_socket(i, DISCOVERY_ROUND_MAPPING), 0);
}

static const size_t mapping_order[4][2] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };

static void mapping_ask(struct discovery *s, uint64_t now_ms)
{
	size_t count = s->findings.other == DISCOVERY_OTHER_SAID ? 4 : 1;

	for (size_t i = s->round; i < s->findings.round_count; i++) {
		struct stun_question q = discovery_plain(s, round_socket(i, DISCOVERY_ROUND_MAPPING));

		for (size_t k = 0; k < count; k++) {
			q.to = s->findings.server[mapping_order[k][0]][mapping_order[k][1]];
			discovery_ask(s, &q, now_ms);
		}
		for (size_t k = 0; k < s->findings.other_count; k++) {
			q.to = s->findings.others[k];
			discovery_ask(s, &q, now_ms);
		}
	}
}

static void mapping_conclude(struct discovery *s)
{
	size_t count = s->findings.other == DISCOVERY_OTHER_SAID ? 4 : 1;

	for (size_t i = s->round; i < s->findings.round_count; i++) {
		struct discovery_round *r = &s->findings.rounds[i];
		size_t first = (i - s->round) * (count + s->findings.other_count);

		for (size_t k = 0; k < count; k++)
			r->mapping[mapping_order[k][0]][mapping_order[k][1]] = discovery_answer(s, first + k);
		for (size_t k = 0; k < s->findings.other_count; k++)
			r->elsewhere[k] = discovery_answer(s, first + count + k);
	}
}

/* --- doors: who may send in ------------------------------------------------------------------------ */

enum { DOOR_BOTH, DOOR_PORT, DOOR_CHANGE_CONTROL, DOOR_PORT_CONTROL, DOOR_TRAP, DOOR_COUNT };

/* A socket that has its mapping already, for questions whose answer goes elsewhere. */
#define ASKER (DISCOVERY_SOCKET_PORTS + 2)

static void doors_want(struct discovery *s)
{
	for (size_t i = s->round; i < s->findings.round_count; i++)
		discovery_want_many(s, round_socket(i, DISCOVERY_ROUND_DOOR_BOTH), 3);
}

static void ask_change(struct discovery *s, uint16_t socket, uint8_t change, bool useful, uint64_t now_ms)
{
	struct stun_question q = discovery_plain(s, socket);

	q.change = change;
	if (useful && s->findings.other == DISCOVERY_OTHER_SAID)
		discovery_ask(s, &q, now_ms);
	else
		discovery_ask_nothing(s);
}

/* Has the server answer to `port` of the address everything here comes from, where `answer_socket` may hear it. */
static void ask_response_port(struct discovery *s, uint16_t answer_socket, uint16_t port, bool useful, uint64_t now_ms)
{
	struct stun_question q = discovery_plain(s, ASKER);

	q.answer_socket = answer_socket;
	q.response_port = port;
	if (useful && port >= 1024)
		discovery_ask(s, &q, now_ms);
	else
		discovery_ask_nothing(s);
}

static void doors_ask(struct discovery *s, uint64_t now_ms)
{
	const uint8_t both = STUN_CHANGE_IP | STUN_CHANGE_PORT;

	for (size_t i = s->round; i < s->findings.round_count; i++) {
		struct discovery_round *r = &s->findings.rounds[i];
		uint16_t mapping = round_socket(i, DISCOVERY_ROUND_MAPPING),
			 trap = round_socket(i, DISCOVERY_ROUND_TRAP);
		bool independent = answered(&r->mapping[0][0]) && answered(&r->mapping[1][1]) &&
		                   endpoint_equal(&r->mapping[0][0].mapped, &r->mapping[1][1].mapped);

		/* Where ports are not kept nobody knows which one a stranger's packet is to take. */
		r->trap_set = is_translated(&s->findings) && 2 * ports_kept(&s->findings) > s->findings.port_count;
		r->trap_inside = s->slots[trap].local.port;
		ask_change(s, round_socket(i, DISCOVERY_ROUND_DOOR_BOTH), both, true, now_ms);
		ask_change(s, round_socket(i, DISCOVERY_ROUND_DOOR_PORT), STUN_CHANGE_PORT, true, now_ms);
		ask_change(s, mapping, both, independent, now_ms);
		ask_response_port(s, mapping, r->mapping[0][0].mapped.port, answered(&r->mapping[0][0]), now_ms);
		ask_response_port(s, trap, r->trap_inside, r->trap_set, now_ms);
	}
}

static void doors_conclude(struct discovery *s)
{
	for (size_t i = s->round; i < s->findings.round_count; i++) {
		struct discovery_round *r = &s->findings.rounds[i];
		size_t first = (i - s->round) * DOOR_COUNT;

		r->door_both = discovery_answer(s, first + DOOR_BOTH);
		r->door_port = discovery_answer(s, first + DOOR_PORT);
		r->change_control = discovery_answer(s, first + DOOR_CHANGE_CONTROL);
		r->port_control = discovery_answer(s, first + DOOR_PORT_CONTROL);
	}
}

/* --- after: sockets that heard nothing show that they can hear, and the trap is looked into ------- */

enum { AFTER_BOTH, AFTER_PORT, AFTER_TRAP, AFTER_COUNT };

static void after_ask_if(struct discovery *s, uint16_t socket, bool useful, uint64_t now_ms)
{
	if (useful)
		discovery_ask_plain(s, socket, now_ms);
	else
		discovery_ask_nothing(s);
}

static void after_ask(struct discovery *s, uint64_t now_ms)
{
	for (size_t i = s->round; i < s->findings.round_count; i++) {
		const struct discovery_round *r = &s->findings.rounds[i];

		after_ask_if(s, round_socket(i, DISCOVERY_ROUND_DOOR_BOTH), r->door_both.outcome == STUN_SILENT,
		             now_ms);
		after_ask_if(s, round_socket(i, DISCOVERY_ROUND_DOOR_PORT), r->door_port.outcome == STUN_SILENT,
		             now_ms);
		after_ask_if(s, round_socket(i, DISCOVERY_ROUND_TRAP), r->trap_set, now_ms);
	}
}

static void after_conclude(struct discovery *s)
{
	for (size_t i = s->round; i < s->findings.round_count; i++) {
		struct discovery_round *r = &s->findings.rounds[i];
		size_t first = (i - s->round) * AFTER_COUNT;

		r->door_both_after = discovery_answer(s, first + AFTER_BOTH);
		r->door_port_after = discovery_answer(s, first + AFTER_PORT);
		r->trap = discovery_answer(s, first + AFTER_TRAP);
	}
	s->another = s->findings.round_count < DISCOVERY_ROUNDS && round_is_disputed(&s->findings);
}

/* --- hairpin: from one socket to another's outside endpoint ---------------------------------------- */

static void nothing_wanted(struct discovery *s)
{
	(void)s;
}

static void hairpin_ask(struct discovery *s, uint64_t now_ms)
{
	for (uint16_t from = 0; from < 2; from++) {
		const struct endpoint *to = &s->findings.hairpin_outside[1 - from];
		struct stun_question q = discovery_plain(s, (uint16_t)(DISCOVERY_SOCKET_PORTS + from));

		q.answer_socket = (uint16_t)(DISCOVERY_SOCKET_PORTS + 1 - from);
		q.to = *to;
		q.echo = true;
		if (to->address.family != ADDRESS_NONE && is_translated(&s->findings))
			discovery_ask(s, &q, now_ms);
		else
			discovery_ask_nothing(s);
	}
}

static void hairpin_conclude(struct discovery *s)
{
	s->findings.hairpin[0] = discovery_answer(s, 0);
	s->findings.hairpin[1] = discovery_answer(s, 1);
}

/* --- inside: is a port kept that lies in the range seen? ------------------------------------------ */

static bool was_seen_outside(const struct discovery_findings *f, unsigned port)
{
	for (size_t i = 0; i < f->port_count; i++)
		if (f->ports[i].outside == port)
			return true;
	return false;
}

/* Ports spread evenly inside the range seen, its ends left out, and what other sockets have. */
static void inside_want(struct discovery *s)
{
	const struct discovery_findings *f = &s->findings;
	unsigned low = UINT16_MAX, high = 0;

	if (ports_kept(f) == f->port_count)
		return;
	for (size_t i = 0; i < f->port_count; i++) {
		low = f->ports[i].outside < low ? f->ports[i].outside : low;
		high = f->ports[i].outside > high ? f->ports[i].outside : high;
	}
	for (unsigned i = 0; i < DISCOVERY_INSIDE && low >= 1024; i++) {
		unsigned port = low + (high - low) * (2 * i + 1) / (2 * DISCOVERY_INSIDE);

		while (was_seen_outside(f, port) && port < high)
			port++;
		discovery_want(s, (uint16_t)(DISCOVERY_SOCKET_INSIDE + i), (uint16_t)port);
	}
}

static void inside_ask(struct discovery *s, uint64_t now_ms)
{
	if (s->slots[DISCOVERY_SOCKET_INSIDE].open)
		sample_ask(s, DISCOVERY_SOCKET_INSIDE, DISCOVERY_INSIDE, now_ms);
}

static void inside_conclude(struct discovery *s)
{
	sample_conclude(s, DISCOVERY_SOCKET_INSIDE);
}

/* --- lifetime ------------------------------------------------------------------------------------- */

static bool wants_lifetime(const struct discovery *s)
{
	bool helps = false;

	for (size_t i = 0; i < s->findings.round_count; i++)
		helps = helps || answered(&s->findings.rounds[i].port_control);
	return s->options.mapping_lifetime_max_s > 0 && is_translated(&s->findings) && helps;
}

static void mapping_lifetime_want(struct discovery *s)
{
	if (wants_lifetime(s))
		discovery_want_many(s, DISCOVERY_SOCKET_LIFETIME,
		                    (uint16_t)mapping_lifetime_sockets(s->options.mapping_lifetime_max_s));
}

static void mapping_lifetime_ask(struct discovery *s, uint64_t now_ms)
{
	struct mapping_lifetime_plan plan = {
		.server = s->findings.server[0][0],
		.first_socket = DISCOVERY_SOCKET_LIFETIME,
		.asker = ASKER,
		.max_s = s->options.mapping_lifetime_max_s,
		.sends = DISCOVERY_SENDS,
		.rto_ms = s->rto_ms,
		.fast = s->options.fast,
	};

	(void)now_ms; /* discovery_next() makes its first step */
	if (!wants_lifetime(s))
		return;
	s->findings.mapping_lifetime_asked = true;
	mapping_lifetime_start(&s->lifetime, &plan);
	s->end_ms = UINT64_MAX; /* it ends by itself */
}

static void mapping_lifetime_conclude(struct discovery *s)
{
	if (s->findings.mapping_lifetime_asked)
		s->findings.lifetime = mapping_lifetime_findings(&s->lifetime);
}

/* --- more: what is left of a small range is used up last, when it hurts no other question --------- */

static void more_want(struct discovery *s)
{
	if (ports_kept(&s->findings) < s->findings.port_count)
		discovery_want_many(s, DISCOVERY_SOCKET_MORE, DISCOVERY_MORE);
}

static void more_ask(struct discovery *s, uint64_t now_ms)
{
	if (s->slots[DISCOVERY_SOCKET_MORE].open)
		sample_ask(s, DISCOVERY_SOCKET_MORE, DISCOVERY_MORE, now_ms);
}

static void more_conclude(struct discovery *s)
{
	sample_conclude(s, DISCOVERY_SOCKET_MORE);
}

/* --- their order ------------------------------------------------------------------------------------- */

const struct discovery_step discovery_steps[] = {
	{ contact_want, contact_ask, contact_conclude },
	{ ports_want, ports_ask, ports_conclude },
	{ nothing_wanted, hairpin_ask, hairpin_conclude },
	{ mapping_want, mapping_ask, mapping_conclude }, /* DISCOVERY_ROUND_STEP */
	{ doors_want, doors_ask, doors_conclude },
	{ nothing_wanted, after_ask, after_conclude },
	{ inside_want, inside_ask, inside_conclude },
	{ more_want, more_ask, more_conclude },
	{ mapping_lifetime_want, mapping_lifetime_ask, mapping_lifetime_conclude },
};

const size_t discovery_step_count = sizeof discovery_steps / sizeof discovery_steps[0];
