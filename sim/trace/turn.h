/*
 * What a datagram carries for somebody else on its way to or from a TURN relay: channel data (RFC 8656 §12.4), or the
 * DATA attribute of a send or data indication (§11). Pure.
 */
#ifndef TURN_H
#define TURN_H

#include <stdbool.h>
#include <stdint.h>

enum turn_wrapping { TURN_CHANNEL, TURN_SEND, TURN_DATA };

struct turn_data {
	enum turn_wrapping wrapping;
	uint16_t channel;
	const uint8_t *bytes; /* `known` of the `length` it has */
	uint32_t length;
	unsigned known;
};

/* Of a datagram of `length` bytes `known` are at `head`. False if it is none of these, or the data lie beyond them. */
bool turn_unwrap(const uint8_t *head, unsigned known, uint32_t length, struct turn_data *out);

#endif
