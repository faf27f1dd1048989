/*
 * What the hosts and boxes of a lab are given before its world stands: addresses and names of one's choice. As in
 * lab.h, errors are one line in `error`; all return 0 or -1, but where it says otherwise.
 */
#ifndef LAB_GIVEN_H
#define LAB_GIVEN_H

#include "lab/lab.h"

/* Which addresses the internet has: "ordinary" or "documentation" (address_plan.h), said before the first node. */
int lab_choose_addresses(struct lab *l, const char *plan, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Which families hosts have of which nothing else is said: "4", "6" or "46" (families.h), said before the first node.
 */
int lab_choose_families(struct lab *l, const char *families, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The same of a host that was just added. */
int lab_set_families(struct lab *l, int host, const char *families, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* A host that was just added has temporary addresses of IPv6 (RFC 8981), too. */
int lab_ask_temporary(struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* A host that was just added, behind a NAT64, has a translator of its own (464XLAT). */
int lab_ask_clat(struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* As given_address() and given_name() (model/given.h). */
int lab_give_address(struct lab *l, int node, int link, const char *address, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));
int lab_give_name(struct lab *l, int node, const char *name, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * A host that is told in one line, as on a command line: one more on the internet, or behind a box,
 * "stun:address=74.125.250.129,names=stun.l.google.com,stun1.l.google.com", "carol:behind=nat-a", of which all but the
 * name may be missing; or what a host is given that was just added, "alice:temporary". Its index, or -1.
 */
int lab_tell_host(struct lab *l, const char *line, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
