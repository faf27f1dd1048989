/*
 * A NAT as a composition of RFC 4787 behaviours: text <-> struct. Pure. How a box is built from it is
 * nat_rules.h's business; whether a box really behaves so is measured by check/.
 *
 *     symmetric,ports=sequential,timeout=30
 *     mapping=address-dependent,filtering=address-dependent
 *
 * Behaviours are said of UDP. Mapping, filtering, ports and hairpinning hold for TCP (RFC 5382) as well, unless a key
 * of TCP's own says otherwise.
 */
#ifndef NAT_H
#define NAT_H

#include "base/nat64.h"
#include "base/subnet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a NAT does at all. */
enum nat_kind {
	NAT_OPEN,      /* no box's work: public addresses, nothing filtered */
	NAT_FIREWALL,  /* public addresses, stateful filtering, no translation */
	NAT_TRANSLATE, /* an address and port translator */
};

/* Mapping (RFC 4787 §4.1) and filtering (§5) behaviour, from the most to the least helpful. */
enum nat_behaviour {
	NAT_ENDPOINT_INDEPENDENT,
	NAT_ADDRESS_DEPENDENT,
	NAT_ADDRESS_AND_PORT_DEPENDENT,
};

/* What mapping= may be besides: endpoint-independent, and by the inside port alone (nat_transport.by_port). */
#define NAT_MAPPING_PORT 3

/*
 * How the external port of a new mapping is chosen (RFC 4787 §4.2). Preserve: the inside port, or a free one where it
 * is taken (endpoint-dependent mapping: the first mapping of a socket keeps it). Overload: the inside port even where
 * another inside host has it, as long as they talk to different remote endpoints (§4.2.1; what plain Linux does).
 */
enum nat_ports { NAT_PORTS_PRESERVE, NAT_PORTS_RANDOM, NAT_PORTS_SEQUENTIAL, NAT_PORTS_OVERLOAD };

/*
 * RFC 4787 §6, REQ-9: external is the right kind (REQ-9a), internal shows the inside source address. Hairpinned
 * packets come from the lan and are not subject to filtering: any inside host reaches any mapped port.
 */
/* Mapped: external, but only for a socket that has a mapping already. */
enum nat_hairpin { NAT_HAIRPIN_NONE, NAT_HAIRPIN_EXTERNAL, NAT_HAIRPIN_INTERNAL, NAT_HAIRPIN_MAPPED };

/* Which of several external addresses a mapping gets (RFC 4787 §4.1, REQ-2): a host's own, always the same; or any. */
enum nat_pooling { NAT_POOLING_PAIRED, NAT_POOLING_ARBITRARY };

/* What becomes of fragments (RFC 4787 REQ-14); in order: those that come before their datagram's first are dropped. */
enum nat_fragments { NAT_FRAGMENTS_PASS, NAT_FRAGMENTS_DROP, NAT_FRAGMENTS_IN_ORDER };

/* Which direction of traffic keeps a mapping alive (RFC 4787 §4.3, REQ-6). Strangers' packets never do. */
enum nat_refresh { NAT_REFRESH_BOTH, NAT_REFRESH_OUTBOUND };

/* What the box does with a packet from the wan that belongs to no mapping (the INPUT trap: README, FAQ). */
enum nat_input { NAT_INPUT_DROP, NAT_INPUT_REJECT, NAT_INPUT_ACCEPT };

/* Linux: what plain Linux does with TCP, timeouts included, whatever is said of UDP. */
enum nat_tcp_policy { NAT_TCP_ALLOWED, NAT_TCP_BLOCKED, NAT_TCP_LINUX };

/*
 * What a SYN gets that nobody asked for (RFC 5382 REQ-4). ICMP: only a repeat of it that comes 6 s after the first or
 * later is answered, by a port unreachable.
 */
enum nat_unsolicited { NAT_UNSOLICITED_DROP, NAT_UNSOLICITED_ICMP, NAT_UNSOLICITED_RESET };

/*
 * What a box does for hosts that ask it for a port of their own, by UPnP IGD, NAT-PMP or PCP: keeps its word, or does
 * what people report of their routers. The faults are those of all protocols that it speaks.
 */
