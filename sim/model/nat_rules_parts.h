/* What the files that make nat_rules share; for them alone. */
#ifndef NAT_RULES_PARTS_H
#define NAT_RULES_PARTS_H

#include "model/nat_feature.h"
#include "model/nat_rules.h"
#include "base/text.h"

/*
 * Mappings live in sets whose entries expire. A mapping that saw an answer lives longer than one that did not, and a
 * short life must never cut a long one, so every set comes once per lifetime; where both are the same, once.
 */
struct lifetime {
	const char *name;  /* "idle", "stream" */
	char iptables[64]; /* which packets give it; "" where there is only one */
	char nft[48];      /* the same for nft, of the longer one */
	unsigned seconds;
};

struct lifetimes {
	struct lifetime of[2];
	size_t count;
};

/*
 * TCP's stream is a connection that stands, which conntrack tells by how long it is going to keep it: a packet that
 * opens one is not assured, one that closes it leaves no more than the transitory time.
 */
struct lifetimes lifetimes_of(const struct nat *nat, enum nat_protocol protocol);

/*
 * A socket whose own port another host has gets one of these ports; so whoever is bound to one of them by itself keeps
 * it only if it is free. The range is the one Linux 2.2 used for all masquerading.
 */
#define MOVED_LOW 61000
#define MOVED_HIGH 65095
#define MOVED_MARK "0x1"
#define DELIVERED_MARK "0x696e" /* nft has let it in; iptables knows no conntrack zones */

#define NFT_TABLE "punchlab"

/* Who writes rules adds to `features` what a kernel must have for them. */

/* True if the box does nothing else than translate and filter; and what it does else, as more of that table. */
bool manners_are_plain(const struct nat *nat);
void manners_write(const struct nat *nat, const struct nat_site *site, struct text *nft, struct text *reboot,
                   unsigned *features);

/* True where several hosts stand behind a box that keeps ports, which one port must not serve two of. */
bool iptables_needs_nft_beside(const struct nat *nat, enum nat_protocol protocol, const struct nat_site *site);

/* True if its rules for iptables are about the hosts one by one. */
bool iptables_names_hosts(const struct nat *nat, const struct nat_site *site);

void iptables_write(const struct nat *nat, const struct nat_site *site, struct text *ipset, struct text *iptables,
                    struct text *reboot, unsigned *features);
void iptables_write_nptv6(const struct nat_site *site, bool hairpins, struct text *iptables, unsigned *features);
/* `beside`: only the moved ports of a box whose rules are iptables', of those protocols that have such. */
void nft_write(const struct nat *nat, const struct nat_site *site, bool beside, struct text *nft, struct text *reboot,
               unsigned *features);

/* The same of IPv6 as nft_write() has written of IPv4. */
void nft_write_ipv6(const char *ipv4, struct text *t);

#endif
