#include "nat/measurement.h"

#include "nat/measurement_rows.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* --- what is asked, where it is not a word of the spec ----------------------------------------- */

/*
 * Whether an accepted early packet can be seen to move a port: where a shut-out packet to a port foretells a mapping.
 */
static bool early_shows(const struct nat *n, enum nat_protocol protocol)
{
	const struct nat_transport *t = &n->transport[protocol];

	if (n->kind != NAT_TRANSLATE || n->input != NAT_INPUT_ACCEPT)
		return false;
	/* Of TCP the box's own RST ends the entry at once (tcp_packet() in nf_conntrack_proto_tcp.c). */
	if (protocol == NAT_TCP)
		return false;
	return (t->mapping == NAT_ENDPOINT_INDEPENDENT && t->filtering != NAT_ENDPOINT_INDEPENDENT) ||
	       (t->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT && t->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT) ||
	       t->ports == NAT_PORTS_PRESERVE || t->ports == NAT_PORTS_OVERLOAD;
}

static enum nat_input measured_input(const struct nat *asked, const struct observation *seen)
{
	if (seen->early == EARLY_MOVES_PORT)
		return NAT_INPUT_ACCEPT;
	if (!seen->refuses)
		return NAT_INPUT_DROP;
	/* Where it could not show either way, the two are one behaviour. */
	return asked->input == NAT_INPUT_ACCEPT && !early_shows(asked, seen->protocol) ? NAT_INPUT_ACCEPT
	                                                                               : NAT_INPUT_REJECT;
}

/* --- the rows, by part ------------------------------------------------------------------------- */

static const char *passage_word(const struct observation *seen)
{
	if (seen->udp_reaches_all)
		return "passes";
	if (seen->udp_reaches_some)
		return "passes to some";
	return seen->udp_comes_in ? "blocked, but comes in" : "blocked";
}

static void add_passage(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool blocked = asked->transport[seen->protocol].blocked;

	m->measured.transport[seen->protocol].blocked = !seen->udp_reaches_some;
	if (seen->protocol == NAT_TCP && blocked == seen->udp_reaches_some)
		m->measured.tcp = blocked ? NAT_TCP_ALLOWED : NAT_TCP_BLOCKED;
	measurement_add_row(m, seen, MEASURED_PASSAGE, blocked ? "blocked" : "passes", passage_word(seen),
	                    blocked ? seen->udp_reaches_some || seen->udp_comes_in : !seen->udp_reaches_all);
}

static bool maps_prefix(const struct nat *asked, const struct observation *seen)
{
	return seen->is_ipv6 && nat_maps_prefix(asked);
}

static const char *translation_word(bool translates, bool by_prefix)
{
	if (by_prefix)
		return "by prefix";
	return translates ? "yes" : "no";
}

static void add_translation(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool by_prefix = maps_prefix(asked, seen), translates = by_prefix || asked->kind == NAT_TRANSLATE;

	if (seen->protocol == NAT_UDP) {
		m->measured.kind = NAT_TRANSLATE;
		if (!seen->translated || seen->by_prefix)
			m->measured.kind = seen->lets_in_unmapped ? NAT_OPEN : NAT_FIREWALL;
	}
	measurement_add_row(m, seen, MEASURED_TRANSLATION, translation_word(translates, by_prefix),
	                    translation_word(seen->translated, seen->by_prefix),
	                    translates != seen->translated || by_prefix != seen->by_prefix);
}

static void add_unsolicited(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool open = asked->kind == NAT_OPEN;

	m->measured.input = measured_input(asked, seen);
	measurement_add_row(m, seen, MEASURED_UNSOLICITED, open ? "let in" : nat_input_name(asked->input),
	                    seen->lets_in_unmapped ? "let in" : nat_input_name(m->measured.input),
	                    seen->lets_in_unmapped != open || (!open && m->measured.input != asked->input));
}

static void add_early(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	static const char *const words[] = { "harmless", "moves the port" };
	bool moves = seen->early == EARLY_MOVES_PORT, shows = early_shows(asked, seen->protocol);

	if (seen->early == EARLY_UNSEEN)
		measurement_add_row(m, seen, MEASURED_EARLY_PACKET, "-", "cannot be seen", false);
	else
		measurement_add_row(m, seen, MEASURED_EARLY_PACKET, words[shows], words[moves], shows != moves);
}

