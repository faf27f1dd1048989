/* How a box gave out its ports, and how many it had left, by what conntrack told of its mappings. */
#include "suite.h"
#include "trace/ports.h"

#include <stdio.h>
#include <string.h>

#define S UINT64_C(1000000000)
#define BOX 0

static struct scene s; /* too large for a stack */
static struct recorded_events r;

static void tell(const char *line)
{
	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, strlen(line), &s, &r), 0);
}

static void begin(const char *nat)
{
	char line[512];

	memset(&s, 0, sizeof s);
	memset(&r, 0, sizeof r);
	snprintf(line, sizeof line,
	         "{\"type\":\"node\",\"name\":\"home\",\"kind\":\"box\",\"behind\":null,\"addresses\":[\"33.33.33.1\"],"
	         "\"lan\":\"10.0.1.0/24\",\"nat\":\"%s\"}",
	         nat);
	tell(line);
}

/* One of conntrack's entries: a socket of 10.0.1.HOST, to that end, as that port. */
struct flow_row {
	unsigned host, port, remote, remote_port, external;
};

static void made(unsigned at_s, const struct flow_row *f, const char *event, const char *protocol)
{
	char line[512];

	snprintf(line, sizeof line,
	         "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"home\",\"event\":\"%s\",\"proto\":\"%s\","
	         "\"orig\":{\"src\":\"10.0.1.%u:%u\",\"dst\":\"22.22.22.%u:%u\"},"
	         "\"reply\":{\"src\":\"22.22.22.%u:%u\",\"dst\":\"33.33.33.1:%u\"},\"timeout\":300,"
	         "\"replied\":false,\"assured\":false}",
	         (unsigned long long)(at_s * S), event, protocol, f->host, f->port, f->remote, f->remote_port,
	         f->remote, f->remote_port, f->external);
	tell(line);
}

static void finish(struct mappings *m)
{
	mappings_free(m);
	recorded_events_free(&r);
}

static void the_pattern_of_its_ports(void)
{
	static const struct {
		struct flow_row flows[4]; /* to a port of 0: none */
		enum ports_pattern pattern;
		int step;
		unsigned samples;
		uint16_t last[3];
	} rows[] = {
		{ { { 0, 0, 0, 0, 0 } }, PORTS_UNKNOWN, 0, 0, { 0 } },
		{ { { 2, 4000, 1, 1, 4000 } }, PORTS_PRESERVED, 0, 1, { 4000 } },
		{ { { 2, 4000, 1, 1, 4001 } }, PORTS_UNKNOWN, 0, 1, { 4001 } },
		{ { { 2, 4000, 1, 1, 4000 }, { 2, 5000, 1, 1, 5000 } }, PORTS_PRESERVED, 0, 2, { 4000, 5000 } },
		{ { { 2, 4000, 1, 1, 700 }, { 2, 4000, 2, 1, 702 }, { 2, 4000, 3, 1, 703 }, { 2, 4000, 4, 1, 719 } },
		  PORTS_SEQUENTIAL,
		  1,
		  4,
		  { 702, 703, 719 } },
		{ { { 2, 4000, 1, 1, 703 }, { 2, 4000, 2, 1, 701 }, { 2, 4000, 3, 1, 685 } },
		  PORTS_SEQUENTIAL,
		  -2,
		  3,
		  { 703, 701, 685 } },
		{ { { 2, 4000, 1, 1, 700 }, { 2, 4000, 2, 1, 717 } }, PORTS_RANDOM, 0, 2, { 700, 717 } },
		{ { { 2, 4000, 1, 1, 700 }, { 2, 4000, 2, 1, 701 }, { 2, 4000, 3, 1, 700 } },
		  PORTS_RANDOM,
		  0,
		  3,
		  { 700, 701, 700 } },
		{ { { 2, 4000, 1, 1, 700 }, { 2, 4000, 2, 1, 700 } }, PORTS_RANDOM, 0, 2, { 700, 700 } },
		{ { { 2, 4000, 1, 1, 4000 }, { 2, 4000, 2, 1, 900 }, { 3, 4100, 1, 1, 4100 }, { 3, 4100, 2, 1, 700 } },
		  PORTS_FIRST_PRESERVED,
		  0,
		  4,
		  { 900, 4100, 700 } },
		{ { { 2, 4000, 1, 1, 900 }, { 2, 4000, 2, 1, 4000 }, { 3, 4100, 1, 1, 4100 } },
		  PORTS_RANDOM,
		  0,
		  3,
		  { 900, 4000, 4100 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ports_seen seen;
		struct mappings m;

		begin("symmetric");
		for (unsigned k = 0; k < 4 && rows[i].flows[k].port != 0; k++)
			made(k + 1, &rows[i].flows[k], "new", "udp");
		made(9, &(struct flow_row){ 9, 9000, 1, 1, 77 }, "new", "tcp"); /* another protocol's */
		CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
		seen = ports_seen(&m, BOX, PACKET_UDP);
		CU_ASSERT_EQUAL(seen.pattern, rows[i].pattern);
		CU_ASSERT_EQUAL(seen.samples, rows[i].samples);
		if (rows[i].pattern == PORTS_SEQUENTIAL)
			CU_ASSERT_EQUAL(seen.step, rows[i].step);
		CU_ASSERT_EQUAL(memcmp(seen.last, rows[i].last, sizeof seen.last), 0);
		finish(&m);
	}
}

/* Nine in ten used is used up; who has a way to that end needs no port, one that has ended holds none. */
static void a_range_that_is_used_up(void)
{
	const struct flow_row gone = { 2, 5000, 1, 1, 40009 }, other = { 2, 5001, 1, 1, 50000 };
	struct endpoint inside, remote, elsewhere;
	struct mappings m;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse("10.0.1.2:4003", &inside), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("22.22.22.1:1", &remote), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("22.22.22.2:1", &elsewhere), 0);
	begin("symmetric,range=40000-40009");
	for (unsigned i = 0; i < 9; i++)
		made(10 + i, &(struct flow_row){ 2, 4000 + i, 1, 1, 40000 + i }, "new", "udp");
	made(20, &(struct flow_row){ 2, 4003, 3, 1, 40003 }, "new", "udp"); /* the same port again */
	made(5, &gone, "new", "udp");
	made(6, &gone, "destroy", "udp");
	made(7, &other, "new", "udp");
	made(7, &(struct flow_row){ 2, 5002, 1, 1, 40009 }, "new", "tcp");
	CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 30 * S).size, 10);
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 30 * S).used, 9);
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 17 * S).used, 8);
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 18 * S - 49 * S / 1000).used, 9); /* on its way */
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 5 * S + S / 2).used, 1);
	CU_ASSERT_TRUE(ports_were_used_up(&m, &s, BOX, PACKET_UDP, &inside, &elsewhere, 30 * S));
	CU_ASSERT_FALSE(ports_were_used_up(&m, &s, BOX, PACKET_UDP, &inside, &elsewhere, 17 * S));
	CU_ASSERT_FALSE(ports_were_used_up(&m, &s, BOX, PACKET_UDP, &inside, &remote, 30 * S));
	CU_ASSERT_FALSE(ports_were_used_up(&m, &s, BOX, PACKET_TCP, &inside, &elsewhere, 30 * S));
	strcpy(s.nodes[BOX].nat, "symmetric");
	CU_ASSERT_EQUAL(ports_pool(&m, &s, BOX, PACKET_UDP, 30 * S).size, 0);
	CU_ASSERT_FALSE(ports_were_used_up(&m, &s, BOX, PACKET_UDP, &inside, &elsewhere, 30 * S));
	finish(&m);
}

