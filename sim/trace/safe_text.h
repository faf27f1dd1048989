/*
 * Text from outside made safe to show: nothing that comes from a packet or a name can move the cursor, change colours
 * or end a line. Pure.
 */
#ifndef SAFE_TEXT_H
#define SAFE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copies `len` bytes to `out`, cut to fit `room` (at least 1) with its final zero. Printable ASCII stays; every other
 * byte, the backslash too, becomes \xNN, so that what is shown can be told from what was sent. Returns `out`.
 */
const char *text_escape(const uint8_t *bytes, size_t len, char *out, size_t room);

#endif
