/*
 * Why a packet went no further: one cause out of a closed list, with the facts it rests on. It is found from what the
 * box held at that moment (mapping.h) and what the packet bore, never from the name of the NAT.
 */
#ifndef CAUSE_H
#define CAUSE_H

#include "trace/journey.h"
#include "trace/mapping.h"

enum cause_kind {
	CAUSE_NONE, /* nothing went wrong, or nobody can tell */
	/* At a box, coming from outside: */
	CAUSE_SWALLOWED,        /* the box took it for its own: its INPUT chain accepts strangers */
	CAUSE_MAPPED_ELSEWHERE, /* the host inside did open a way for this sender, but on another port */
	CAUSE_TOO_EARLY,        /* the host inside opened exactly this way a little later */
	CAUSE_FILTERED_PORT,    /* the way is open for the sender's address, not for its port */
	CAUSE_FILTERED_ADDRESS, /* the port is mapped, but the host inside sent nothing to the sender's address */
	CAUSE_EXPIRED,          /* the way was open, and its time ran out */
	CAUSE_DELETED,          /* the way was open, and the box forgot it (reboot, flush) */
	CAUSE_NO_MAPPING,       /* nobody inside uses that port */
	CAUSE_RULE_IN,          /* the way was open, and the box dropped the packet all the same */
	CAUSE_FRAGMENT,         /* a later fragment, without ports: boxes judge the whole datagram, by its first one */
	/* At a box, coming from inside: */
	CAUSE_NO_HAIRPIN, /* for the box's own outer address: it does not turn packets round */
	CAUSE_BLOCKED,    /* nothing of this protocol ever gets out from this host through this box */
	CAUSE_RULE_OUT,   /* other packets of the host get out, this one did not */
	CAUSE_TTL,        /* its hop limit ran out */
	CAUSE_TOO_BIG,    /* for the next link, and not to be cut up: an ICMP error says so */
	/* Beyond boxes: */
	CAUSE_REFUSED,      /* it arrived, and an ICMP error came back: nobody listens, or a firewall */
	CAUSE_NOT_FOR_HOST, /* it arrived at a host that does not have that address */
	CAUSE_NO_ROUTE,     /* its address is nobody's, or the box has no way there */
	CAUSE_LOST_ON_WIRE, /* it left one end of a wire and did not come in at the other */
	CAUSES,             /* how many there are */
};

/* Why the same socket shows another port to one peer than to others. */
enum because {
	BECAUSE_UNKNOWN,
	BECAUSE_ENDPOINT_DEPENDENT, /* the box gives each destination a port of its own */
	BECAUSE_TRAP,               /* an entry of the box itself, made by an early packet of the peer, held the port */
	BECAUSE_REMAPPED,           /* the older mapping had ended before */
	BECAUSES,
};

/* Mappings are named by their place in mappings.list; -1: none. */
struct cause {
	enum cause_kind kind;
	int node;    /* where it died; -1: on a wire */
	bool beyond; /* not there, but somewhere after it had left there */
	uint64_t journey;
	uint64_t time_ns;
	int origin; /* the host that sent it, or -1 */
	uint8_t protocol;
	struct endpoint src, dst; /* as it bore them there */
	long mapping;             /* the one that nearly fitted: the permission, the expired one, the one elsewhere */
	enum because because;     /* where a port was not the one expected */
	int because_node;         /* the box that chose the port */
	struct endpoint usual;    /* what the same socket showed to others; family ADDRESS_NONE: not known */
	uint32_t path_mtu;        /* CAUSE_TOO_BIG: what would fit; 0: not told */
};

/* How many packets of each host passed each box outwards, over the whole trace. */
struct passed {
	uint32_t udp[SCENE_NODES][SCENE_NODES]; /* [box][host] */
	uint32_t tcp[SCENE_NODES][SCENE_NODES];
};

void passed_journey(struct passed *p, const struct scene *s, const struct journey *j);

/*
 * Finds the cause. `m` must have been told of all journeys up to this one. kind is CAUSE_NONE if the journey did not go
 * wrong. A drop from the inside is CAUSE_RULE_OUT until cause_settle().
 */
void cause_find(const struct scene *s, const struct mappings *m, const struct journey *j, struct cause *out);

/*
 * With the whole trace told, CAUSE_RULE_OUT becomes CAUSE_BLOCKED where nothing else got out either. CAUSE_TOO_EARLY
 * becomes CAUSE_RULE_IN where the packet that opened the way had left before: conntrack's word of it comes later.
 */
void cause_settle(struct cause *c, const struct mappings *m, const struct passed *p);

/* "filtered-port": for JSON and tests. */
const char *cause_name(enum cause_kind kind);
const char *because_name(enum because because);

/* CAUSE_NO_ROUTE: whose inside address it was for, that means nothing outside; or -1. */
int cause_inside_owner(const struct scene *s, const struct cause *c);

#define CAUSE_TEXT_SIZE 256

/* A few words for a ladder or a comment: "nat-a lets only nat-b:5000 in here". "" for CAUSE_NONE. Returns `text`. */
const char *cause_format(const struct scene *s, const struct mappings *m, const struct cause *c,
                         char text[CAUSE_TEXT_SIZE]);

#endif
