#include "model/nptv6.h"

#include <string.h>

#define WORDS 8
#define SUBNET_WORD (NPTV6_PREFIX / 16)

static uint32_t word(const struct address *a, unsigned n)
{
	return (uint32_t)a->bytes[2 * n] << 8 | a->bytes[2 * n + 1];
}

/* Of the first `count` words, as RFC 1071 adds them; 0xffff is 0. */
static uint32_t sum_of(const struct address *a, unsigned count)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += word(a, i);
	return sum % UINT16_MAX;
}

struct address nptv6_outside(const struct nptv6 *n, const struct address *inside)
{
	struct address out = *inside;
	uint32_t subnet;

	memcpy(out.bytes, n->outside.network.bytes, NPTV6_PREFIX / 8);
	subnet = (word(inside, SUBNET_WORD) + sum_of(inside, SUBNET_WORD) + UINT16_MAX - sum_of(&out, SUBNET_WORD)) %
	         UINT16_MAX;
	out.bytes[2 * SUBNET_WORD] = (uint8_t)(subnet >> 8);
	out.bytes[2 * SUBNET_WORD + 1] = (uint8_t)subnet;
	return out;
}

bool nptv6_is_neutral(const struct address *a, const struct address *b)
{
	return sum_of(a, WORDS) == sum_of(b, WORDS);
}
