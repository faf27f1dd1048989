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
	unsigned *features;
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

/* True if maps tell what has a mapping already: with another one for each remote endpoint conntrack does. */
bool nft_has_mapping(const struct nft_rules *r);

/*
 * The key of those maps, of a packet whose flow was opened in that direction ("original" seen from it, or "reply").
 * IPv6's addresses are too long for it, and two for what is hashed: of a remote one the mark is, which is set before.
 */
void nft_write_mapping_mark(const struct nft_rules *r, const char *direction);
void nft_write_mapping_key(const struct nft_rules *r, const char *direction);

/* Chooses the pool of ports; says whether they are handed out one by one, or by the kernel; and writes how. */
void nft_choose_pool(struct nft_rules *r);
bool nft_is_direct(const struct nft_rules *r);
void nft_write_assign(const struct nft_rules *r);

#define NFT_FRESH_MARK "0x66726573" /* a port the kernel chose, to be looked at before it is used */
#define NFT_BARE_MARK "0x62617265"  /* a datagram that came without a checksum */

/*
 * The external addresses: all, to match ("{ 33.33.33.1, 33.33.33.2 }", or the only one); the map by which each host has
 * its own, those that are not named the first; and the one that a mapping gets, as an expression.
 */
#define NFT_ADDRESSES_SIZE 512
void nft_write_own(const struct nft_rules *r, struct text *t);
void nft_write_pairs(const struct nft_rules *r);
void nft_write_to(const struct nft_rules *r, struct text *t);

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
