/* What boxes map for hosts that ask them: a RECORD_LEASE line for each that comes or goes. */
#ifndef LEASE_LOG_H
#define LEASE_LOG_H

#include "evidence/record.h"
#include "world/world.h"

struct lease_log;

/* Watches from now on; what is mapped already comes first. A world without such boxes has a log that is never readable.
 * NULL with errno. */
struct lease_log *lease_log_open(const struct world *w, struct record *r);

/* To be polled for reading; -1: nothing will come. */
int lease_log_fd(const struct lease_log *l);

/* Records what has changed. */
void lease_log_read(struct lease_log *l);

#endif
