#include "observe/recorder_file.h"

#include "io/clock.h"
#include "model/topology_ipv6.h"
#include "nat/nat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)256 * 1024)

/* A packet's block is this much longer than the packet at most. */
#define BLOCK_OVERHEAD 128

#define LINKTYPE_ETHERNET 1

/* What libpcap's own capture programs state for "whole packets". */
#define SNAP_LENGTH PCAPNG_PACKET_MAX

/* --- what comes first ------------------------------------------------------------------------ */

/* "33.33.33.1, NAT symmetric", "10.0.1.1/24": the address on that side, and the NAT on the wan side. */
static void describe(const struct topology *t, const struct topology_interface *i, char *text, size_t room)
{
	const struct node *n = &t->nodes[i->node];
	bool is_lan = i->link < 0;
	struct address address = is_lan ? topology_lan_address(t, i->node) : topology_main_address(t, i->node, i->link);
	char address_text[ADDRESS_TEXT_SIZE];
	char nat[NAT_TEXT_SIZE];

	address_format(&address, address_text);
	if (n->kind == NODE_BOX && !is_lan)
		snprintf(text, room, "%s, NAT %s", address_text, nat_format(&n->nat, nat));
	else
		snprintf(text, room, "%s", address_text);
}

static int write_interface(FILE *f, const struct topology *t, const struct topology_interface *i)
{
	char name[TOPOLOGY_NAME_SIZE + sizeof i->name + 1];
	char description[ADDRESS_TEXT_SIZE + NAT_TEXT_SIZE + 8];

	snprintf(name, sizeof name, "%s %s", t->nodes[i->node].name, i->name);
	describe(t, i, description, sizeof description);
	return pcapng_write_interface(f, name, description, LINKTYPE_ETHERNET, SNAP_LENGTH);
}

struct name {
	struct address address;
	const char *node;
};

static size_t collect_names(const struct topology *t, struct name *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct node *node = &t->nodes[i];

		for (size_t k = 0; k < node->link_count; k++) {
			struct address list[TOPOLOGY_ADDRESSES];
			size_t count = topology_ipv6_addresses(t, (int)i, (int)k, list);

			for (size_t m = 0; m < node->links[k].address_count; m++)
				out[n++] = (struct name){ node->links[k].addresses[m], node->name };
			for (size_t m = 0; m < count; m++)
				out[n++] = (struct name){ list[m], node->name };
		}
		if (node->kind == NODE_BOX)
			out[n++] = (struct name){ topology_lan_address(t, (int)i), node->name };
		if (node->kind == NODE_BOX && topology_ipv6_lan(t, (int)i).prefix != 0)
			out[n++] = (struct name){ topology_ipv6_lan_address(t, (int)i), node->name };
	}
	return n;
}

static bool is_unambiguous(const struct name *names, size_t count, const struct name *name)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&names[i].address, &name->address) && names[i].node != name->node)
			return false;
	return true;
}

/* Two homes may have the same private addresses: those stay numbers. */
static int write_names(FILE *f, const struct topology *t)
{
	struct name names[TOPOLOGY_NODES * 2 * (TOPOLOGY_LINKS * TOPOLOGY_ADDRESSES + 1)];
	size_t count = collect_names(t, names);
	struct address router = topology_lan_address(t, TOPOLOGY_INTERNET);
	struct address router6 = topology_ipv6_lan_address(t, TOPOLOGY_INTERNET);

	for (size_t i = 0; i < count; i++)
		if (is_unambiguous(names, count, &names[i]) &&
		    pcapng_write_name(f, &names[i].address, names[i].node) != 0)
			return -1;
	if (topology_has_ipv6(t) && pcapng_write_name(f, &router6, TOPOLOGY_ROUTER_NAME) != 0)
		return -1;
	return pcapng_write_name(f, &router, TOPOLOGY_ROUTER_NAME);
}

/* --- writing --------------------------------------------------------------------------------- */

/* Remembers why; what was cut short goes. */
static int fail(struct recorder_file *f)
{
	if (f->error == 0) {
		int ignored;

		f->error = errno != 0 ? errno : EIO;
		ignored = ftruncate(fileno(f->stream), (off_t)f->size); /* a pipe has nothing to cut off */
		(void)ignored;
		__fpurge(f->stream); /* or closing would write half a block more */
	}
	errno = f->error;
	return -1;
}

int recorder_file_flush(struct recorder_file *f)
{
	size_t pending = __fpending(f->stream);

	if (f->error != 0 || fflush(f->stream) != 0)
		return fail(f);
	f->size += pending;
	return 0;
}

static int write_beginning(struct recorder_file *f, const struct topology *t,
                           const struct topology_interface *interfaces, size_t count)
{
	if (pcapng_write_section(f->stream, "punchlab " VERSION) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_interface(f->stream, t, &interfaces[i]) != 0)
			return -1;
	return write_names(f->stream, t) == 0 ? recorder_file_flush(f) : -1;
}

/* It appends: what another cut off stays missing, and is no hole that what is written next leaves behind. */
static FILE *open_stream(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (fd >= 0 && stream == NULL)
		close(fd);
	return stream;
}

int recorder_file_open(struct recorder_file *f, const char *path, const struct topology *t,
                       const struct topology_interface *interfaces, size_t count)
{
	int error;

	memset(f, 0, sizeof *f);
	snprintf(f->path, sizeof f->path, "%s", path);
	f->buffer = malloc(BUFFER_SIZE);
	f->stream = f->buffer != NULL ? open_stream(path) : NULL;
	if (f->stream != NULL) {
		setvbuf(f->stream, f->buffer, _IOFBF, BUFFER_SIZE);
		if (write_beginning(f, t, interfaces, count) == 0)
			return 0;
	}
	error = errno;
	if (f->stream != NULL)
		fclose(f->stream);
	free(f->buffer);
	errno = error;
	return -1;
}

int recorder_file_write(void *file, const struct pcapng_packet *p)
{
	struct recorder_file *f = file;

	if (f->error != 0)
		return -1;
	if (__fpending(f->stream) + p->captured + BLOCK_OVERHEAD > BUFFER_SIZE && recorder_file_flush(f) != 0)
		return -1;
	if (pcapng_write_packet(f->stream, p) != 0)
		return fail(f);
	f->written[p->interface]++;
	if (p->time_ns < f->newest_ns)
		f->late++;
	else
		f->newest_ns = p->time_ns;
	return 0;
}

int recorder_file_write_statistics(struct recorder_file *f, uint32_t interface, uint64_t dropped)
{
	uint64_t received = f->written[interface] + dropped;

	if (f->error != 0)
		return -1;
	if (pcapng_write_statistics(f->stream, interface, clock_wall_ns(), received, dropped) != 0)
		return fail(f);
	return 0;
}

int recorder_file_close(struct recorder_file *f)
{
	int status = recorder_file_flush(f);

	if (fclose(f->stream) != 0 && status == 0) {
		f->error = errno;
		status = -1;
	}
	free(f->buffer);
	f->stream = NULL;
	f->buffer = NULL;
	errno = f->error;
	return status;
}
