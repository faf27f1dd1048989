#include "model/nptv6.h"

#include <stddef.h>

#define WORDS 8
#define SUBNET_WORD 3
#define IDENTIFIER_WORD 4
#define SUBNET_BITS (16 * SUBNET_WORD) /* in front of the subnet's word */

static uint32_t word(const struct address *a, unsigned n)
{
	const uint8_t *at = a->bytes + 2 * (size_t)n;

	return (uint32_t)at[0] << 8 | at[1];
}

/* As RFC 1071 adds all words; 0xffff is 0. */
static uint32_t sum_of(const struct address *a)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < WORDS; i++)
		sum += word(a, i);
	return sum % UINT16_MAX;
}

bool nptv6_keeps_identifier(const struct nptv6 *n)
{
	return n->inside.prefix <= SUBNET_BITS;
}

/* Which word of the address makes sums equal. */
static unsigned adjusted_word(const struct nptv6 *n, const struct address *inside)
{
	unsigned i = IDENTIFIER_WORD;

	while (i < WORDS - 1 && word(inside, i) == UINT16_MAX)
		i++;
	return nptv6_keeps_identifier(n) ? SUBNET_WORD : i;
}

struct address nptv6_outside(const struct nptv6 *n, const struct address *inside)
{
	struct address out = address_host_part(inside, n->inside.prefix);
	unsigned adjusted = adjusted_word(n, inside);
	uint32_t value;

	for (unsigned i = 0; i < sizeof out.bytes; i++)
		out.bytes[i] |= n->outside.network.bytes[i];
	value = (word(inside, adjusted) + sum_of(&n->inside.network) + UINT16_MAX - sum_of(&n->outside.network)) %
	        UINT16_MAX;
	out.bytes[2 * (size_t)adjusted] = (uint8_t)(value >> 8);
	out.bytes[2 * (size_t)adjusted + 1] = (uint8_t)value;
	return out;
}

bool nptv6_is_neutral(const struct address *a, const struct address *b)
{
	return sum_of(a) == sum_of(b);
}
