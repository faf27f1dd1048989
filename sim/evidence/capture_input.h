/*
 * The bytes of a capture, looked at before they are taken: from a descriptor through a buffer that grows to the longest
 * block, or from memory. A block that has not arrived in full stays untouched. What begins as gzip (RFC 1952) is
 * unpacked on the way.
 */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_gzip;

struct capture_input {
	int fd;               /* -1: memory, nothing more comes */
	const uint8_t *bytes; /* what is there: bytes[at] to bytes[len - 1] */
	size_t at, len;
	uint64_t offset; /* of bytes[0] in the file */
	uint64_t limit;  /* nothing is read at or beyond; UINT64_MAX: none */
	uint8_t *buffer; /* == bytes when read from a descriptor */
	size_t room;
	int error;                 /* errno of a read that failed, 0; EBADMSG: damaged gzip */
	struct capture_gzip *gzip; /* NULL: not packed */
	bool looked;               /* whether it is packed is known */
};

struct capture_input capture_input_of_fd(int fd);
struct capture_input capture_input_of_memory(const uint8_t *bytes, size_t len);
/* Frees the buffer and closes the descriptor (not standard input's). */
void capture_input_close(struct capture_input *in);

/* The next `len` bytes where they lie, valid until the next call; NULL if fewer are left (then see `error`). */
const uint8_t *capture_input_view(struct capture_input *in, size_t len);
/* How many bytes wait, after a view that failed. */
size_t capture_input_left(const struct capture_input *in);
/* Takes bytes that were viewed. */
void capture_input_take(struct capture_input *in, size_t len);
/* Where the next byte stands in the file. */
uint64_t capture_input_offset(const struct capture_input *in);

#endif
