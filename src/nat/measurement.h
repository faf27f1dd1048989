/*
 * What was seen of a NAT box, and how it differs from what was asked. Pure: check/ fills a struct observation from
 * packets and from nothing else; measurement_make() puts it beside what was asked.
 */
#ifndef MEASUREMENT_H
#define MEASUREMENT_H

#include "nat/nat.h"

#define MEASUREMENT_TEXT_SIZE 96

/* What a stranger's packet does that comes before the inside host's to that stranger (the INPUT trap: README, FAQ). */
enum early_packet {
	EARLY_UNSEEN, /* the box's mappings are such that it cannot be told */
	EARLY_HARMLESS,
	EARLY_MOVES_PORT, /* the inside host's packet then leaves from another port, or not at all */
};

/* How long something lives: at least `low_ms` and less than `high_ms` (UINT_MAX: never seen to end; 0: unmeasured). */
struct life_span {
	unsigned low_ms, high_ms;
};

/* What the packets of one protocol showed. `..._seen` tells whether it was looked at. */
struct observation {
	enum nat_protocol protocol;
	bool is_ipv6;
	bool udp_passes;                        /* to the first destination */
	bool udp_reaches_all, udp_reaches_some; /* of several destinations, */
	bool udp_reaches_peers;                 /* one of which has an address like those of peers' boxes */
	bool udp_comes_in;                      /* from outside, or some got out */
	struct address place;                   /* from where the first of these got its packet */
	bool translated;                        /* the outside saw another address or port than the inside has */
	bool by_prefix; /* each host has a place outside of its own, in one network, by its own ports; and the next two
	                   of it: */
	bool checksum_neutral, interface_id_kept;
	bool lets_in_unmapped; /* a stranger's packet reached a port that had sent nothing */
	enum nat_behaviour mapping, filtering;
	bool mapping_seen, filtering_seen;
	enum nat_behaviour mapping_to_peers, filtering_of_peers; /* the same, towards that one */
	bool hears_peers;                                        /* ... when it was sent to */
	enum nat_ports ports;
	unsigned step;  /* of sequential ports */
	bool pool_only; /* kept, but only inside ports that belong to the box's pool */
	bool ports_seen;
	uint16_t port_low, port_high; /* least and greatest external port seen */
	unsigned port_count;          /* how many different ones */
	bool one_address;             /* always the same external address, for each host (REQ-2) */
	unsigned address_count;       /* how many there were, of all hosts */
	bool parity_kept;             /* even stays even, odd stays odd (REQ-4) */
	bool two_hosts_seen;          /* the next four are about two inside hosts with the same source port (REQ-3) */
	bool port_shared;             /* both got the same external port, towards different destinations */
	bool taken_over;              /* ... and towards the same, where who sent last got the answers */
	bool own_answers;             /* each got the answers to its own packets */
	bool clash_parity_kept;       /* as parity_kept, though one of them had to have another port */
	bool mapping_after_clash;     /* the second host's mapping is of the class measured (REQ-11) */
	enum nat_hairpin hairpin;
	bool hairpin_seen;
	bool hairpin_answers; /* the answer to a hairpinned packet came back from where it was sent to */
	bool refuses;         /* an ICMP error answered a packet to an unmapped port */
	bool resets;          /* of TCP: a RST did */
	bool refuses_late;    /* of TCP: an ICMP error answered a SYN, but none that came before REQ-4's 6 s */
	bool late_seen;       /* ... which was waited for */
	bool simultaneous;    /* of TCP: two SYNs that cross each other make a connection (RFC 5382 REQ-2) */
	bool simultaneous_seen;
	bool closing_ends; /* of TCP: the mapping of what a RST closed was not kept as long as what stands */
	bool closing_seen;
	enum early_packet early;
	bool payload_kept;   /* REQ-10; but for: */
	bool clobbered;      /* what came in had the box's own address replaced by the inside one */
	bool icmp_arrives;   /* an ICMP error about a mapping, at the inside socket */
	bool survives_icmp;  /* the mapping outlived it (REQ-12) */
	bool fragments_pass; /* both ways (REQ-14) */
	bool reordered_pass; /* both ways, though the later one comes first */
	unsigned wan_mtu;    /* bytes of the longest packet that goes out in one piece */
	bool too_big_told;   /* an ICMP error answered a longer one */
	unsigned size_lost;  /* bytes of the least datagram of one packet that did not pass both ways; 0: none */
	int routers;         /* on the way, as the place is laid out; 0: nobody looked at sizes, fragments and TTL */
	int ttl_lost_out, ttl_lost_in; /* by how much it was less on arrival; -1: did not arrive */
	bool lives_seen;               /* the rest: */
	struct life_span idle, stream;
	struct life_span
	    in_use; /* from birth, whatever traffic there was; unmeasured where only idle ones were to end */
	bool refreshed_outbound, refreshed_inbound, refreshed_by_stranger;
	bool mapper_seen;                        /* the next six are about ports that hosts ask for: */
	bool mapper_answers[3], mapper_opens[3]; /* by UPnP, NAT-PMP, PCP */
	bool mapper_is_public;                   /* it says that it has an address which counts as public */
	bool mapper_gives_usual;                 /* also a port that is often asked for */
	bool mapper_survives_reboot;
	bool mapper_outlives;        /* a mapping is still there a while after NAT_SHORT_LEASE_S, or nobody looked */
	bool nat64_seen;             /* the next three are about hosts that are to have no IPv4: */
	bool nat64, ipv4_inside;     /* it goes by the box's prefix; it goes by itself */
	bool nat64_too_big_told;     /* who sent by IPv4 what is too long by IPv6 heard so */
	bool limit_seen;             /* the next two, of two hosts that came one after the other: */
	unsigned mapped[2];          /* how many sockets of each got a mapping */
	unsigned limit_reach;        /* the most that were tried */
	bool refreshed_for_stranger; /* answers kept it alive for others whom filtering lets in, too */
};

