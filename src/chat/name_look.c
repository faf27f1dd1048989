#include "chat/name.h"

#include "base/utf8.h"
#include "chat/name_spelling.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Large letters, and how far from them their small ones are; `step` is 2 where the two take turns. */
static const struct {
	uint32_t first, last;
	int32_t to_small;
	uint32_t step;
} large[] = {
	{ 'A', 'Z', 32, 1 },          { 0xc0, 0xd6, 32, 1 },         { 0xd8, 0xde, 32, 1 },
	{ 0x100, 0x12e, 1, 2 },       { 0x134, 0x136, 1, 2 },        { 0x139, 0x147, 1, 2 },
	{ 0x14a, 0x176, 1, 2 },       { 0x178, 0x178, -121, 1 },     { 0x179, 0x17d, 1, 2 },
	{ 0x181, 0x181, 210, 1 },     { 0x182, 0x182, 1, 1 },        { 0x186, 0x186, 206, 1 },
	{ 0x187, 0x187, 1, 1 },       { 0x189, 0x18a, 205, 1 },      { 0x18b, 0x18b, 1, 1 },
	{ 0x18e, 0x18e, 79, 1 },      { 0x18f, 0x18f, 202, 1 },      { 0x190, 0x190, 203, 1 },
	{ 0x191, 0x191, 1, 1 },       { 0x194, 0x194, 207, 1 },      { 0x198, 0x198, 1, 1 },
	{ 0x19d, 0x19d, 213, 1 },     { 0x1a0, 0x1a4, 1, 2 },        { 0x1ac, 0x1ac, 1, 1 },
	{ 0x1af, 0x1af, 1, 1 },       { 0x1b2, 0x1b2, 217, 1 },      { 0x1b3, 0x1b5, 1, 2 },
	{ 0x1b8, 0x1b8, 1, 1 },       { 0x1cd, 0x1db, 1, 2 },        { 0x1de, 0x1ee, 1, 2 },
	{ 0x1f4, 0x1f4, 1, 1 },       { 0x1f6, 0x1f6, -97, 1 },      { 0x1f8, 0x21e, 1, 2 },
	{ 0x220, 0x220, -130, 1 },    { 0x222, 0x232, 1, 2 },        { 0x23b, 0x23b, 1, 1 },
	{ 0x23d, 0x23d, -163, 1 },    { 0x241, 0x241, 1, 1 },        { 0x243, 0x243, -195, 1 },
	{ 0x246, 0x24e, 1, 2 },       { 0x386, 0x386, 38, 1 },       { 0x388, 0x38a, 37, 1 },
	{ 0x38c, 0x38c, 64, 1 },      { 0x38e, 0x38f, 63, 1 },       { 0x391, 0x3a1, 32, 1 },
	{ 0x3a3, 0x3ab, 32, 1 },      { 0x3c2, 0x3c2, 1, 1 }, /* the sigma at the end of a word */
	{ 0x400, 0x40f, 80, 1 },      { 0x410, 0x42f, 32, 1 },       { 0x48a, 0x4be, 1, 2 },
	{ 0x4c0, 0x4c0, 15, 1 },      { 0x4c1, 0x4cd, 1, 2 },        { 0x4d0, 0x52e, 1, 2 },
	{ 0x531, 0x556, 48, 1 },      { 0x13f8, 0x13fd, -8, 1 }, /* of Cherokee the small ones are new, and look like
	                                                            the large ones */
	{ 0x1c90, 0x1cbf, -3008, 1 }, { 0x1e00, 0x1e94, 1, 2 },      { 0x1e9e, 0x1e9e, -7615, 1 },
	{ 0x1ea0, 0x1efe, 1, 2 },     { 0xab70, 0xabbf, -38864, 1 }, { 0x1e900, 0x1e921, 34, 1 },
};

/*
 * Letters and digits that look like another, mostly one of Latin's: by themselves, or, where they cannot be taken for
 * another letter, by their large form. Found by looking, with the help of ICU's uspoof. Those of alphabets that do not
 * mix are here for the sake of names that are written with nothing else. In the order of codes.
 */
