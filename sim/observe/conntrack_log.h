/*
 * A NAT box's connection tracking, written to the world's record as it changes: every entry's birth, change and end,
 * and the whole table when asked. Read by netlink from sockets opened in the box's network namespace.
 */
#ifndef CONNTRACK_LOG_H
#define CONNTRACK_LOG_H

#include "evidence/record.h"

struct conntrack_log;

/*
 * Listens from now on. The thread must be in the box's network namespace (and may leave it afterwards). NULL with
 * errno. `box` is its name; it and the record must outlive the log.
 */
struct conntrack_log *conntrack_log_open(const char *box, struct record *r) __attribute__((warn_unused_result));

/* For poll(): readable when events wait. */
int conntrack_log_fd(const struct conntrack_log *l);

/*
 * Records the events that wait. Returns 0, or -1 with errno. Events the kernel had no room for are recorded as a "gap",
 * and a snapshot after it makes good what can be.
 */
int conntrack_log_read(struct conntrack_log *l) __attribute__((warn_unused_result));

/* Records all entries of the table as they are now. Returns 0, or -1 with errno. */
int conntrack_log_snapshot(struct conntrack_log *l) __attribute__((warn_unused_result));

#endif