/* What is measured of a box. Each has a name, and most are what a requirement of RFC 4787 is about. */
enum measurement_part {
	MEASURED_PASSAGE,
	MEASURED_TRANSLATION,
	MEASURED_MAPPING,
	MEASURED_FILTERING,
	MEASURED_PORTS,
	MEASURED_PORT_PARITY,
	MEASURED_RANGE,
	MEASURED_EXTERNAL_ADDRESS,
	MEASURED_ADDRESSES,
	MEASURED_SAME_PORT,
	MEASURED_TAKE_OVER,
	MEASURED_ANSWERS,
	MEASURED_AFTER_CLASH,
	MEASURED_HAIRPIN,
	MEASURED_UNSOLICITED,
	MEASURED_EARLY_PACKET,
	MEASURED_PAYLOAD,
	MEASURED_CLOBBER,
	MEASURED_ICMP_ERROR,
	MEASURED_WAN_MTU,
	MEASURED_LONGER_PACKETS,
	MEASURED_SIZES,
	MEASURED_FRAGMENTS,
	MEASURED_TTL,
	MEASURED_PORT_MAPPING,
	MEASURED_LIMIT_PER_HOST,
	MEASURED_LIMIT,
	MEASURED_TIMEOUT,
	MEASURED_STREAM_TIMEOUT,
	MEASURED_LIFETIME,
	MEASURED_REFRESH,
	MEASURED_REFRESH_BY_STRANGERS,
	MEASURED_REFRESH_FOR_STRANGERS,
	MEASURED_TCP, /* and what follows: of TCP (RFC 5382) */
	MEASURED_TCP_TRANSLATION,
	MEASURED_TCP_MAPPING,
	MEASURED_TCP_FILTERING,
	MEASURED_TCP_PORTS,
	MEASURED_TCP_RANGE,
	MEASURED_TCP_EXTERNAL_ADDRESS,
	MEASURED_TCP_ADDRESSES,
	MEASURED_TCP_SAME_PORT,
	MEASURED_TCP_ANSWERS,
	MEASURED_TCP_AFTER_CLASH,
	MEASURED_TCP_HAIRPIN,
	MEASURED_TCP_UNSOLICITED,
	MEASURED_TCP_EARLY_PACKET,
	MEASURED_TCP_SIMULTANEOUS,
	MEASURED_TCP_ICMP_ERROR,
	MEASURED_TCP_TIMEOUT,
	MEASURED_TCP_TRANSITORY,
	MEASURED_TCP_CLOSED,
	MEASURED_NAT64,
	MEASURED_NAT64_TOO_BIG,
	MEASURED_IPV4_INSIDE,
	MEASURED_CHECKSUM,
	MEASURED_INTERFACE_ID,
	MEASURED_PREFIX,
	MEASURED_IPV6, /* and what follows: the same of IPv6, of which nothing is asked in most specs */
	MEASUREMENT_PARTS = 2 * MEASURED_IPV6
};
#define MEASURED_OF_IPV6(part) ((enum measurement_part)(MEASURED_IPV6 + (part)))

const char *measurement_part_name(enum measurement_part part);

/* The number of the requirement of RFC 4787 (1: REQ-1), or 0; of TCP's parts that of RFC 5382; IPv6's have none. */
unsigned measurement_part_requirement(enum measurement_part part);
bool measurement_part_is_tcp(enum measurement_part part);

/* One of them: what was asked, what was measured, in the words of NAT specs. */
struct measurement_row {
	enum measurement_part part;
	char asked[MEASUREMENT_TEXT_SIZE]; /* "-" where nothing was asked */
	char measured[MEASUREMENT_TEXT_SIZE];
	bool differs;         /* from what was asked */
	bool requirement_met; /* where there is one */
};

struct measurement {
	struct nat measured; /* as far as it was measured; the rest as asked */
	struct measurement_row rows[MEASUREMENT_PARTS];
	size_t count;
};

void measurement_make(const struct nat *asked, const struct observation *seen, struct measurement *out);

/* Adds what TCP showed of the same box. */
void measurement_add_tcp(struct measurement *m, const struct nat *asked, const struct observation *seen);

/* The same of what IPv6's packets showed, of each protocol, UDP first, where the spec says anything of IPv6. */
void measurement_add_ipv6(struct measurement *m, const struct nat *asked, const struct observation *seen);

/* True if no row differs. */
bool measurement_agrees(const struct measurement *m);

/*
 * Adds what was seen of the same box with one host behind it, where the lab has other rules for that: a row that
 * differs between the two says both and differs.
 */
void measurement_add_single(struct measurement *m, const struct measurement *single);

/* Adds what was seen of a box with limits, where that was a box of its own. */
void measurement_add_limits(struct measurement *m, const struct nat *asked, const struct observation *seen);

/* The row about that part, or NULL. */
const struct measurement_row *measurement_find(const struct measurement *m, enum measurement_part part);

#endif
