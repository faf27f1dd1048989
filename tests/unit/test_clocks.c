/* Clocks of several captures, put right by packets that two of them saw. */
#include "suite.h"
#include "trace/clocks.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define HOST "10.0.1.2:5000"
#define FAR "22.22.22.1:7000"

static struct sights sights; /* too large for a stack */
static struct source list[SOURCES_MAX];

/* A packet that one more interface saw, at that time after the start. */
static void see_of(unsigned source, uint64_t id, const char *src, const char *dst, uint8_t ttl, int64_t after_ns)
{
	const struct source_interface from = { .source = source };
	struct packet p = { .kind = PACKET_IP, .key = id, .ip.ttl = ttl, .ip.protocol = PACKET_UDP };
	const struct pcapng_packet raw = { .time_ns = (uint64_t)(1000000 * MS + after_ns) };

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(src, &p.ip.src), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse(dst, &p.ip.dst), 0);
	CU_ASSERT_EQUAL(sights_add(&sights, &from, source, &raw, &p), 0);
}

static void see(unsigned source, uint64_t id, bool from_host, uint8_t ttl, int64_t after_ns)
{
	see_of(source, id, from_host ? HOST : FAR, from_host ? FAR : HOST, ttl, after_ns);
}

static void begin(const char *first, const char *second)
{
	memset(&sights, 0, sizeof sights);
	memset(list, 0, sizeof list);
	snprintf(list[0].name, sizeof list[0].name, "%s", first);
	snprintf(list[1].name, sizeof list[1].name, "%s", second);
}

static void expect(const struct clock_found *c, bool common, bool aligned, int64_t ahead_ns, uint64_t within_ns)
{
	CU_ASSERT_EQUAL(c->common, common);
	CU_ASSERT_EQUAL(c->aligned, aligned);
	CU_ASSERT_EQUAL(c->ahead_ns, ahead_ns);
	CU_ASSERT_EQUAL(c->within_ns, within_ns);
}

/* Across a router the hop limit tells which way: out it took so long, back so long, by these clocks. */
static void the_middle_of_the_way_to_and_fro(void)
{
	static const struct {
		int64_t out_ns[2], back_ns[2]; /* the slowest and the fastest; by the second clock less the first */
		int64_t ahead_ns;
		uint64_t within_ns;
		bool aligned;
	} rows[] = {
		{ { 9 * MS, 3 * MS }, { -5 * MS, -2 * MS }, 0, 5 * MS, true }, /* nothing speaks against it */
		{ { 1 * MS, 0 }, { 0, -1 * MS }, 0, 0, true },
		{ { 9 * MS, 8 * MS }, { 2 * MS, 4 * MS }, 6 * MS, 2 * MS, true },
		{ { -1 * MS, -4 * MS }, { -9 * MS, -8 * MS }, -6 * MS, 2 * MS, true },
		{ { 9 * MS, 5 * MS }, { 2 * MS, 5 * MS + 300000 }, 5 * MS + 150000, 0, true },
		{ { 9 * MS, 5 * MS }, { 2 * MS, 5 * MS + 400000 }, 5 * MS + 200000, 0, false }, /* they run apart */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct clock_found found[SOURCES_MAX];

		begin("router lan", "router wan");
		for (unsigned k = 0; k < 2; k++) {
			see(0, 10 + k, true, 64, k * (100 * MS));
			see(1, 10 + k, true, 63, k * (100 * MS) + rows[i].out_ns[k]);
			see(0, 20 + k, false, 58, k * (100 * MS) + 50 * MS);
			see(1, 20 + k, false, 59, k * (100 * MS) + 50 * MS + rows[i].back_ns[k]);
		}
		clocks_find(&sights, list, 2, found);
		expect(&found[0], true, true, 0, 0);
		expect(&found[1], true, rows[i].aligned, rows[i].ahead_ns, rows[i].within_ns);
		sights_free(&sights);
	}
}

