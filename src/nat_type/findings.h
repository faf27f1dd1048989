/* What a discovery found: the answers as they came. What they mean is round.h's business, and conclusion.h's. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "base/endpoint.h"
#include "nat_type/mapping_lifetime.h"
#include "stun/stun_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISCOVERY_PORTS 8   /* sockets that ask for the allocation of ports */
#define DISCOVERY_INSIDE 12 /* ... bound to ports out of the range that was seen */
#define DISCOVERY_ROUNDS 5  /* of mapping and doors, at most */
#define DISCOVERY_OTHERS 7  /* servers besides the one that is asked */
#define DISCOVERY_MORE 24   /* ... to see more of the range where ports are not preserved */
#define DISCOVERY_SAMPLES (DISCOVERY_PORTS + DISCOVERY_INSIDE + DISCOVERY_MORE)

/* What the server says of a second address. */
enum discovery_other {
	DISCOVERY_OTHER_NONE,     /* nothing: a plain RFC 8489 server */
	DISCOVERY_OTHER_UNUSABLE, /* not another address *and* port, or one that cannot be public */
	DISCOVERY_OTHER_SAID,     /* whether it answers there is seen in `mapping` */
};

/* One socket's port, inside and outside. */
struct discovery_port {
	uint16_t inside, outside;
};

/* Mapping and doors, asked of sockets that nothing else was asked of. */
struct discovery_round {
	struct stun_answer elsewhere[DISCOVERY_OTHERS]; /* by the same socket as `mapping`, of ordinary servers */
	struct stun_answer mapping[2][2];   /* [other address][other port] of the server, in the order 00 10 11 01 */
	struct stun_answer door_both;       /* asked of 00 by a fresh socket, to answer from 11 */
	struct stun_answer door_port;       /* ... from 01 */
	struct stun_answer door_both_after; /* was `door_both` silent: the same socket asks 00 plainly */
	struct stun_answer door_port_after;
	struct stun_answer change_control; /* like door_both by the mapping socket, which 11 may answer if its mapping
	                                      is endpoint-independent */
	struct stun_answer port_control;   /* by another socket, to be answered to the mapping socket */
	bool trap_set;                     /* a stranger's packet was sent to a port not mapped yet */
	uint16_t trap_inside;    /* the port, the same inside and outside unless the packet took it, or another flow */
	struct stun_answer trap; /* the plain question from it, afterwards */
};

/* What was seen. What was not asked, for whatever reason, has the outcome STUN_UNASKED. */
struct discovery_findings {
	enum discovery_other other;
	struct endpoint other_said;                     /* OTHER-ADDRESS as it came */
	struct endpoint server[2][2];                   /* [other address][other port]; [0][0] is the one asked for */
	struct endpoint others[DISCOVERY_OTHERS];       /* where `elsewhere` was asked */
	size_t other_count;                             /* 0 where the server's own second address will do */
	struct endpoint inside;                         /* the first socket's own endpoint */
	struct stun_answer contact;                     /* its question to 00 */
	struct discovery_port ports[DISCOVERY_SAMPLES]; /* in the order of asking */
	size_t port_count;
	size_t ports_missed; /* questions without an answer behind the last that had one */
	struct discovery_round rounds[DISCOVERY_ROUNDS];
	size_t round_count;
	struct stun_answer hairpin[2];      /* one socket's datagram to another's outside endpoint, both ways */
	struct endpoint hairpin_inside[2];  /* the sender's own endpoint */
	struct endpoint hairpin_outside[2]; /* and its outside one, as the server sees it */
	bool hairpin_mirrored;              /* a hairpin that leaves the source as it is would have been seen */
	struct mapping_lifetime_findings lifetime;
	bool mapping_lifetime_wanted,
	    mapping_lifetime_asked; /* wanted and not asked: the server cannot help with it, or there is no NAT */
	unsigned malformed;         /* datagrams that came in and answer nothing that was asked */
	bool out_of_time;
};

#endif
