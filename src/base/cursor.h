/*
 * Bounded reads and writes with a sticky error: a message is read or written field by field without a check after each,
 * and the one question at the end, "did everything fit", answers for all. After a failure reads give zeros and writes
 * do nothing. Network byte order. Pure; keeps pointers into the caller's bytes.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
	const uint8_t *bytes;
	size_t len; /* of `bytes` */
	size_t at;  /* never more than len */
	bool failed;
};

struct writer {
	uint8_t *bytes;
	size_t room; /* of `bytes` */
	size_t len;  /* written so far, never more than room */
	bool failed;
};

static inline struct reader reader_of(const uint8_t *bytes, size_t len)
{
	return (struct reader){ .bytes = bytes, .len = len };
}

static inline size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : r->len - r->at;
}

/* The next `len` bytes where they lie, or NULL (and the reader has failed) if there are fewer. */
static inline const uint8_t *read_view(struct reader *r, size_t len)
{
	const uint8_t *view;

	if (r->failed || len > r->len - r->at) {
		r->failed = true;
		return NULL;
	}
	view = r->bytes + r->at;
	r->at += len;
	return view;
}

/* A reader of the next `len` bytes alone; it has failed if there are fewer. */
static inline struct reader read_part(struct reader *r, size_t len)
{
	const uint8_t *view = read_view(r, len);

	return (struct reader){ .bytes = view, .len = view != NULL ? len : 0, .failed = view == NULL };
}

/* Copies the next `len` bytes to `out`, or zeros it. */
static inline void read_bytes(struct reader *r, uint8_t *out, size_t len)
{
	const uint8_t *view = read_view(r, len);

	if (view != NULL)
		memcpy(out, view, len);
	else
		memset(out, 0, len);
}

static inline uint8_t read_u8(struct reader *r)
{
	uint8_t b[1];

	read_bytes(r, b, sizeof b);
	return b[0];
}

static inline uint16_t read_u16(struct reader *r)
{
	uint8_t b[2];

	read_bytes(r, b, sizeof b);
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t read_u32(struct reader *r)
{
	uint8_t b[4];

	read_bytes(r, b, sizeof b);
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* True if every read fitted and nothing is left over. */
static inline bool reader_is_at_end(const struct reader *r)
{
	return !r->failed && r->at == r->len;
}

static inline struct writer writer_of(uint8_t *bytes, size_t room)
{
	return (struct writer){ .bytes = bytes, .room = room };
}

static inline void write_bytes(struct writer *w, const uint8_t *bytes, size_t len)
{
	if (w->failed || len > w->room - w->len) {
		w->failed = true;
		return;
	}
	if (len > 0)
		memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

static inline void write_u8(struct writer *w, uint8_t value)
{
	write_bytes(w, &value, 1);
}

static inline void write_u16(struct writer *w, uint16_t value)
{
	uint8_t b[] = { (uint8_t)(value >> 8), (uint8_t)value };

	write_bytes(w, b, sizeof b);
}

static inline void write_u32(struct writer *w, uint32_t value)
{
	uint8_t b[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };

	write_bytes(w, b, sizeof b);
}

static inline void write_zeros(struct writer *w, size_t len)
{
	while (len-- > 0 && !w->failed)
		write_u8(w, 0);
}

/* Overwrites two bytes that were written before, at offset `at` (a length that was not known then). */
static inline void rewrite_u16(struct writer *w, size_t at, uint16_t value)
{
	if (w->failed || w->len < 2 || at > w->len - 2) {
		w->failed = true;
		return;
	}
	w->bytes[at] = (uint8_t)(value >> 8);
	w->bytes[at + 1] = (uint8_t)value;
}

#endif
