/* The CRC-32 of ITU V.42, which Ethernet and STUN's FINGERPRINT (RFC 8489 §14.7) use. Pure. */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const uint8_t *bytes, size_t len);

#endif
