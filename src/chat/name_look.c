#include "chat/name.h"

#include "base/utf8.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Letters that look like one of Latin's, and that letter. */
static const struct {
	uint16_t code;
	char looks;
} alike[] = {
	{ 0x391, 'a' }, { 0x392, 'b' }, { 0x395, 'e' }, { 0x396, 'z' }, { 0x397, 'h' }, { 0x399, 'l' }, { 0x39a, 'k' },
	{ 0x39c, 'm' }, { 0x39d, 'n' }, { 0x39f, 'o' }, { 0x3a1, 'p' }, { 0x3a4, 't' }, { 0x3a5, 'y' }, { 0x3a7, 'x' },
	{ 0x3b1, 'a' }, { 0x3b3, 'y' }, { 0x3b9, 'l' }, { 0x3ba, 'k' }, { 0x3bd, 'v' }, { 0x3bf, 'o' }, { 0x3c1, 'p' },
	{ 0x3c5, 'u' }, { 0x3c7, 'x' }, { 0x3f2, 'c' }, { 0x3f3, 'j' }, { 0x3f9, 'c' }, { 0x405, 's' }, { 0x406, 'l' },
	{ 0x408, 'j' }, { 0x410, 'a' }, { 0x412, 'b' }, { 0x415, 'e' }, { 0x417, '3' }, { 0x41a, 'k' }, { 0x41c, 'm' },
	{ 0x41d, 'h' }, { 0x41e, 'o' }, { 0x420, 'p' }, { 0x421, 'c' }, { 0x422, 't' }, { 0x423, 'y' }, { 0x425, 'x' },
	{ 0x430, 'a' }, { 0x435, 'e' }, { 0x437, '3' }, { 0x43a, 'k' }, { 0x43e, 'o' }, { 0x440, 'p' }, { 0x441, 'c' },
	{ 0x443, 'y' }, { 0x445, 'x' }, { 0x455, 's' }, { 0x456, 'l' }, { 0x458, 'j' }, { 0x475, 'v' }, { 0x4ae, 'y' },
	{ 0x4af, 'y' }, { 0x4ba, 'h' }, { 0x4bb, 'h' }, { 0x4c0, 'l' }, { 0x4cf, 'l' }, { 0x501, 'd' }, { 0x51b, 'q' },
	{ 0x51d, 'w' }, { 0x53d, 'u' }, { 0x555, 'o' }, { 0x561, 'w' }, { 0x563, 'q' }, { 0x570, 'h' }, { 0x578, 'n' },
	{ 0x57d, 'u' }, { 0x581, 'g' }, { 0x584, 'f' }, { 0x585, 'o' }, { 0x131, 'l' },
};

/* Small letters for large ones where the tables are regular, 0 for o, l for 1 and i. */
static uint32_t fold(uint32_t code)
{
	if ((code >= 'A' && code <= 'Z') || (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
	    (code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f))
		code += 0x20;
	else if (code >= 0x400 && code <= 0x40f)
		code += 0x50;
	else if (code >= 0x531 && code <= 0x556)
		code += 0x30;
	if (code == '0')
		return 'o';
	return code == '1' || code == 'i' ? 'l' : code;
}

/* What stands in the table for it, else 0. */
static uint32_t told_look(uint32_t code)
{
	for (size_t i = 0; i < COUNT(alike); i++)
		if (alike[i].code == code)
			return (uint32_t)alike[i].looks;
	return 0;
}

/* A capital that is not in the table looks like what its small letter looks like. */
static uint32_t look_of(uint32_t code)
{
	uint32_t told = told_look(code), small = fold(code);

	if (told == 0)
		told = told_look(small);
	return told != 0 ? told : small;
}

/* What a character looks like is never longer than it is. */
static size_t write_code(uint8_t *out, uint32_t code, const uint8_t *as, size_t len)
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (len != 2) { /* those of three bytes and four are what they are */
		memcpy(out, as, len);
		return len;
	}
	out[0] = (uint8_t)(0xc0 | code >> 6);
	out[1] = (uint8_t)(0x80 | (code & 0x3f));
	return 2;
}

void name_look(const uint8_t name[NAME_SIZE], uint8_t look[NAME_SIZE])
{
	size_t len = name_length(name), out = 0;

	memset(look, 0, NAME_SIZE);
	for (size_t at = 0, step; at < len; at += step) {
		step = utf8_length(name + at, len - at);
		if (step == 0) {
			step = 1;
			look[out++] = name[at];
			continue;
		}
		out += write_code(look + out, look_of(utf8_code(name + at, step)), name + at, step);
	}
}

bool name_looks_like(const uint8_t a[NAME_SIZE], const uint8_t b[NAME_SIZE])
{
	uint8_t one[NAME_SIZE], other[NAME_SIZE];

	name_look(a, one);
	name_look(b, other);
	return memcmp(one, other, NAME_SIZE) == 0;
}
