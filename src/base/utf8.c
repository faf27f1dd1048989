#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

size_t utf8_length(const uint8_t *s, size_t left)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least; /* shorter forms of smaller numbers are not allowed */
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t len = 1; len <= 4 && len <= left; len++) {
		uint32_t value = s[0] & (uint8_t)~forms[len - 1].mask;

		if ((s[0] & forms[len - 1].mask) != forms[len - 1].lead)
			continue;
		for (size_t i = 1; i < len; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (s[i] & 0x3f);
		}
		return value >= forms[len - 1].least && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) ? len
		                                                                                                : 0;
	}
	return 0;
}

uint32_t utf8_code(const uint8_t *s, size_t len)
{
	static const uint8_t masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = s[0] & masks[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (s[i] & 0x3f);
	return code;
}

size_t utf8_write(uint8_t *out, uint32_t code)
{
	static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		out[i] = (uint8_t)(0x80 | (code & 0x3f));
	out[0] = (uint8_t)(leads[len] | code);
	return len;
}

bool utf8_moves_cursor(const uint8_t *s, size_t len)
{
	if (len == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	if (len == 2)
		return s[0] == 0xc2 && s[1] < 0xa0;
	if (len == 3 && s[0] == 0xe2 && s[1] == 0x80)
		return (s[2] >= 0x8b && s[2] <= 0x8f) || (s[2] >= 0xa8 && s[2] <= 0xae);
	return len == 3 && s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

bool utf8_is_joiner(const uint8_t *s, size_t len)
{
	return len == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0x8c || s[2] == 0x8d);
}

bool utf8_can_be_joined(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} joined[] = {
		{ 0x0600, 0x109f },   /* Arabic and Syriac, the scripts of India, Thai, Tibetan, Burmese */
		{ 0x1780, 0x18af },   /* Khmer, Mongolian */
		{ 0x1900, 0x1cff },   /* of Indonesia, Vedic marks */
		{ 0x2190, 0x2bff },   /* arrows and signs: many are emoji */
		{ 0xa840, 0xaaff },   /* of India and Indonesia again */
		{ 0xabc0, 0xabff },   /* Meetei */
		{ 0xfb50, 0xfdff },   /* forms of Arabic */
		{ 0xfe0f, 0xfe0f },   /* what stands in front as an emoji */
		{ 0xfe70, 0xfefe },   /* forms of Arabic */
		{ 0x10ac0, 0x10fff }, /* Manichaean, Sogdian */
		{ 0x11000, 0x11fff }, /* Brahmi and what came of it */
		{ 0x1e900, 0x1e95f }, /* Adlam */
		{ 0x1f000, 0x1faff }, /* emoji */
	};

	for (size_t i = 0; i < sizeof joined / sizeof joined[0]; i++)
		if (code >= joined[i].first && code <= joined[i].last)
			return true;
	return false;
}

bool utf8_is_line(const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text);

	while (left > 0) {
		size_t step = utf8_length(s, left);

		if (step == 0 || utf8_moves_cursor(s, step))
			return false;
		s += step;
		left -= step;
	}
	return true;
}

/* How many bytes at the end of `len` begin a character that goes on behind them. */
static size_t unfinished(const char *text, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		uint8_t c = (uint8_t)text[len - back];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		if (c < 0x80 || c > 0xf4)
			return 0;
		if (c >= 0xc2)
			return need > back ? back : 0;
	}
	return 0;
}

size_t utf8_fit(const char *text, size_t most)
{
	size_t len = strnlen(text, most + 1);

	return len <= most ? len : most - unfinished(text, most);
}

void utf8_vprint(char *out, size_t size, const char *format, va_list args)
{
	int len = vsnprintf(out, size, format, args);

	if (len >= 0 && (size_t)len >= size && size > 0)
		out[size - 1 - unfinished(out, size - 1)] = '\0';
}

void utf8_print(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	utf8_vprint(out, size, format, args);
	va_end(args);
}
