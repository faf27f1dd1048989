/* What the two files that make nft rules share; for them alone. */
#ifndef NAT_RULES_NFT_H
#define NAT_RULES_NFT_H

#include "model/nat_rules_parts.h"

#define NFT_TABLE "punchlab"

struct nft_rules {
	const struct nat *nat;
	const struct nat_site *site;
	struct lifetimes lives;
	bool beside;                 /* beside iptables: moved ports only */
	enum nat_ports ports;
	unsigned low, high;          /* the pool */
	struct text *t, *reboot;
};

/* True if packets from the wan are let in by rewriting their destination, untracked. */
bool nft_delivers(const struct nft_rules *r);

/* A set or map named `name`, once per lifetime. */
void nft_write_set(const struct nft_rules *r, const char *kind, const char *name, const char *type);

/* INPUT and FORWARD of the box. */
void nft_write_filter(const struct nft_rules *r);

/* The sets and chains of a firewall that answers do not refresh. */
void nft_write_firewall(const struct nft_rules *r);

#endif
