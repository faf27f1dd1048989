/*
 * What the capture of one interface shows, as evidence of what it would have shown: it may have been taken with a
 * filter, and nobody says with which. For captures without a record. Knows no world.
 */
#ifndef VIEW_H
#define VIEW_H

#include "trace/packet.h"

#define VIEW_ROOM                                                                                                      \
	1024u /* addresses, and flows, remembered of each interface; a power of two; of further ones nothing           \
	         is known */

/*
 * Of a filter that names two hosts: if one is an end of the first packet, the other is an end of all packets that are
 * not that one's.
 */
struct view_rest {
	bool any;
	bool host[2]; /* every such packet has that end of the first of them */
	struct endpoint ends[2];
};

/* What all its packets have in common, which a filter may have asked for. */
struct view_sieve {
	bool any;
	bool protocol, src, dst, src_port, dst_port; /* every packet has that of `first` */
	bool host[2], port[2]; /* every packet has that of its source, its destination, at either end */
	struct packet_ip first;
	struct view_rest rest[2]; /* without those of the first packet's source, of its destination */
};

struct view_met {
	uint64_t hash;           /* of an address, or a flow; 0: none */
	uint64_t from_ns, to_ns; /* the first and the last packet to it, or of it; 0: none */
};

struct view {
	struct view_sieve sieve;
	bool open;  /* there was no filter: it says so, or shows frames that none for hosts, ports or protocols of IP
	               passes */
	bool lossy; /* it says itself that it lost packets: what it does not show may have passed all the same */
	struct view_met addresses[VIEW_ROOM];
	struct view_met flows[VIEW_ROOM]; /* of one protocol, from one end to another */
};

/* Notes a packet of that interface. */
void view_add(struct view *v, const struct packet *p, uint64_t time_ns);

/* Its clock was wrong by so much: all times are moved. */
void view_shift(struct view *v, int64_t by_ns);

/* True if a packet to that address or from it was seen there, or whoever passes there is. */
bool view_knows(const struct view *v, const struct endpoint *e);

/* True if a packet to that address was seen there; the first and the last one's times are in `from_ns`, `to_ns`. */
bool view_shows_way(const struct view *v, const struct endpoint *to, uint64_t *from_ns, uint64_t *to_ns);

/* True if before that time and after it packets of that protocol, from that end to that one, were seen there. */
bool view_shows_between(const struct view *v, uint8_t protocol, const struct endpoint *src, const struct endpoint *dst,
                        uint64_t time_ns);

/* True if a filter that let all through that is seen there may have kept such a packet out. `src`: NULL: not known. */
bool view_may_hide(const struct view *v, uint8_t protocol, const struct endpoint *src, const struct endpoint *dst);

#endif