static const struct {
	uint32_t code, looks;
} alike[] = {
	{ 0xf0, 0x111 },    { 0x11b, 0x115 },   { 0x130, 'l' },     { 0x131, 'l' },     { 0x138, 'k' },
	{ 0x13a, 0xed },    { 0x13e, 0x12d },   { 0x15f, 0x219 },   { 0x163, 0x21b },   { 0x17f, 'f' },
	{ 0x184, 'b' },     { 0x185, 'b' },     { 0x18d, 'g' },     { 0x196, 'l' },     { 0x1a6, 'r' },
	{ 0x1a7, '2' },     { 0x1a8, '2' },     { 0x1b7, '3' },     { 0x1bc, '5' },     { 0x1bd, '5' },
	{ 0x1bf, 'p' },     { 0x1c0, 'l' },     { 0x1c3, 'l' },     { 0x1ce, 0x103 },   { 0x1d0, 0x12d },
	{ 0x1d2, 0x14f },   { 0x1d4, 0x16d },   { 0x1dd, 0x259 },   { 0x1e7, 0x11f },   { 0x1f7, 'p' },
	{ 0x203, 0xe2 },    { 0x207, 0xea },    { 0x20b, 0xee },    { 0x20f, 0xf4 },    { 0x217, 0xfb },
	{ 0x21c, '3' },     { 0x21d, '3' },     { 0x222, '8' },     { 0x223, '8' },     { 0x237, 'j' },
	{ 0x256, 0x111 },   { 0x263, 'y' },     { 0x28b, 'u' },     { 0x38e, 0xfd },    { 0x397, 'h' },
	{ 0x39c, 'm' },     { 0x39d, 'n' },     { 0x3a5, 'y' },     { 0x3ab, 0xff },    { 0x3ac, 0xe1 },
	{ 0x3ad, 0xe9 },    { 0x3af, 0xed },    { 0x3b1, 'a' },     { 0x3b2, 'b' },     { 0x3b3, 'y' },
	{ 0x3b5, 'e' },     { 0x3b6, 'z' },     { 0x3b7, 'n' },     { 0x3b9, 'l' },     { 0x3ba, 'k' },
	{ 0x3bb, 0x43b },   { 0x3bc, 'u' },     { 0x3bd, 'v' },     { 0x3bf, 'o' },     { 0x3c0, 0x43f },
	{ 0x3c1, 'p' },     { 0x3c4, 't' },     { 0x3c5, 'u' },     { 0x3c6, 0x444 },   { 0x3c7, 'x' },
	{ 0x3ca, 0xef },    { 0x3cb, 0xfc },    { 0x3cc, 0xf3 },    { 0x3cd, 0xfa },    { 0x430, 'a' },
	{ 0x431, '6' },     { 0x432, 'b' },     { 0x433, 'r' },     { 0x435, 'e' },     { 0x437, '3' },
	{ 0x43a, 'k' },     { 0x43c, 'm' },     { 0x43d, 'h' },     { 0x43e, 'o' },     { 0x440, 'p' },
	{ 0x441, 'c' },     { 0x442, 't' },     { 0x443, 'y' },     { 0x445, 'x' },     { 0x44c, 'b' },
	{ 0x450, 0xe8 },    { 0x451, 0xeb },    { 0x453, 0x155 },   { 0x454, 0x25b },   { 0x455, 's' },
	{ 0x456, 'l' },     { 0x457, 0xef },    { 0x458, 'j' },     { 0x45b, 0x127 },   { 0x4ab, 0xe7 },
	{ 0x4af, 'y' },     { 0x4b1, 0x24f },   { 0x4bb, 'h' },     { 0x4bd, 'e' },     { 0x4cf, 'l' },
	{ 0x4d1, 0x103 },   { 0x4d3, 0xe4 },    { 0x4d5, 0xe6 },    { 0x4d7, 0x115 },   { 0x4d9, 0x259 },
	{ 0x4e1, '3' },     { 0x4e7, 0xf6 },    { 0x4ef, 0x233 },   { 0x4f1, 0xff },    { 0x501, 'd' },
	{ 0x50d, 'g' },     { 0x511, 0x25b },   { 0x51b, 'q' },     { 0x51d, 'w' },     { 0x53d, 'u' },
	{ 0x54f, 's' },     { 0x555, 'o' },     { 0x561, 'w' },     { 0x563, 'q' },     { 0x566, 'q' },
	{ 0x56c, 'l' },     { 0x570, 'h' },     { 0x575, 'j' },     { 0x578, 'n' },     { 0x57c, 'n' },
	{ 0x57d, 'u' },     { 0x581, 'g' },     { 0x584, 'f' },     { 0x585, 'o' },     { 0x5d5, 'l' },
	{ 0x5d8, 'v' },     { 0x5df, 'l' },     { 0x5e1, 'o' },     { 0x627, 'l' },     { 0x643, 0x6a9 },
	{ 0x647, 'o' },     { 0x649, 0x6cc },   { 0x64a, 0x6cc },   { 0x660, '.' },     { 0x661, 'l' },
	{ 0x665, 'o' },     { 0x667, 'v' },     { 0x673, 0x625 },   { 0x6aa, 0x6a9 },   { 0x6be, 'o' },
	{ 0x6c1, 'o' },     { 0x6c2, 0x6c0 },   { 0x6c3, 0x629 },   { 0x6d0, 0x67b },   { 0x6d3, 0x626 },
	{ 0x6d5, 'o' },     { 0x6f0, '.' },     { 0x6f1, 'l' },     { 0x6f2, 0x662 },   { 0x6f3, 0x663 },
	{ 0x6f4, 0x664 },   { 0x6f5, 'o' },     { 0x6f6, 0x666 },   { 0x6f7, 'v' },     { 0x6f8, 0x668 },
	{ 0x6f9, 0x669 },   { 0x7c0, 'o' },     { 0x7ca, 'l' },     { 0x966, 'o' },     { 0x9e6, 'o' },
	{ 0x9ea, '8' },     { 0x9ed, '9' },     { 0xa66, 'o' },     { 0xa67, '9' },     { 0xa6a, '8' },
	{ 0xae6, 'o' },     { 0xb03, '8' },     { 0xb20, 'o' },     { 0xb66, 'o' },     { 0xb68, '9' },
	{ 0xbe6, 'o' },     { 0xc02, 'o' },     { 0xc66, 'o' },     { 0xc82, 'o' },     { 0xce6, 'o' },
	{ 0xd02, 'o' },     { 0xd20, 'o' },     { 0xd66, 'o' },     { 0xd6d, '9' },     { 0xd82, 'o' },
	{ 0xde6, 'o' },     { 0xe45, 0xe32 },   { 0xe50, 'o' },     { 0xed0, 'o' },     { 0xf20, 'o' },
	{ 0x101d, 'o' },    { 0x1040, 'o' },    { 0x1090, 'o' },    { 0x10e7, 'y' },    { 0x10f3, '3' },
	{ 0x10ff, 'o' },    { 0x1200, 'u' },    { 0x12d0, 'o' },    { 0x13a0, 'd' },    { 0x13a1, 'r' },
	{ 0x13a2, 't' },    { 0x13a4, 'o' },    { 0x13a5, 'l' },    { 0x13a9, 'y' },    { 0x13aa, 'a' },
	{ 0x13ab, 'j' },    { 0x13ac, 'e' },    { 0x13b1, 'r' },    { 0x13b3, 'w' },    { 0x13b7, 'm' },
	{ 0x13bb, 'h' },    { 0x13bd, 'y' },    { 0x13c0, 'g' },    { 0x13c2, 'h' },    { 0x13c3, 'z' },
	{ 0x13c6, 'l' },    { 0x13ce, '4' },    { 0x13cf, 'b' },    { 0x13d2, 'r' },    { 0x13d4, 'w' },
	{ 0x13d5, 's' },    { 0x13d9, 'v' },    { 0x13da, 's' },    { 0x13de, 'l' },    { 0x13df, 'c' },
	{ 0x13e2, 'p' },    { 0x13e6, 'k' },    { 0x13e7, 'd' },    { 0x13ee, '6' },    { 0x13f3, 'g' },
	{ 0x13f4, 'b' },    { 0x1424, 'o' },    { 0x1428, '-' },    { 0x1429, '+' },    { 0x142f, 'v' },
	{ 0x144c, 'u' },    { 0x1455, 'c' },    { 0x146d, 'p' },    { 0x146f, 'd' },    { 0x1472, 'b' },
	{ 0x148d, 'j' },    { 0x14aa, 'l' },    { 0x14bf, '2' },    { 0x1541, 'x' },    { 0x157c, 'h' },
	{ 0x157d, 'x' },    { 0x1587, 'r' },    { 0x15af, 'b' },    { 0x15b4, 'f' },    { 0x15c5, 'a' },
	{ 0x15de, 'd' },    { 0x15ea, 'd' },    { 0x15f0, 'm' },    { 0x15f7, 'b' },    { 0x17e0, 'o' },
	{ 0x1810, 'o' },    { 0x1946, 'o' },    { 0x19d0, 'o' },    { 0x1a80, 'o' },    { 0x1a90, 'o' },
	{ 0x1b50, 'o' },    { 0x1bb0, 'o' },    { 0x1c40, 'o' },    { 0x1c50, 'o' },    { 0x1e9d, 'f' },
	{ 0x1efe, 'y' },    { 0x1eff, 'y' },    { 0x2d30, 'o' },    { 0x2d38, 'v' },    { 0x2d39, 'e' },
	{ 0x2d4f, 'l' },    { 0x2d51, 'l' },    { 0x2d54, 'o' },    { 0x2d55, 'q' },    { 0x2d59, 'o' },
	{ 0x2d5c, '+' },    { 0x2d5d, 'x' },    { 0x2d61, 'u' },    { 0x3007, 'o' },    { 0x30a8, 0x5de5 },
	{ 0x30aa, 0x624d }, { 0x30ab, 0x529b }, { 0x30bf, 0x5915 }, { 0x30c1, 0x5343 }, { 0x30c8, 0x535c },
	{ 0x30cb, 0x4e8c }, { 0x30ce, 0x4e3f }, { 0x30cf, 0x516b }, { 0x30d8, 0x3078 }, { 0x30d9, 0x3079 },
	{ 0x30da, 0x307a }, { 0x30e0, 0x53b6 }, { 0x30e1, 'x' },    { 0x30ea, 0x308a }, { 0x30ed, 0x53e3 },
	{ 0x30fc, '-' },    { 0x3105, 0x52f9 }, { 0x310c, 0x529b }, { 0x310e, 0x4e02 }, { 0x3110, 0x4e29 },
	{ 0x3111, 0x304f }, { 0x3112, 't' },    { 0x3116, 0x65e5 }, { 0x3117, 0x5369 }, { 0x3119, 0x53b6 },
	{ 0x311a, 'y' },    { 0x3120, 0x5e7a }, { 0x3126, 0x513f }, { 0x3127, '-' },    { 0x3128, 'x' },
	{ 0x3129, 'u' },    { 0x3141, 0x53e3 }, { 0x3147, 'o' },    { 0x314f, 0x535c }, { 0x315c, 't' },
	{ 0x3161, '-' },    { 0x3163, 'l' },    { 0x4e00, '-' },    { 0x4e05, 't' },    { 0x4e28, 'l' },
	{ 0x4e2b, 'y' },    { 0x4e42, 'x' },    { 0x56d7, 0x53e3 }, { 0xa4d0, 'b' },    { 0xa4d1, 'p' },
	{ 0xa4d2, 'd' },    { 0xa4d3, 'd' },    { 0xa4d4, 't' },    { 0xa4d6, 'g' },    { 0xa4d7, 'k' },
	{ 0xa4d9, 'j' },    { 0xa4da, 'c' },    { 0xa4dc, 'z' },    { 0xa4dd, 'f' },    { 0xa4df, 'm' },
	{ 0xa4e0, 'n' },    { 0xa4e1, 'l' },    { 0xa4e2, 's' },    { 0xa4e3, 'r' },    { 0xa4e6, 'v' },
	{ 0xa4e7, 'h' },    { 0xa4ea, 'w' },    { 0xa4eb, 'x' },    { 0xa4ec, 'y' },    { 0xa4ee, 'a' },
	{ 0xa4f0, 'e' },    { 0xa4f2, 'l' },    { 0xa4f3, 'o' },    { 0xa4f4, 'u' },    { 0xa4f8, '.' },
	{ 0xa620, 'o' },    { 0xa6df, 'v' },    { 0xa8d0, 'o' },    { 0xa900, 'o' },    { 0xa9d0, 'o' },
	{ 0xa9f0, 'o' },    { 0xaa50, 'o' },    { 0xabf0, 'o' },    { 0x10d30, 'o' },   { 0x11136, 'o' },
	{ 0x1e950, 'o' },
};

