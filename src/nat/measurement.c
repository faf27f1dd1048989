#include "nat/measurement.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define TOLERANCE_MS 60 /* of a life's end: packets are sent and looked at a little later than planned */
#define REQ_5_MS 120000 /* "MUST NOT expire in less than two minutes" */

/* --- rows -------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned requirement; /* of RFC 4787, of TCP's of RFC 5382; 0: none */
} parts[] = {
	[MEASURED_PASSAGE] = { "UDP", 0 },
	[MEASURED_TRANSLATION] = { "translation", 0 },
	[MEASURED_MAPPING] = { "mapping", 1 },
	[MEASURED_FILTERING] = { "filtering", 8 },
	[MEASURED_PORTS] = { "ports", 0 },
	[MEASURED_PORT_PARITY] = { "port parity", 4 },
	[MEASURED_RANGE] = { "range", 0 },
	[MEASURED_EXTERNAL_ADDRESS] = { "external address", 2 },
	[MEASURED_ADDRESSES] = { "addresses", 0 },
	[MEASURED_SAME_PORT] = { "same source port", 3 },
	[MEASURED_ANSWERS] = { "answers", 0 },
	[MEASURED_AFTER_CLASH] = { "mapping after clash", 11 },
	[MEASURED_HAIRPIN] = { "hairpin", 9 },
	[MEASURED_UNSOLICITED] = { "unsolicited", 0 },
	[MEASURED_EARLY_PACKET] = { "early packet", 0 },
	[MEASURED_PAYLOAD] = { "payload", 10 },
	[MEASURED_ICMP_ERROR] = { "ICMP error", 12 },
	[MEASURED_WAN_MTU] = { "wan-mtu", 0 },
	[MEASURED_LONGER_PACKETS] = { "longer packets", 0 },
	[MEASURED_SIZES] = { "sizes", 0 },
	[MEASURED_FRAGMENTS] = { "fragments", 14 },
	[MEASURED_TTL] = { "TTL", 0 },
	[MEASURED_PORT_MAPPING] = { "port mapping", 0 },
	[MEASURED_LIMIT_PER_HOST] = { "limit-per-host", 0 },
	[MEASURED_LIMIT] = { "limit", 0 },
	[MEASURED_TIMEOUT] = { "timeout", 5 },
	[MEASURED_STREAM_TIMEOUT] = { "stream-timeout", 5 },
	[MEASURED_LIFETIME] = { "lifetime", 0 },
	[MEASURED_REFRESH] = { "refresh", 6 },
	[MEASURED_REFRESH_BY_STRANGERS] = { "refresh by strangers", 0 },
	[MEASURED_REFRESH_FOR_STRANGERS] = { "refresh for strangers", 0 },
	[MEASURED_TCP] = { "TCP", 0 },
	[MEASURED_TCP_TRANSLATION] = { "TCP translation", 0 },
	[MEASURED_TCP_MAPPING] = { "TCP mapping", 1 },
	[MEASURED_TCP_FILTERING] = { "TCP filtering", 3 },
	[MEASURED_TCP_PORTS] = { "TCP ports", 0 },
	[MEASURED_TCP_RANGE] = { "TCP range", 0 },
	[MEASURED_TCP_EXTERNAL_ADDRESS] = { "TCP external address", 0 },
	[MEASURED_TCP_ADDRESSES] = { "TCP addresses", 0 },
	[MEASURED_TCP_SAME_PORT] = { "TCP same source port", 7 },
	[MEASURED_TCP_ANSWERS] = { "TCP answers", 0 },
	[MEASURED_TCP_AFTER_CLASH] = { "TCP after clash", 1 },
	[MEASURED_TCP_HAIRPIN] = { "TCP hairpin", 8 },
	[MEASURED_TCP_UNSOLICITED] = { "TCP unsolicited", 4 },
	[MEASURED_TCP_EARLY_PACKET] = { "TCP early SYN", 0 },
	[MEASURED_TCP_SIMULTANEOUS] = { "TCP simultaneous", 2 },
	[MEASURED_TCP_ICMP_ERROR] = { "TCP ICMP error", 10 },
	[MEASURED_TCP_TIMEOUT] = { "TCP timeout", 5 },
	[MEASURED_TCP_TRANSITORY] = { "TCP transitory", 5 },
	[MEASURED_TCP_CLOSED] = { "TCP closed", 0 },
};