/* Of flows that share a mapping one is counted, and which do the spec says; a host may have a limit of its own. */
static void a_limit_of_mappings(void)
{
	static const struct {
		const char *nat;
		unsigned size, used;
		bool of_host, met;
	} rows[] = {
		{ "port-restricted,limit=2", 2, 2, false, true },
		{ "port-restricted,limit=3", 3, 2, false, false },
		{ "port-restricted,limit=9,limit-per-host=1", 1, 1, true, true },
		{ "port-restricted,limit=2,limit-per-host=2", 2, 2, false, true },
		{ "port-restricted,mapping=ad,ports=random,limit=9", 9, 3, false, false },
		{ "symmetric,limit=4", 4, 4, false, true },
		{ "symmetric,limit=9,limit-per-host=3", 3, 3, true, true },
		{ "symmetric", 0, 0, false, false },
		{ "no such NAT", 0, 0, false, false },
	};
	struct endpoint inside, remote, elsewhere;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse("10.0.1.2:4000", &inside), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("22.22.22.2:1", &remote), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("22.22.22.3:1", &elsewhere), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pool_seen seen;
		struct mappings m;

		begin(rows[i].nat);
		made(1, &(struct flow_row){ 2, 4000, 1, 1, 4000 }, "new", "udp");
		made(2, &(struct flow_row){ 2, 4000, 1, 2, 4000 }, "new", "udp");
		made(3, &(struct flow_row){ 2, 4000, 2, 1, 4000 }, "new", "udp");
		made(4, &(struct flow_row){ 3, 4100, 1, 1, 4100 }, "new", "udp");
		made(5, &(struct flow_row){ 3, 4200, 1, 1, 4200 }, "new", "udp");
		made(6, &(struct flow_row){ 3, 4200, 1, 1, 4200 }, "destroy", "udp");
		CU_ASSERT_EQUAL_FATAL(mappings_begin(&m, &s, &r), 0);
		seen = ports_limit(&m, &s, BOX, PACKET_UDP, &inside, 30 * S);
		CU_ASSERT_EQUAL(seen.size, rows[i].size);
		CU_ASSERT_EQUAL(seen.used, rows[i].used);
		CU_ASSERT_EQUAL(seen.of_host, rows[i].of_host);
		CU_ASSERT_EQUAL(ports_met_a_limit(&m, &s, BOX, PACKET_UDP, &inside, &elsewhere, 30 * S), rows[i].met);
		CU_ASSERT_FALSE(ports_met_a_limit(&m, &s, BOX, PACKET_UDP, &inside, &remote, 30 * S));
		CU_ASSERT_FALSE(ports_met_a_limit(&m, &s, BOX, PACKET_TCP, &inside, &elsewhere, 30 * S));
		finish(&m);
	}
}

SUITE(ports, TEST(the_pattern_of_its_ports), TEST(a_range_that_is_used_up), TEST(a_limit_of_mappings))
