#include "model/address_plan.h"

#include <stdio.h>
#include <string.h>

#define PLAN_PREFIX 24

/* The beginning of an IPv6 address: its first 32 bits and the 16 after them. */
struct ipv6_prefix {
	uint32_t high;
	uint16_t next;
};

static const struct {
	const char *name;
	uint32_t router, hosts, boxes;
	struct ipv6_prefix router6, hosts6, boxes6, homes6;
} plans[] = {
	[ADDRESS_PLAN_ORDINARY] = { "ordinary",
	                            0x0b0b0b01u,
	                            0x16161600u,
	                            0x21212100u,
	                            { 0x21110000u, 0 },
	                            { 0x22220000u, 0 },
	                            { 0x23330000u, 0 },
	                            { 0x24440000u, 0 } },
	[ADDRESS_PLAN_DOCUMENTATION] = { "documentation",
	                                 0xc0000201u, /* RFC 5737 */
	                                 0xc6336400u,
	                                 0xcb007100u,
	                                 { 0x20010db8u, 0x1000 }, /* RFC 3849 */
	                                 { 0x20010db8u, 0x2000 },
	                                 { 0x20010db8u, 0x3000 },
	                                 { 0x20010db8u, 0x4000 } },
};

int address_plan_parse(const char *text, enum address_plan *out, char error[ADDRESS_PLAN_ERROR_SIZE])
{
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		if (strcmp(text, plans[i].name) != 0)
			continue;
		*out = (enum address_plan)i;
		return 0;
	}
	snprintf(error, ADDRESS_PLAN_ERROR_SIZE, "there are no addresses '%.40s'; there are: ordinary, documentation",
	         text);
	return -1;
}

const char *address_plan_name(enum address_plan plan)
{
	return plans[plan].name;
}

struct address address_plan_router(enum address_plan plan)
{
	return address_ipv4(plans[plan].router);
}

struct subnet address_plan_hosts(enum address_plan plan)
{
	return subnet_ipv4(plans[plan].hosts, PLAN_PREFIX);
}

struct subnet address_plan_boxes(enum address_plan plan)
{
	return subnet_ipv4(plans[plan].boxes, PLAN_PREFIX);
}

static struct subnet ipv6_subnet(const struct ipv6_prefix *p, unsigned number)
{
	struct subnet s = { .network.family = ADDRESS_IPV6, .prefix = ADDRESS_PLAN_IPV6_PREFIX };
	uint16_t next = (uint16_t)(p->next + number);

	for (unsigned i = 0; i < sizeof p->high; i++)
		s.network.bytes[i] = (uint8_t)(p->high >> (24 - 8 * i));
	s.network.bytes[4] = (uint8_t)(next >> 8);
	s.network.bytes[5] = (uint8_t)next;
	return s;
}

struct address address_plan_router_ipv6(enum address_plan plan)
{
	struct subnet s = ipv6_subnet(&plans[plan].router6, 0);

	return subnet_host(&s, 1);
}

struct subnet address_plan_hosts_ipv6(enum address_plan plan)
{
	return ipv6_subnet(&plans[plan].hosts6, 0);
}

struct subnet address_plan_boxes_ipv6(enum address_plan plan)
{
	return ipv6_subnet(&plans[plan].boxes6, 0);
}

struct subnet address_plan_home_ipv6(enum address_plan plan, unsigned number, unsigned carrier)
{
	struct subnet s = ipv6_subnet(&plans[plan].homes6, number);
	size_t at = plan == ADDRESS_PLAN_ORDINARY ? 2 : 6; /* the documentation range has no more room in front */

	s.network.bytes[at] = (uint8_t)(carrier >> 8);
	s.network.bytes[at + 1] = (uint8_t)carrier;
	return s;
}

bool address_plan_has_ipv6(enum address_plan plan, const struct subnet *s)
{
	const struct subnet own[] = { ipv6_subnet(&plans[plan].router6, 0), address_plan_hosts_ipv6(plan),
		                      address_plan_boxes_ipv6(plan) };
	const struct subnet home = address_plan_home_ipv6(plan, 0, 0);
	unsigned last = (unsigned)s->network.bytes[4] << 8 | s->network.bytes[5];
	bool overlaps = false;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		overlaps |= subnet_overlaps(&own[i], s);
	if (s->prefix < 48)
		last |= UINT16_MAX >> (s->prefix - 32);
	return overlaps || (memcmp(home.network.bytes, s->network.bytes, plan == ADDRESS_PLAN_ORDINARY ? 2 : 4) == 0 &&
	                    last >= plans[plan].homes6.next);
}

struct subnet address_plan_private_ipv6(unsigned realm, unsigned number)
{
	static const struct ipv6_prefix prefix = { 0xfd440000u, 0 };
	struct subnet s = ipv6_subnet(&prefix, realm);

	s.network.bytes[6] = (uint8_t)(number >> 8);
	s.network.bytes[7] = (uint8_t)number;
	return s;
}

/* Why nobody on the internet can have it; NULL: somebody can. */
static const char *why_not(const struct address *a)
{
	switch (address_scope(a)) {
	case ADDRESS_UNSPECIFIED: return "no host's own";
	case ADDRESS_LOOPBACK: return "a loopback address";
	case ADDRESS_LINK_LOCAL: return "good on one link only";
	case ADDRESS_PRIVATE: return "private: only who is behind a NAT box can have it";
	case ADDRESS_MULTICAST: return "a multicast or broadcast address";
	case ADDRESS_GLOBAL: break;
	}
	if (a->bytes[0] == 0)
		return "of 'this network' (0.0.0.0/8)";
	return a->bytes[0] >= 240 ? "reserved (240.0.0.0/4)" : NULL;
}

int address_plan_parse_public(const char *text, struct address *out, char error[ADDRESS_PLAN_ERROR_SIZE])
{
	struct address a;
	const char *why;

	if (address_parse(text, &a) != 0 || a.family != ADDRESS_IPV4) {
		snprintf(error, ADDRESS_PLAN_ERROR_SIZE, "'%.60s' is no IPv4 address", text);
		return -1;
	}
	why = why_not(&a);
	if (why != NULL) {
		snprintf(error, ADDRESS_PLAN_ERROR_SIZE, "%s cannot stand on the internet: it is %s", text, why);
		return -1;
	}
	*out = a;
	return 0;
}
