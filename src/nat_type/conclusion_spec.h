/*
 * A verdict as the lab and its users name it: the NAT spec that reproduces it, the classic name, and with whom one can
 * punch. Pure.
 */
#ifndef CONCLUSION_SPEC_H
#define CONCLUSION_SPEC_H

#include "nat_type/conclusion.h"

#define VERDICT_SPEC_SIZE 256

/*
 * Writes the NAT spec that stands for the verdict, in its canonical form. Returns `text`, or NULL if the verdict does
 * not say enough: a part left out of a spec would stand for its default, which is a guess.
 */
const char *verdict_spec(const struct verdict *v, char text[VERDICT_SPEC_SIZE]);

/* The words of RFC 4787 ("endpoint-independent"); "unknown" for none. */
const char *verdict_class_name(enum verdict_class c);

/* The name of the classic kind of NAT with these classes ("port-restricted"), or NULL if it has none. */
const char *verdict_preset(const struct verdict *v);

/* What plain punching, with both sides trying, does between a NAT and one of the five classic ones. */
enum verdict_punch { VERDICT_PUNCH_NO, VERDICT_PUNCH_MAYBE, VERDICT_PUNCH_YES };

#define VERDICT_PEERS 5
extern const char *const verdict_peers[VERDICT_PEERS]; /* "open", "full-cone", ... */

enum verdict_punch verdict_can_punch(const struct verdict *v, size_t peer);

#endif
