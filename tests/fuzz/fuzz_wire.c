/* Any bytes: decoding does not crash, and whatever decodes encodes to the same bytes again (the mac apart). */
#include "chat/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[WIRE_MAX_DATAGRAM];
	struct wire_message m;
	size_t compared = size;

	if (wire_decode(data, size, &m) != WIRE_OK)
		return 0;
	if (wire_is_between_peers(m.type))
		compared -= WIRE_MAC_SIZE;
	if (wire_encode(&m, again, sizeof again) != size || memcmp(again, data, compared) != 0)
		abort();
	return 0;
}
