/*
 * IPv6 of a world on paper. Pure. Where hosts ask for it (families.h) and boxes pass it (`ipv6=` of their specs),
 * beside what the topology says of IPv4:
 *
 *                 internet (2111::1)
 *      ___________________|___________________
 *     |                   |                   |
 *   server              nat-a               nat-b            node N, from 2: hosts on the internet 2222::N,
 *   2222::2             2333::3             2333::5          boxes 2333::N with 2444:0:N::/64 behind them, in which
 *                         | lan 2444:0:3::1   | ...          the box is ::1 and node M ::M; address_plan.h
 *                       alice 2444:0:3::4
 *
 * All of that is one realm, unless a box translates: behind it networks are fd44:0:N:M::/64, N its own number and M
 * that of the box whose lan it is. No number is used twice, so who moves has an address of its own wherever it comes.
 * A box that got other addresses outside has 2333::103 from then on, and behind it are 2444:0:103::/64; the next time
 * 203, the twelfth 1203. One with two carriers has a prefix of each, and that of its way out now: 2444:0:3::/64 of the
 * first, of the second 2444:1:3::/64. Numbers read as decimal. Of several addresses of an interface the next are ::1:N,
 * ::2:N; of a further interface
 * ::100:N.
 */
#ifndef TOPOLOGY_IPV6_H
#define TOPOLOGY_IPV6_H

#include "model/nptv6.h"
#include "model/siit.h"
#include "model/topology.h"

/* True if anything in the world has IPv6. */
bool topology_has_ipv6(const struct topology *t);

/*
 * Behind a box that is a NAT64 there is IPv6 alone. The IPv4 addresses of a host there are those by which its box knows
 * it: no interface has them. True of such a box; of a world that has one; and of a link whose interface has its
 * addresses of IPv4.
 */
bool topology_is_nat64(const struct topology *t, int front);
bool topology_has_nat64(const struct topology *t);
bool topology_has_ipv4(const struct topology *t, int node, int link);

/*
 * A host that was just added has a translator of its own (464XLAT, RFC 6877), so that what it does by IPv4 goes through
 * the NAT64 in front of it: with one more address, which is the translator's alone. Returns false where none is left.
 */
bool topology_ask_clat(struct topology *t, int host);

/* The address by which programs of such a host have IPv4, and its router's (RFC 7335). */
#define TOPOLOGY_CLAT_ADDRESS 0xc0000004u
#define TOPOLOGY_CLAT_ROUTER 0xc0000001u
#define TOPOLOGY_CLAT_PREFIX 29

/* True of a node that has a translator, such a box or such a host; and what that translates. */
bool topology_has_siit(const struct topology *t, int node);
struct siit topology_siit(const struct topology *t, int node);

/* Says which families a host has that was just added; it has as many addresses of each as it was given of IPv4. */
void topology_set_families(struct topology *t, int host, enum families families);

/*
 * A host that was just added has temporary addresses, too, where its interfaces are behind a box: as soon as the kernel
 * has made them.
 */
void topology_ask_temporary(struct topology *t, int host);

/* A link has that temporary address from now on, which is preferred; of too many the oldest is gone. */
void topology_add_temporary(struct topology *t, int host, int link, const struct address *a);

/*
 * The addresses of a link where it is plugged in, the temporary ones last. How many there are: 0 where its node has no
 * IPv6, or what is in front passes none.
 */
size_t topology_ipv6_addresses(const struct topology *t, int node, int link, struct address out[TOPOLOGY_ADDRESSES]);

/* Those that stay, of where it may be plugged in. */
size_t topology_ipv6_addresses_at(const struct topology *t, int node, int link, int front,
                                  struct address out[TOPOLOGY_ADDRESSES]);

/* The realm of what stands directly behind it: the nearest box that hides its addresses, itself or in front of it. */
int topology_ipv6_realm(const struct topology *t, int front);

/*
 * What a box does that maps a prefix: all networks of its realm are fd44:0:N::/48 inside, and 2444:0:N::/48 outside;
 * prefixes of no bits of any other box. And the addresses of a link outside: as many as it has there, or 0.
 */
struct nptv6 topology_nptv6(const struct topology *t, int box);
size_t topology_ipv6_outside(const struct topology *t, int node, int link, struct address out[TOPOLOGY_ADDRESSES]);

/* How often the network behind a box became another, with its own address or with that of a box in front. */
unsigned topology_ipv6_renumbered(const struct topology *t, int box);

/* The network behind a box, prefix 0: none; and the box's own address there, of TOPOLOGY_INTERNET the router's. */
struct subnet topology_ipv6_lan(const struct topology *t, int box);
struct address topology_ipv6_lan_address(const struct topology *t, int box);

/*
 * What an interface is known by where one address is to be told: its first of IPv4, else of IPv6; family ADDRESS_NONE
 * with the plug out.
 */
struct address topology_main_address(const struct topology *t, int node, int link);

/* What cannot be of all that is asked for: 0, or -1 with a one-line message. */
int topology_check_ipv6(const struct topology *t, char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
