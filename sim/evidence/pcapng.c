#include "evidence/pcapng.h"

#include "evidence/pcapng_format.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* A packet block before the packet's bytes: type, length, interface, time, two lengths. */
#define PACKET_HEAD_SIZE 28

/* Everything of a block but a packet's bytes: its head, its options, its end. Comments are a line or a few. */
struct block {
	uint8_t bytes[4096];
	size_t len;
	bool too_long;
};

static void put(struct block *b, const void *bytes, size_t len)
{
	if (len > sizeof b->bytes - b->len) {
		b->too_long = true;
		return;
	}
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

static void put_u16(struct block *b, uint16_t value)
{
	put(b, &value, sizeof value);
}

static void put_u32(struct block *b, uint32_t value)
{
	put(b, &value, sizeof value);
}

/* Time stamps are two words, the high one first, whatever the order of bytes. */
static void put_time(struct block *b, uint64_t time)
{
	put_u32(b, (uint32_t)(time >> 32));
	put_u32(b, (uint32_t)time);
}

static void put_padding(struct block *b, size_t len)
{
	static const uint8_t zeros[4];

	put(b, zeros, pcapng_padded(len) - len);
}

static void put_option(struct block *b, uint16_t code, const void *value, size_t len)
{
	if (len > UINT16_MAX)
		b->too_long = true;
	put_u16(b, code);
	put_u16(b, (uint16_t)len);
	put(b, value, len);
	put_padding(b, len);
}

static void put_text(struct block *b, uint16_t code, const char *text)
{
	if (text != NULL && text[0] != '\0')
		put_option(b, code, text, strlen(text));
}

static void block_begin(struct block *b, uint32_t type)
{
	b->len = 0;
	b->too_long = false;
	put_u32(b, type);
	put_u32(b, 0); /* its length: block_write() */
}

/* Ends the options and the block, and writes it. */
static int block_write(FILE *f, struct block *b)
{
	uint32_t len;

	put_u32(b, PCAPNG_OPTION_END);
	len = (uint32_t)b->len + 4;
	put_u32(b, len);
	if (b->too_long) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(b->bytes + 4, &len, sizeof len);
	return fwrite(b->bytes, 1, b->len, f) == b->len ? 0 : -1;
}

int pcapng_write_section(FILE *f, const char *application)
{
	static const uint64_t unknown_length = UINT64_MAX;
	struct block b;

	block_begin(&b, PCAPNG_SECTION);
	put_u32(&b, PCAPNG_BYTE_ORDER);
	put_u16(&b, 1); /* version 1.0 */
	put_u16(&b, 0);
	put(&b, &unknown_length, sizeof unknown_length);
	put_text(&b, PCAPNG_SECTION_APPLICATION, application);
	return block_write(f, &b);
}

int pcapng_write_interface(FILE *f, const char *name, const char *description, uint16_t link_type, uint32_t snap_length)
{
	static const uint8_t nanoseconds = 9; /* 10^-9 s */
	struct block b;

	block_begin(&b, PCAPNG_INTERFACE);
	put_u16(&b, link_type);
	put_u16(&b, 0);
	put_u32(&b, snap_length);
	put_text(&b, PCAPNG_INTERFACE_NAME, name);
	put_text(&b, PCAPNG_INTERFACE_DESCRIPTION, description);
	put_option(&b, PCAPNG_INTERFACE_RESOLUTION, &nanoseconds, 1);
	return block_write(f, &b);
}

int pcapng_write_name(FILE *f, const struct address *address, const char *name)
{
	size_t len = address_size(address) + strlen(name) + 1;
	struct block b;

	block_begin(&b, PCAPNG_NAMES);
	put_u16(&b, address->family == ADDRESS_IPV6 ? PCAPNG_NAME_IPV6 : PCAPNG_NAME_IPV4);
	put_u16(&b, (uint16_t)len);
	put(&b, address->bytes, address_size(address));
	put(&b, name, strlen(name) + 1);
	put_padding(&b, len);
	put_u32(&b, 0); /* the end of the names */
	return block_write(f, &b);
}

int pcapng_write_statistics(FILE *f, uint32_t interface, uint64_t time_ns, uint64_t received, uint64_t dropped)
{
	struct block b;

	block_begin(&b, PCAPNG_STATISTICS);
	put_u32(&b, interface);
	put_time(&b, time_ns);
	put_option(&b, PCAPNG_STATISTICS_RECEIVED, &received, sizeof received);
	put_option(&b, PCAPNG_STATISTICS_DROPPED, &dropped, sizeof dropped);
	return block_write(f, &b);
}

/* What follows a packet's bytes but the last word: padding and options. */
static void put_packet_tail(struct block *b, const struct pcapng_packet *p)
{
	uint32_t flags = (uint32_t)p->direction;
	size_t options_at;

	b->len = 0;
	b->too_long = p->captured > PCAPNG_PACKET_MAX;
	put_padding(b, p->captured);
	options_at = b->len;
	put_text(b, PCAPNG_COMMENT, p->comment);
	if (p->direction != PCAPNG_DIRECTION_UNKNOWN)
		put_option(b, PCAPNG_PACKET_FLAGS, &flags, sizeof flags);
	if (p->packet_id != 0)
		put_option(b, PCAPNG_PACKET_ID, &p->packet_id, sizeof p->packet_id);
	if (b->len > options_at)
		put_u32(b, PCAPNG_OPTION_END);
}

/* The packet's bytes go out between two small blocks of ours, so that they are not copied twice. */
int pcapng_write_packet(FILE *f, const struct pcapng_packet *p)
{
	struct block head, tail;
	uint32_t len;

	put_packet_tail(&tail, p);
	len = (uint32_t)(PACKET_HEAD_SIZE + p->captured + tail.len + 4);
	put_u32(&tail, len);
	if (tail.too_long) {
		errno = EMSGSIZE;
		return -1;
	}
	block_begin(&head, PCAPNG_PACKET);
	memcpy(head.bytes + 4, &len, sizeof len);
	put_u32(&head, p->interface);
	put_time(&head, p->time_ns);
	put_u32(&head, p->captured);
	put_u32(&head, p->length);
	if (fwrite(head.bytes, 1, head.len, f) != head.len || fwrite(p->bytes, 1, p->captured, f) != p->captured ||
	    fwrite(tail.bytes, 1, tail.len, f) != tail.len)
		return -1;
	return 0;
}