/* What stands in the table, which is in the order of codes, for it, else 0. */
static uint32_t told_look(uint32_t code)
{
	size_t low = 0, high = COUNT(alike);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (alike[middle].code == code)
			return alike[middle].looks;
		if (alike[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static uint32_t small_of(uint32_t code)
{
	for (size_t i = 0; i < COUNT(large); i++)
		if (code >= large[i].first && code <= large[i].last && (code - large[i].first) % large[i].step == 0)
			return (uint32_t)((int64_t)code + large[i].to_small);
	return code;
}

/* A large letter that is not in the table looks like what its small letter looks like; 0 is o, 1 and i are l. */
static uint32_t look_of(uint32_t code)
{
	uint32_t told = told_look(code), small = small_of(code);

	if (told == 0)
		told = told_look(small);
	if (told == 0)
		told = small;
	if (told == '0')
		return 'o';
	return told == '1' || told == 'i' ? 'l' : told;
}

size_t name_look_of_text(const uint8_t *text, size_t len, uint8_t *look)
{
	size_t out = 0;

	for (size_t at = 0, step; at < len; at += step) {
		step = utf8_length(text + at, len - at);
		if (step == 0) {
			step = 1;
			look[out++] = text[at];
			continue;
		}
		out = name_spell(look, out, look_of(utf8_code(text + at, step)));
	}
	return out;
}

void name_look(const uint8_t name[NAME_SIZE], uint8_t look[NAME_SIZE])
{
	memset(look, 0, NAME_SIZE);
	name_look_of_text(name, name_length(name), look);
}

bool name_looks_like(const uint8_t a[NAME_SIZE], const uint8_t b[NAME_SIZE])
{
	uint8_t one[NAME_SIZE], other[NAME_SIZE];

	name_look(a, one);
	name_look(b, other);
	return memcmp(one, other, NAME_SIZE) == 0;
}
