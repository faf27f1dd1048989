/*
 * How a box maps ports for hosts that ask it (UPnP IGD, NAT-PMP, PCP): what miniupnpd is told, and the rules it works
 * in, which are beside the box's own. Pure text.
 *
 * miniupnpd comes in two builds. One writes nftables rules, the other the legacy tables of iptables; either finds three
 * chains that are its own. What it lets in bears PORT_MAPPER_MARK as its connection's mark, by which the box's own
 * rules know it.
 */
#ifndef PORT_MAPPER_H
#define PORT_MAPPER_H

#include "base/subnet.h"
#include "nat/nat.h"

#include <stddef.h>
#include <stdint.h>

#define PORT_MAPPER_MARK "0x61736b"
#define PORT_MAPPER_TABLE "punchlab_mapper" /* nftables, inet */
#define PORT_MAPPER_HTTP_PORT 5000
#define PORT_MAPPER_TEXT_SIZE 1024
#define PORT_MAPPER_RULES_SIZE 65536

/* The chains of the two builds, and from where they are reached. */
#define PORT_MAPPER_ARRIVE "mapper_arrive"   /* prerouting, of nat: marks, and asks miniupnpd's next one */
#define PORT_MAPPER_MAPPED "mapper_mapped"   /* ... which is miniupnpd's */
#define PORT_MAPPER_LEAVE "mapper_leave"     /* postrouting, of nat: miniupnpd's */
#define PORT_MAPPER_FORWARD "mapper_forward" /* forward, of filter: miniupnpd's */

/* `wan`: the interface outside. `leases`: the file in which miniupnpd keeps what it has mapped. */
void port_mapper_configuration(const struct nat *nat, const char *wan, const char *leases,
                               char text[PORT_MAPPER_TEXT_SIZE]);

/*
 * For `nft -f -`: both builds; and for `iptables-legacy-restore --wait --noflush`: the chains of the iptables build,
 * without the jumps to them. What was mapped is gone. Where the fault is NAT_MAPPER_CONFLICT some ports are mapped to
 * the last address of the lan already.
 */
void port_mapper_nft(const struct nat *nat, const char *wan, const struct subnet *lan,
                     char text[PORT_MAPPER_RULES_SIZE]);
void port_mapper_legacy(const struct nat *nat, const struct subnet *lan, char text[PORT_MAPPER_RULES_SIZE]);

/* A port that is taken there: the i-th from 0; 0 after the last. */
uint16_t port_mapper_taken(size_t i);

#endif
