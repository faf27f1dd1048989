/*
 * A journey: one packet on its way through the world, seen on one interface after the other, with the addresses it
 * bore on each leg, and where it ended. A packet that is cut up on its way goes on as its first fragment; each other
 * piece is a journey of its own from there, part of that one and sent by the same node. Plain data.
 */
#ifndef JOURNEY_H
#define JOURNEY_H

#include "base/endpoint.h"
#include "trace/icmp.h"
#include "trace/scene.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNEY_LEGS 16
#define JOURNEY_HEAD 120 /* bytes of the payload that are kept to say what it is */

enum journey_fate {
	FATE_MOVING,    /* not known yet; or the capture ended while it was on its way */
	FATE_DELIVERED, /* came in at the host it was for */
	FATE_REFUSED,   /* came in at the host or box it was for, which said no (ICMP) */
	FATE_DROPPED,   /* came in at `end_node` and went no further */
	FATE_LOST,      /* left `end_node` and never came in anywhere */
	FATE_FOR_BOX,   /* was for the box itself: its own address in its lan, or an error about what it sent */
	FATE_LINK_ONLY, /* ARP, another protocol, broadcast or multicast: goes no further than its link */
	FATE_UNKNOWN,   /* left our view; or ended at an interface of which is not known whose it is or which way it was
	                   passed */
	FATES,          /* how many there are */
};

/* One sight of it. */
struct leg {
	uint64_t time_ns;
	struct endpoint src, dst;
	uint16_t interface;
	uint8_t direction; /* enum pcapng_direction */
	uint8_t ttl;
	bool is_nat64;    /* on the wire it had addresses of IPv6: nat64_as_seen() */
	uint16_t link_id; /* packet.h */
};

struct journey {
	uint64_t id; /* from 1, in the order of their first legs; 0: none */
	uint64_t key;
	uint64_t bytes_key;        /* the key of the leg that was added last, with all its bytes (clobber.h) */
	uint64_t caused_by;        /* an ICMP error: the journey of the packet it is about; 0: none, or not seen */
	uint64_t refused_by;       /* the ICMP error that answered this one; 0: none */
	enum icmp_says refused_as; /* what that one says */
	struct endpoint refuser;   /* who sent that one; port 0 */
	uint32_t path_mtu;         /* ... where it is "too big": what would fit; 0: not told */
	uint64_t part_of;          /* a later fragment: the journey of the first one; 0: none */
	int cut_from;              /* ... that was cut off on the way, where its journey begins: who sent the whole */
	uint64_t repeats; /* an earlier journey with the same bytes (sent again, or doubled on the way); 0: none */
	uint64_t meets;   /* a SYN that came to who had dialed its sender, from where it came (a simultaneous open, RFC
	                     9293   figure 8): the journey of that one's SYN; 0: none */
	enum packet_kind kind;
	enum journey_fate fate;
	int end_node;    /* where it was seen last, -1: at nobody's interface */
	int next_node;   /* FATE_LOST: where it should have come in, or -1: that address is nobody's */
	uint32_t length; /* bytes of the datagram's payload (of the IP payload where it has no ports) */
	uint32_t ip_id;
	uint16_t fragment_offset, ip_len; /* bytes of what stands behind the IP header, and before it in its datagram */
	uint8_t protocol;                 /* of IP */
	uint8_t icmp_type, icmp_code, tcp_flags;
	bool more_fragments; /* a first fragment, or a whole packet that went on as one */
	bool cut_off;        /* `cut_from` is told */
	bool may_be_cut;     /* by a router, whose next link takes less: IPv4 without DF */
	bool to_many;
	bool quotes;    /* an ICMP error */
	bool marked;    /* for whoever feeds the packets: one of them was asked for */
	bool closed;    /* it ended where journeys end; nothing more is joined to it */
	bool in_doubt;  /* an ICMP error alone tells of its end, which may have been where nobody looked */
	bool clobbered; /* the box `clobberer` rewrote the payload: its own address, if it is one that does */
	int clobberer;
	uint8_t head_len;
	uint8_t head[JOURNEY_HEAD]; /* the start of the payload */
	unsigned leg_count;
	unsigned newest; /* the leg that was added last: nearly always the last one */
	struct leg legs[JOURNEY_LEGS];
};

static inline const struct leg *journey_first(const struct journey *j)
{
	return &j->legs[0];
}

static inline const struct leg *journey_last(const struct journey *j)
{
	return &j->legs[j->leg_count - 1];
}

struct packet;

/* Fills in what is the packet's wherever it is seen: its kind, its length, the head of its payload. */
void journey_begin(struct journey *j, const struct packet *p);

/* Its newest leg is of that packet: other bytes than on the leg before were rewritten by the box in between. */
void journey_note_bytes(struct journey *j, const struct scene *s, const struct packet *p);

/* True if it had these addresses, whatever the ports, on one of its legs. */
bool journey_bore_addresses(const struct journey *j, const struct endpoint *src, const struct endpoint *dst);

/* True if it asks for a connection of TCP; if it refuses or breaks one off. */
bool journey_is_syn(const struct journey *j);
bool journey_is_reset(const struct journey *j);

/*
 * The node that sent it, or what it was cut off from: where it was seen first going out; else whose address it bears;
 * -1: nobody known.
 */
int journey_origin(const struct scene *s, const struct journey *j);

/* True if leg `i` (not the first) shows another source (or destination) than the leg before. */
bool journey_source_changed(const struct journey *j, unsigned i);
bool journey_target_changed(const struct journey *j, unsigned i);

/* True if it came in at a box of which nobody looked at the other sides: what became of it there is not known. */
bool journey_went_in_unseen(const struct scene *s, const struct journey *j);

/* "delivered", "dropped", ... */
const char *journey_fate_name(enum journey_fate fate);

/*
 * Decides how a journey that gets no more legs ended: fate, end_node, next_node. `cut_short` is true if the capture
 * ended too soon after its last leg to tell; an ICMP error about it tells all the same.
 */
void journey_conclude(struct journey *j, const struct scene *s, bool cut_short);

#endif
