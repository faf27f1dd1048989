#include "stun/stun_message.h"

#include "base/cursor.h"

#include <string.h>
#include <zlib.h>

/* Attribute types (RFC 8489 §18.3, RFC 5780 §7, RFC 3489 §11.2). Those up to 0x7fff must be understood. */
enum {
	ATTRIBUTE_MAPPED_ADDRESS = 0x0001,
	ATTRIBUTE_CHANGE_REQUEST = STUN_CHANGE_REQUEST,
	ATTRIBUTE_SOURCE_ADDRESS = 0x0004,  /* RFC 3489 */
	ATTRIBUTE_CHANGED_ADDRESS = 0x0005, /* RFC 3489 */
	ATTRIBUTE_USERNAME = 0x0006,
	ATTRIBUTE_MESSAGE_INTEGRITY = 0x0008,
	ATTRIBUTE_ERROR_CODE = 0x0009,
	ATTRIBUTE_UNKNOWN_ATTRIBUTES = 0x000a,
	ATTRIBUTE_REALM = 0x0014,
	ATTRIBUTE_NONCE = 0x0015,
	ATTRIBUTE_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	ATTRIBUTE_PASSWORD_ALGORITHM = 0x001d,
	ATTRIBUTE_USERHASH = 0x001e,
	ATTRIBUTE_XOR_MAPPED_ADDRESS = 0x0020,
	ATTRIBUTE_PADDING = 0x0026,
	ATTRIBUTE_RESPONSE_PORT = 0x0027,
	ATTRIBUTE_OPTIONAL = 0x8000, /* from here on they may be stepped over */
	ATTRIBUTE_FINGERPRINT = 0x8028,
	ATTRIBUTE_RESPONSE_ORIGIN = 0x802b,
	ATTRIBUTE_OTHER_ADDRESS = 0x802c,
};

enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

#define MESSAGE_INTEGRITY_SIZE 20
#define FINGERPRINT_SIZE 8 /* with its attribute header */
#define FINGERPRINT_XOR UINT32_C(0x5354554e)

