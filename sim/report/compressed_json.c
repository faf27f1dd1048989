#include "report/compressed_json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* A day in microseconds, to the nanosecond: more digits would only be noise of the conversion. */
#define REAL_DIGITS 14

/* Bytes as a JSON string in base64; NULL without memory. */
static json_t *base64_of(const unsigned char *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *string = NULL;

	if (text)
		string = json_string(sodium_bin2base64(text, room, bytes, len, sodium_base64_VARIANT_ORIGINAL));
	free(text);
	return string;
}

json_t *compressed_text(const char *text, size_t len)
{
	uLong room = compressBound(len);
	unsigned char *small = malloc(room);
	json_t *packed = NULL;

	if (small && compress2(small, &room, (const Bytef *)text, len, Z_DEFAULT_COMPRESSION) == Z_OK)
		packed = base64_of(small, room);
	free(small);
	return packed;
}

json_t *compressed_json(const json_t *detail)
{
	char *text = json_dumps(detail, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
	json_t *packed = text != NULL ? compressed_text(text, strlen(text)) : NULL;

	free(text);
	return packed;
}