enum nat_port_mapper {
	NAT_MAPPER_NONE,
	NAT_MAPPER_WORKS,
	NAT_MAPPER_CONFLICT,        /* ports that are often asked for are taken */
	NAT_MAPPER_SHORT_LEASE,     /* mappings end after NAT_SHORT_LEASE_S, whatever was granted */
	NAT_MAPPER_PRIVATE_ADDRESS, /* it believes to stand behind a carrier's NAT: says so, and maps nothing */
	NAT_MAPPER_SILENT,          /* no answer */
	NAT_MAPPER_LOST_ON_REBOOT,  /* else they survive one */
};
#define NAT_SHORT_LEASE_S 5

/*
 * What a box does with IPv6: passes none; routes a network of its own to its lan and lets in anybody; the same behind a
 * stateful filter (RFC 6092). NAT64: routes one, too, lets in anybody, and there is no IPv4 in its lan: what the spec
 * says of IPv4 is what becomes of packets to 64:ff9b::/96 (RFC 6146). NAT66: its lan has addresses of its own, unique
 * local ones (RFC 4193), which it translates to its wan address with a mapping and a filtering, as IPv4 is. NPTV6: so
 * has its lan, and for each of these there is one outside (RFC 6296), which anybody reaches.
 */
enum nat_ipv6 {
	NAT_IPV6_NONE,
	NAT_IPV6_OPEN,
	NAT_IPV6_FIREWALL,
	NAT_IPV6_NAT64,
	NAT_IPV6_NAT66,
	NAT_IPV6_NPTV6,
};

/*
 * What a spec can say, in the order in which it is written. The range, addresses, pooling, input, fragments, ICMP, the
 * MTU, port mapping and IPv6 are the box's, what begins with TCP is TCP's, all else is UDP's; of IPv4, but for what
 * begins with IPv6, which is of both protocols.
 * NAT_KEY_MAPPING is a behaviour, or NAT_MAPPING_PORT.
 */
enum nat_key {
	NAT_KEY_MAPPING,
	NAT_KEY_FILTERING,
	NAT_KEY_PORTS,
	NAT_KEY_PARITY,
	NAT_KEY_RANGE,
	NAT_KEY_ADDRESSES,
	NAT_KEY_POOLING,
	NAT_KEY_HAIRPIN,
	NAT_KEY_REFRESH,
	NAT_KEY_INPUT,
	NAT_KEY_TIMEOUT,
	NAT_KEY_STREAM_TIMEOUT,
	NAT_KEY_LIFETIME,
	NAT_KEY_LIMIT,
	NAT_KEY_LIMIT_PER_HOST,
	NAT_KEY_FRAGMENTS,
	NAT_KEY_ICMP,
	NAT_KEY_WAN_MTU,
	NAT_KEY_CLOBBER,
	NAT_KEY_UPNP,
	NAT_KEY_NAT_PMP,
	NAT_KEY_PCP,
	NAT_KEY_IPV6,
	NAT_KEY_IPV6_MAPPING,
	NAT_KEY_IPV6_FILTERING,
	NAT_KEY_IPV6_HAIRPIN,
	NAT_KEY_IPV6_TIMEOUT,
	NAT_KEY_IPV6_PREFIX,
	NAT_KEY_IPV6_INSIDE,
	NAT_KEY_IPV6_OUTSIDE,
	NAT_KEY_IPV6_PREF64,
	NAT_KEY_UDP,
	NAT_KEY_TCP,
	NAT_KEY_TCP_MAPPING,
	NAT_KEY_TCP_FILTERING,
	NAT_KEY_TCP_PORTS,
	NAT_KEY_TCP_UNSOLICITED,
	NAT_KEY_TCP_SIMULTANEOUS,
	NAT_KEY_TCP_TIMEOUT,
	NAT_KEY_TCP_TRANSITORY,
	NAT_KEY_COUNT
};

/* Transport protocols, each with behaviours of its own. */
enum nat_protocol { NAT_UDP, NAT_TCP, NAT_PROTOCOLS };

