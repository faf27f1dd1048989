/*
 * Temporary addresses (RFC 8981), which the kernel makes for a host that has asked for them: nobody knows them before.
 * All enter the host's network namespace, come back to `home_fd`, and return 0, or -1 (logged).
 */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "model/topology.h"

#define TEMPORARY_LINK 0 /* of a host: it has one (topology_check_ipv6()) */

/*
 * Which one is preferred now. Waits until there is one; where the interface has no address at all, as while it is down,
 * `out` is of family ADDRESS_NONE.
 */
int temporary_look(const struct topology *t, int host, int netns_fd, int home_fd, struct address *out)
    __attribute__((warn_unused_result));

/*
 * The kernel makes a new one, as when its time has come. The one before, which the topology knows, is deprecated: what
 * uses it goes on. Of too many the oldest is gone.
 */
int temporary_renew(const struct topology *t, int host, int netns_fd, int home_fd) __attribute__((warn_unused_result));

#endif
