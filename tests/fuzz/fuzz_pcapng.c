/* The pcapng reader on any bytes; and what it read, written and read again, must be the same. */
#include "evidence/pcapng.h"
#include "evidence/pcapng_reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int same_text(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void check_again(const uint8_t *bytes, size_t len, const struct pcapng_packet *p)
{
	struct pcapng_reader *r = pcapng_reader_open_memory(bytes, len);
	struct pcapng_packet q;

	if (r == NULL || pcapng_reader_next(r, &q) != 1 || q.time_ns != p->time_ns || q.captured != p->captured ||
	    q.length != p->length || q.packet_id != p->packet_id || q.direction != p->direction ||
	    (p->captured > 0 && memcmp(q.bytes, p->bytes, p->captured) != 0) || !same_text(q.comment, p->comment) ||
	    pcapng_reader_next(r, &q) != 0)
		abort();
	pcapng_reader_close(r);
}

/* Writes the packet into a file of its own. Comments too long for the writer are left out. */
static void write_again(const struct pcapng_packet *p, const struct pcapng_interface *i)
{
	struct pcapng_packet alone = *p;
	char *bytes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&bytes, &len);

	if (f == NULL)
		return;
	alone.interface = 0;
	if (alone.comment != NULL && strlen(alone.comment) > 1000)
		alone.comment = NULL;
	if (pcapng_write_section(f, "fuzz") != 0 ||
	    pcapng_write_interface(f, i->name, i->description, i->link_type, i->snap_length) != 0 ||
	    pcapng_write_packet(f, &alone) != 0)
		abort();
	fclose(f);
	check_again((const uint8_t *)bytes, len, &alone);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcapng_reader *r = pcapng_reader_open_memory(data, size);
	struct pcapng_packet p;
	unsigned written = 0;

	if (r == NULL)
		return 0;
	while (pcapng_reader_next(r, &p) == 1)
		if (written++ < 4)
			write_again(&p, pcapng_reader_interface(r, p.interface));
	pcapng_reader_close(r);
	return 0;
}
