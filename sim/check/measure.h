/*
 * The measurements, one function a behaviour, each with sockets of its own: what one does to a box's mappings must not
 * be seen by the next. Order matters: a filtering test before the mapping test can make netfilter look
 * endpoint-dependent. They write what they saw to *seen.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "check/probe.h"
#include "nat/measurement.h"

/* Whether UDP passes and is translated, or comes in at least; first of all. The others expect that it passes. */
void measure_passage(struct probe *p, struct observation *seen);

/* Of IPv6, whether it is prefixes that are translated; before all others. Two hosts show it. */
void measure_prefix(struct probe *p, struct observation *seen);

/* RFC 5780 §4.3, towards another address like the first, and towards a peer's. */
void measure_mapping(struct probe *p, struct observation *seen);

/* Keeps which external ports there were. */
void measure_note_port(struct observation *seen, uint16_t port);

/* How external ports are chosen, and which were seen; REQ-4. */
void measure_ports(struct probe *p, struct observation *seen);

/* RFC 5780 §4.4, of the same two, and what happens to a packet for a port without a mapping. */
void measure_filtering(struct probe *p, struct observation *seen);
void measure_unmapped(struct probe *p, struct observation *seen);

/* REQ-2, of all that was seen before. */
void measure_addresses(struct probe *p, struct observation *seen);

/* Where the hosts have no IPv4 of their own (RFC 6146); last: the server hears how much fits the way to them. */
void measure_nat64(struct probe *p, struct observation *seen);

/* How many mappings each of two hosts gets, one after the other, behind a box that has none yet. */
void measure_limit(struct probe *p, struct observation *seen);

/* The INPUT trap (README, FAQ). After mapping and ports, which tell where it can show. */
void measure_early_packet(struct probe *p, struct observation *seen);

/* REQ-9; internal needs two hosts to be seen. */
void measure_hairpin(struct probe *p, struct observation *seen);

/* REQ-3: two hosts with the same source port. */
void measure_clash(struct probe *p, struct observation *seen);

/* REQ-12; datagrams of all sizes, of several packets too (REQ-14), and their TTL. REQ-10 comes with every packet. */
void measure_icmp(struct probe *p, struct observation *seen);
void measure_datagrams(struct probe *p, struct observation *seen);

/*
 * Ports that hosts ask for, by each protocol there is; also over a reboot of the box, which forgets all else: after the
 * others. What was `asked` is waited for longer. `waits`: also whether a mapping lasts longer than NAT_SHORT_LEASE_S.
 */
void measure_port_mapping(struct probe *p, const struct nat *asked, bool waits, struct observation *seen);

/*
 * RFC 5382, of TCP: two SYNs that cross each other behind the box (REQ-2); an ICMP error about a connection (REQ-10);
 * how late a SYN is refused that nobody asked for (REQ-4), which takes seconds.
 */
void measure_simultaneous(struct probe *p, struct observation *seen);
void measure_tcp_icmp(struct probe *p, struct observation *seen);
void measure_late_refusal(struct probe *p, struct observation *seen);

/* REQ-5, of TCP: of connections that stand, that are opened, that were reset. And the most time that takes. */
void measure_tcp_lives(struct probe *p, unsigned established_ms, unsigned transitory_ms, struct observation *seen);
unsigned measure_tcp_lives_s(unsigned established_s);

/*
 * How long mappings live and what refreshes them. `idle_ms`, `stream_ms`: around which ages to look, the more closely
 * the nearer; from next to nothing to twice as long. `mortal`: they end at the age `idle_ms`, so nothing refreshes
 * them.
 */
void measure_lives(struct probe *p, unsigned idle_ms, unsigned stream_ms, bool mortal, struct observation *seen);

/* The most time that takes, in seconds. */
unsigned measure_lives_s(unsigned idle_s, unsigned stream_s);

#endif
