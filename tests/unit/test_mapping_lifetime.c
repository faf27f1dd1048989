/* How long a discovery waits before it asks whether a mapping still lives: the waits, and when they are called off. */
#include "nat_type/mapping_lifetime.h"
#include "suite.h"

#include <string.h>

static struct mapping_lifetime l; /* too large for a stack */
static struct stun_client c;

static void start(unsigned max_s, bool fast)
{
	static const uint8_t key[STUN_CLIENT_KEY_SIZE] = { 1 };
	const struct mapping_lifetime_plan plan = { .server = endpoint_ipv4(0x0a000001, 3478),
		                                    .first_socket = 10,
		                                    .asker = 3,
		                                    .max_s = max_s,
		                                    .sends = 1,
		                                    .rto_ms = 100,
		                                    .fast = fast };

	stun_client_init(&c, key, 0);
	mapping_lifetime_start(&l, &plan);
	mapping_lifetime_step(&l, &c, 1000);
}

/* Each second to 40, each five to 180, each ten to 300: half a second off, two sockets for each. */
static void waits_are_near_round_figures(void)
{
	static const struct {
		size_t nth;
		uint32_t wait_ms;
	} waits[] = { { 0, 500 },     { 1, 1500 },    { 40, 40500 },  { 41, 44500 }, { 42, 49500 },
		      { 68, 179500 }, { 69, 189500 }, { 70, 199500 }, { 80, 299500 } };
	static const struct {
		unsigned max_s;
		size_t steps;
	} ends[] = { { 1, 2 },   { 2, 3 },    { 40, 41 },  { 43, 41 },  { 44, 42 },  { 45, 42 },
		     { 49, 43 }, { 180, 69 }, { 188, 69 }, { 189, 70 }, { 299, 81 }, { 300, 81 } };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		CU_ASSERT_EQUAL(mapping_lifetime_sockets(ends[i].max_s),
		                2 * ends[i].steps + MAPPING_LIFETIME_REFRESHES);
	start(MAPPING_LIFETIME_MAX_S, false);
	CU_ASSERT_EQUAL_FATAL(l.count, MAPPING_LIFETIME_STEPS * UINT64_C(2));
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct mapping_lifetime_probe *p = &l.probes[2 * waits[i].nth + k];

			CU_ASSERT_EQUAL(p->wait_ms, waits[i].wait_ms);
			CU_ASSERT_EQUAL(p->kind, k == 0 ? MAPPING_LIFETIME_FRESH : MAPPING_LIFETIME_STREAM);
			CU_ASSERT_EQUAL(p->socket, 10 + 2 * waits[i].nth + k);
		}
}

/* Traffic is a stream when it is two seconds old: by two exchanges, or by four where a mapping may die on the way. */
static void a_stream_is_made_of_exchanges(void)
{
	for (int fast = 0; fast < 2; fast++) {
		start(10, fast);
		CU_ASSERT_EQUAL(l.probes[0].exchanges_left, 1);
		CU_ASSERT_EQUAL(l.probes[1].exchanges_left, fast ? 4 : 2);
	}
}

/* The first two that died are enough: what waits longer is called off, what waited less goes on. */
static void two_deaths_call_off_the_longer(void)
{
	start(4, false);
	CU_ASSERT_EQUAL_FATAL(l.count, 10);
	for (size_t i = 0; i < l.count; i++) {
		stun_client_forget(&c, l.probes[i].handle);
		l.probes[i].state = MAPPING_LIFETIME_IDLE;
		l.probes[i].due_ms = 5000 + i;
	}
	l.probes[2].state = MAPPING_LIFETIME_DEAD;
	mapping_lifetime_step(&l, &c, 2000);
	CU_ASSERT_EQUAL(l.probes[4].state, MAPPING_LIFETIME_IDLE);
	CU_ASSERT_EQUAL(mapping_lifetime_deadline(&l), 5000);
	l.probes[6].state = MAPPING_LIFETIME_DEAD;
	mapping_lifetime_step(&l, &c, 2000);
	CU_ASSERT_EQUAL(l.probes[0].state, MAPPING_LIFETIME_IDLE);
	CU_ASSERT_EQUAL(l.probes[4].state, MAPPING_LIFETIME_IDLE);
	CU_ASSERT_EQUAL(l.probes[8].state, MAPPING_LIFETIME_SPOILED);
	for (size_t i = 1; i < l.count; i += 2) /* of streams none died */
		CU_ASSERT_EQUAL(l.probes[i].state, MAPPING_LIFETIME_IDLE);
	CU_ASSERT_FALSE(l.done);
	for (size_t i = 0; i < l.count; i++)
		l.probes[i].state = MAPPING_LIFETIME_SPOILED;
	mapping_lifetime_step(&l, &c, 2000);
	CU_ASSERT_TRUE(l.done);
	CU_ASSERT_EQUAL(mapping_lifetime_deadline(&l), UINT64_MAX);
}

