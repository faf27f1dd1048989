/*
 * Any bytes as a packet for the translator of NAT64: it does not crash, and what it makes of them is a packet of the
 * other version whose header tells its length.
 */
#include "model/siit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct siit home(void)
{
	struct siit s = { .prefix = nat64_well_known(), .host_count = 1 };

	if (address_parse("2444::1", &s.own_ipv6) != 0 || address_parse("10.0.1.254", &s.own_ipv4) != 0 ||
	    address_parse("2444::4", &s.hosts[0].ipv6) != 0 || address_parse("10.0.1.2", &s.hosts[0].ipv4) != 0)
		abort();
	return s;
}

static void check(const struct siit_packet *p, unsigned version)
{
	const uint8_t *b = p->bytes;
	size_t told = version == 6 ? 40u + (size_t)(b[4] << 8 | b[5]) : (size_t)(b[2] << 8 | b[3]);

	if (p->len < 20 || p->len > sizeof p->bytes || (unsigned)b[0] >> 4 != version || told != p->len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct siit s = home();
	struct siit_packet out[SIIT_PIECES];
	size_t count = siit_translate(&s, data, size, out);

	if (count > SIIT_PIECES)
		abort();
	for (size_t i = 0; i < count; i++)
		check(&out[i], data[0] >> 4 == 6 ? 4 : 6);
	return 0;
}
