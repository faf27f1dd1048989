/*
 * stun: any bytes are decoded without a fault, and what was decoded writes and reads back to the same message.
 */
#include "stun/stun_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int true_of_every_input)
{
	if (!true_of_every_input)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first[STUN_MESSAGE_ROOM], second[STUN_MESSAGE_ROOM];
	struct stun_message m;
	size_t len, again;

	if (stun_decode(data, size, &m) != 0)
		return 0;
	must(m.classic || stun_looks_like(data, size));
	len = stun_encode(&m, first, sizeof first);
	if (m.padding > STUN_PADDING_MAX) {
		must(len == 0);
		return 0;
	}
	must(len >= STUN_HEADER_SIZE);
	must(stun_decode(first, len, &m) == 0);
	again = stun_encode(&m, second, sizeof second);
	must(again == len && memcmp(first, second, len) == 0);
	return 0;
}
