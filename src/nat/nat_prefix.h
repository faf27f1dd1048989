/* Prefixes of IPv6 in NAT specs. Pure. For nat.c, nat_parse.c and nat_contradiction.c alone. */
#ifndef NAT_PREFIX_H
#define NAT_PREFIX_H

#include "nat/nat.h"

/* The keys whose value is a prefix. */
#define NAT_KEY_PREFIX_FIRST NAT_KEY_IPV6_PREFIX
#define NAT_KEY_PREFIX_LAST NAT_KEY_IPV6_PREF64

bool nat_key_is_prefix(enum nat_key key);

/*
 * Reads a prefix for that key. Returns 0, or -1 with one line that says what such a prefix is: of a home 48 to 64 bits
 * (RFC 6177, RFC 4291), of a NAT64 what RFC 6052 has.
 */
int nat_prefix_read(struct nat *nat, enum nat_key key, const char *value, char error[NAT_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Which kinds of IPv6 have such a prefix, in words; and whether this one does. */
const char *nat_prefix_owners(enum nat_key key);
bool nat_prefix_is_of(enum nat_key key, enum nat_ipv6 kind);

#endif
