/*
 * What a box does to certain packets whatever their mapping is, as far as its spec says it: no packet shows that. A
 * cause may rest on it where a packet died; whether a punch opened never does.
 */
#ifndef MANNERS_H
#define MANNERS_H

#include "trace/journey.h"

/* True if it lets no ICMP through. */
bool manners_block_icmp(const struct scene *s, int box);

/* What it does with fragments. */
enum nat_fragments manners_fragments(const struct scene *s, int box);

/* Bytes of the longest packet its wan link takes; 0: as many as links do. */
unsigned manners_wan_mtu(const struct scene *s, int box);

/* True if a packet with `ip_len` bytes behind its IP header is longer than that. */
bool manners_is_too_long(const struct scene *s, int box, unsigned ip_len);

/* True if that packet is longer, and may not be cut up. */
bool manners_too_long_to_pass(const struct scene *s, int box, const struct journey *j);

/* At what age its mappings end, traffic or not, in seconds; 0: at none. */
unsigned manners_lifetime_s(const struct scene *s, int box);

/* How long its mappings may be idle by its spec, in seconds; 0: a box without one. */
struct manners_lives {
	unsigned udp, udp_stream, tcp, tcp_transitory;
};

struct manners_lives manners_lives_s(const struct scene *s, int box);

/* True if it rewrites its own address in the payload of what comes in. */
bool manners_clobber(const struct scene *s, int box);

/* True if it lets in no SYN as the answer to a SYN. */
bool manners_break_simultaneous(const struct scene *s, int box);

/* True if it is a NAT64, behind which there is IPv6 alone. */
bool manners_nat64(const struct scene *s, int box);
struct nat64_prefix manners_pref64(const struct scene *s, int box); /* by which it has IPv4 */

/* True if it hairpins, but only for sockets that have a mapping. */
bool manners_hairpin_mapped(const struct scene *s, int box);

/* How many outside addresses it has; 1 where nothing is said of it. */
unsigned manners_addresses(const struct scene *s, int box);

/* True if it has several, and any of them is given to each mapping, whoever it is of (RFC 4787 REQ-2). */
bool manners_any_address(const struct scene *s, int box);

/* True if UDP's even ports get even ones, and odd ones odd ones (RFC 4787 REQ-4). */
bool manners_keep_parity(const struct scene *s, int box);

#endif
