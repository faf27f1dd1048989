/* What the files that make nft rules share; for them alone. */
#ifndef NAT_RULES_NFT_H
#define NAT_RULES_NFT_H

#include "model/nat_rules_parts.h"

struct nft_rules {
	const struct nat *nat;
	const struct nat_transport *how; /* of `nat` */
	const char *l4;                  /* "udp" */
	const char *own;                 /* what its sets and chains begin with: "" or "tcp_" */
	const struct nat_site *site;
	struct lifetimes lives;
	bool beside; /* beside iptables: moved ports only */
	enum nat_ports ports;
	unsigned low, high;  /* the pool */
	const char *outside; /* the external addresses, to match: one, or "{ ..., ... }" */
	const char *to;      /* the one that a mapping gets, as an expression */
	struct text *t, *reboot;
};

/* True if packets from the wan are let in that conntrack would not let in. */
bool nft_delivers(const struct nft_rules *r);

/* True if answers refresh nothing. */
bool nft_outbound_only(const struct nft_rules *r);

/* True if mappings end at an age: each has a number then (`life`), which what is kept for it alone bears. */
bool nft_is_mortal(const struct nft_rules *r);

/* True if the box has several external addresses: `outside` tells at which of them a port is mapped. */
bool nft_has_outside(const struct nft_rules *r);

/* True if the set `permit`, the set `session` is kept. */
bool nft_has_permit(const struct nft_rules *r);
bool nft_has_session(const struct nft_rules *r);

/* The rest of a key that ends with a mapping. */
#define NFT_LIFE_KEY(r) (nft_is_mortal(r) ? " . meta mark" : "")

/* The end of a rule that sends a packet to whoever owns its port, by the sets of that life. */
void nft_write_dnat(const struct nft_rules *r, const char *life);

/* A set or map named `name`, once per lifetime. */
void nft_write_set(const struct nft_rules *r, const char *kind, const char *name, const char *type);

bool nft_is_tcp(const struct nft_rules *r);

/* True if it needs nothing of its own: plain Linux, or the protocol is blocked. */
bool nft_is_plain(const struct nft_rules *r);

/* The sets and chains that let packets in from the wan; nothing where conntrack does it. */
void nft_write_arrive(const struct nft_rules *r);

/*
 * Where of an inside socket the port alone counts: what tells whose a port is, who comes first in prerouting; and, in a
 * chain that learns from packets, that it is now whose packet this is (`field` "sport") or his who hears it ("dport").
 * Nothing elsewhere.
 */
void nft_write_takers(const struct nft_rules *r);
void nft_write_taking(const struct nft_rules *r, const char *field);

/* INPUT and FORWARD of the box, of what is said of each protocol. */
void nft_write_filter(const struct nft_rules of[NAT_PROTOCOLS]);

/* The sets and chains of a firewall that answers do not refresh, or that lets in strangers. */
void nft_write_firewall(const struct nft_rules *r);

#endif