/* What a box does with most, and with peers where that is something else. */
static void say_of_both(char text[MEASUREMENT_TEXT_SIZE], const struct observation *seen, const char *word,
                        const char *peers, bool same)
{
	if (same)
		snprintf(text, MEASUREMENT_TEXT_SIZE, "%s", word);
	else
		snprintf(text, MEASUREMENT_TEXT_SIZE, "%s (peers: %s)", word,
		         seen->udp_reaches_peers ? peers : "not reached");
}

static void add_mapping(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	enum nat_behaviour mapping = asked->transport[seen->protocol].mapping;
	bool same = seen->mapping_to_peers == seen->mapping;
	char measured[MEASUREMENT_TEXT_SIZE];

	m->measured.transport[seen->protocol].mapping = seen->mapping;
	/* Whether the address counts, only two hosts show. */
	m->measured.transport[seen->protocol].by_port =
	    seen->two_hosts_seen ? seen->taken_over && seen->mapping == NAT_ENDPOINT_INDEPENDENT
				 : asked->transport[seen->protocol].by_port;
	say_of_both(measured, seen, nat_behaviour_name(seen->mapping), nat_behaviour_name(seen->mapping_to_peers),
	            same && seen->udp_reaches_peers);
	measurement_add_row(m, seen, MEASURED_MAPPING, nat_behaviour_name(mapping), measured,
	                    seen->mapping != mapping || !same || !seen->udp_reaches_peers)
	    ->requirement_met = seen->mapping == NAT_ENDPOINT_INDEPENDENT && same;
}

static const char *filtering_word(bool answers_pass, enum nat_behaviour filtering)
{
	return answers_pass ? nat_behaviour_name(filtering) : "everything, answers included";
}

