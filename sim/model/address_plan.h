/*
 * Which addresses a world's internet has. Pure: the one place that knows them.
 *
 * Programs judge addresses: those of the documentation ranges (RFC 5737) count as no public ones, and many a program
 * that has nothing else does not even try. So the ordinary plan has plain unicast ones, which stand in no
 * special-purpose registry (RFC 6890), where no service is that anybody knows, and which are easy to tell in a trace:
 *
 *                   ordinary        documentation
 *   the router      11.11.11.1      192.0.2.1
 *   hosts           22.22.22.0/24   198.51.100.0/24
 *   boxes           33.33.33.0/24   203.0.113.0/24
 *
 * The same of IPv6: global unicast that no registry has given to anybody, or else RFC 3849's. A home's network is a
 * part of the internet; it bears the number of its box.
 *
 *   the router      2111::1         2001:db8:1000::1
 *   hosts           2222::/64       2001:db8:2000::/64
 *   boxes           2333::/64       2001:db8:3000::/64
 *   the Nth home    2444:0:N::/64   2001:db8:4000+N::/64
 *
 * Who has several carriers has a prefix of each: of the Kth, from 0, 2444:K:N::/64 or 2001:db8:4000+N:K::/64.
 *
 * Addresses that are nobody's outside (RFC 4193) are the same in both: the Mth home's, in the realm of the Nth box,
 * fd44:0:N:M::/64.
 */
#ifndef ADDRESS_PLAN_H
#define ADDRESS_PLAN_H

#include "base/subnet.h"

#define ADDRESS_PLAN_ERROR_SIZE 256

enum address_plan { ADDRESS_PLAN_ORDINARY, ADDRESS_PLAN_DOCUMENTATION };

/* Reads "ordinary" or "documentation". Returns 0, or -1 with one line in `error` that says which there are. */
int address_plan_parse(const char *text, enum address_plan *out, char error[ADDRESS_PLAN_ERROR_SIZE])
    __attribute__((warn_unused_result));

const char *address_plan_name(enum address_plan plan);

struct address address_plan_router(enum address_plan plan);
struct subnet address_plan_hosts(enum address_plan plan);
struct subnet address_plan_boxes(enum address_plan plan);

#define ADDRESS_PLAN_IPV6_PREFIX 64

struct address address_plan_router_ipv6(enum address_plan plan);
struct subnet address_plan_hosts_ipv6(enum address_plan plan);
struct subnet address_plan_boxes_ipv6(enum address_plan plan);
struct subnet address_plan_home_ipv6(enum address_plan plan, unsigned number, unsigned carrier);
struct subnet address_plan_private_ipv6(unsigned realm, unsigned number);

/* True if a network of 32 bits or more has addresses of IPv6 that are the world's own to give, to homes and all others.
 */
bool address_plan_has_ipv6(enum address_plan plan, const struct subnet *s);

/* Reads an address that one can have on the internet: unicast, neither private nor of the machine's own. 0, or -1 with
 * what it is instead in `error`. */
int address_plan_parse_public(const char *text, struct address *out, char error[ADDRESS_PLAN_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
