/*
 * Who comes and goes, told to all who are logged in: names only, and only where few are, so that one login never makes
 * more than so many datagrams, and so many logins a second. Pure; part of rendezvous.
 */
#ifndef NOTICES_H
#define NOTICES_H

#include "base/allowance.h"
#include "chat/rendezvous/roster.h"
#include "chat/send_queue.h"

#define NOTICES_PEERS 64 /* logged in; where more are, nothing is told */

struct notices {
	struct bucket told;
};

/*
 * `about` has come, or is about to go, or has just gone: tells the others, unless it has no name, or another login of
 * its key bears that too.
 */
void notices_tell(struct notices *n, const struct roster *roster, struct send_queue *out,
                  const struct roster_peer *about, enum wire_presence presence, uint64_t now_us);

#endif
