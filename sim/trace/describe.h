/*
 * What a datagram says, in a few words: p2pchat's messages, STUN, ICMP, TCP flags; of anything else its length. All
 * text is safe to print.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "trace/journey.h"

#define DESCRIBE_SIZE 160

/* "probe 3", "STUN binding success nat-a:5000", "port unreachable". Returns `text`. */
const char *describe_journey(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE]);

#endif
