/* What boxes and hosts said to whom: simultaneous opens, and answers that nobody saw. */
#include "suite.h"
#include "trace_fixture.h"

#define A "10.0.1.2:5000"
#define C "10.0.1.3:5000"
#define PA "203.0.113.10:40000"
#define PB "203.0.113.20:50000"
#define S "203.0.113.5:7000"

#define SYN 0x02
#define SYN_ACK 0x12
#define RST 0x04

static void see_tcp(struct fixture *f, const char *interface, char direction, const char *src, const char *dst,
                    uint8_t flags)
{
	struct endpoint from, to;
	uint8_t header[20] = { 0 };

	CU_ASSERT_FATAL(endpoint_parse(src, &from) == 0 && endpoint_parse(dst, &to) == 0);
	header[0] = (uint8_t)(from.port >> 8);
	header[1] = (uint8_t)from.port;
	header[2] = (uint8_t)(to.port >> 8);
	header[3] = (uint8_t)to.port;
	header[7] = flags; /* so that those of other flags are other packets */
	header[12] = 0x50;
	header[13] = flags;
	fixture_see(f, interface, direction, 10,
	            (struct frame){ .src = src, .dst = dst, .protocol = PACKET_TCP, .bytes = header, .bytes_len = 20 });
}

/* RFC 9293 figure 8: each has dialed the other when the other's SYN comes; nothing else makes a simultaneous open. */
static void a_syn_meets_that_of_who_dialed_its_sender(void)
{
	static const struct {
		const char *dialed; /* by alice; NULL: she listens */
		uint8_t answered;   /* what came from PB before; 0: nothing */
		uint8_t comes;      /* from PB then */
		bool meets;
	} rows[] = {
		{ PB, 0, SYN, true },
		{ NULL, 0, SYN, false },
		{ "203.0.113.20:50001", 0, SYN, false }, /* his other port */
		{ S, 0, SYN, false },
		{ PB, RST, SYN, false }, /* her dialing had ended */
		{ PB, SYN, SYN, false }, /* the first one did it */
		{ PB, 0, SYN_ACK, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		const struct journey *last;

		if (rows[i].dialed != NULL)
			see_tcp(f, "alice eth0", '>', A, rows[i].dialed, SYN);
		if (rows[i].answered != 0)
			see_tcp(f, "alice eth0", '<', PB, A, rows[i].answered);
		see_tcp(f, "alice eth0", '<', PB, C, SYN); /* to nobody there: it is not hers */
		see_tcp(f, "alice eth0", '<', PB, A, rows[i].comes);
		fixture_end(f);
		last = &f->journeys[f->count - 1];
		CU_ASSERT_EQUAL(last->meets, rows[i].meets ? f->journeys[0].id : 0);
		fixture_free(f);
	}
}

/* A SYN comes to nat-a and goes no further; somebody sees what answers it, and nobody where that was said. */
static void what_was_answered_unseen_was_not_dropped(void)
{
	static const struct {
		const char *at; /* where the answer is seen first; NULL: it is not */
		char direction;
		const char *from, *to;
		uint8_t flags;
		enum journey_fate fate;
	} rows[] = {
		{ NULL, 0, NULL, NULL, 0, FATE_DROPPED },
		{ "nat-b wan", '<', PA, PB, RST, FATE_UNKNOWN },
		{ "nat-b wan", '<', PA, PB, SYN_ACK, FATE_UNKNOWN },
		{ "nat-a wan", '>', PA, PB, RST, FATE_FOR_BOX },
		{ "nat-b wan", '<', PA, "203.0.113.20:50001", RST, FATE_DROPPED },
		{ "nat-b wan", '<', "203.0.113.10:40001", PB, RST, FATE_DROPPED },
		{ "nat-b wan", '<', S, PB, RST, FATE_DROPPED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();

		see_tcp(f, "nat-b wan", '>', PB, PA, SYN);
		see_tcp(f, "nat-a wan", '<', PB, PA, SYN);
		if (rows[i].at != NULL)
			see_tcp(f, rows[i].at, rows[i].direction, rows[i].from, rows[i].to, rows[i].flags);
		fixture_end(f);
		if (f->journeys[0].fate != rows[i].fate)
			printf("row %zu: %s\n", i, journey_fate_name(f->journeys[0].fate));
		CU_ASSERT_EQUAL(f->journeys[0].fate, rows[i].fate);
		fixture_free(f);
	}
}

SUITE(join_talks, TEST(a_syn_meets_that_of_who_dialed_its_sender), TEST(what_was_answered_unseen_was_not_dropped))
