/*
 * Bytes from the network as text that is safe on a terminal and in a log: one line, ASCII, nothing that moves a cursor.
 * Pure.
 */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <stddef.h>
#include <stdint.h>

/* Room for any text printable_text() makes of `len` bytes. */
#define PRINTABLE_ROOM(len) (4 * (size_t)(len) + 1)

/*
 * Writes `len` bytes to `out` of `room` bytes (at least 1): printable ASCII as it is, a backslash doubled, \n \r \t so,
 * every other byte as \x1b. What does not fit is left out, never half a byte. Returns `out`.
 */
const char *printable_text(const uint8_t *bytes, size_t len, char *out, size_t room);

#endif