static uint32_t fingerprint_of(const uint8_t *bytes, size_t len)
{
	return (uint32_t)crc32(0, bytes, (uInt)len) ^ FINGERPRINT_XOR;
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* The message type's 14 bits: the method's with the two of the class between them (RFC 8489 §5). */
static uint16_t type_of(enum stun_class class, uint16_t method)
{
	unsigned m = method;
	unsigned c = (unsigned)class;

	return (uint16_t)((m & 0x0f80) << 2 | (m & 0x0070) << 1 | (m & 0x000f) | (c & 2) << 7 | (c & 1) << 4);
}

static void split_type(uint16_t type, struct stun_message *out)
{
	out->class = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
	out->method = (uint16_t)((type >> 2 & 0x0f80) | (type >> 1 & 0x0070) | (type & 0x000f));
}

/* XORs an address with the cookie and the rest of the transaction id (RFC 8489 §14.2); twice is once undone. */
static void apply_xor(struct endpoint *e, const uint8_t id[STUN_ID_SIZE])
{
	size_t len = e->address.family == ADDRESS_IPV6 ? 16 : 4;

	e->port ^= (uint16_t)(STUN_COOKIE >> 16);
	for (size_t i = 0; i < len; i++)
		e->address.bytes[i] ^= id[i];
}

/* --- reading ----------------------------------------------------------------------------------- */

static bool read_address(struct reader *value, struct endpoint *out)
{
	struct endpoint e = { 0 };
	uint8_t family;

	read_u8(value);
	family = read_u8(value);
	e.port = read_u16(value);
	if (family == FAMILY_IPV4) {
		e.address.family = ADDRESS_IPV4;
		read_bytes(value, e.address.bytes, 4);
	} else if (family == FAMILY_IPV6) {
		e.address.family = ADDRESS_IPV6;
		read_bytes(value, e.address.bytes, 16);
	} else {
		return false;
	}
	if (!reader_is_at_end(value))
		return false;
	if (out->address.family == ADDRESS_NONE)
		*out = e;
	return true;
}

static bool read_xor_address(struct reader *value, struct stun_message *out)
{
	struct endpoint e = { 0 };

	if (!read_address(value, &e))
		return false;
	apply_xor(&e, out->id);
	if (out->xor_mapped.address.family == ADDRESS_NONE)
		out->xor_mapped = e;
	return true;
}

static bool read_change_request(struct reader *value, struct stun_message *out)
{
	uint32_t flags = read_u32(value);

	if (!reader_is_at_end(value))
		return false;
	if (!out->has_change)
		out->change = (uint8_t)(flags & (STUN_CHANGE_IP | STUN_CHANGE_PORT));
	out->has_change = true;
	return true;
}

/* The port and two bytes that say nothing, which some count as the value's and some as padding after it. */
static bool read_response_port(struct reader *value, struct stun_message *out)
{
	uint16_t port = read_u16(value);

	if (reader_left(value) > 0)
		read_u16(value);
	if (!reader_is_at_end(value))
		return false;
	if (!out->has_response_port)
		out->response_port = port;
	out->has_response_port = true;
	return true;
}

static bool read_error_code(struct reader *value, struct stun_message *out)
{
	uint8_t class, number;

	read_u16(value);
	class = read_u8(value) & 7;
	number = read_u8(value);
	if (value->failed || class < 3 || class > 6 || number > 99)
		return false;
	if (out->code == 0)
		out->code = (uint16_t)(class * 100 + number);
	return true;
}

static void note_unknown(struct stun_message *out, uint16_t type)
{
	if (out->unknown_count < STUN_UNKNOWN_MAX)
		out->unknown[out->unknown_count++] = type;
}

static bool read_unknown_attributes(struct reader *value, struct stun_message *out)
{
	while (reader_left(value) > 0)
		note_unknown(out, read_u16(value));
	return reader_is_at_end(value);
}

static bool read_attribute(uint16_t type, struct reader *value, struct stun_message *out)
{
	switch (type) {
	case ATTRIBUTE_MAPPED_ADDRESS: return read_address(value, &out->mapped);
	case ATTRIBUTE_XOR_MAPPED_ADDRESS: return read_xor_address(value, out);
	case ATTRIBUTE_SOURCE_ADDRESS:
	case ATTRIBUTE_RESPONSE_ORIGIN: return read_address(value, &out->response_origin);
	case ATTRIBUTE_CHANGED_ADDRESS:
	case ATTRIBUTE_OTHER_ADDRESS: return read_address(value, &out->other_address);
	case ATTRIBUTE_CHANGE_REQUEST: return read_change_request(value, out);
	case ATTRIBUTE_RESPONSE_PORT: return read_response_port(value, out);
	case ATTRIBUTE_PADDING:
		if (!out->has_padding)
			out->padding = (uint16_t)value->len; /* the length field has 16 bits */
		out->has_padding = true;
		return true;
	case ATTRIBUTE_ERROR_CODE: return read_error_code(value, out);
	case ATTRIBUTE_UNKNOWN_ATTRIBUTES: return read_unknown_attributes(value, out);
	case ATTRIBUTE_MESSAGE_INTEGRITY: return value->len == MESSAGE_INTEGRITY_SIZE;
	case ATTRIBUTE_USERNAME:
	case ATTRIBUTE_REALM:
	case ATTRIBUTE_NONCE:
	case ATTRIBUTE_MESSAGE_INTEGRITY_SHA256:
	case ATTRIBUTE_PASSWORD_ALGORITHM:
	case ATTRIBUTE_USERHASH: return true;
	default:
		if (type < ATTRIBUTE_OPTIONAL)
			note_unknown(out, type);
		return true;
	}
}

static bool read_fingerprint(const struct reader *message, struct reader *value, struct stun_message *out)
{
	uint32_t seen = read_u32(value);

	out->fingerprint = true;
	return reader_is_at_end(value) && reader_is_at_end(message) &&
	       seen == fingerprint_of(message->bytes, message->len - FINGERPRINT_SIZE);
}

static bool read_attributes(struct reader *r, struct stun_message *out)
{
	bool signed_off = false; /* after MESSAGE-INTEGRITY only its newer kin and FINGERPRINT count (RFC 8489 §14.5) */

	while (reader_left(r) > 0) {
		uint16_t type = read_u16(r);
		uint16_t len = read_u16(r);
		struct reader value = read_part(r, len);
		bool good = true;

		read_view(r, padded(len) - len);
		if (r->failed)
			return false;
		if (type == ATTRIBUTE_FINGERPRINT)
			good = read_fingerprint(r, &value, out);
		else if (!signed_off)
			good = read_attribute(type, &value, out);
		if (!good)
			return false;
		if (type == ATTRIBUTE_MESSAGE_INTEGRITY || type == ATTRIBUTE_MESSAGE_INTEGRITY_SHA256)
			signed_off = true;
	}
	return !r->failed;
}

int stun_decode(const uint8_t *bytes, size_t len, struct stun_message *out)
{
	struct reader r = reader_of(bytes, len);
	uint16_t type = read_u16(&r);
	uint16_t body = read_u16(&r);

	*out = (struct stun_message){ 0 };
	read_bytes(&r, out->id, STUN_ID_SIZE);
	if (r.failed || type >> 14 != 0 || body % 4 != 0 || body != reader_left(&r))
		return -1;
	split_type(type, out);
	struct reader cookie = reader_of(out->id, STUN_ID_SIZE);

	out->classic = read_u32(&cookie) != STUN_COOKIE;
	return read_attributes(&r, out) ? 0 : -1;
}

bool stun_looks_like(const uint8_t *bytes, size_t len)
{
	struct reader r = reader_of(bytes, len);
	uint16_t type = read_u16(&r);
	uint16_t body = read_u16(&r);
	uint32_t cookie = read_u32(&r);

	if (len < STUN_HEADER_SIZE || type >> 14 != 0 || body % 4 != 0 || body != len - STUN_HEADER_SIZE)
		return false;
	return cookie == STUN_COOKIE || type == type_of(STUN_REQUEST, STUN_BINDING);
}

/* --- writing ----------------------------------------------------------------------------------- */

static void write_header(struct writer *w, uint16_t type, size_t len)
{
	write_u16(w, type);
	write_u16(w, (uint16_t)len);
}

static void write_address(struct writer *w, uint16_t type, const struct endpoint *e)
{
	bool v6 = e->address.family == ADDRESS_IPV6;

	if (e->address.family == ADDRESS_NONE)
		return;
	write_header(w, type, v6 ? 20 : 8);
	write_u8(w, 0);
	write_u8(w, v6 ? FAMILY_IPV6 : FAMILY_IPV4);
	write_u16(w, e->port);
	write_bytes(w, e->address.bytes, v6 ? 16 : 4);
}

static void write_xor_address(struct writer *w, struct endpoint e)
{
	if (e.address.family == ADDRESS_NONE)
		return;
	apply_xor(&e, w->bytes + 4); /* the id, as it was written */
	write_address(w, ATTRIBUTE_XOR_MAPPED_ADDRESS, &e);
}

/* Without a phrase, which is for people to read: the code says all, and the answer may be to a forged address. */
static void write_error(struct writer *w, uint16_t code)
{
	write_header(w, ATTRIBUTE_ERROR_CODE, 4);
	write_u16(w, 0);
	write_u8(w, (uint8_t)(code / 100));
	write_u8(w, (uint8_t)(code % 100));
}

static void write_unknown(struct writer *w, const struct stun_message *m)
{
	write_header(w, ATTRIBUTE_UNKNOWN_ATTRIBUTES, 2 * m->unknown_count);
	for (size_t i = 0; i < m->unknown_count; i++)
		write_u16(w, m->unknown[i]);
	write_zeros(w, padded(2 * m->unknown_count) - 2 * m->unknown_count);
}

static void write_questions(struct writer *w, const struct stun_message *m)
{
	if (m->has_change) {
		write_header(w, ATTRIBUTE_CHANGE_REQUEST, 4);
		write_u32(w, m->change);
	}
	if (m->has_response_port) {
		write_header(w, ATTRIBUTE_RESPONSE_PORT, 2);
		write_u16(w, m->response_port);
		write_zeros(w, 2);
	}
}

static void write_attributes(struct writer *w, const struct stun_message *m)
{
	if (m->code != 0)
		write_error(w, m->code);
	if (m->unknown_count > 0)
		write_unknown(w, m);
	write_address(w, ATTRIBUTE_MAPPED_ADDRESS, &m->mapped);
	write_xor_address(w, m->xor_mapped);
	write_address(w, m->classic ? ATTRIBUTE_SOURCE_ADDRESS : ATTRIBUTE_RESPONSE_ORIGIN, &m->response_origin);
	write_address(w, m->classic ? ATTRIBUTE_CHANGED_ADDRESS : ATTRIBUTE_OTHER_ADDRESS, &m->other_address);
	write_questions(w, m);
	if (m->has_padding) {
		write_header(w, ATTRIBUTE_PADDING, m->padding);
		write_zeros(w, padded(m->padding));
	}
}

static void write_fingerprint(struct writer *w)
{
	uint32_t value;

	rewrite_u16(w, 2, (uint16_t)(w->len + FINGERPRINT_SIZE - STUN_HEADER_SIZE)); /* it covers the final length */
	value = w->failed ? 0 : fingerprint_of(w->bytes, w->len);
	write_header(w, ATTRIBUTE_FINGERPRINT, 4);
	write_u32(w, value);
}

size_t stun_encode(const struct stun_message *m, uint8_t *bytes, size_t room)
{
	struct writer w = writer_of(bytes, room);

	if (m->padding > STUN_PADDING_MAX || m->unknown_count > STUN_UNKNOWN_MAX || m->method > 0x0fff)
		return 0;
	write_header(&w, type_of(m->class, m->method), 0);
	if (m->classic)
		write_bytes(&w, m->id, 4);
	else
		write_u32(&w, STUN_COOKIE);
	write_bytes(&w, m->id + 4, STUN_ID_SIZE - 4);
	if (w.failed)
		return 0;
	write_attributes(&w, m);
	rewrite_u16(&w, 2, (uint16_t)(w.len - STUN_HEADER_SIZE));
	if (m->fingerprint)
		write_fingerprint(&w);
	return w.failed ? 0 : w.len;
}

struct endpoint stun_mapped(const struct stun_message *m)
{
	return m->xor_mapped.address.family != ADDRESS_NONE ? m->xor_mapped : m->mapped;
}

ssize_t stun_frame_size(const uint8_t *bytes, size_t len)
{
	struct reader r = reader_of(bytes, len);
	uint16_t type, size;
	uint32_t cookie;

	if (len < STUN_HEADER_SIZE)
		return 0;
	type = read_u16(&r);
	size = read_u16(&r);
	cookie = read_u32(&r);
	return type >> 14 == 0 && size % 4 == 0 && cookie == STUN_COOKIE ? STUN_HEADER_SIZE + (ssize_t)size : -1;
}
