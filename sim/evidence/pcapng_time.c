#include "evidence/pcapng_time.h"

#define NS_PER_S 1000000000u

/* Fractions of 2^-34 s are finer than a nanosecond, and times 10^9 they still fit in 64 bits. */
#define BINARY_DIGITS 34

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t from_decimal(uint64_t ticks, unsigned digits)
{
	for (; digits < 9; digits++)
		ticks = multiply(ticks, 10);
	for (; digits > 9 && ticks > 0; digits--)
		ticks /= 10;
	return ticks;
}

static uint64_t from_binary(uint64_t ticks, unsigned digits)
{
	uint64_t seconds, fraction;

	if (digits > BINARY_DIGITS) {
		unsigned excess = digits - BINARY_DIGITS;

		ticks = excess < 64 ? ticks >> excess : 0;
		digits = BINARY_DIGITS;
	}
	seconds = ticks >> digits;
	fraction = ticks - (seconds << digits);
	return add(multiply(seconds, NS_PER_S), (fraction * NS_PER_S) >> digits);
}

static uint64_t move(uint64_t ns, int64_t offset_s)
{
	uint64_t distance;

	if (offset_s >= 0)
		return add(ns, multiply((uint64_t)offset_s, NS_PER_S));
	distance = multiply(0 - (uint64_t)offset_s, NS_PER_S);
	return distance > ns ? 0 : ns - distance;
}

uint64_t pcapng_time_ns(uint64_t ticks, uint8_t resolution, int64_t offset_s)
{
	unsigned digits = resolution & 0x7f;
	uint64_t ns = (resolution & 0x80) != 0 ? from_binary(ticks, digits) : from_decimal(ticks, digits);

	return move(ns, offset_s);
}
