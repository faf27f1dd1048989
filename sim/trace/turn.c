#include "trace/turn.h"

#include "base/cursor.h"
#include "stun/stun_message.h"

#define SEND_INDICATION 0x0016
#define DATA_INDICATION 0x0017
#define ATTRIBUTE_DATA 0x0013
#define CHANNEL_MIN 0x4000
#define CHANNEL_MAX 0x4fff
#define PADDING_MAX 3u /* over UDP there need not be any */

/* What is left in the reader is the start of the data. */
static void take(struct turn_data *out, const struct reader *r, uint32_t length)
{
	size_t left = reader_left(r);

	out->bytes = r->bytes + r->at;
	out->length = length;
	out->known = (unsigned)(left < length ? left : length);
}

static bool unwrap_channel(struct reader r, uint32_t length, struct turn_data *out)
{
	uint16_t number = read_u16(&r), len = read_u16(&r);

	if (r.failed || number < CHANNEL_MIN || number > CHANNEL_MAX || len + 4u > length ||
	    length - len > 4 + PADDING_MAX)
		return false;
	*out = (struct turn_data){ .wrapping = TURN_CHANNEL, .channel = number };
	take(out, &r, len);
	return true;
}

/* Other attributes may stand before the data, and behind them. */
static bool unwrap_indication(struct reader r, uint32_t length, struct turn_data *out)
{
	uint16_t type = read_u16(&r), len = read_u16(&r);

	if ((type != SEND_INDICATION && type != DATA_INDICATION) || read_u32(&r) != STUN_COOKIE || len + 20u != length)
		return false;
	read_view(&r, STUN_ID_SIZE - 4);
	while (!r.failed) {
		uint16_t attribute = read_u16(&r), size = read_u16(&r);

		if (!r.failed && attribute == ATTRIBUTE_DATA) {
			*out = (struct turn_data){ .wrapping = type == SEND_INDICATION ? TURN_SEND : TURN_DATA };
			take(out, &r, size);
			return r.at + size <= length;
		}
		read_view(&r, (size + 3u) & ~3u);
	}
	return false;
}

bool turn_unwrap(const uint8_t *head, unsigned known, uint32_t length, struct turn_data *out)
{
	struct reader r = reader_of(head, known);

	return unwrap_channel(r, length, out) || unwrap_indication(r, length, out);
}