/* What a box does with one transport protocol. */
struct nat_transport {
	enum nat_behaviour mapping;
	bool by_port; /* of the inside socket the port alone counts: of two hosts with the same, who sent last has it */
	enum nat_behaviour filtering;
	enum nat_ports ports;
	bool parity; /* an even port gets an even one, an odd one an odd one (REQ-4) */
	enum nat_hairpin hairpin;
	enum nat_refresh refresh;
	unsigned timeout_s;        /* idle life of a mapping that saw no answer, of a TCP connection not established;
	                            * 0: nat_timeout_s() */
	unsigned stream_timeout_s; /* ... that saw an answer and is older than 2 s, of an established connection;
	                            * 0: nat_stream_timeout_s() */
	unsigned lifetime_s;     /* a mapping ends at that age, traffic or not, and not before; 0: only idle ones end */
	unsigned limit;          /* how many mappings there may be at a time; what is beyond is dropped; 0: any */
	unsigned limit_per_host; /* the same of each inside host */
	bool blocked;            /* the protocol does not pass at all */
};

/* How many keys there are whose value is a prefix. */
#define NAT_IPV6_PREFIXES 4

/* Plain data. Zero-initialised it is `open`. Compare with nat_equal(). */
struct nat {
	enum nat_kind kind;
	uint16_t port_low, port_high; /* the pool of external ports; 0, 0: the box's own choice */
	unsigned addresses;           /* on the wan side, beyond the first: 0 is one */
	enum nat_pooling pooling;
	enum nat_input input;
	enum nat_fragments fragments;
	bool icmp_blocked;         /* no ICMP passes, nor comes from the box itself */
	unsigned wan_mtu;          /* bytes of a packet that its wan link takes; 0: as many as links do */
	bool clobbers;             /* what comes in has its own address in the payload replaced by the inside one */
	enum nat_port_mapper upnp; /* its faults are those of the other two as well */
	bool nat_pmp, pcp;
	enum nat_ipv6 ipv6;
	enum nat_behaviour ipv6_mapping, ipv6_filtering;
	bool ipv6_hairpin;                              /* as NAT_HAIRPIN_EXTERNAL; of prefixes, too */
	unsigned ipv6_timeout_s;                        /* of UDP, answered or not; 0: as IPv4's */
	struct subnet ipv6_prefixes[NAT_IPV6_PREFIXES]; /* nat_prefix() */
	enum nat_tcp_policy tcp;
	enum nat_unsolicited unsolicited;
	bool simultaneous_broken; /* the answer to a SYN may not be a SYN (RFC 5382 REQ-2) */
	struct nat_transport transport[NAT_PROTOCOLS];
};

#define NAT_TEXT_SIZE 640
#define NAT_ERROR_SIZE 512

/*
 * The least pool of ports in which all that a box does can be seen: a smaller range is measured by itself, as a limit
 * is; and the most that can be handed out one after the other.
 */
#define NAT_RANGE_MIN 64
#define NAT_SEQUENTIAL_MAX 4096
#define NAT_ADDRESSES_MAX 4

/* Bytes of a packet that every link takes that carries IPv6 (RFC 8200 §5). */
#define NAT_IPV6_MTU_MIN 1280

/*
 * Reads a NAT spec. Returns 0, or -1 with a one-line message in `error` that names the word at fault and what
 * is allowed; *out is then untouched. Refuses contradictions (`open,hairpin`) and combinations that cannot be built.
 */