/* The shortest waits of all may be the two that died. */
static void the_first_death_counts(void)
{
	start(4, false);
	for (size_t i = 0; i < l.count; i++) {
		stun_client_forget(&c, l.probes[i].handle);
		l.probes[i].state = i == 0 || i == 2 ? MAPPING_LIFETIME_DEAD : MAPPING_LIFETIME_IDLE;
		l.probes[i].due_ms = 5000;
	}
	mapping_lifetime_step(&l, &c, 2000);
	for (size_t i = 4; i < l.count; i += 2)
		CU_ASSERT_EQUAL(l.probes[i].state, MAPPING_LIFETIME_SPOILED);
}

/* What was answered makes room for other questions. */
static void no_question_is_kept_longer_than_its_answer(void)
{
	size_t used = 0;

	start(4, false);
	for (size_t i = 0; i < STUN_CLIENT_MAX; i++)
		c.transactions[i].answer =
		    (struct stun_answer){ .outcome = STUN_ANSWERED, .mapped = endpoint_ipv4(0x0a000002, 5000) };
	mapping_lifetime_step(&l, &c, 1001);
	for (size_t i = 0; i < STUN_CLIENT_MAX; i++)
		used += c.transactions[i].used;
	CU_ASSERT_EQUAL(used, 0);
}

static void answer_all(enum stun_outcome outcome, uint64_t asked_ms)
{
	for (size_t i = 0; i < STUN_CLIENT_MAX; i++)
		c.transactions[i].answer = (struct stun_answer){ .outcome = outcome,
			                                         .mapped = endpoint_ipv4(0x0a000002, 5000),
			                                         .asked_ms = asked_ms };
}

/* Its mapping is made, and it is asked about so late. Returns when. */
static uint64_t wait_and_ask(const struct mapping_lifetime_probe *p, uint64_t now_ms, uint64_t late_ms)
{
	CU_ASSERT_EQUAL_FATAL(p->state, MAPPING_LIFETIME_WARMING);
	answer_all(STUN_ANSWERED, now_ms);
	mapping_lifetime_step(&l, &c, now_ms);
	CU_ASSERT_EQUAL_FATAL(p->state, MAPPING_LIFETIME_IDLE);
	now_ms = p->due_ms + late_ms;
	mapping_lifetime_step(&l, &c, now_ms);
	CU_ASSERT_EQUAL_FATAL(p->state, MAPPING_LIFETIME_CHECKED);
	return now_ms;
}

/* Of what died one does not know then whether it lived when it was to be asked; three times, and that is what is known.
 */
static void a_wait_that_ended_late_is_begun_again(void)
{
	static const struct {
		uint64_t late_ms;
		unsigned times;
	} rows[] = { { 0, 1 }, { 400, 1 }, { 401, 3 }, { 60000, 3 } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct mapping_lifetime_probe *p = &l.probes[2];
		uint64_t now_ms = 1001;

		start(2, false);
		for (unsigned time = 1; time <= rows[i].times; time++) {
			now_ms = wait_and_ask(p, now_ms, rows[i].late_ms);
			answer_all(STUN_SILENT, now_ms);
			mapping_lifetime_step(&l, &c, now_ms);
		}
		CU_ASSERT_EQUAL(p->state, MAPPING_LIFETIME_DEAD);
		CU_ASSERT_EQUAL(p->idle_ms, 1500 + rows[i].late_ms);
	}
}

/* That it lived until later is known. */
static void what_lived_longer_is_not_asked_again(void)
{
	const struct mapping_lifetime_probe *p = &l.probes[2];
	uint64_t now_ms;

	start(2, false);
	now_ms = wait_and_ask(p, 1001, 5000);
	answer_all(STUN_ANSWERED, now_ms);
	mapping_lifetime_step(&l, &c, now_ms);
	CU_ASSERT_EQUAL(p->state, MAPPING_LIFETIME_ALIVE);
}

