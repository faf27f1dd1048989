/* Which side of what each interface of captures is, by what they show together and by what was said. */
#include "suite.h"
#include "trace/infer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define PLACES 4

static struct sights sights; /* too large for a stack */
static struct source list[SOURCES_MAX];
static struct inferred found;

/* How a packet looks at one place: inside, outside, or as it came from afar; and how long after the first sight. */
struct look {
	char as; /* 'i', 'o'; 0: it is not seen there */
	unsigned ttl;
	uint64_t after_ns;
};

/* One to some server, of an inside host or of the NAT. */
static void see(size_t source, unsigned interface, const char *label, uint64_t key, const struct look *l)
{
	struct pcapng_interface said = { .link_type = 1 };
	const struct source_interface from = { .source = source, .in_file = interface, .said = &said };
	struct packet p = { .kind = PACKET_IP, .key = key, .ip.ttl = (uint8_t)l->ttl, .ip.protocol = PACKET_UDP };
	const struct pcapng_packet raw = { .time_ns = 1000 * MS + key * MS + l->after_ns };
	char src[32];

	snprintf(said.name, sizeof said.name, "%s", label);
	snprintf(src, sizeof src, l->as == 'i' ? "10.0.1.%u:5000" : "203.0.113.10:%u",
	         l->as == 'i' ? 2 + (unsigned)key % 4 : 40000 + (unsigned)key % 4);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse(src, &p.ip.src), 0);
	p.ip.dst = endpoint_ipv4(0xc6336400u + (uint32_t)key, 3478);
	CU_ASSERT_EQUAL_FATAL(sights_add(&sights, &from, interface, &raw, &p), 0);
}

struct row {
	const char *labels[PLACES], *given[PLACES]; /* of the file, of the user ("left=right") */
	struct look looks[PLACES];
	const char *names[PLACES];
	size_t pairs;
	bool guessed;
};

static const struct row rows[] = {
	/* A box's two sides, whatever they are called, and not the other way round. */
	{ { "eth0", "eth1" }, { NULL }, { { 'i', 64, 0 }, { 'o', 63, 20 } }, { "router lan", "router wan" }, 1, true },
	{ { "eth0", "eth1" }, { NULL }, { { 'o', 63, 20 }, { 'i', 64, 0 } }, { "router wan", "router lan" }, 1, true },
	{ { "home lan", "eth1" }, { NULL }, { { 'i', 64, 0 }, { 'o', 63, 20 } }, { "home lan", "home wan" }, 1, true },
	{ { "eth0", "eth1" },
	  { "eth1=home wan" },
	  { { 'i', 64, 0 }, { 'o', 63, 20 } },
	  { "home lan", "home wan" },
	  1,
	  true },
	{ { "home lan", "home wan" },
	  { NULL },
	  { { 'i', 64, 0 }, { 'o', 63, 20 } },
	  { "home lan", "home wan" },
	  1,
	  false },
	{ { "a lan", "b wan" }, { NULL }, { { 'i', 64, 0 }, { 'o', 63, 20 } }, { "a lan", "b wan" }, 0, false },
	{ { "eth0", "eth1" },
	  { "eth0=alice" },
	  { { 'i', 64, 0 }, { 'o', 63, 20 } },
	  { "alice eth0", "203.0.113.10 eth0" },
	  0,
	  true },
	/* Two hops on, or later than any hop takes, or the same, it is no box that both are sides of. */
	{ { "eth0", "eth1" }, { NULL }, { { 'i', 64, 0 }, { 'o', 62, 20 } }, { "eth0", "eth1" }, 0, false },
	{ { "eth0", "eth1" }, { NULL }, { { 'i', 64, 0 }, { 'o', 64, 20 } }, { "eth0", "203.0.113.10 eth0" }, 0, true },
	{ { "eth0", "eth1" },
	  { NULL },
	  { { 'i', 64, 0 }, { 'o', 63, 2000 * MS } },
	  { "router lan", "router wan" },
	  1,
	  true },
	{ { "eth0", "eth1" },
	  { NULL },
	  { { 'i', 64, 0 }, { 'o', 63, 2000 * MS + 1 } },
	  { "eth0", "203.0.113.10 eth0" },
	  0,
	  true },
	{ { "eth0", "eth1" }, { NULL }, { { 'i', 64, 0 }, { 'i', 64, 20 } }, { "eth0", "eth1" }, 0, false },
	/* The nearer end of the wire is the box's own. */
	{ { "x", "eth0", "eth1" },
	  { NULL },
	  { { 'i', 64, 0 }, { 'i', 64, 300 }, { 'o', 63, 320 } },
	  { "x", "router lan", "router wan" },
	  1,
	  true },
	{ { "eth0", "eth1", "y" },
	  { NULL },
	  { { 'i', 64, 0 }, { 'o', 63, 20 }, { 'o', 63, 300 } },
	  { "router lan", "router wan", "203.0.113.10 eth0" },
	  1,
	  true },
};

static void the_sides_of_a_box(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct infer_name names[PLACES];
		struct infer_given given = { .sources = list, .source_count = 1, .names = names };

		memset(&sights, 0, sizeof sights);
		memset(list, 0, sizeof list);
		for (; rows[i].given[given.name_count] != NULL; given.name_count++)
			CU_ASSERT_EQUAL(sscanf(rows[i].given[given.name_count], "%63[^=]=%63[^\n]",
			                       names[given.name_count].left, names[given.name_count].right),
			                2);
		for (uint64_t key = 4; key < 12; key++)
			for (unsigned k = 0; k < PLACES; k++)
				if (rows[i].looks[k].as != 0)
					see(0, k, rows[i].labels[k], key, &rows[i].looks[k]);
		infer_names(&sights, &given, &found);
		CU_ASSERT_EQUAL(found.lan_count, rows[i].pairs);
		CU_ASSERT_EQUAL(found.guessed, rows[i].guessed);
		for (unsigned k = 0; k < PLACES && rows[i].names[k] != NULL; k++) {
			if (strcmp(found.names[k], rows[i].names[k]) != 0)
				printf("row %zu: '%s' is not '%s'\n", i, found.names[k], rows[i].names[k]);
			CU_ASSERT_STRING_EQUAL(found.names[k], rows[i].names[k]);
		}
		sights_free(&sights);
	}
}

static void a_known_host_has_interfaces(void)
{
	const struct pcapng_name known[] = { { .name = "phone" }, { .name = "laptop" } };
	const struct infer_given given = { .known = known, .known_count = 2 };
	static const struct {
		const char *label;
		size_t len;
	} labels[] = { { "phone wifi", 5 }, { "laptop eth0", 6 }, { "phone", 0 }, { "phon wifi", 0 },
		       { "phones x", 0 },   { "my phone x", 0 },  { " wifi", 0 }, { "", 0 } };

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		CU_ASSERT_EQUAL(infer_known_host(&given, labels[i].label), labels[i].len);
}

SUITE(infer, TEST(the_sides_of_a_box), TEST(a_known_host_has_interfaces))
