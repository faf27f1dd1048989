#include "evidence/pcapng_blocks.h"

#include "base/array.h"
#include "base/cursor.h"
#include "evidence/pcapng_format.h"
#include "evidence/pcapng_time.h"

#include <stdlib.h>

uint16_t pcapng_u16(const struct pcapng_tables *t, const uint8_t *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof value);
	return t->swapped ? __builtin_bswap16(value) : value;
}

uint32_t pcapng_u32(const struct pcapng_tables *t, const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return t->swapped ? __builtin_bswap32(value) : value;
}

static uint64_t u64(const struct pcapng_tables *t, const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return t->swapped ? __builtin_bswap64(value) : value;
}

/* Reads that fail give zero, as those of cursor.h. */
static uint16_t next_u16(const struct pcapng_tables *t, struct reader *r)
{
	const uint8_t *view = read_view(r, 2);

	return view != NULL ? pcapng_u16(t, view) : 0;
}

static uint32_t next_u32(const struct pcapng_tables *t, struct reader *r)
{
	const uint8_t *view = read_view(r, 4);

	return view != NULL ? pcapng_u32(t, view) : 0;
}

static uint64_t next_time(const struct pcapng_tables *t, struct reader *r)
{
	uint64_t high = next_u32(t, r);

	return high << 32 | next_u32(t, r);
}

struct pcapng_reader_interface *pcapng_tables_add_interface(struct pcapng_tables *t, uint16_t link_type,
                                                            uint32_t snap_length)
{
	struct pcapng_reader_interface *i = NULL;

	if (t->interface_count < PCAPNG_INTERFACES_MAX)
		i = array_add(&t->interfaces, &t->interface_count, sizeof *i);
	if (i == NULL)
		return NULL;
	i->public.link_type = link_type;
	i->public.snap_length = snap_length;
	i->resolution = PCAPNG_TIME_DEFAULT;
	return i;
}

void pcapng_tables_free(struct pcapng_tables *t)
{
	free(t->interfaces);
	free(t->names);
	free(t->comment);
	memset(t, 0, sizeof *t);
}

struct option {
	uint16_t code, len;
	const uint8_t *value;
};

/* The next option; false at their end, also when they are cut short (then the reader has failed). */
static bool next_option(const struct pcapng_tables *t, struct reader *r, struct option *o)
{
	if (reader_left(r) == 0)
		return false;
	o->code = next_u16(t, r);
	o->len = next_u16(t, r);
	o->value = read_view(r, o->len);
	read_view(r, pcapng_padded(o->len) - o->len);
	return !r->failed && o->code != PCAPNG_OPTION_END;
}