/* The longest that one survived, and the shortest above it that another did not. */
static void a_span_lies_between_life_and_death(void)
{
	static const struct {
		struct {
			enum mapping_lifetime_state state;
			uint32_t idle_ms;
		} probes[4];
		bool measured;
		uint32_t alive_ms, dead_ms;
	} rows[] = {
		{ { { MAPPING_LIFETIME_ALIVE, 5 }, { MAPPING_LIFETIME_ALIVE, 9 } }, true, 9, 0 },
		{ { { MAPPING_LIFETIME_DEAD, 7 }, { MAPPING_LIFETIME_DEAD, 5 } }, true, 0, 5 },
		{ { { MAPPING_LIFETIME_ALIVE, 5 }, { MAPPING_LIFETIME_DEAD, 7 }, { MAPPING_LIFETIME_DEAD, 6 } },
		  true,
		  5,
		  6 },
		{ { { MAPPING_LIFETIME_DEAD, 4 }, { MAPPING_LIFETIME_ALIVE, 5 }, { MAPPING_LIFETIME_DEAD, 7 } },
		  true,
		  5,
		  7 }, /* a loss: what waited longer lived */
		{ { { MAPPING_LIFETIME_DEAD, 5 }, { MAPPING_LIFETIME_ALIVE, 5 } }, true, 5, 0 },
		{ { { MAPPING_LIFETIME_SPOILED, 5 } }, false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mapping_lifetime_findings f;

		memset(&l, 0, sizeof l);
		l.count = 5;
		l.probes[0] = (struct mapping_lifetime_probe){ .kind = MAPPING_LIFETIME_STREAM,
			                                       .state = MAPPING_LIFETIME_ALIVE,
			                                       .idle_ms = 3 };
		for (size_t k = 0; k < 4; k++)
			l.probes[1 + k] = (struct mapping_lifetime_probe){ .state = rows[i].probes[k].state,
				                                           .idle_ms = rows[i].probes[k].idle_ms };
		f = mapping_lifetime_findings(&l);
		CU_ASSERT_EQUAL(f.fresh.measured, rows[i].measured);
		CU_ASSERT_EQUAL(f.fresh.alive_ms, rows[i].alive_ms);
		CU_ASSERT_EQUAL(f.fresh.dead_ms, rows[i].dead_ms);
		CU_ASSERT(f.stream.measured && f.stream.alive_ms == 3 && f.stream.dead_ms == 0);
	}
}

/* Three mappings are asked whether what came from outside refreshed them: the majority counts. */
static void the_direction_is_what_most_mappings_show(void)
{
	static const struct {
		enum mapping_lifetime_state states[3];
		bool measured;
		enum nat_refresh refresh;
	} table[] = {
		{ { MAPPING_LIFETIME_ALIVE, MAPPING_LIFETIME_ALIVE, MAPPING_LIFETIME_DEAD }, true, NAT_REFRESH_BOTH },
		{ { MAPPING_LIFETIME_ALIVE, MAPPING_LIFETIME_DEAD, MAPPING_LIFETIME_DEAD },
		  true,
		  NAT_REFRESH_OUTBOUND },
		{ { MAPPING_LIFETIME_ALIVE, MAPPING_LIFETIME_DEAD, MAPPING_LIFETIME_SPOILED }, false, 0 },
		{ { MAPPING_LIFETIME_DEAD, MAPPING_LIFETIME_SPOILED, MAPPING_LIFETIME_SPOILED },
		  true,
		  NAT_REFRESH_OUTBOUND },
		{ { MAPPING_LIFETIME_SPOILED, MAPPING_LIFETIME_SPOILED, MAPPING_LIFETIME_SPOILED }, false, 0 },
	};
	memset(&l, 0, sizeof l);
	l.count = 4;
	l.probes[0] =
	    (struct mapping_lifetime_probe){ .kind = MAPPING_LIFETIME_FRESH, .state = MAPPING_LIFETIME_ALIVE };
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct mapping_lifetime_findings f;

		for (size_t k = 0; k < 3; k++)
			l.probes[1 + k] = (struct mapping_lifetime_probe){ .kind = MAPPING_LIFETIME_REFRESHED,
				                                           .state = table[i].states[k] };
		f = mapping_lifetime_findings(&l);
		CU_ASSERT_EQUAL(f.refresh_measured, table[i].measured);
		CU_ASSERT_TRUE(!f.refresh_measured || f.refresh == table[i].refresh);
	}
}

SUITE(mapping_lifetime, TEST(the_first_death_counts), TEST(no_question_is_kept_longer_than_its_answer),
      TEST(the_direction_is_what_most_mappings_show), TEST(waits_are_near_round_figures),
      TEST(a_stream_is_made_of_exchanges), TEST(a_wait_that_ended_late_is_begun_again),
      TEST(what_lived_longer_is_not_asked_again), TEST(two_deaths_call_off_the_longer),
      TEST(a_span_lies_between_life_and_death))
