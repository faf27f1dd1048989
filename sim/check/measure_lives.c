#include "check/measure.h"

#include "io/clock.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

/*
 * Each test has a socket of its own, whose mapping is probed by the endpoint it was opened to exactly once, at one age:
 * a probe may refresh it. All tests run at the same time. Ages are what the clock says when packets are sent, so a busy
 * machine shifts them and does not falsify them.
 */
enum step {
	STEP_OUT,      /* the inside socket sends */
	STEP_IN,       /* the endpoint it sent to does */
	STEP_STRANGER, /* another endpoint does, one that filtering lets in */
	STEP_PROBE,    /* as STEP_IN, and whether it arrives is what the test is about */
	STEP_PROBE_BY_STRANGER,
};

#define STEPS_MAX 24
#define TESTS_MAX 32
#define STREAM_AGE_MS 2200 /* Linux calls a flow a stream once it was answered and is over 2 s old */
#define KEEP_MS 700        /* until then, so often, or at half the idle life */
#define REPEATS 3          /* of the tests of refreshing */

struct life_test {
	int socket;
	struct endpoint outside;
	struct {
		enum step step;
		unsigned at_ms; /* after the first */
	} steps[STEPS_MAX];
	size_t step_count, next;
	uint64_t first_ms; /* when the first step was taken */
	uint64_t last_ms;  /* of what starts the age */
	int probe;         /* packet */
	unsigned age_ms;
	bool alive;
};

struct lives {
	struct probe *p;
	int friend, stranger; /* the server's sockets */
	struct life_test tests[TESTS_MAX];
	size_t count;
};

/* Ages to probe at, in hundredths of the life that is expected: closely around it, and far from it. */
static const unsigned ages[] = { 10, 50, 80, 93, 107, 120, 150, 200 };
#define AGES (sizeof ages / sizeof *ages)

/* --- plans ------------------------------------------------------------------------------------- */

static void plan(struct life_test *t, enum step step, unsigned at_ms)
{
	t->steps[t->step_count].step = step;
	t->steps[t->step_count++].at_ms = at_ms;
}

static struct life_test *new_test(struct lives *l)
{
	struct life_test *t = &l->tests[l->count++];

	t->socket = probe_socket(l->p, l->p->hosts[0], 0);
	t->probe = -1;
	return t;
}

static void plan_idle(struct lives *l, unsigned idle_ms)
{
	for (size_t i = 0; i < AGES; i++) {
		struct life_test *t = new_test(l);

		plan(t, STEP_OUT, 0);
		plan(t, STEP_PROBE, idle_ms / 100 * ages[i]);
	}
}

/* Keeps a flow going both ways until it is a stream, then leaves it alone. */
static void plan_stream(struct lives *l, unsigned idle_ms, unsigned stream_ms)
{
	unsigned keep_ms = idle_ms / 2 < KEEP_MS ? idle_ms / 2 : KEEP_MS;

	for (size_t i = 0; i < AGES; i++) {
		struct life_test *t = new_test(l);

		for (unsigned at = 0; at < STREAM_AGE_MS; at += keep_ms) {
			plan(t, STEP_OUT, at);
			plan(t, STEP_IN, at);
		}
		plan(t, STEP_OUT, STREAM_AGE_MS);
		plan(t, STEP_PROBE, STREAM_AGE_MS + stream_ms / 100 * ages[i]);
	}
}

/* Opened, touched by `step` at 60 % of its life, probed by `probe` at 130 %: alive if the touch refreshed it. */
static void plan_refresh(struct lives *l, enum step step, enum step probe, unsigned idle_ms)
{
	for (int i = 0; i < REPEATS; i++) {
		struct life_test *t = new_test(l);

		plan(t, STEP_OUT, 0);
		plan(t, step, idle_ms / 100 * 60);
		plan(t, probe, idle_ms / 100 * 130);
	}
}

/* --- running ----------------------------------------------------------------------------------- */

static void take_step(struct lives *l, struct life_test *t, enum step step)
{
	uint64_t now = clock_now_ms();

	switch (step) {
	case STEP_OUT:
		t->last_ms = now;
		probe_send(l->p, t->socket, probe_local(l->p, l->friend));
		break;
	case STEP_IN: probe_send(l->p, l->friend, t->outside); break;
	case STEP_STRANGER: probe_send(l->p, l->stranger, t->outside); break;
	case STEP_PROBE:
	case STEP_PROBE_BY_STRANGER:
		t->age_ms = (unsigned)(now - t->last_ms);
		t->probe = probe_send(l->p, step == STEP_PROBE ? l->friend : l->stranger, t->outside);
		break;
	}
	t->next++;
}

