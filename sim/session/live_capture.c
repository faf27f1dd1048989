#include "session/live_capture.h"

#include "io/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOT_WANTED UINT32_MAX

struct live_capture {
	struct pcapng_reader *reader;
	const char *node;
	FILE *out;
	bool begun;
	uint32_t count;                          /* interfaces written */
	uint32_t numbers[PCAPNG_INTERFACES_MAX]; /* an interface's number in the output, or NOT_WANTED */
};

struct live_capture *live_capture_new(const char *path, const char *node, FILE *out,
                                      char error[PCAPNG_READER_ERROR_SIZE])
{
	struct live_capture *f = calloc(1, sizeof *f);

	if (f == NULL) {
		snprintf(error, PCAPNG_READER_ERROR_SIZE, "out of memory");
		return NULL;
	}
	f->node = node;
	f->out = out;
	f->reader = pcapng_reader_open(path, error);
	if (f->reader == NULL) {
		free(f);
		return NULL;
	}
	pcapng_reader_follow(f->reader, 0);
	return f;
}

void live_capture_free(struct live_capture *f)
{
	pcapng_reader_close(f->reader);
	free(f);
}

/* "nat-a wan" is an interface of nat-a. */
static bool is_wanted(const struct live_capture *f, const struct pcapng_interface *i)
{
	size_t len = f->node != NULL ? strlen(f->node) : 0;

	return len == 0 || (strncmp(i->name, f->node, len) == 0 && i->name[len] == ' ');
}

/* What comes before the packets: the lab writes it all before the first one. */
static int begin(struct live_capture *f)
{
	size_t interfaces = pcapng_reader_interface_count(f->reader);
	size_t names = pcapng_reader_name_count(f->reader);

	if (pcapng_write_section(f->out, "punchlab capture") != 0)
		return -1;
	for (size_t i = 0; i < interfaces; i++) {
		const struct pcapng_interface *one = pcapng_reader_interface(f->reader, i);

		f->numbers[i] = is_wanted(f, one) ? f->count++ : NOT_WANTED;
		if (f->numbers[i] != NOT_WANTED &&
		    pcapng_write_interface(f->out, one->name, one->description, one->link_type, one->snap_length) != 0)
			return -1;
	}
	for (size_t i = 0; i < names; i++) {
		const struct pcapng_name *one = pcapng_reader_name(f->reader, i);

		if (pcapng_write_name(f->out, &one->address, one->name) != 0)
			return -1;
	}
	f->begun = true;
	return 0;
}

static int pass_on(struct live_capture *f, const struct pcapng_packet *p)
{
	struct pcapng_packet own = *p;

	if (p->interface >= PCAPNG_INTERFACES_MAX || f->numbers[p->interface] == NOT_WANTED)
		return 0;
	own.interface = f->numbers[p->interface];
	return pcapng_write_packet(f->out, &own);
}

int live_capture_step(struct live_capture *f)
{
	struct pcapng_packet p;
	int got;

	while ((got = pcapng_reader_next(f->reader, &p)) == 1)
		if ((!f->begun && begin(f) != 0) || pass_on(f, &p) != 0)
			return -1;
	if (got < 0) {
		log_error("%s", pcapng_reader_error(f->reader));
		errno = 0;
		return -1;
	}
	if (!f->begun && pcapng_reader_interface_count(f->reader) > 0 && begin(f) != 0)
		return -1;
	return fflush(f->out) == 0 ? 0 : -1;
}
