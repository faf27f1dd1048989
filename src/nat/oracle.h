/*
 * Must plain punching between two measured boxes succeed? Pure.
 *
 * Plain punching: both sides know the endpoint a server saw the other at and send probes to it again and again; whoever
 * is heard from another endpoint is probed there too (peer-reflexive learning). No prediction, no birthday, no relay. A
 * path is a pair of endpoints that works both ways: what is sent to an endpoint is answered from it (RFC 8445
 * §7.2.5.2.1 calls anything else non-symmetric and a failure).
 *
 * Of TCP (RFC 5128 §3.4): both listen at the port that a server saw them at, and dial the other's from it, anew where
 * that is refused. A path is a connection, whoever opened it.
 *
 * mapping=port is endpoint-independent to a peer, as long as no other host behind that box has the same port; clobber
 * decides nothing for who is told his endpoint otherwise than in plain bytes (XOR-MAPPED-ADDRESS).
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "nat/nat.h"

enum oracle_verdict {
	ORACLE_SHUT,
	ORACLE_OPEN,
	ORACLE_DEPENDS, /* on whose packet comes first: a difference of netfilter to the textbook, named in `why` */
};

struct oracle {
	enum oracle_verdict verdict;
	const char *why; /* one clause, for people */
};

/* a and b are different boxes, each on the internet by itself. The answer is the same whichever is first. */
struct oracle oracle_punch(const struct nat *a, const struct nat *b, enum nat_protocol protocol);

/* The same of two behind one box, who know each other by their addresses outside alone (RFC 4787 REQ-9). */
struct oracle oracle_hairpin(const struct nat *n, enum nat_protocol protocol);

#endif