/* Opens the mapping. That takes fences, so every test counts its time from its own opening. */
static void take_first_step(struct lives *l, struct life_test *t)
{
	t->outside = probe_map(l->p, t->socket, l->friend);
	t->first_ms = t->last_ms = clock_now_ms();
	probe_send(l->p, t->socket, probe_local(l->p, l->friend));
	t->next = 1;
}

static uint64_t due_ms(const struct life_test *t)
{
	return t->next < t->step_count ? t->first_ms + t->steps[t->next].at_ms : UINT64_MAX;
}

/* The time of the earliest step to come; UINT64_MAX after the last. */
static uint64_t next_step_ms(const struct lives *l)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < l->count; i++)
		if (due_ms(&l->tests[i]) < next)
			next = due_ms(&l->tests[i]);
	return next;
}

/* Time has to pass here: it is what is measured. */
static void wait_until(uint64_t at_ms)
{
	uint64_t now = clock_now_ms();

	if (now < at_ms)
		(void)poll(NULL, 0, (int)(at_ms - now));
}

static void take_due_steps(struct lives *l, uint64_t at_ms)
{
	for (size_t i = 0; i < l->count; i++)
		while (due_ms(&l->tests[i]) <= at_ms)
			take_step(l, &l->tests[i], l->tests[i].steps[l->tests[i].next].step);
}

static void run(struct lives *l)
{
	for (size_t i = 0; i < l->count; i++)
		take_first_step(l, &l->tests[i]);
	for (uint64_t at_ms = next_step_ms(l); at_ms != UINT64_MAX && !probe_failed(l->p); at_ms = next_step_ms(l)) {
		wait_until(at_ms);
		take_due_steps(l, at_ms);
	}
	probe_fence(l->p);
	for (size_t i = 0; i < l->count; i++) {
		const struct probe_packet *arrived = probe_arrived(l->p, l->tests[i].probe);

		l->tests[i].alive = arrived != NULL && arrived->arrived_at == l->tests[i].socket;
	}
}

/* --- what it showed ---------------------------------------------------------------------------- */

static struct life_span span_of(const struct life_test *tests)
{
	struct life_span span = { 0, UINT_MAX };

	for (size_t i = 0; i < AGES; i++) {
		if (tests[i].alive && tests[i].age_ms > span.low_ms)
			span.low_ms = tests[i].age_ms;
		if (!tests[i].alive && tests[i].age_ms < span.high_ms)
			span.high_ms = tests[i].age_ms;
	}
	return span;
}

static bool most_live(const struct life_test *tests)
{
	int alive = 0;

	for (size_t i = 0; i < REPEATS; i++)
		alive += tests[i].alive;
	return alive * 2 > REPEATS;
}

void measure_lives(struct probe *p, unsigned idle_ms, unsigned stream_ms, struct observation *seen)
{
	struct lives *l = calloc(1, sizeof *l);
	const struct life_test *t;

	if (l == NULL) {
		probe_fail(p, "lifetimes");
		return;
	}
	l->p = p;
	l->friend = p->remote[0][0];
	l->stranger = seen->filtering == NAT_ENDPOINT_INDEPENDENT ? p->remote[2][0] : p->remote[0][1];
	plan_idle(l, idle_ms);
	plan_stream(l, idle_ms, stream_ms);
	plan_refresh(l, STEP_OUT, STEP_PROBE, idle_ms);
	plan_refresh(l, STEP_IN, STEP_PROBE, idle_ms);
	plan_refresh(l, STEP_STRANGER, STEP_PROBE, idle_ms);
	plan_refresh(l, STEP_IN, STEP_PROBE_BY_STRANGER, idle_ms);
	run(l);
	t = l->tests;
	seen->idle = span_of(t);
	t += AGES;
	seen->stream = span_of(t);
	t += AGES;
	seen->refreshed_outbound = most_live(t);
	t += REPEATS;
	seen->refreshed_inbound = most_live(t);
	t += REPEATS;
	seen->refreshed_by_stranger = most_live(t);
	t += REPEATS;
	seen->refreshed_for_stranger = most_live(t);
	seen->lives_seen = true;
	free(l);
}