static void add_filtering(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool open = asked->kind == NAT_OPEN;
	enum nat_behaviour filtering = open ? NAT_ENDPOINT_INDEPENDENT : asked->transport[seen->protocol].filtering;
	bool heard = seen->filtering_seen && seen->hears_peers;
	bool same = heard ? seen->filtering_of_peers == seen->filtering : seen->filtering_seen == seen->hears_peers;
	char measured[MEASUREMENT_TEXT_SIZE];

	if (!open)
		m->measured.transport[seen->protocol].filtering = seen->filtering;
	say_of_both(measured, seen, filtering_word(seen->filtering_seen, seen->filtering),
	            filtering_word(seen->hears_peers, seen->filtering_of_peers), same && seen->udp_reaches_peers);
	measurement_add_row(m, seen, MEASURED_FILTERING, nat_behaviour_name(filtering), measured,
	                    !heard || seen->filtering != filtering || !same || !seen->udp_reaches_peers)
	    ->requirement_met = heard && same && seen->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static void add_ports(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	enum nat_ports wanted = asked->transport[seen->protocol].ports, ports = seen->ports;
	bool unasked_pool = seen->pool_only && asked->port_high == 0;
	bool other_step = seen->ports == NAT_PORTS_SEQUENTIAL && seen->step != 1;
	bool parity = asked->transport[seen->protocol].parity;
	bool keeps_parity = parity || (wanted == NAT_PORTS_PRESERVE && asked->port_high == 0);
	bool parity_kept = seen->parity_kept && (!parity || !seen->two_hosts_seen || seen->clash_parity_kept);
	char measured[MEASUREMENT_TEXT_SIZE];

	if (ports == NAT_PORTS_PRESERVE && seen->two_hosts_seen && seen->port_shared && !seen->taken_over)
		ports = NAT_PORTS_OVERLOAD;
	/* With one host nothing tells the two apart. */
	if (ports == NAT_PORTS_PRESERVE && !seen->two_hosts_seen && wanted == NAT_PORTS_OVERLOAD)
		ports = NAT_PORTS_OVERLOAD;
	m->measured.transport[seen->protocol].ports = ports;
	/* Where ports are kept, so is parity. */
	m->measured.transport[seen->protocol].parity = parity_kept && (parity || ports == NAT_PORTS_RANDOM);
	if (other_step)
		snprintf(measured, sizeof measured, "sequential, step %u", seen->step);
	else
		snprintf(measured, sizeof measured, "%s%s", nat_ports_name(ports),
		         unasked_pool ? ", only in a pool" : "");
	measurement_add_row(m, seen, MEASURED_PORTS, nat_ports_name(wanted), measured,
	                    ports != wanted || unasked_pool || other_step);
	if (seen->protocol == NAT_TCP)
		return;
	measurement_add_row(m, seen, MEASURED_PORT_PARITY, keeps_parity ? "kept" : "-",
	                    parity_kept ? "kept" : "not kept", keeps_parity && !parity_kept)
	    ->requirement_met = parity_kept;
}

/* Each host has one where they are paired, as long as there are enough hosts to see them all. */
static void add_addresses(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool arbitrary = asked->pooling == NAT_POOLING_ARBITRARY;
	unsigned hosts = seen->two_hosts_seen ? 2 : 1, wanted = nat_addresses(asked);
	unsigned visible = arbitrary || wanted < hosts ? wanted : hosts;
	char asked_text[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	m->measured.pooling = seen->one_address ? NAT_POOLING_PAIRED : NAT_POOLING_ARBITRARY;
	measurement_add_row(m, seen, MEASURED_EXTERNAL_ADDRESS, arbitrary ? "several" : "one",
	                    seen->one_address ? "one" : "several", seen->one_address == arbitrary)
	    ->requirement_met = seen->one_address;
	if (seen->address_count != visible)
		m->measured.addresses = seen->address_count - (seen->address_count > 0);
	if (wanted == 1 && seen->address_count <= 1)
		return;
	snprintf(asked_text, sizeof asked_text, "%u", wanted);
	snprintf(measured, sizeof measured, "%u for %u host%s", seen->address_count, hosts, hosts == 1 ? "" : "s");
	measurement_add_row(m, seen, MEASURED_ADDRESSES, asked_text, measured, seen->address_count != visible);
}

static void add_range(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool ranged = asked->port_high != 0 && !(seen->protocol == NAT_TCP && asked->tcp == NAT_TCP_LINUX);
	bool within =
	    ranged ? seen->port_low >= asked->port_low && seen->port_high <= asked->port_high : !seen->pool_only;
	char asked_text[MEASUREMENT_TEXT_SIZE] = "-";
	char measured[MEASUREMENT_TEXT_SIZE];

	snprintf(measured, sizeof measured, "%u-%u (%u seen)", seen->port_low, seen->port_high, seen->port_count);
	if (ranged)
		snprintf(asked_text, sizeof asked_text, "%u-%u", asked->port_low, asked->port_high);
	measurement_add_row(m, seen, MEASURED_RANGE, asked_text, measured, ranged && !within);
	if (!within && seen->protocol == NAT_UDP) {
		m->measured.port_low = seen->port_low;
		m->measured.port_high = seen->port_high;
	}
}

static void add_clash(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool overload = asked->transport[seen->protocol].ports == NAT_PORTS_OVERLOAD;
	bool by_port = asked->transport[seen->protocol].by_port, shared = overload || by_port;

	if (!seen->two_hosts_seen)
		return;
	measurement_add_row(m, seen, MEASURED_SAME_PORT, shared ? "one port for both" : "a port each",
	                    seen->port_shared ? "one port for both" : "a port each", shared != seen->port_shared)
	    ->requirement_met = !seen->port_shared;
	if (by_port || seen->taken_over)
		measurement_add_row(m, seen, MEASURED_TAKE_OVER, by_port ? "by who sends" : "no",
		                    seen->taken_over ? "by who sends" : "no", by_port != seen->taken_over);
	if (!by_port)
		measurement_add_row(m, seen, MEASURED_ANSWERS, "to whom they belong",
		                    seen->own_answers ? "to whom they belong" : "to another host", !seen->own_answers);
	measurement_add_row(m, seen, MEASURED_AFTER_CLASH, overload ? "-" : "as before",
	                    seen->mapping_after_clash ? "as before" : "another",
	                    !overload && !seen->mapping_after_clash)
	    ->requirement_met = seen->mapping_after_clash;
}

static void add_hairpin(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	enum nat_hairpin hairpin = asked->transport[seen->protocol].hairpin;
	bool external = seen->hairpin == NAT_HAIRPIN_EXTERNAL || seen->hairpin == NAT_HAIRPIN_MAPPED;
	bool answers = !external || seen->hairpin_answers;
	char measured[MEASUREMENT_TEXT_SIZE];

	if (!seen->hairpin_seen)
		return;
	m->measured.transport[seen->protocol].hairpin = seen->hairpin;
	snprintf(measured, sizeof measured, "%s%s", nat_hairpin_name(seen->hairpin), answers ? "" : ", answers lost");
	measurement_add_row(m, seen, MEASURED_HAIRPIN, nat_hairpin_name(hairpin), measured,
	                    seen->hairpin != hairpin || !answers)
	    ->requirement_met = seen->hairpin == NAT_HAIRPIN_EXTERNAL && answers;
}

/* Where there are no mappings. */
static void add_addresses_alone(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	if (seen->by_prefix && seen->protocol == NAT_UDP)
		measurement_add_prefix(asked, seen, m);
	if (seen->by_prefix)
		add_hairpin(asked, seen, m);
}

/* --- all of it --------------------------------------------------------------------------------- */

static void add_translator(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	add_mapping(asked, seen, m);
	add_filtering(asked, seen, m);
	add_ports(asked, seen, m);
	add_range(asked, seen, m);
	add_addresses(asked, seen, m);
	add_clash(asked, seen, m);
	add_hairpin(asked, seen, m);
	add_unsolicited(asked, seen, m);
	add_early(asked, seen, m);
	measurement_add_port_mapping(asked, seen, m);
}

/* --- TCP alone --------------------------------------------------------------------------------- */

static enum nat_unsolicited measured_unsolicited(const struct observation *seen)
{
	if (seen->resets)
		return NAT_UNSOLICITED_RESET;
	return seen->refuses_late ? NAT_UNSOLICITED_ICMP : NAT_UNSOLICITED_DROP;
}

static void add_unsolicited_syn(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool open = asked->kind == NAT_OPEN;
	enum nat_unsolicited measured = measured_unsolicited(seen);
	struct nat words = { .unsolicited = measured };
	char text[MEASUREMENT_TEXT_SIZE];

	m->measured.unsolicited = measured;
	snprintf(text, sizeof text, "%s%s", nat_word(&words, NAT_KEY_TCP_UNSOLICITED),
	         measured == NAT_UNSOLICITED_DROP && !seen->late_seen ? ", at first" : "");
	if (seen->lets_in_unmapped)
		snprintf(text, sizeof text, "let in");
	else if (seen->refuses)
		snprintf(text, sizeof text, "icmp, at once");
	measurement_add_row(
	    m, seen, MEASURED_TCP_UNSOLICITED, open ? "let in" : nat_word(asked, NAT_KEY_TCP_UNSOLICITED), text,
	    seen->lets_in_unmapped != open || (!open && (seen->refuses || measured != asked->unsolicited)))
	    ->requirement_met = measured != NAT_UNSOLICITED_RESET && !seen->refuses;
}

static void add_simultaneous(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	if (!seen->simultaneous_seen)
		return;
	m->measured.simultaneous_broken = !seen->simultaneous;
	measurement_add_row(m, seen, MEASURED_TCP_SIMULTANEOUS, nat_word(asked, NAT_KEY_TCP_SIMULTANEOUS),
	                    seen->simultaneous ? "yes" : "no", seen->simultaneous == asked->simultaneous_broken)
	    ->requirement_met = seen->simultaneous;
}

static void add_tcp_icmp(const struct observation *seen, struct measurement *m)
{
	measurement_add_row(m, seen, MEASURED_TCP_ICMP_ERROR, "connection stays",
	                    seen->survives_icmp ? "connection stays" : "connection ends", !seen->survives_icmp)
	    ->requirement_met = seen->survives_icmp;
}

void measurement_add_tcp(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	bool maps = seen->translated && !seen->by_prefix;

	add_passage(asked, seen, m);
	if (!seen->udp_passes)
		return;
	add_translation(asked, seen, m);
	if (maps)
		add_mapping(asked, seen, m);
	add_filtering(asked, seen, m);
	add_addresses_alone(asked, seen, m);
	if (maps) {
		add_ports(asked, seen, m);
		add_range(asked, seen, m);
		add_addresses(asked, seen, m);
		add_clash(asked, seen, m);
		add_hairpin(asked, seen, m);
	}
	add_unsolicited_syn(asked, seen, m);
	if (maps)
		add_early(asked, seen, m);
	add_simultaneous(asked, seen, m);
	add_tcp_icmp(seen, m);
	measurement_add_tcp_lives(asked, seen, m);
}

/* --- UDP --------------------------------------------------------------------------------------- */

static void add_udp(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	add_passage(asked, seen, m);
	if (!seen->udp_passes)
		return;
	add_translation(asked, seen, m);
	if (seen->translated && !seen->by_prefix) {
		add_translator(asked, seen, m);
	} else {
		add_filtering(asked, seen, m);
		add_addresses_alone(asked, seen, m);
		add_unsolicited(asked, seen, m);
	}
	measurement_add_manners(asked, seen, m);
	if (asked->kind != NAT_OPEN)
		measurement_add_lives(asked, seen, m);
}

/* --- IPv6 -------------------------------------------------------------------------------------- */

/* Of a NAT64 it was seen by IPv4 already. */
static enum nat_ipv6 measured_ipv6(enum nat_ipv6 so_far, const struct nat *own, const struct observation *seen)
{
	if (!seen->udp_passes)
		return NAT_IPV6_NONE;
	if (seen->by_prefix && own->kind == NAT_OPEN)
		return NAT_IPV6_NPTV6;
	if (so_far == NAT_IPV6_NAT64 && own->kind == NAT_OPEN)
		return so_far;
	if (own->kind == NAT_TRANSLATE)
		return NAT_IPV6_NAT66;
	return own->kind == NAT_OPEN ? NAT_IPV6_OPEN : NAT_IPV6_FIREWALL;
}

/* What was measured of UDP over IPv6, as a NAT of its own, in the words for it. */
static void take_ipv6(struct nat *measured, const struct nat *own, const struct observation *seen)
{
	const enum nat_ipv6 asked = measured->ipv6;

	measured->ipv6 = measured_ipv6(measured->ipv6, own, seen);
	if (measured->ipv6 != asked)
		memset(measured->ipv6_prefixes, 0, sizeof measured->ipv6_prefixes);
	measured->ipv6_mapping =
	    measured->ipv6 == NAT_IPV6_NAT66 ? own->transport[NAT_UDP].mapping : NAT_ENDPOINT_INDEPENDENT;
	measured->ipv6_hairpin = (measured->ipv6 == NAT_IPV6_NAT66 || nat_maps_prefix(measured)) &&
	                         own->transport[NAT_UDP].hairpin == NAT_HAIRPIN_EXTERNAL;
	if (!nat_filters_ipv6(measured)) {
		measured->ipv6_filtering = NAT_ENDPOINT_INDEPENDENT;
		measured->ipv6_timeout_s = 0;
		return;
	}
	measured->ipv6_filtering = own->transport[NAT_UDP].filtering;
	if (nat_timeout_s(own) != nat_timeout_s(measured) || measured->ipv6_timeout_s != 0)
		measured->ipv6_timeout_s = nat_timeout_s(own);
}

/* A box's IPv6 is a box of its own, of which the same is said in the same words. */
void measurement_add_ipv6(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	const struct nat own = nat_ipv6(asked);
	struct nat measured = m->measured;

	m->measured = own;
	if (seen->protocol == NAT_TCP) {
		measurement_add_tcp(m, &own, seen);
	} else {
		add_udp(&own, seen, m);
		if (seen->udp_passes)
			measurement_add_place(&own, seen, m);
		take_ipv6(&measured, &m->measured, seen);
	}
	m->measured = measured;
}

void measurement_make(const struct nat *asked, const struct observation *seen, struct measurement *out)
{
	*out = (struct measurement){ .measured = *asked };
	add_udp(asked, seen, out);
}

bool measurement_agrees(const struct measurement *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].differs)
			return false;
	return true;
}

const struct measurement_row *measurement_find(const struct measurement *m, enum measurement_part part)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].part == part)
			return &m->rows[i];
	return NULL;
}

void measurement_add_single(struct measurement *m, const struct measurement *single)
{
	for (size_t i = 0; i < m->count; i++) {
		struct measurement_row *row = &m->rows[i];
		const struct measurement_row *other = measurement_find(single, row->part);
		char both[MEASUREMENT_TEXT_SIZE];

		if (other == NULL || other->differs == row->differs)
			continue;
		row->differs = true;
		row->requirement_met = row->requirement_met && other->requirement_met;
		snprintf(both, sizeof both, "%.36s (with one host %.36s)", row->measured, other->measured);
		memcpy(row->measured, both, sizeof both);
	}
}
