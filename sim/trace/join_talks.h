/* Who has spoken first, as far as a later packet's fate depends on it. For join.c. */
#ifndef JOIN_TALKS_H
#define JOIN_TALKS_H

#include "trace/journey.h"

#define JOIN_OWN 4096   /* conversations of boxes themselves remembered */
#define JOIN_DIALS 4096 /* SYNs that hosts sent and nobody answered yet remembered */

struct join_talks {
	uint64_t own[JOIN_OWN];     /* hashes of what boxes sent on their own behalf */
	uint64_t unseen[JOIN_OWN];  /* of what bears a box's address and was not seen to leave that box */
	uint64_t dials[JOIN_DIALS]; /* ids of what asked for a connection of TCP */
};

/* A box that sends without having got anything speaks for itself: what comes back is its own. */
void join_talks_note_own(struct join_talks *talks, const struct scene *s, const struct journey *j);
bool join_talks_is_own(const struct join_talks *talks, int node, uint8_t protocol, const struct endpoint *own,
                       const struct endpoint *other);

/*
 * Of TCP: who answers from a box's address, and is seen first where it comes in, did so where nobody looked. And true
 * of a journey that seems to have ended at a box, and was answered all the same.
 */
void join_talks_note_unseen(struct join_talks *talks, const struct scene *s, const struct journey *j);
bool join_talks_answered_unseen(const struct join_talks *talks, const struct journey *j);

/*
 * A SYN that a host sends asks for a connection. And where its journey is noted: what it remembers may be another one's
 * by now, which whoever asks must see for himself.
 */
void join_talks_note_dial(struct join_talks *talks, const struct scene *s, const struct journey *j);
uint64_t *join_talks_dial(struct join_talks *talks, int node, const struct endpoint *own, const struct endpoint *other);

#endif
