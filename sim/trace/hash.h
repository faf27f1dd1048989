/*
 * A fast 64-bit hash for tables in memory: 8 bytes a step, two multiplications each. Good enough to tell packets apart,
 * not meant to resist somebody who wants collisions: who uses it compares what it found.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Mixes one word (the finalizer of Stafford's variant 13). */
static inline uint64_t hash_u64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* Mixes `len` bytes into `seed`. */
static inline uint64_t hash_bytes(uint64_t seed, const uint8_t *bytes, size_t len)
{
	uint64_t a = seed ^ UINT64_C(0x9e3779b97f4a7c15), b = seed + len;
	uint64_t word = 0;

	for (; len >= 16; bytes += 16, len -= 16) {
		uint64_t low, high;

		memcpy(&low, bytes, 8);
		memcpy(&high, bytes + 8, 8);
		a = (a ^ low) * UINT64_C(0xa0761d6478bd642f);
		b = (b ^ high) * UINT64_C(0xe7037ed1a0b428db);
		a ^= a >> 32;
		b ^= b >> 29;
	}
	for (; len >= 8; bytes += 8, len -= 8) {
		memcpy(&word, bytes, 8);
		a = hash_u64(a ^ word);
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, bytes, len);
		b = hash_u64(b ^ word);
	}
	return hash_u64(a ^ (b * UINT64_C(0x9e3779b97f4a7c15)));
}

#endif
