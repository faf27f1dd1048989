/*
 * The kernel's tables of neighbours, ARP's and IPv6's. A machine has one of each for all its network namespaces
 * together, of 1024 entries unless root says otherwise (net.ipv6.neigh.default.gc_thresh3). Where it is full, whoever
 * sends to a neighbour that it does not know is refused (EINVAL), and no packet is seen anywhere.
 */
#ifndef NEIGHBOURS_H
#define NEIGHBOURS_H

#include <stdint.h>

struct neighbours {
	uint32_t entries;
	uint32_t most;    /* of them */
	uint64_t refused; /* so many, since the machine began, as it was full */
};

/* Reads the table of AF_INET or AF_INET6. 0, or -1 with errno. */
int neighbours_read(int family, struct neighbours *n) __attribute__((warn_unused_result));

/*
 * Returns when less than half of the table is taken, so that a world may begin: ended ones give theirs back. After 10 s
 * it returns all the same.
 */
void neighbours_wait_for_room(int family);

/* Says on the log, if it is so, that the table was full since it had refused so many. */
void neighbours_tell_refused(int family, uint64_t before);

#endif
