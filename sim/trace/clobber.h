/*
 * Boxes that rewrite their own address in payloads: the same packet has other bytes then on their two sides. The record
 * says which boxes do; where there is none join_fit.h tells of what a box may have made of a packet.
 */
#ifndef CLOBBER_H
#define CLOBBER_H

#include "trace/packet.h"
#include "trace/scene.h"

/* True if there is such a box. */
bool clobber_is_about(const struct scene *s);

/*
 * Makes the packet's key, and that of what it quotes, the same on all sides of such boxes: of a payload without the
 * words that are an outside address of one of them, or an address in its lan. Other packets than UDP keep theirs.
 */
void clobber_unify(const struct scene *s, struct packet *p);

#endif