static void copy_text(char *out, size_t room, const uint8_t *text, size_t len)
{
	const uint8_t *zero = memchr(text, 0, len);

	if (zero != NULL)
		len = (size_t)(zero - text);
	if (len >= room)
		len = room - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

static void read_interface_option(const struct pcapng_tables *t, struct pcapng_reader_interface *i,
                                  const struct option *o)
{
	if (o->code == PCAPNG_INTERFACE_NAME)
		copy_text(i->public.name, sizeof i->public.name, o->value, o->len);
	else if (o->code == PCAPNG_INTERFACE_DESCRIPTION)
		copy_text(i->public.description, sizeof i->public.description, o->value, o->len);
	else if (o->code == PCAPNG_INTERFACE_RESOLUTION && o->len >= 1)
		i->resolution = o->value[0];
	else if (o->code == PCAPNG_INTERFACE_FILTER)
		i->public.has_filter = true;
	else if (o->code == PCAPNG_INTERFACE_OFFSET && o->len >= 8)
		i->offset_s = (int64_t)u64(t, o->value);
}

static const char *read_interface(struct pcapng_tables *t, struct reader *r)
{
	uint16_t link_type = next_u16(t, r);
	struct pcapng_reader_interface *i;
	uint32_t snap_length;
	struct option o;

	next_u16(t, r);
	snap_length = next_u32(t, r);
	if (r->failed)
		return "an interface description that is too short";
	i = pcapng_tables_add_interface(t, link_type, snap_length);
	if (i == NULL)
		return "more interfaces than can be held";
	while (next_option(t, r, &o))
		read_interface_option(t, i, &o);
	return r->failed ? "an interface description with a broken option" : NULL;
}

/* The table of names is a help, not a need: one too many is left out. */
static void add_name(struct pcapng_tables *t, enum address_family family, const uint8_t *record, size_t len)
{
	struct address address = { .family = (uint8_t)family };
	size_t address_len = address_size(&address);
	struct pcapng_name *name = NULL;

	if (len > address_len && t->name_count < PCAPNG_NAMES_MAX)
		name = array_add(&t->names, &t->name_count, sizeof *name);
	if (name == NULL)
		return;
	memcpy(address.bytes, record, address_len);
	name->address = address;
	copy_text(name->name, sizeof name->name, record + address_len, len - address_len);
}

static const char *read_names(struct pcapng_tables *t, struct reader *r)
{
	struct option o; /* a record is laid out as an option is */

	while (next_option(t, r, &o)) {
		if (o.code == PCAPNG_NAME_IPV4)
			add_name(t, ADDRESS_IPV4, o.value, o.len);
		else if (o.code == PCAPNG_NAME_IPV6)
			add_name(t, ADDRESS_IPV6, o.value, o.len);
	}
	return r->failed ? "a broken name record" : NULL;
}

static struct pcapng_reader_interface *find_interface(const struct pcapng_tables *t, uint32_t id)
{
	return id < t->interface_count - t->first ? &t->interfaces[t->first + id] : NULL;
}

static const char *read_statistics(struct pcapng_tables *t, struct reader *r)
{
	struct pcapng_reader_interface *i = find_interface(t, next_u32(t, r));
	uint64_t ticks = next_time(t, r);
	struct option o;

	if (r->failed || i == NULL)
		return "statistics of an interface that does not exist";
	i->public.counted_ns = pcapng_time_ns(ticks, i->resolution, i->offset_s);
	while (next_option(t, r, &o)) {
		if (o.len < 8)
			continue;
		if (o.code == PCAPNG_STATISTICS_RECEIVED)
			i->public.received = u64(t, o.value);
		else if (o.code == PCAPNG_STATISTICS_DROPPED)
			i->public.dropped = u64(t, o.value);
		else
			continue;
		i->public.has_statistics = true;
	}
	return r->failed ? "statistics with a broken option" : NULL;
}

/* A packet may bear several comments; they become the lines of one. */
static bool add_comment(struct pcapng_tables *t, size_t *len, const struct option *o)
{
	size_t more = strnlen((const char *)o->value, o->len);

	return (*len == 0 || array_append(&t->comment, len, "\n", 1) == 0) &&
	       array_append(&t->comment, len, o->value, more) == 0;
}

static const char *read_packet_options(struct pcapng_tables *t, struct reader *r, struct pcapng_packet *p)
{
	struct option o;
	size_t comment_len = 0;

	while (next_option(t, r, &o)) {
		if (o.code == PCAPNG_COMMENT && !add_comment(t, &comment_len, &o))
			return "no memory for a comment";
		if (o.code == PCAPNG_PACKET_FLAGS && o.len >= 4) {
			uint32_t direction = pcapng_u32(t, o.value) & 3;

			p->direction = direction < 3 ? (enum pcapng_direction)direction : PCAPNG_DIRECTION_UNKNOWN;
		}
		if (o.code == PCAPNG_PACKET_ID && o.len >= 8)
			p->packet_id = u64(t, o.value);
	}
	p->comment = comment_len > 0 ? t->comment : NULL;
	return r->failed ? "a packet with a broken option" : NULL;
}

/* The packet block and its forerunner, which had 16 bits for the interface and 16 for a count of drops. */
static const char *read_packet(struct pcapng_tables *t, struct reader *r, bool old, struct pcapng_packet *p)
{
	uint32_t id = old ? next_u16(t, r) : next_u32(t, r);
	const struct pcapng_reader_interface *i = find_interface(t, id);
	uint64_t ticks;

	if (old)
		next_u16(t, r);
	if (i == NULL)
		return "a packet of an interface that was not described";
	ticks = next_time(t, r);
	*p = (struct pcapng_packet){ .interface = (uint32_t)t->first + id };
	p->time_ns = pcapng_time_ns(ticks, i->resolution, i->offset_s);
	p->captured = next_u32(t, r);
	p->length = next_u32(t, r);
	if (p->captured > PCAPNG_PACKET_MAX)
		return "a packet that is too long";
	p->bytes = read_view(r, p->captured);
	read_view(r, pcapng_padded(p->captured) - p->captured);
	if (r->failed)
		return "a packet longer than its block";
	return read_packet_options(t, r, p);
}

static const char *read_simple_packet(struct pcapng_tables *t, struct reader *r, struct pcapng_packet *p)
{
	const struct pcapng_reader_interface *i = find_interface(t, 0);
	uint32_t snap_length;

	if (i == NULL)
		return "a packet before any interface";
	snap_length = i->public.snap_length != 0 ? i->public.snap_length : PCAPNG_PACKET_MAX;
	*p = (struct pcapng_packet){ .interface = (uint32_t)t->first, .length = next_u32(t, r) };
	p->captured = p->length < snap_length ? p->length : snap_length;
	if (p->captured > PCAPNG_PACKET_MAX)
		return "a packet that is too long";
	p->bytes = read_view(r, p->captured);
	return r->failed ? "a packet longer than its block" : NULL;
}

static const char *read_section(struct pcapng_tables *t, struct reader *r)
{
	read_view(r, 4); /* the magic, looked at already */
	if (next_u16(t, r) != 1 || r->failed)
		return "pcapng of a version other than 1";
	t->first = t->interface_count;
	return NULL;
}

int pcapng_block_read(struct pcapng_tables *t, const uint8_t *block, size_t len, struct pcapng_packet *p,
                      const char **problem)
{
	struct reader body = reader_of(block + 8, len - 12);
	uint32_t type = pcapng_u32(t, block);

	*problem = NULL;
	switch (type) {
	case PCAPNG_SECTION: *problem = read_section(t, &body); break;
	case PCAPNG_INTERFACE: *problem = read_interface(t, &body); break;
	case PCAPNG_NAMES: *problem = read_names(t, &body); break;
	case PCAPNG_STATISTICS: *problem = read_statistics(t, &body); break;
	case PCAPNG_PACKET:
	case PCAPNG_OLD_PACKET:
		*problem = read_packet(t, &body, type == PCAPNG_OLD_PACKET, p);
		return *problem == NULL ? 1 : -1;
	case PCAPNG_SIMPLE_PACKET: *problem = read_simple_packet(t, &body, p); return *problem == NULL ? 1 : -1;
	default: /* kinds that say nothing of packets, and those to come */ break;
	}
	return *problem == NULL ? 0 : -1;
}

struct pcapng_packet pcapng_plain_packet(const struct pcapng_tables *t, const uint8_t *record, uint8_t resolution)
{
	uint32_t subseconds = pcapng_u32(t, record + 4);

	return (struct pcapng_packet){
		.time_ns = pcapng_u32(t, record) * UINT64_C(1000000000) + pcapng_time_ns(subseconds, resolution, 0),
		.captured = pcapng_u32(t, record + 8),
		.length = pcapng_u32(t, record + 12),
		.bytes = record + 16,
	};
}
