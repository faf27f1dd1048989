/*
 * What whole discoveries ask, find and say, word for word (said.h): tests/unit/nat_type/said has the report of many
 * NATs and servers as text and as JSON, tests/unit/nat_type/asked every datagram of a few.
 */
#include "fake_nat.h"
#include "nat_type/conclusion.h"
#include "nat_type/conclusion_report.h"
#include "said.h"
#include "suite.h"

struct nat_case {
	const char *spec;
	enum fake_server server;
	unsigned lifetime_s, loss_percent, neighbours, time_ms;
	bool fast, mirrored;
	uint16_t port_low, port_high; /* narrower than a spec may say */
};

static const struct discovery_findings *run(const struct nat_case *s, FILE *tape)
{
	struct fake_setup setup = {
		.server = s->server,
		.other_said = endpoint_ipv4(0x0a090909, 3479),
		.loss_percent = s->loss_percent,
		.neighbour_mappings = s->neighbours,
		.time_ms = s->time_ms,
		.fast = s->fast,
		.mirrored = s->mirrored,
		.tape = tape,
	};
	char error[NAT_ERROR_SIZE];
	uint64_t took_ms;

	CU_ASSERT_EQUAL_FATAL(nat_parse(s->spec, &setup.nat, error), 0);
	if (s->port_low != 0) {
		setup.nat.port_low = s->port_low;
		setup.nat.port_high = s->port_high;
	}
	return fake_discovery(&setup, s->lifetime_s, &took_ms);
}

static void report(FILE *f, const struct conclusion *v, const struct discovery_findings *findings)
{
	char text[CONCLUSION_REPORT_ROOM];

	fputs(conclusion_report_text(v, findings, text, sizeof text), f);
	fputs(conclusion_report_json(v, findings, text, sizeof text), f);
	fprintf(f, "problems: %s\n", conclusion_problem_names(v, text, sizeof text));
}

static void every_report(void)
{
	static const struct nat_case cases[] = {
		{ .spec = "open" },
		{ .spec = "firewall" },
		{ .spec = "firewall,filtering=ad" },
		{ .spec = "full-cone" },
		{ .spec = "restricted,hairpin" },
		{ .spec = "port-restricted,hairpin=internal" },
		{ .spec = "port-restricted,input=accept" },
		{ .spec = "port-restricted,ports=random" },
		{ .spec = "symmetric" },
		{ .spec = "symmetric,ports=sequential" },
		{ .spec = "symmetric,ports=preserve,range=20000-20511" },
		{ .spec = "port-restricted,mapping=ad" },
		{ .spec = "port-restricted,range=40000-40999" },
		{ .spec = "symmetric", .port_low = 20000, .port_high = 20031 },
		{ .spec = "symmetric,ports=sequential", .port_low = 20000, .port_high = 20031 },
		{ .spec = "udp=blocked" },
		{ .spec = "port-restricted,timeout=3,stream-timeout=7", .lifetime_s = 12 },
		{ .spec = "full-cone,refresh=outbound,timeout=30", .lifetime_s = 60 },
		{ .spec = "restricted,timeout=65,stream-timeout=65", .lifetime_s = 300 },
		{ .spec = "symmetric", .lifetime_s = 5 },
		{ .spec = "firewall", .lifetime_s = 5 },
		{ .spec = "port-restricted", .server = FAKE_ONE_ADDRESS, .lifetime_s = 5 },
		{ .spec = "port-restricted", .server = FAKE_DEAD },
		{ .spec = "port-restricted", .server = FAKE_OTHER_DEAD },
		{ .spec = "port-restricted", .server = FAKE_CHANGE_IGNORED },
		{ .spec = "full-cone", .server = FAKE_CHANGE_SILENT },
		{ .spec = "port-restricted", .server = FAKE_OTHER_NAMED },
		{ .spec = "port-restricted", .server = FAKE_GARBAGE },
		{ .spec = "port-restricted", .server = FAKE_OTHER_ID },
		{ .spec = "port-restricted", .server = FAKE_NO_RESPONSE_PORT, .lifetime_s = 5 },
		{ .spec = "firewall", .server = FAKE_CHANGE_SILENT },
		{ .spec = "port-restricted", .loss_percent = 20, .lifetime_s = 5 },
		{ .spec = "symmetric,ports=sequential", .loss_percent = 40 },
		{ .spec = "restricted", .neighbours = 3000 },
		{ .spec = "full-cone,timeout=200,stream-timeout=250", .lifetime_s = 300 },
		{ .spec = "port-restricted,timeout=1,stream-timeout=2", .lifetime_s = 5, .fast = true },
		{ .spec = "port-restricted", .mirrored = true },
		{ .spec = "port-restricted", .time_ms = 2500 },
		{ .spec = "symmetric", .time_ms = 300 },
	};
	struct said s;

	said_begin(&s);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct discovery_findings *f = run(&cases[i], NULL);
		struct conclusion v = conclusion_of(f, CONCLUSION_HOST_UNKNOWN, 0);
		char title[256];

		snprintf(title, sizeof title, "%s, server %d, %u s, %u %% lost", cases[i].spec, (int)cases[i].server,
		         cases[i].lifetime_s, cases[i].loss_percent);
		said_title(&s, title);
		report(s.f, &v, f);
	}
	said_end(&s, "tests/unit/nat_type/said");
}

static void every_datagram(void)
{
	static const struct nat_case cases[] = {
		{ .spec = "port-restricted,timeout=3,stream-timeout=7", .lifetime_s = 10 },
		{ .spec = "symmetric,range=20000-20511" },
		{ .spec = "full-cone,hairpin", .loss_percent = 10 },
		{ .spec = "open", .lifetime_s = 10 },
		{ .spec = "restricted,refresh=outbound,timeout=2", .lifetime_s = 6, .server = FAKE_CHANGE_SILENT },
		{ .spec = "port-restricted", .server = FAKE_ONE_ADDRESS },
		{ .spec = "udp=blocked" },
		{ .spec = "port-restricted,timeout=1,stream-timeout=2", .lifetime_s = 4, .fast = true },
		{ .spec = "port-restricted", .time_ms = 2500 },
	};
	struct said s;

	said_begin(&s);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		said_title(&s, cases[i].spec);
		run(&cases[i], s.f);
	}
	said_end(&s, "tests/unit/nat_type/asked");
}

/* With what else is known of a silent server's host. */
static void every_silence(void)
{
	static const struct nat_case blocked = { .spec = "udp=blocked" };
	const struct discovery_findings *f = run(&blocked, NULL);
	struct said s;

	said_begin(&s);
	for (enum conclusion_host host = CONCLUSION_HOST_UNKNOWN; host <= CONCLUSION_HOST_PROHIBITED; host++)
		for (unsigned others = 0; others < 3; others += 2) {
			struct conclusion v = conclusion_of(f, host, others);
			char title[64];

			snprintf(title, sizeof title, "host %d, %u others", (int)host, others);
			said_title(&s, title);
			report(s.f, &v, f);
		}
	said_end(&s, "tests/unit/nat_type/silent");
}

SUITE(nat_type, TEST(every_report), TEST(every_datagram), TEST(every_silence))