const char *measurement_part_name(enum measurement_part part)
{
	return parts[part].name;
}

unsigned measurement_part_requirement(enum measurement_part part)
{
	return parts[part].requirement;
}

bool measurement_part_is_tcp(enum measurement_part part)
{
	return part >= MEASURED_TCP;
}

/* The same part of the protocol that was looked at. */
static enum measurement_part part_of(const struct observation *seen, enum measurement_part part)
{
	static const enum measurement_part tcp[MEASURED_TCP] = {
		[MEASURED_PASSAGE] = MEASURED_TCP,
		[MEASURED_TRANSLATION] = MEASURED_TCP_TRANSLATION,
		[MEASURED_MAPPING] = MEASURED_TCP_MAPPING,
		[MEASURED_FILTERING] = MEASURED_TCP_FILTERING,
		[MEASURED_PORTS] = MEASURED_TCP_PORTS,
		[MEASURED_RANGE] = MEASURED_TCP_RANGE,
		[MEASURED_EXTERNAL_ADDRESS] = MEASURED_TCP_EXTERNAL_ADDRESS,
		[MEASURED_ADDRESSES] = MEASURED_TCP_ADDRESSES,
		[MEASURED_SAME_PORT] = MEASURED_TCP_SAME_PORT,
		[MEASURED_ANSWERS] = MEASURED_TCP_ANSWERS,
		[MEASURED_AFTER_CLASH] = MEASURED_TCP_AFTER_CLASH,
		[MEASURED_HAIRPIN] = MEASURED_TCP_HAIRPIN,
		[MEASURED_UNSOLICITED] = MEASURED_TCP_UNSOLICITED,
		[MEASURED_EARLY_PACKET] = MEASURED_TCP_EARLY_PACKET,
	};

	return seen->protocol == NAT_TCP ? tcp[part] : part;
}

/* `differs`: what was measured from what was asked, by their values; the words are for people. */
static struct measurement_row *add_row(struct measurement *m, enum measurement_part part, const char *asked,
                                       const char *measured, bool differs)
{
	struct measurement_row *row = &m->rows[m->count++];

	*row = (struct measurement_row){ .part = part, .differs = differs };
	snprintf(row->asked, sizeof row->asked, "%s", asked);
	snprintf(row->measured, sizeof row->measured, "%s", measured);
	return row;
}

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
	add_row(m, part_of(seen, MEASURED_PASSAGE), blocked ? "blocked" : "passes", passage_word(seen),
	        blocked ? seen->udp_reaches_some || seen->udp_comes_in : !seen->udp_reaches_all);
}

static void add_translation(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool translates = asked->kind == NAT_TRANSLATE;

	if (seen->protocol == NAT_UDP) {
		m->measured.kind = NAT_TRANSLATE;
		if (!seen->translated)
			m->measured.kind = seen->lets_in_unmapped ? NAT_OPEN : NAT_FIREWALL;
	}
	add_row(m, part_of(seen, MEASURED_TRANSLATION), translates ? "yes" : "no", seen->translated ? "yes" : "no",
	        translates != seen->translated);
}

static void add_unsolicited(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool open = asked->kind == NAT_OPEN;

	m->measured.input = measured_input(asked, seen);
	add_row(m, MEASURED_UNSOLICITED, open ? "let in" : nat_input_name(asked->input),
	        seen->lets_in_unmapped ? "let in" : nat_input_name(m->measured.input),
	        seen->lets_in_unmapped != open || (!open && m->measured.input != asked->input));
}