/* On one wire whose packets they are tells: the host stands at the one or at the other. */
static void on_one_wire_the_host_tells(void)
{
	static const struct {
		const char *first, *second;
		bool out, back;
		int64_t out_ns, back_ns; /* of what the host sent, of what it got */
		int64_t ahead_ns;
		uint64_t within_ns;
	} rows[] = {
		{ "alice", "router lan", true, true, 9 * MS, 5 * MS, 7 * MS, 2 * MS },
		{ "router lan", "alice", true, true, 5 * MS, 9 * MS, 7 * MS, 2 * MS },
		{ "router lan", "alice", true, true, 9 * MS, 5 * MS, 7 * MS, 2 * MS }, /* times say more than names */
		{ "alice", "router lan", true, false, 9 * MS, 0, 0, 0 },               /* it may have taken so long */
		{ "alice", "router lan", false, true, 0, 9 * MS, 9 * MS + MS / 2, 0 },
		{ "router lan", "alice", true, false, 9 * MS, 0, 9 * MS + MS / 2, 0 },
		{ "router lan", "alice", false, true, 0, 9 * MS, 0, 0 },
		{ "alice", "router lan", true, false, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct clock_found found[SOURCES_MAX];

		begin(rows[i].first, rows[i].second);
		for (unsigned source = 0; source < 2; source++) {
			if (rows[i].out)
				see(source, 10, true, 64, source * rows[i].out_ns);
			if (rows[i].back)
				see(source, 20, false, 58, 50 * MS + source * rows[i].back_ns);
		}
		clocks_find(&sights, list, 2, found);
		expect(&found[1], true, true, rows[i].ahead_ns, rows[i].within_ns);
		sights_free(&sights);
	}
}

/* Two of a lan have only sent, to the same one far away: he is not who stands at the end of either's wire. */
static void a_lan_where_all_speak_to_one(void)
{
	static const struct {
		const char *first, *second;
		int64_t ahead_ns;
	} rows[] = {
		{ "router lan", "alice", 9 * MS + MS / 2 },
		{ "alice", "router lan", 0 }, /* it may have taken so long */
		{ "", "", 9 * MS + MS / 2 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct clock_found found[SOURCES_MAX];
		unsigned lan = i == 1;

		begin(rows[i].first, rows[i].second);
		for (unsigned source = 0; source < 2; source++)
			see(source, 10, true, 64, source * (9 * MS));
		see_of(lan, 11, "10.0.1.3:5000", FAR, 64, 20 * MS);
		clocks_find(&sights, list, 2, found);
		expect(&found[1], true, true, rows[i].ahead_ns, 0);
		sights_free(&sights);
	}
}

/* What was there twice tells of no time; who has nothing in common with others is left as it is. */
static void what_tells_nothing(void)
{
	struct clock_found found[SOURCES_MAX];

	begin("router lan", "router wan");
	see(0, 10, true, 64, 0);
	see(1, 10, true, 63, 9 * MS);
	see(1, 10, true, 63, 900 * MS);
	see(0, 11, true, 64, 10 * MS);
	see(1, 12, true, 63, 10 * MS);
	clocks_find(&sights, list, 2, found);
	expect(&found[1], false, false, 0, 0);
	sights_free(&sights);
}

/* The third shares nothing with the first, and is put right by way of the second. */
static void by_way_of_another(void)
{
	struct clock_found found[SOURCES_MAX];

	begin("router lan", "router wan");
	strcpy(list[2].name, "server");
	for (unsigned k = 0; k < 2; k++) {
		see(k, 10, true, (uint8_t)(64 - k), k * (9 * MS));
		see(k, 20, false, (uint8_t)(58 + k), 50 * MS + k * (7 * MS));
		see(1 + k, 30, true, (uint8_t)(63 - k), 100 * MS + k * (300 * MS));
		see(1 + k, 40, false, (uint8_t)(59 + k), 150 * MS + k * (298 * MS));
	}
	clocks_find(&sights, list, 3, found);
	expect(&found[1], true, true, 8 * MS, 1 * MS);
	expect(&found[2], true, true, 307 * MS, 1 * MS);
	sights_free(&sights);
}

SUITE(clocks, TEST(the_middle_of_the_way_to_and_fro), TEST(on_one_wire_the_host_tells),
      TEST(a_lan_where_all_speak_to_one), TEST(what_tells_nothing), TEST(by_way_of_another))
