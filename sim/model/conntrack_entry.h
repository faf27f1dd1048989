/* An entry as conntrack(8) lists it, read. Pure. */
#ifndef CONNTRACK_ENTRY_H
#define CONNTRACK_ENTRY_H

#include "base/endpoint.h"

/* As its first packet came in, and as answers come in. */
struct conntrack_entry {
	struct endpoint src, dst, reply_src, reply_dst;
};

/* Returns 0, or -1 for a line that is none of a protocol with ports. */
int conntrack_entry_parse(const char *line, struct conntrack_entry *out) __attribute__((warn_unused_result));

#endif
