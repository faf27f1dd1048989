#include "observe/packet_counter.h"

#include "evidence/pcapng_reader.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A scenario asks a few questions over and over; beyond this the one asked longest ago starts anew. */
#define QUESTIONS_MAX 16

struct question {
	char *interface, *filter; /* "" for any */
	uint64_t since_ns;
	struct bpf_program program;
	struct pcapng_reader *reader;
	long count;
	unsigned long asked; /* when, in questions */
};

struct packet_counter {
	char *path;
	struct question questions[QUESTIONS_MAX];
	unsigned long asked;
};

struct packet_counter *packet_counter_new(const char *path)
{
	struct packet_counter *c = calloc(1, sizeof *c);

	if (c != NULL)
		c->path = strdup(path);
	if (c != NULL && c->path == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

static void clear(struct question *q)
{
	free(q->interface);
	free(q->filter);
	pcap_freecode(&q->program);
	pcapng_reader_close(q->reader);
	memset(q, 0, sizeof *q);
}

void packet_counter_free(struct packet_counter *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		clear(&c->questions[i]);
	free(c->path);
	free(c);
}

static int compile(struct question *q, char error[PACKET_COUNTER_ERROR_SIZE])
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, (int)PCAPNG_PACKET_MAX);
	int status = -1;

	if (ethernet == NULL)
		snprintf(error, PACKET_COUNTER_ERROR_SIZE, "%s", strerror(ENOMEM));
	else if (pcap_compile(ethernet, &q->program, q->filter, 1, PCAP_NETMASK_UNKNOWN) == 0)
		status = 0;
	else
		snprintf(error, PACKET_COUNTER_ERROR_SIZE, "bad filter \"%.100s\": %.120s", q->filter,
		         pcap_geterr(ethernet));
	if (ethernet != NULL)
		pcap_close(ethernet);
	return status;
}

static int start(struct question *q, const char *path, const char *interface, const char *filter, uint64_t since_ns,
                 char error[PACKET_COUNTER_ERROR_SIZE])
{
	clear(q);
	q->since_ns = since_ns;
	q->interface = strdup(interface);
	q->filter = strdup(filter);
	if (q->interface == NULL || q->filter == NULL) {
		snprintf(error, PACKET_COUNTER_ERROR_SIZE, "%s", strerror(ENOMEM));
		return -1;
	}
	if (compile(q, error) != 0)
		return -1;
	q->reader = pcapng_reader_open(path, error);
	return q->reader != NULL ? 0 : -1;
}

static bool is_same(const struct question *q, const char *interface, const char *filter, uint64_t since_ns)
{
	return q->reader != NULL && q->since_ns == since_ns && strcmp(q->interface, interface) == 0 &&
	       strcmp(q->filter, filter) == 0;
}

/* The question if it was asked before, else a place for it. */
static struct question *find(struct packet_counter *c, const char *interface, const char *filter, uint64_t since_ns)
{
	struct question *oldest = &c->questions[0];

	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (is_same(&c->questions[i], interface, filter, since_ns))
			return &c->questions[i];
		if (c->questions[i].asked < oldest->asked)
			oldest = &c->questions[i];
	}
	return oldest;
}

static bool matches(const struct question *q, const struct pcapng_packet *p)
{
	const struct pcapng_interface *i = pcapng_reader_interface(q->reader, p->interface);
	struct pcap_pkthdr h = { .caplen = p->captured, .len = p->length };

	return p->time_ns >= q->since_ns && (q->interface[0] == '\0' || strcmp(i->name, q->interface) == 0) &&
	       pcap_offline_filter(&q->program, &h, p->bytes) != 0;
}

/* All interfaces stand before the first packet, and names before that: they are known once anything was read. */
static bool interface_exists(const struct question *q, char error[PACKET_COUNTER_ERROR_SIZE])
{
	size_t count = pcapng_reader_interface_count(q->reader);
	size_t len;

	for (size_t i = 0; i < count; i++)
		if (strcmp(pcapng_reader_interface(q->reader, i)->name, q->interface) == 0)
			return true;
	len = (size_t)snprintf(error, PACKET_COUNTER_ERROR_SIZE, "no interface \"%.40s\"; there are:", q->interface);
	for (size_t i = 0; i < count && len < PACKET_COUNTER_ERROR_SIZE; i++)
		len += (size_t)snprintf(error + len, PACKET_COUNTER_ERROR_SIZE - len, "%s %.40s", i > 0 ? "," : "",
		                        pcapng_reader_interface(q->reader, i)->name);
	return false;
}

static int read_on(struct question *q, uint64_t size, char error[PACKET_COUNTER_ERROR_SIZE])
{
	struct pcapng_packet p;
	int status;

	pcapng_reader_follow(q->reader, size);
	while ((status = pcapng_reader_next(q->reader, &p)) == 1)
		q->count += matches(q, &p);
	if (status != 0)
		snprintf(error, PACKET_COUNTER_ERROR_SIZE, "the capture cannot be read: %.200s",
		         pcapng_reader_error(q->reader));
	return status;
}

long packet_counter_count(struct packet_counter *c, uint64_t size, const char *interface, const char *filter,
                          uint64_t since_ns, char error[PACKET_COUNTER_ERROR_SIZE])
{
	const char *i = interface != NULL ? interface : "";
	const char *f = filter != NULL ? filter : "";
	struct question *q = find(c, i, f, since_ns);

	if (!is_same(q, i, f, since_ns) && start(q, c->path, i, f, since_ns, error) != 0) {
		clear(q);
		return -1;
	}
	q->asked = ++c->asked;
	if (read_on(q, size, error) == 0 && (i[0] == '\0' || interface_exists(q, error)))
		return q->count;
	clear(q);
	return -1;
}