static void add_early(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	static const char *const words[] = { "harmless", "moves the port" };
	bool moves = seen->early == EARLY_MOVES_PORT, shows = early_shows(asked, seen->protocol);

	if (seen->early == EARLY_UNSEEN)
		add_row(m, part_of(seen, MEASURED_EARLY_PACKET), "-", "cannot be seen", false);
	else
		add_row(m, part_of(seen, MEASURED_EARLY_PACKET), words[shows], words[moves], shows != moves);
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
	say_of_both(measured, seen, nat_behaviour_name(seen->mapping), nat_behaviour_name(seen->mapping_to_peers),
	            same && seen->udp_reaches_peers);
	add_row(m, part_of(seen, MEASURED_MAPPING), nat_behaviour_name(mapping), measured,
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
	add_row(m, part_of(seen, MEASURED_FILTERING), nat_behaviour_name(filtering), measured,
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

	if (ports == NAT_PORTS_PRESERVE && seen->two_hosts_seen && seen->port_shared)
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
	add_row(m, part_of(seen, MEASURED_PORTS), nat_ports_name(wanted), measured,
	        ports != wanted || unasked_pool || other_step);
	if (seen->protocol == NAT_TCP)
		return;
	add_row(m, MEASURED_PORT_PARITY, keeps_parity ? "kept" : "-", parity_kept ? "kept" : "not kept",
	        keeps_parity && !parity_kept)
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
	add_row(m, part_of(seen, MEASURED_EXTERNAL_ADDRESS), arbitrary ? "several" : "one",
	        seen->one_address ? "one" : "several", seen->one_address == arbitrary)
	    ->requirement_met = seen->one_address;
	if (seen->address_count != visible)
		m->measured.addresses = seen->address_count - (seen->address_count > 0);
	if (wanted == 1 && seen->address_count <= 1)
		return;
	snprintf(asked_text, sizeof asked_text, "%u", wanted);
	snprintf(measured, sizeof measured, "%u for %u host%s", seen->address_count, hosts, hosts == 1 ? "" : "s");
	add_row(m, part_of(seen, MEASURED_ADDRESSES), asked_text, measured, seen->address_count != visible);
}

static void add_range(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool within = asked->port_high != 0 ? seen->port_low >= asked->port_low && seen->port_high <= asked->port_high
	                                    : !seen->pool_only;
	char asked_text[MEASUREMENT_TEXT_SIZE] = "-";
	char measured[MEASUREMENT_TEXT_SIZE];

	snprintf(measured, sizeof measured, "%u-%u (%u seen)", seen->port_low, seen->port_high, seen->port_count);
	if (asked->port_high != 0)
		snprintf(asked_text, sizeof asked_text, "%u-%u", asked->port_low, asked->port_high);
	add_row(m, part_of(seen, MEASURED_RANGE), asked_text, measured, asked->port_high != 0 && !within);
	if (!within) {
		m->measured.port_low = seen->port_low;
		m->measured.port_high = seen->port_high;
	}
}

static void add_clash(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool overload = asked->transport[seen->protocol].ports == NAT_PORTS_OVERLOAD;

	if (!seen->two_hosts_seen)
		return;
	add_row(m, part_of(seen, MEASURED_SAME_PORT), overload ? "one port for both" : "a port each",
	        seen->port_shared ? "one port for both" : "a port each", overload != seen->port_shared)
	    ->requirement_met = !seen->port_shared;
	add_row(m, part_of(seen, MEASURED_ANSWERS), "to whom they belong",
	        seen->own_answers ? "to whom they belong" : "to another host", !seen->own_answers);
	add_row(m, part_of(seen, MEASURED_AFTER_CLASH), overload ? "-" : "as before",
	        seen->mapping_after_clash ? "as before" : "another", !overload && !seen->mapping_after_clash)
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
	add_row(m, part_of(seen, MEASURED_HAIRPIN), nat_hairpin_name(hairpin), measured,
	        seen->hairpin != hairpin || !answers)
	    ->requirement_met = seen->hairpin == NAT_HAIRPIN_EXTERNAL && answers;
}

#define USUAL_MTU 1500 /* of Ethernet, which all links have that were asked nothing else */
#define HEADERS 28     /* of IP and UDP, before a datagram's payload */

/* Of datagrams that one packet carries. */
static void add_sizes(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned mtu = asked->wan_mtu != 0 ? asked->wan_mtu : USUAL_MTU;
	bool differs = seen->size_lost != 0 && seen->size_lost + HEADERS <= mtu;
	char measured[MEASUREMENT_TEXT_SIZE] = "all pass";

	if (differs)
		snprintf(measured, sizeof measured, "%u bytes lost", seen->size_lost);
	add_row(m, MEASURED_SIZES, "all pass", measured, differs);
}

static void add_ttl(const struct observation *seen, struct measurement *m)
{
	char asked[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	snprintf(asked, sizeof asked, "%d less", seen->routers);
	if (seen->ttl_lost_out == seen->ttl_lost_in)
		snprintf(measured, sizeof measured, "%d less", seen->ttl_lost_out);
	else
		snprintf(measured, sizeof measured, "%d less out, %d in", seen->ttl_lost_out, seen->ttl_lost_in);
	/* What was lost is told of in another row. */
	if (seen->ttl_lost_out >= 0 && seen->ttl_lost_in >= 0)
		add_row(m, MEASURED_TTL, asked, measured,
		        seen->ttl_lost_out != seen->routers || seen->ttl_lost_in != seen->routers);
}

static enum nat_fragments fragments_of(const struct observation *seen)
{
	if (!seen->fragments_pass)
		return NAT_FRAGMENTS_DROP;
	return seen->reordered_pass ? NAT_FRAGMENTS_PASS : NAT_FRAGMENTS_IN_ORDER;
}

static void add_fragments(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	m->measured.fragments = fragments_of(seen);
	add_row(m, MEASURED_FRAGMENTS, nat_word(asked, NAT_KEY_FRAGMENTS), nat_word(&m->measured, NAT_KEY_FRAGMENTS),
	        m->measured.fragments != asked->fragments)
	    ->requirement_met = m->measured.fragments == NAT_FRAGMENTS_PASS;
}

static void add_mtu(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned wanted = asked->wan_mtu != 0 ? asked->wan_mtu : USUAL_MTU;
	char asked_text[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	m->measured.wan_mtu = seen->wan_mtu != USUAL_MTU || asked->wan_mtu == USUAL_MTU ? seen->wan_mtu : 0;
	snprintf(asked_text, sizeof asked_text, "%u bytes", wanted);
	snprintf(measured, sizeof measured, "%u bytes", seen->wan_mtu);
	add_row(m, MEASURED_WAN_MTU, asked_text, measured, seen->wan_mtu != wanted);
	if (seen->wan_mtu >= USUAL_MTU)
		return;
	add_row(m, MEASURED_LONGER_PACKETS, asked->icmp_blocked ? "lost silently" : "an ICMP error",
	        seen->too_big_told ? "an ICMP error" : "lost silently", seen->too_big_told == asked->icmp_blocked);
}

static void add_icmp(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	char wanted[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	m->measured.icmp_blocked = !seen->icmp_arrives;
	snprintf(wanted, sizeof wanted, "%s, mapping stays", asked->icmp_blocked ? "lost" : "arrives");
	snprintf(measured, sizeof measured, "%s, mapping %s", seen->icmp_arrives ? "arrives" : "lost",
	         seen->survives_icmp ? "stays" : "ends");
	add_row(m, MEASURED_ICMP_ERROR, wanted, measured,
	        seen->icmp_arrives == asked->icmp_blocked || !seen->survives_icmp)
	    ->requirement_met = seen->survives_icmp;
}

static void add_fidelity(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	add_row(m, MEASURED_PAYLOAD, "unchanged", seen->payload_kept ? "unchanged" : "changed", !seen->payload_kept)
	    ->requirement_met = seen->payload_kept;
	add_icmp(asked, seen, m);
	add_mtu(asked, seen, m);
	add_sizes(asked, seen, m);
	add_fragments(asked, seen, m);
	add_ttl(seen, m);
}

/* --- ports that hosts ask for ------------------------------------------------------------------- */

/* "upnp=conflict, nat-pmp" */
static const char *mapper_words(const struct nat *n, char text[MEASUREMENT_TEXT_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	if (n->upnp != NAT_MAPPER_NONE)
		len +=
		    (size_t)snprintf(text, MEASUREMENT_TEXT_SIZE, ", upnp%s%s", n->upnp != NAT_MAPPER_WORKS ? "=" : "",
		                     n->upnp != NAT_MAPPER_WORKS ? nat_word(n, NAT_KEY_UPNP) : "");
	snprintf(text + len, MEASUREMENT_TEXT_SIZE - len, "%s%s", n->nat_pmp ? ", nat-pmp" : "", n->pcp ? ", pcp" : "");
	if (text[0] == '\0')
		snprintf(text, MEASUREMENT_TEXT_SIZE, "  none");
	return text + strlen(", ");
}

/* One that does not answer is seen as silent only where that was asked: else there is none. */
static enum nat_port_mapper mapper_of(const struct nat *asked, const struct observation *seen)
{
	bool answers = seen->mapper_answers[0] || seen->mapper_answers[1] || seen->mapper_answers[2];
	bool opens = seen->mapper_opens[0] || seen->mapper_opens[1] || seen->mapper_opens[2];

	if (!answers)
		return asked->upnp == NAT_MAPPER_SILENT ? NAT_MAPPER_SILENT : NAT_MAPPER_NONE;
	if (!opens)
		return seen->mapper_is_public ? NAT_MAPPER_NONE : NAT_MAPPER_PRIVATE_ADDRESS;
	if (!seen->mapper_gives_usual)
		return NAT_MAPPER_CONFLICT;
	if (!seen->mapper_outlives)
		return NAT_MAPPER_SHORT_LEASE;
	return seen->mapper_survives_reboot ? NAT_MAPPER_WORKS : NAT_MAPPER_LOST_ON_REBOOT;
}

static void add_port_mapping(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	char wanted[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];
	enum nat_port_mapper all = mapper_of(asked, seen);
	bool in_vain = all == NAT_MAPPER_SILENT || all == NAT_MAPPER_PRIVATE_ADDRESS;
	struct nat *n = &m->measured;

	if (!seen->mapper_seen)
		return;
	n->nat_pmp = seen->mapper_opens[1] || (in_vain && asked->nat_pmp);
	n->pcp = seen->mapper_opens[2] || (in_vain && asked->pcp);
	n->upnp = all;
	/* Of a box without UPnP only what is not as it should be is to be told. */
	if (!seen->mapper_answers[0] && all == NAT_MAPPER_WORKS)
		n->upnp = NAT_MAPPER_NONE;
	if (seen->mapper_answers[0] && !seen->mapper_opens[0] && !in_vain)
		n->upnp = NAT_MAPPER_NONE;
	add_row(m, MEASURED_PORT_MAPPING, mapper_words(asked, wanted), mapper_words(n, measured),
	        n->upnp != asked->upnp || n->nat_pmp != asked->nat_pmp || n->pcp != asked->pcp);
}

/* --- lives ------------------------------------------------------------------------------------- */

static bool is_within(struct life_span span, unsigned asked_ms)
{
	return span.low_ms <= asked_ms + TOLERANCE_MS &&
	       (span.high_ms == UINT_MAX || asked_ms <= span.high_ms + TOLERANCE_MS);
}

static struct measurement_row *add_life(struct measurement *m, enum measurement_part part, unsigned asked_s,
                                        struct life_span span)
{
	char asked[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];
	struct measurement_row *row;

	snprintf(asked, sizeof asked, "%u s", asked_s);
	if (span.high_ms == UINT_MAX)
		snprintf(measured, sizeof measured, "over %.1f s", span.low_ms / 1000.0);
	else
		snprintf(measured, sizeof measured, "%.1f to %.1f s", span.low_ms / 1000.0, span.high_ms / 1000.0);
	row = add_row(m, part, asked, measured, !is_within(span, asked_s * 1000) || span.high_ms == UINT_MAX);
	row->requirement_met = span.low_ms >= REQ_5_MS || (!row->differs && asked_s * 1000 >= REQ_5_MS);
	return row;
}

/* The whole second in the span, or the nearest to its middle. */
static unsigned seconds_of(struct life_span span, unsigned asked_s)
{
	if (is_within(span, asked_s * 1000))
		return asked_s;
	return span.high_ms == UINT_MAX ? span.low_ms / 1000 : (span.low_ms + span.high_ms + 1000) / 2000;
}

static const char *refresh_word(const struct observation *seen)
{
	if (seen->refreshed_inbound)
		return seen->refreshed_outbound ? "both" : "inbound";
	return seen->refreshed_outbound ? "outbound" : "nothing";
}

/* 0: traffic kept it alive. */
static unsigned lifetime_of(const struct observation *seen, unsigned asked_s)
{
	return seen->in_use.high_ms == UINT_MAX ? 0 : seconds_of(seen->in_use, asked_s);
}

static void add_lives(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	const struct nat_transport *udp = &asked->transport[seen->protocol];
	unsigned idle = nat_timeout_s(asked), stream = nat_stream_timeout_s(asked);
	bool inbound = udp->refresh == NAT_REFRESH_BOTH;

	if (!seen->lives_seen)
		return;
	add_life(m, MEASURED_TIMEOUT, idle, seen->idle);
	if (udp->lifetime_s != 0) {
		add_life(m, MEASURED_LIFETIME, udp->lifetime_s, seen->in_use);
		m->measured.transport[seen->protocol].lifetime_s = lifetime_of(seen, udp->lifetime_s);
		return;
	}
	add_life(m, MEASURED_STREAM_TIMEOUT, stream, seen->stream);
	m->measured.transport[seen->protocol].timeout_s = seconds_of(seen->idle, idle);
	m->measured.transport[seen->protocol].stream_timeout_s = seconds_of(seen->stream, stream);
	m->measured.transport[seen->protocol].refresh =
	    seen->refreshed_inbound ? NAT_REFRESH_BOTH : NAT_REFRESH_OUTBOUND;
	add_row(m, MEASURED_REFRESH, nat_refresh_name(udp->refresh), refresh_word(seen),
	        !seen->refreshed_outbound || seen->refreshed_inbound != inbound)
	    ->requirement_met = seen->refreshed_outbound;
	if (udp->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT)
		return;
	add_row(m, MEASURED_REFRESH_BY_STRANGERS, "no", seen->refreshed_by_stranger ? "yes" : "no",
	        seen->refreshed_by_stranger);
	add_row(m, MEASURED_REFRESH_FOR_STRANGERS, inbound ? "yes" : "no", seen->refreshed_for_stranger ? "yes" : "no",
	        seen->refreshed_for_stranger != inbound);
}

/* --- limits ------------------------------------------------------------------------------------ */

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* "20", "at least 160", "any number" */
static void say_limit(char text[MEASUREMENT_TEXT_SIZE], unsigned count, unsigned reach)
{
	snprintf(text, MEASUREMENT_TEXT_SIZE, count < reach ? "%u" : "at least %u", count);
}

static void add_limit(struct measurement *m, enum measurement_part part, unsigned asked, unsigned wanted, unsigned seen,
                      unsigned reach)
{
	char asked_text[MEASUREMENT_TEXT_SIZE] = "-", measured[MEASUREMENT_TEXT_SIZE];

	if (asked != 0)
		snprintf(asked_text, sizeof asked_text, "%u", asked);
	say_limit(measured, seen, reach);
	add_row(m, part, asked_text, measured, seen != wanted);
}

void measurement_add_limits(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	const struct nat_transport *udp = &asked->transport[NAT_UDP];
	unsigned reach = seen->limit_reach;
	unsigned all = udp->limit != 0 ? udp->limit : UINT_MAX;
	unsigned each = lesser(udp->limit_per_host != 0 ? udp->limit_per_host : UINT_MAX, reach);
	unsigned first = lesser(each, all), second = lesser(each, all - first);

	if (!seen->limit_seen)
		return;
	add_limit(m, MEASURED_LIMIT_PER_HOST, udp->limit_per_host, first, seen->mapped[0], reach);
	add_limit(m, MEASURED_LIMIT, udp->limit, first + second, seen->mapped[0] + seen->mapped[1], 2 * reach);
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
	add_port_mapping(asked, seen, m);
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
	add_row(m, MEASURED_TCP_UNSOLICITED, open ? "let in" : nat_word(asked, NAT_KEY_TCP_UNSOLICITED), text,
	        seen->lets_in_unmapped != open || (!open && (seen->refuses || measured != asked->unsolicited)))
	    ->requirement_met = measured != NAT_UNSOLICITED_RESET && !seen->refuses;
}

static void add_simultaneous(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	if (!seen->simultaneous_seen)
		return;
	m->measured.simultaneous_broken = !seen->simultaneous;
	add_row(m, MEASURED_TCP_SIMULTANEOUS, nat_word(asked, NAT_KEY_TCP_SIMULTANEOUS),
	        seen->simultaneous ? "yes" : "no", seen->simultaneous == asked->simultaneous_broken)
	    ->requirement_met = seen->simultaneous;
}

static void add_tcp_icmp(const struct observation *seen, struct measurement *m)
{
	add_row(m, MEASURED_TCP_ICMP_ERROR, "connection stays",
	        seen->survives_icmp ? "connection stays" : "connection ends", !seen->survives_icmp)
	    ->requirement_met = seen->survives_icmp;
}

#define TCP_REQ_5_MS 7440000           /* "MUST NOT be less than 2 hours 4 minutes" */
#define TCP_REQ_5_TRANSITORY_MS 240000 /* "MUST NOT be less than 4 minutes" */

static void add_tcp_lives(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned established = nat_tcp_timeout_s(asked), transitory = nat_tcp_transitory_s(asked);
	struct nat_transport *tcp = &m->measured.transport[NAT_TCP];

	if (!seen->lives_seen)
		return;
	add_life(m, MEASURED_TCP_TIMEOUT, established, seen->stream)->requirement_met =
	    seen->stream.low_ms >= TCP_REQ_5_MS;
	add_life(m, MEASURED_TCP_TRANSITORY, transitory, seen->idle)->requirement_met =
	    seen->idle.low_ms >= TCP_REQ_5_TRANSITORY_MS;
	if (seen->closing_seen)
		add_row(m, MEASURED_TCP_CLOSED, "forgotten", seen->closing_ends ? "forgotten" : "kept",
		        !seen->closing_ends);
	tcp->stream_timeout_s = seconds_of(seen->stream, established);
	tcp->timeout_s = seconds_of(seen->idle, transitory);
}

void measurement_add_tcp(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	add_passage(asked, seen, m);
	if (!seen->udp_passes)
		return;
	add_translation(asked, seen, m);
	if (seen->translated)
		add_mapping(asked, seen, m);
	add_filtering(asked, seen, m);
	if (seen->translated) {
		add_ports(asked, seen, m);
		add_range(asked, seen, m);
		add_addresses(asked, seen, m);
		add_clash(asked, seen, m);
		add_hairpin(asked, seen, m);
	}
	add_unsolicited_syn(asked, seen, m);
	if (seen->translated)
		add_early(asked, seen, m);
	add_simultaneous(asked, seen, m);
	add_tcp_icmp(seen, m);
	add_tcp_lives(asked, seen, m);
}

void measurement_make(const struct nat *asked, const struct observation *seen, struct measurement *out)
{
	*out = (struct measurement){ .measured = *asked };
	add_passage(asked, seen, out);
	if (!seen->udp_passes)
		return;
	add_translation(asked, seen, out);
	if (seen->translated) {
		add_translator(asked, seen, out);
	} else {
		add_filtering(asked, seen, out);
		add_unsolicited(asked, seen, out);
	}
	add_fidelity(asked, seen, out);
	if (asked->kind != NAT_OPEN)
		add_lives(asked, seen, out);
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
