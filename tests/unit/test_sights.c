/* Whose interface a capture is of, by its packets alone. */
#include "suite.h"
#include "trace/sights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "10.0.1.2"
#define S "198.51.100.1"
#define P "198.51.100.7"
#define Q "198.51.100.8"

struct seen {
	const char *src, *dst; /* NULL: no more */
	unsigned ttl;
	char direction; /* '>', '<', or 0: the capture does not say */
	unsigned times; /* 0: once */
};

static struct endpoint at(const char *address)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse_address(address, 7, &e), 0);
	return e;
}

static void see(struct sights *s, unsigned interface, const struct seen *seen, uint64_t key)
{
	const struct source_interface from = { .source = 0 };
	const struct pcapng_packet raw = { .time_ns = 1000 + key,
		                           .direction = seen->direction == '>'   ? PCAPNG_OUTBOUND
		                                        : seen->direction == '<' ? PCAPNG_INBOUND
		                                                                 : PCAPNG_DIRECTION_UNKNOWN };
	const struct packet p = {
		.kind = PACKET_IP,
		.key = key,
		.ip = { .protocol = 17, .src = at(seen->src), .dst = at(seen->dst), .ttl = (uint8_t)seen->ttl }
	};

	CU_ASSERT_EQUAL_FATAL(sights_add(s, &from, interface, &raw, &p), 0);
}

static void the_address_that_nearly_all_have(void)
{
	static const struct {
		struct seen seen[4];
		bool of_host;
		const char *own;
	} rows[] = {
		{ { { A, S, 64, 0, 0 } }, false, A },
		{ { { S, A, 64, 0, 0 } }, false, S }, /* who spoke goes before who was spoken to */
		{ { { S, A, 60, 0, 0 } }, false, A }, /* which came over four routers */
		{ { { S, A, 60, 0, 0 } }, true, A },
		{ { { P, A, 64, 0, 0 }, { A, P, 64, 0, 0 } }, false, A }, /* the private one */
		{ { { A, P, 64, 0, 0 }, { P, A, 64, 0, 0 } }, false, A },
		{ { { S, P, 64, 0, 0 } }, false, S },                     /* who spoke goes before who was spoken to */
		{ { { S, P, 64, 0, 0 }, { P, S, 64, 0, 0 } }, false, S }, /* the first of two alike */
		{ { { P, S, 63, 0, 0 }, { S, P, 64, 0, 0 } }, false, S }, /* over fewer routers */
		{ { { P, S, 255, 0, 0 }, { S, P, 127, 0, 0 } }, false, P },
		{ { { P, S, 63, 0, 0 } }, false, P },
		{ { { P, S, 63, 0, 0 } }, true, S }, /* of a host what passed a router is not its own */
		{ { { A, S, 64, 0, 0 }, { P, Q, 64, 0, 0 } }, false, NULL },
		{ { { A, S, 64, 0, 19 }, { P, Q, 64, 0, 0 } }, false, A }, /* one in twenty */
		{ { { A, S, 64, 0, 18 }, { P, Q, 64, 0, 0 } }, false, NULL },
		/* what the capture says of directions goes first */
		{ { { S, A, 64, '>', 0 } }, false, S },
		{ { { A, S, 64, '<', 0 }, { S, A, 64, '>', 0 } }, false, S },
		{ { { A, S, 64, '<', 0 } }, false, A },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sights *s = calloc(1, sizeof *s);
		const struct sight_address *own;
		uint64_t key = 1;

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		for (unsigned k = 0; k < 4 && rows[i].seen[k].src != NULL; k++)
			for (unsigned n = 0; n < 1 || n < rows[i].seen[k].times; n++)
				see(s, 0, &rows[i].seen[k], key++);
		own = sights_own(&s->interfaces[0], rows[i].of_host);
		if (own == NULL || rows[i].own == NULL) {
			if ((own == NULL) != (rows[i].own == NULL))
				printf("row %zu\n", i);
			CU_ASSERT_EQUAL(own == NULL, rows[i].own == NULL);
		} else {
			const struct endpoint e = at(rows[i].own);

			if (!endpoint_same_address(&own->address, &e))
				printf("row %zu\n", i);
			CU_ASSERT_TRUE(endpoint_same_address(&own->address, &e));
			CU_ASSERT_EQUAL(own->address.port, 0);
		}
		sights_free(s);
		free(s);
	}
}

struct met {
	size_t count;
	uint64_t keys[8];
	bool twice;
};

static void meet(void *context, const struct sight *a, const struct sight *b)
{
	struct met *m = context;

	CU_ASSERT_EQUAL(a->key, b->key);
	m->twice |= a->twice || b->twice;
	if (m->count < 8)
		m->keys[m->count++] = a->key;
}

/* Samples meet: of packets that fall to one place each interface keeps the same. */
static void what_both_saw_is_found(void)
{
	static const struct seen out = { A, S, 64, 0, 0 };
	struct sights *s = calloc(1, sizeof *s);
	struct met met = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	see(s, 0, &out, 11);
	see(s, 0, &out, 12);
	see(s, 1, &out, 12);
	see(s, 1, &out, 13);
	sights_common(s, 0, 1, meet, &met);
	CU_ASSERT_EQUAL(met.count, 1);
	CU_ASSERT_EQUAL(met.keys[0], 12);
	CU_ASSERT_FALSE(met.twice);
	see(s, 1, &out, 12);
	met = (struct met){ 0 };
	sights_common(s, 0, 1, meet, &met);
	CU_ASSERT_TRUE(met.twice); /* the same bytes again tell nothing of times */
	for (uint64_t key = 100; key < 9000; key++)
		see(s, 0, &out, key);
	for (uint64_t key = 8999; key >= 100; key--)
		see(s, 1, &out, key);
	met = (struct met){ 0 };
	sights_common(s, 0, 1, meet, &met);
	CU_ASSERT_EQUAL(met.count, 8); /* and many more */
	CU_ASSERT_EQUAL(s->interfaces[0].packets, 2 + 8900);
	CU_ASSERT_EQUAL(s->interfaces[0].from_ns, 1011);
	CU_ASSERT_EQUAL(s->interfaces[0].to_ns, 1000 + 8999);
	CU_ASSERT_EQUAL(s->interfaces[1].from_ns, 1012);
	CU_ASSERT_EQUAL(s->interfaces[1].to_ns, 1000 + 8999);
	CU_ASSERT_STRING_EQUAL(s->interfaces[1].label, "if1");
	sights_free(s);
	CU_ASSERT_EQUAL(s->count, 0);
	free(s);
}

SUITE(sights, TEST(the_address_that_nearly_all_have), TEST(what_both_saw_is_found))
