/*
 * A verdict as the lab and its users name it: the NAT spec that reproduces it, the classic name, and with whom one can
 * punch. Pure.
 */
#ifndef CONCLUSION_SPEC_H
#define CONCLUSION_SPEC_H

#include "nat_type/conclusion.h"

#define CONCLUSION_SPEC_SIZE 256

/*
 * Writes the NAT spec that stands for the verdict, in its canonical form. Returns `text`, or NULL if the verdict does
 * not say enough: a part left out of a spec would stand for its default, which is a guess.
 */
const char *conclusion_spec(const struct conclusion *v, char text[CONCLUSION_SPEC_SIZE]);

/* The words of RFC 4787 ("endpoint-independent"); "unknown" for none. */
const char *conclusion_class_name(enum conclusion_class c);

/* The name of the classic kind of NAT with these classes ("port-restricted"), or NULL if it has none. */
const char *conclusion_preset(const struct conclusion *v);

/* What plain punching, with both sides trying, does between a NAT and one of the five classic ones. */
enum conclusion_punch { CONCLUSION_PUNCH_NO, CONCLUSION_PUNCH_MAYBE, CONCLUSION_PUNCH_YES };

#define CONCLUSION_PEERS 5
extern const char *const conclusion_peers[CONCLUSION_PEERS]; /* "open", "full-cone", ... */

enum conclusion_punch conclusion_can_punch(const struct conclusion *v, size_t peer);

#endif
