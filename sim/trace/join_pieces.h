/*
 * The pieces of a packet that is cut up on its way: which journey a first fragment goes on with, and which one the
 * later ones are part of. It remembers ids of journeys, by what the pieces have in common; what it remembers may be
 * another one's by now, which whoever asks must see for himself.
 */
#ifndef JOIN_PIECES_H
#define JOIN_PIECES_H

#include "trace/journey.h"
#include "trace/packet.h"

#define JOIN_FIRSTS 256
#define JOIN_WHOLES 4096

struct join_pieces {
	uint64_t firsts[JOIN_FIRSTS]; /* of first fragments */
	uint64_t wholes[JOIN_WHOLES]; /* of whole packets that may be cut up */
};

/* Where the journey is noted of the first fragment of that one's datagram, as long as boxes leave its addresses. */
uint64_t *join_pieces_first(struct join_pieces *pieces, const struct packet_ip *ip);

/* Where the journey is noted of the packet of that protocol and identification that was whole. */
uint64_t *join_pieces_whole(struct join_pieces *pieces, uint8_t protocol, uint32_t id);

/* True if this first fragment may be the beginning of that journey's whole packet. */
bool join_pieces_begin(const struct journey *j, const struct packet_ip *first);

/* True of two first fragments, and of later ones that have bytes of the datagram in common; true of all else. */
bool join_pieces_overlap(const struct journey *j, const struct packet_ip *ip);

#endif
