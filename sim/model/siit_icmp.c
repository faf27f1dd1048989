#include "model/siit_icmp.h"

#include <stddef.h>

enum { V4_REPLY = 0, V4_UNREACHABLE = 3, V4_ECHO = 8, V4_TIME = 11, V4_PROBLEM = 12 };
enum { V6_UNREACHABLE = 1, V6_TOO_BIG = 2, V6_TIME = 3, V6_PROBLEM = 4, V6_ECHO = 128, V6_REPLY = 129 };

#define V4_NO_PROTOCOL 2 /* codes of V4_UNREACHABLE */
#define V4_TOO_BIG 4
#define V6_NEXT_HEADER 6 /* where in its header IPv6 has that */
#define HEADERS_DIFFER 20
#define IPV6_MTU_MIN 1280
#define NOTHING (-1)

#define COUNT(array) (sizeof(array) / sizeof *(array))

bool siit_icmp_is_error(bool is_ipv6, uint8_t type)
{
	return is_ipv6 ? type < V6_ECHO : type != V4_ECHO && type != V4_REPLY && type <= V4_PROBLEM;
}

uint8_t siit_icmp_echo(bool is_ipv6, uint8_t type)
{
	if (is_ipv6)
		return type == V6_ECHO ? V4_ECHO : type == V6_REPLY ? V4_REPLY : type;
	return type == V4_ECHO ? V6_ECHO : type == V4_REPLY ? V6_REPLY : type;
}

static bool say(struct siit_icmp *m, uint8_t type, int code, uint32_t rest)
{
	m->type = type;
	m->code = (uint8_t)code;
	m->rest = rest;
	return code != NOTHING;
}

/* Of the field at fault in the other header: from the first byte of a field up to the next's, where they differ. */
struct header_field {
	uint8_t first, last, other;
};

static int find_field(const struct header_field *fields, size_t count, uint32_t pointer)
{
	for (size_t i = 0; i < count; i++)
		if (pointer >= fields[i].first && pointer <= fields[i].last)
			return fields[i].other;
	return NOTHING;
}

static bool say_problem(struct siit_icmp *m, uint8_t type, int field, unsigned shift)
{
	return field != NOTHING && say(m, type, 0, (uint32_t)field << shift);
}

/* RFC 1191 §7.1, for a router that does not say what would fit. */
static uint32_t guess_mtu(uint16_t len)
{
	static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68 };

	for (size_t i = 0; i < COUNT(plateaus); i++)
		if (plateaus[i] < len)
			return plateaus[i];
	return plateaus[COUNT(plateaus) - 1];
}

/* A host need not send less than IPv6's least links take: what it sends then may be cut up (§5.1). */
static uint32_t mtu_of_ipv6(const struct siit_icmp *m)
{
	uint32_t told = (m->rest & 0xffff) != 0 ? m->rest & 0xffff : guess_mtu(m->quoted_len);

	return told + HEADERS_DIFFER > IPV6_MTU_MIN ? told + HEADERS_DIFFER : IPV6_MTU_MIN;
}

static bool unreachable_by_ipv4(struct siit_icmp *m)
{
	static const int8_t codes[] = { 0, 0, NOTHING, 4, NOTHING, 0, 0, 0, 0, 1, 1, 0, 0, 1, NOTHING, 1 };

	if (m->code == V4_NO_PROTOCOL)
		return say(m, V6_PROBLEM, 1, V6_NEXT_HEADER);
	if (m->code == V4_TOO_BIG)
		return say(m, V6_TOO_BIG, 0, mtu_of_ipv6(m));
	return say(m, V6_UNREACHABLE, m->code < COUNT(codes) ? codes[m->code] : NOTHING, 0);
}

static bool problem_of_ipv4(struct siit_icmp *m)
{
	static const struct header_field fields[] = { { 0, 0, 0 }, { 1, 1, 1 },   { 2, 3, 4 },   { 8, 8, 7 },
		                                      { 9, 9, 6 }, { 12, 15, 8 }, { 16, 19, 24 } };

	if (m->code != 0 && m->code != 2)
		return false;
	return say_problem(m, V6_PROBLEM, find_field(fields, COUNT(fields), m->rest >> 24), 0);
}

static bool translate_ipv4(struct siit_icmp *m)
{
	switch (m->type) {
	case V4_ECHO:
	case V4_REPLY: m->type = siit_icmp_echo(false, m->type); return true;
	case V4_UNREACHABLE: return unreachable_by_ipv4(m);
	case V4_TIME: return say(m, V6_TIME, m->code, 0);
	case V4_PROBLEM: return problem_of_ipv4(m);
	default: return false;
	}
}

static bool unreachable_by_ipv6(struct siit_icmp *m)
{
	static const int8_t codes[] = { 1, 10, 1, 1, 3 };

	return say(m, V4_UNREACHABLE, m->code < COUNT(codes) ? codes[m->code] : NOTHING, 0);
}

static bool problem_of_ipv6(struct siit_icmp *m)
{
	static const struct header_field fields[] = { { 0, 0, 0 }, { 1, 1, 1 },   { 4, 5, 2 },   { 6, 6, 9 },
		                                      { 7, 7, 8 }, { 8, 23, 12 }, { 24, 39, 16 } };

	if (m->code == 1)
		return say(m, V4_UNREACHABLE, V4_NO_PROTOCOL, 0);
	return m->code == 0 && say_problem(m, V4_PROBLEM, find_field(fields, COUNT(fields), m->rest), 24);
}

static bool translate_ipv6(struct siit_icmp *m)
{
	uint32_t mtu = m->rest;

	switch (m->type) {
	case V6_ECHO:
	case V6_REPLY: m->type = siit_icmp_echo(true, m->type); return true;
	case V6_UNREACHABLE: return unreachable_by_ipv6(m);
	case V6_TOO_BIG:
		mtu = mtu > UINT16_MAX ? UINT16_MAX : mtu;
		return say(m, V4_UNREACHABLE, V4_TOO_BIG, mtu > HEADERS_DIFFER ? mtu - HEADERS_DIFFER : 0);
	case V6_TIME: return say(m, V4_TIME, m->code, 0);
	case V6_PROBLEM: return problem_of_ipv6(m);
	default: return false;
	}
}

bool siit_icmp_translate(bool is_ipv6, struct siit_icmp *m)
{
	return is_ipv6 ? translate_ipv6(m) : translate_ipv4(m);
}
