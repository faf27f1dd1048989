/*
 * Texts on their way: those of ours that wait for the peer's acknowledgement, sent again until it comes, over another
 * path too if this one is lost, or ten seconds have passed on an open one, and those of the peer, shown once and in
 * order. One text is under way per path at a time, the others wait for it and end with it if it has no answer. Pure;
 * part of peer.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "chat/peer/paths.h"

/*
 * One place for every path, so that none is starved by others whose peers do not answer, and some to share: of these a
 * path gets no more than it leaves free, so that there is always something left for the next.
 */
#define OUTBOX_SHARED 64
#define OUTBOX_TEXTS (PATHS_MAX + OUTBOX_SHARED)

struct outgoing_text {
	struct path *path; /* NULL if the place is free */
	uint32_t serial;
	uint64_t sent_us; /* for the first time; before the path was opened, or 0: not over it yet */
	size_t len;       /* bytes */
	uint8_t bytes[WIRE_TEXT_MAX];
};

struct outbox {
	struct outgoing_text texts[OUTBOX_TEXTS];
	uint32_t last_serial; /* texts are numbered over all paths: a path may lead to another address tomorrow */
	uint32_t waiting;
	uint32_t end;    /* places from here on were never taken */
	uint32_t shared; /* places taken by the second and later texts of a path */
};

/* True if there is a place for one more text over that path. */
bool outbox_has_room(const struct outbox *o, const struct path *p);

/* Adds a text of 1 to WIRE_TEXT_MAX bytes. Returns false if there is no room. */
bool outbox_put(struct outbox *o, struct path *p, const uint8_t *text, size_t len);

/* All texts for one path are for another from now on, which leads to the same peer and has sent none of its own yet. */
void outbox_move(struct outbox *o, struct path *from, struct path *to);

/* Gives up all texts for a path, for that reason. */
void outbox_fail(struct outbox *o, struct effects *fx, const struct path *p, enum reason reason);

/* A fresh text or acknowledgement came over an open path. */
void outbox_receive(struct outbox *o, struct effects *fx, struct path *p, const struct wire_message *m,
                    uint64_t now_us);

/*
 * Sends what is due on an open path, gives up what is too old. Returns false if the path is to be doubted: a text has
 * had no answer for two seconds.
 */
bool outbox_tick(struct outbox *o, struct effects *fx, struct path *p, uint64_t now_us);

/* When outbox_tick() is due for that path, UINT64_MAX for never. */
uint64_t outbox_deadline(const struct outbox *o, const struct path *p);

#endif