int nat_parse(const char *text, struct nat *out, char error[NAT_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Writes the canonical spec: the nearest classic preset and what differs from it. nat_parse() reads it back to an
 * equal struct. Returns `text`.
 */
const char *nat_format(const struct nat *nat, char text[NAT_TEXT_SIZE]);

/* The same of what it says of IPv6 alone: "ipv6=firewall", "ipv6=nat66,ipv6.mapping=address-dependent". */
const char *nat_format_ipv6(const struct nat *nat, char text[NAT_TEXT_SIZE]);

/*
 * A spec with the short words where a key has such: "mapping=ei" for "mapping=endpoint-independent". What is no word of
 * a key stays as it is. Returns `text`, which is as long as the spec at most.
 */
const char *nat_shorten(const char *spec, char *text, size_t size);

/*
 * A behaviour by its number: that of its enum, low << 16 | high for a range, seconds for a timeout, which is given with
 * its default filled in, the bits of a prefix, which cannot be set so.
 */
unsigned nat_value(const struct nat *nat, enum nat_key key);
void nat_set_value(struct nat *nat, enum nat_key key, unsigned value);

/* True if they are the same NAT: default timeouts count as what they stand for. */
bool nat_equal(const struct nat *a, const struct nat *b);

/* How many ports there are in a range that is smaller than NAT_RANGE_MIN; 0 where it is not, or there is none. */
unsigned nat_narrow_range(const struct nat *nat);

/* How many addresses its wan side has. */
unsigned nat_addresses(const struct nat *nat);

/*
 * What it does with IPv6, as a NAT of its own, with behaviours that have the names of IPv4's: ports are kept where the
 * mapping is endpoint-independent, else random. TCP is as UDP; its timeouts are IPv4's. One that translates prefixes
 * (nat_maps_prefix()) has no mappings: it is open.
 */
struct nat nat_ipv6(const struct nat *nat);

/*
 * A prefix that the spec has chosen, by its key: of the network behind the box (_PREFIX; its lan is the first of that),
 * of NPTv6 the one inside and the one outside, of equal length. Of no bits: whatever the world has for it.
 */
const struct subnet *nat_prefix(const struct nat *nat, enum nat_key key);

/* The same box at a place where another one has the networks that it has chosen. */
struct nat nat_elsewhere(const struct nat *nat);

/* By which a NAT64 has IPv4 (RFC 6052). */
struct nat64_prefix nat_pref64(const struct nat *nat);

/* True if it looks at who was sent to before it lets anybody in by IPv6. */
bool nat_filters_ipv6(const struct nat *nat);

/* True if its lan has IPv6 addresses of its own, by which nobody outside reaches it. */
bool nat_hides_ipv6(const struct nat *nat);

/* True if for each of these there is one outside. */
bool nat_maps_prefix(const struct nat *nat);

/* True if hosts behind it may ask it for a port, by whatever protocol. */
bool nat_maps_ports(const struct nat *nat);

/* True if it is plain `open`: no box at all has to stand there. */
bool nat_is_nothing(const struct nat *nat);

/*
 * UDP's timeouts with the defaults filled in, in seconds. Where only outbound traffic refreshes, both are one; so are
 * they where mappings end at an age, which is then how long an idle one lives.
 */
unsigned nat_timeout_s(const struct nat *nat);
unsigned nat_stream_timeout_s(const struct nat *nat);

/*
 * TCP's: of connections that stand, and of those that are opened or closed, which never live longer (RFC 5382 REQ-5;
 * where TCP is plain Linux's, what its kernel says).
 */
unsigned nat_tcp_timeout_s(const struct nat *nat);
unsigned nat_tcp_transitory_s(const struct nat *nat);

/* TCP as it is where a spec says nothing of it: as UDP, as far as a protocol can be like another. */
void nat_mirror_tcp(struct nat *nat);

/* As specs have it: "mapping", "ipv6.timeout", ... */
const char *nat_key_name(enum nat_key key);

/* The words of the options: "endpoint-independent", "sequential", "internal", "outbound", "reject", ... */
const char *nat_word(const struct nat *nat, enum nat_key key); /* NULL for a range and for numbers */
const char *nat_behaviour_name(enum nat_behaviour b);
const char *nat_ports_name(enum nat_ports p);
const char *nat_hairpin_name(enum nat_hairpin h);
const char *nat_refresh_name(enum nat_refresh r);
const char *nat_input_name(enum nat_input i);

/*
 * The named presets, the five classic ones first; a NULL name ends. `spec` is what the name stands for, in behaviours.
 */
struct nat_preset {
	const char *name;
	const char *spec;
	const char *about; /* one line: what it is, and where the figures come from */
};
extern const struct nat_preset nat_presets[];

/* How many stand at the front: RFC 3489's types; those nat_format() starts from, which are these and `firewall`. */
#define NAT_CLASSIC_PRESETS 5
#define NAT_BASE_PRESETS 6

/* The i-th preset as a NAT. */
struct nat nat_of_preset(size_t i);

/* The name of the classic type that translates, maps and filters like this one; NULL if there is none. */
const char *nat_classic_name(const struct nat *nat);

#endif
