#include "nat/nat_prefix.h"

#include "nat/nat_words.h"

#include <stdio.h>

#define HOME_MIN 48 /* RFC 6177: as much as a home gets */
#define HOME_MAX 64 /* RFC 4291 §2.5.1: identifiers have 64 bits */
#define ZERO_BYTE 8 /* RFC 6052 §2.2: bits 64 to 71 */

static const struct {
	unsigned kinds; /* a bit for each enum nat_ipv6 */
	const char *owners;
	const char *example;
} keys[] = {
	{ 1u << NAT_IPV6_OPEN | 1u << NAT_IPV6_FIREWALL | 1u << NAT_IPV6_NAT64, "ipv6=open, firewall and nat64",
	  "2001:db8:5::/48" },
	{ 1u << NAT_IPV6_NPTV6, "ipv6=nptv6", "fd12:3456:789a::/48" },
	{ 1u << NAT_IPV6_NPTV6, "ipv6=nptv6", "2001:db8:5::/48" },
	{ 1u << NAT_IPV6_NAT64, "ipv6=nat64", "2001:db8:64::/96" },
};

bool nat_key_is_prefix(enum nat_key key)
{
	return key >= NAT_KEY_PREFIX_FIRST && key <= NAT_KEY_PREFIX_LAST;
}

const char *nat_prefix_owners(enum nat_key key)
{
	return keys[key - NAT_KEY_PREFIX_FIRST].owners;
}

bool nat_prefix_is_of(enum nat_key key, enum nat_ipv6 kind)
{
	return (keys[key - NAT_KEY_PREFIX_FIRST].kinds & 1u << kind) != 0;
}

static bool is_unique_local(const struct subnet *s)
{
	return s->network.bytes[0] == 0xfd;
}

/* What is wrong with its length, or NULL. */
static const char *length_fault(const struct subnet *s, enum nat_key key)
{
	unsigned low = HOME_MIN, high = HOME_MAX;

	if (key == NAT_KEY_IPV6_PREF64) {
		low = 32;
		high = s->prefix > 64 ? 96 : 64;
		if (s->prefix > 64 && s->prefix < 96)
			return "has no length that a NAT64's prefix can have";
	}
	if (s->prefix < low)
		return "is too short";
	if (s->prefix > high)
		return "is too long";
	return key == NAT_KEY_IPV6_PREF64 && s->prefix % 8 != 0 ? "has no length that a NAT64's prefix can have" : NULL;
}

/* What is wrong with where it is, or NULL. */
static const char *place_fault(const struct subnet *s, enum nat_key key)
{
	if (key == NAT_KEY_IPV6_INSIDE)
		return is_unique_local(s) ? NULL : "is no network of one's own, which are those of fd00::/8 (RFC 4193)";
	if (address_scope(&s->network) != ADDRESS_GLOBAL && !(key == NAT_KEY_IPV6_PREF64 && is_unique_local(s)))
		return "is no network that counts as global";
	return key == NAT_KEY_IPV6_PREF64 && s->network.bytes[ZERO_BYTE] != 0
	           ? "has bits 64 to 71 that are not zero (RFC 6052)"
	           : NULL;
}

int nat_prefix_read(struct nat *nat, enum nat_key key, const char *value, char error[NAT_ERROR_SIZE])
{
	const char *name = nat_words[key].name, *fault;
	char right[SUBNET_TEXT_SIZE];
	struct subnet s;

	if (subnet_parse(value, &s) != 0 || s.network.family != ADDRESS_IPV6) {
		snprintf(error, NAT_ERROR_SIZE, "'%s=%.50s': %s is a prefix of IPv6, such as %s", name, value, name,
		         keys[key - NAT_KEY_PREFIX_FIRST].example);
		return -1;
	}
	fault = length_fault(&s, key);
	if (fault != NULL) {
		snprintf(error, NAT_ERROR_SIZE, "'%s=%.50s' %s: %s", name, value, fault,
		         key == NAT_KEY_IPV6_PREF64 ? "it is of 32, 40, 48, 56, 64 or 96 bits (RFC 6052)"
		                                    : "a home's prefix is of 48 to 64 bits (RFC 6177, RFC 4291)");
		return -1;
	}
	fault = place_fault(&s, key);
	if (fault != NULL) {
		snprintf(error, NAT_ERROR_SIZE, "'%s=%.50s' %s", name, value, fault);
		return -1;
	}
	if (!subnet_is_written(value, &s)) {
		snprintf(error, NAT_ERROR_SIZE, "'%s=%.50s' has bits behind its prefix: say %s", name, value,
		         subnet_format(&s, right));
		return -1;
	}
	nat->ipv6_prefixes[key - NAT_KEY_PREFIX_FIRST] = s;
	return 0;
}
