/* Of what a mapping ended: its time, its age, or somebody's hand. */
#include "suite.h"
#include "trace/mapping_life.h"

#include <string.h>

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)

static struct scene s; /* too large for a stack */

static void what_ended_before_its_time_did_not_time_out(void)
{
	static const struct {
		const char *nat;
		uint64_t last_ns, ended_ns;
		unsigned timeout_s;
		enum mapping_end was, end;
	} rows[] = {
		{ "port-restricted", 20 * S, 0, 30, MAPPING_ALIVE, MAPPING_ALIVE },
		{ "port-restricted", 20 * S, 30 * S, 0, MAPPING_DELETED, MAPPING_DELETED }, /* its life is not told */
		{ "port-restricted", 20 * S, 50 * S, 30, MAPPING_DELETED, MAPPING_EXPIRED },
		{ "port-restricted", 20 * S, 50 * S - 200 * MS, 30, MAPPING_DELETED, MAPPING_EXPIRED },
		{ "port-restricted", 20 * S, 50 * S - 200 * MS - 1, 30, MAPPING_EXPIRED, MAPPING_DELETED },
		{ "port-restricted", 20 * S, 30 * S, 30, MAPPING_RESET, MAPPING_RESET },
		{ "port-restricted,lifetime=40", 45 * S, 50 * S - 200 * MS, 30, MAPPING_EXPIRED, MAPPING_OLD },
		{ "port-restricted,lifetime=40", 45 * S, 50 * S - 200 * MS - 1, 30, MAPPING_EXPIRED, MAPPING_DELETED },
		{ "port-restricted,lifetime=40", 45 * S, 51 * S, 30, MAPPING_EXPIRED, MAPPING_OLD },
		{ "port-restricted,lifetime=40", 45 * S, 51 * S + 1, 30, MAPPING_EXPIRED, MAPPING_DELETED },
	};

	memset(&s, 0, sizeof s);
	(void)scene_add_node(&s, NODE_BOX, "home", SCENE_INTERNET);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct recorded_events r = { 0 };
		struct mappings all;
		struct mapping m = { .born_ns = 10 * S,
			             .last_ns = rows[i].last_ns,
			             .ended_ns = rows[i].ended_ns,
			             .timeout_s = rows[i].timeout_s,
			             .end = rows[i].was };

		strcpy(s.nodes[0].nat, rows[i].nat);
		CU_ASSERT_EQUAL_FATAL(mappings_begin(&all, &s, &r), 0);
		mapping_settle_end(&all, &s, &m);
		CU_ASSERT_EQUAL(m.end, rows[i].end);
		mappings_free(&all);
	}
}

static struct recorded_mapping_event event(enum record_event kind, uint8_t protocol, unsigned timeout_s, bool assured)
{
	struct recorded_mapping_event e;

	memset(&e, 0, sizeof e);
	e.kind = kind;
	e.protocol = protocol;
	e.timeout_s = timeout_s;
	e.assured = assured;
	return e;
}

/* Whole seconds that are left, rounded down; a snapshot's are what is left of a life that began whenever. */
static void its_life_is_one_of_the_boxs(void)
{
	static const struct {
		enum record_event kind;
		uint8_t protocol;
		unsigned left_s;
		bool assured;
		unsigned had_s, has_s;
	} rows[] = {
		{ RECORD_NEW, PACKET_UDP, 30, false, 0, 30 },
		{ RECORD_NEW, PACKET_UDP, 28, false, 0, 30 },
		{ RECORD_NEW, PACKET_UDP, 27, false, 0, 27 },
		{ RECORD_NEW, PACKET_UDP, 31, false, 0, 31 },
		{ RECORD_UPDATE, PACKET_UDP, 119, true, 30, 120 },
		{ RECORD_UPDATE, PACKET_UDP, 77, true, 78, 78 }, /* it had such a one before */
		{ RECORD_UPDATE, PACKET_UDP, 77, true, 80, 77 },
		{ RECORD_UPDATE, PACKET_UDP, 77, true, 76, 77 },
		{ RECORD_UPDATE, PACKET_UDP, 0, true, 30, 30 },
		{ RECORD_SNAPSHOT, PACKET_UDP, 4, false, 0, 30 },
		{ RECORD_SNAPSHOT, PACKET_UDP, 4, false, 77, 77 },
		{ RECORD_SNAPSHOT, PACKET_UDP, 44, true, 0, 120 },
		{ RECORD_SNAPSHOT, PACKET_UDP, 130, true, 0, 130 },
		{ RECORD_NEW, PACKET_TCP, 240, false, 0, 240 },
		{ RECORD_UPDATE, PACKET_TCP, 7440, true, 240, 7440 },
		{ RECORD_UPDATE, PACKET_TCP, 241, true, 240, 241 },
		{ RECORD_NEW, PACKET_ICMP, 30, false, 0, 30 },
	};
	const struct manners_lives lives = { .udp = 30, .udp_stream = 120, .tcp = 7440, .tcp_transitory = 240 };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct recorded_mapping_event e =
		    event(rows[i].kind, rows[i].protocol, rows[i].left_s, rows[i].assured);
		struct mapping m = { .timeout_s = rows[i].had_s };

		mapping_learn_life(&m, &lives, &e);
		CU_ASSERT_EQUAL(m.timeout_s, rows[i].has_s);
	}
}

SUITE(mapping_life, TEST(what_ended_before_its_time_did_not_time_out), TEST(its_life_is_one_of_the_boxs))
