#include "check/measure.h"

#include "io/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

/*
 * Each test has a socket of its own, whose mapping is probed by the endpoint it was opened to exactly once, at one age:
 * a probe may refresh it. All tests run at the same time.
 *
 * A busy machine may do anything later than planned, so it is never the plan that counts: a step was taken somewhere
 * between the clock's time before its packet was sent and the time after a fence behind it. Ages are told no more
 * exactly than that, and a test whose steps came too late to show anything is done again.
 */
enum step {
	STEP_OUT,           /* the inside socket sends */
	STEP_OUT_ELSEWHERE, /* ... to another endpoint */
	STEP_IN,            /* the endpoint it sent to does */
	STEP_STRANGER,      /* another endpoint does, one that filtering lets in */
	STEP_PROBE,         /* as STEP_IN, and whether it arrives is what the test is about */
	STEP_PROBE_BY_STRANGER,
};

#define STEPS_MAX 24
#define TESTS_MAX 32
#define STREAM_AGE_MS 2200 /* Linux calls a flow a stream once it was answered and is over 2 s old */
#define KEEP_MS 700        /* until then, so often, or at half the idle life */
#define REPEATS 3          /* of the tests of refreshing */
#define ROUNDS 5
#define OPEN_TRIES 3 /* a box may lose the first packet of a mapping */
#define TICKS_MS 50  /* a life ends a few ticks of the kernel's clock sooner or later than it should */

struct moment {
	uint64_t before_ms, after_ms;
};

struct life_test {
	int socket;
	struct endpoint outside;
	struct {
		enum step step;
		unsigned at_ms; /* after the first */
		struct moment taken;
	} steps[STEPS_MAX];
	size_t step_count, next;
	bool (*shows)(const struct life_test *t, unsigned idle_ms); /* whether it was in time to show anything */
	int packet;                                                 /* of the last step sent, in the end the probe's */
	bool alive;
};

struct lives {
	struct probe *p;
	int friend, stranger; /* the server's sockets */
	unsigned idle_ms;
	struct life_test tests[TESTS_MAX];
	size_t count;
};

/* Ages to probe at, in hundredths of the life that is expected: closely around it, and far from it. */
static const unsigned ages[] = { 10, 50, 80, 93, 107, 120, 150, 200 };
#define AGES (sizeof ages / sizeof *ages)

/* --- what a test may show ---------------------------------------------------------------------- */

/* The least and the most time that can have passed from one step to another. */
static unsigned least_between(const struct life_test *t, size_t from, size_t to)
{
	uint64_t began = t->steps[from].taken.after_ms, ended = t->steps[to].taken.before_ms;

	return ended > began ? (unsigned)(ended - began) : 0;
}

static unsigned most_between(const struct life_test *t, size_t from, size_t to)
{
	return (unsigned)(t->steps[to].taken.after_ms - t->steps[from].taken.before_ms);
}

static bool shows_always(const struct life_test *t, unsigned idle_ms)
{
	(void)t;
	(void)idle_ms;
	return true;
}

/* Nothing timed out while it was being made a stream: each step but the probe came soon enough after the one before. */
static bool shows_stream(const struct life_test *t, unsigned idle_ms)
{
	for (size_t i = 1; i + 1 < t->step_count; i++)
		if (most_between(t, i - 1, i) + TICKS_MS >= idle_ms)
			return false;
	return true;
}

/* Opened, touched, probed: touched while it lived, and probed when only the touch can have kept it alive. */
static bool shows_refresh(const struct life_test *t, unsigned idle_ms)
{
	return most_between(t, 0, 1) + TICKS_MS < idle_ms && most_between(t, 1, 2) + TICKS_MS < idle_ms &&
	       least_between(t, 0, 2) > idle_ms + TICKS_MS;
}

/* What was sent from inside was sent while it lived: later it would be a mapping of its own. */
static bool shows_lifetime(const struct life_test *t, unsigned lifetime_ms)
{
	for (size_t i = 1; i + 1 < t->step_count; i++)
		if (most_between(t, 0, i) + TICKS_MS >= lifetime_ms)
			return false;
	return true;
}

/* --- plans ------------------------------------------------------------------------------------- */

static void plan(struct life_test *t, enum step step, unsigned at_ms)
{
	t->steps[t->step_count].step = step;
	t->steps[t->step_count++].at_ms = at_ms;
}

static struct life_test *new_test(struct lives *l, bool (*shows)(const struct life_test *t, unsigned idle_ms))
{
	struct life_test *t = &l->tests[l->count++];

	t->shows = shows;
	plan(t, STEP_OUT, 0);
	return t;
}

static void plan_idle(struct lives *l)
{
	for (size_t i = 0; i < AGES; i++)
		plan(new_test(l, shows_always), STEP_PROBE, l->idle_ms / 100 * ages[i]);
}

/* Keeps a flow going both ways until it is a stream, then leaves it alone. */
static void plan_stream(struct lives *l, unsigned stream_ms)
{
	unsigned keep_ms = l->idle_ms / 2 < KEEP_MS ? l->idle_ms / 2 : KEEP_MS;

	for (size_t i = 0; i < AGES; i++) {
		struct life_test *t = new_test(l, shows_stream);

		for (unsigned at = 0; at < STREAM_AGE_MS; at += keep_ms) {
			plan(t, STEP_OUT, at);
			plan(t, STEP_IN, at);
		}
		plan(t, STEP_OUT, STREAM_AGE_MS);
		plan(t, STEP_PROBE, STREAM_AGE_MS + stream_ms / 100 * ages[i]);
	}
}

/* Used in every way, again and again as long as it should live. */
static void plan_lifetime(struct lives *l)
{
	for (size_t i = 0; i < AGES; i++) {
		struct life_test *t = new_test(l, shows_lifetime);

		for (unsigned used = 20; used < 100 && used < ages[i]; used += 20) {
			plan(t, STEP_OUT, l->idle_ms / 100 * used);
			plan(t, STEP_IN, l->idle_ms / 100 * used);
			plan(t, STEP_OUT_ELSEWHERE, l->idle_ms / 100 * used);
		}
		plan(t, STEP_PROBE, l->idle_ms / 100 * ages[i]);
	}
}

/* Opened, touched by `step` at 60 % of its life, probed by `probe` at 130 %: alive if the touch refreshed it. */
static void plan_refresh(struct lives *l, enum step step, enum step probe)
{
	for (int i = 0; i < REPEATS; i++) {
		struct life_test *t = new_test(l, shows_refresh);

		plan(t, step, l->idle_ms / 100 * 60);
		plan(t, probe, l->idle_ms / 100 * 130);
	}
}

/* --- running ----------------------------------------------------------------------------------- */

static int send_step(const struct lives *l, const struct life_test *t, enum step step)
{
	switch (step) {
	case STEP_OUT: return probe_send(l->p, t->socket, probe_local(l->p, l->friend));
	case STEP_OUT_ELSEWHERE: return probe_send(l->p, t->socket, probe_local(l->p, l->stranger));
	case STEP_IN:
	case STEP_PROBE: return probe_send(l->p, l->friend, t->outside);
	case STEP_STRANGER:
	case STEP_PROBE_BY_STRANGER: break;
	}
	return probe_send(l->p, l->stranger, t->outside);
}

static uint64_t due_ms(const struct life_test *t)
{
	return t->next < t->step_count ? t->steps[0].taken.after_ms + t->steps[t->next].at_ms : UINT64_MAX;
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

/* One step of each test that has one due: two of the same are two moments. */
static void take_due_steps(struct lives *l, uint64_t at_ms)
{
	struct moment moment = { .before_ms = clock_now_ms() };
	bool taken[TESTS_MAX] = { false };

	for (size_t i = 0; i < l->count; i++) {
		struct life_test *t = &l->tests[i];

		if (due_ms(t) > at_ms)
			continue;
		t->packet = send_step(l, t, t->steps[t->next].step);
		taken[i] = true;
	}
	probe_fence(l->p);
	moment.after_ms = clock_now_ms();
	for (size_t i = 0; i < l->count; i++)
		if (taken[i])
			l->tests[i].steps[l->tests[i].next++].taken = moment;
}

/* Opens the mappings. A packet that was lost may have opened one as well as the next, so it counts from the first. */
static void open_mappings(struct lives *l)
{
	struct moment moment = { .before_ms = clock_now_ms() };

	for (int try = 0; try < OPEN_TRIES; try++) {
		for (size_t i = 0; i < l->count; i++)
			if (l->tests[i].next == 0)
				l->tests[i].packet = send_step(l, &l->tests[i], STEP_OUT);
		probe_fence(l->p);
		moment.after_ms = clock_now_ms();
		for (size_t i = 0; i < l->count; i++) {
			struct life_test *t = &l->tests[i];
			const struct probe_packet *arrived = t->next == 0 ? probe_arrived(l->p, t->packet) : NULL;

			if (arrived == NULL && try + 1 < OPEN_TRIES)
				continue;
			if (t->next == 0)
				t->steps[t->next++].taken = moment;
			if (arrived != NULL)
				t->outside = arrived->source;
		}
	}
}

/* A mapping that could not be had, of a small pool, has no life to tell of. */
static bool has_shown(const struct lives *l, const struct life_test *t)
{
	return t->next == t->step_count && t->outside.address.family != ADDRESS_NONE && t->shows(t, l->idle_ms);
}

/* Begins each test that has not shown anything yet. Returns how many. */
static size_t begin(struct lives *l)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct life_test *t = &l->tests[i];

		if (has_shown(l, t))
			continue;
		t->socket = probe_socket(l->p, l->p->hosts[0], 0);
		t->outside = (struct endpoint){ .address.family = ADDRESS_NONE };
		t->next = 0;
		count++;
	}
	return count;
}

static void run_round(struct lives *l)
{
	open_mappings(l);
	for (uint64_t at_ms = next_step_ms(l); at_ms != UINT64_MAX && !probe_failed(l->p); at_ms = next_step_ms(l)) {
		wait_until(at_ms);
		take_due_steps(l, at_ms);
	}
}

static void run(struct lives *l)
{
	for (int round = 0; round < ROUNDS && begin(l) > 0; round++)
		run_round(l);
	for (size_t i = 0; i < l->count; i++) {
		struct life_test *t = &l->tests[i];
		const struct probe_packet *arrived = probe_arrived(l->p, t->packet);

		t->alive = arrived != NULL && arrived->arrived_at == t->socket;
		if (!has_shown(l, t)) {
			errno = ETIME;
			probe_fail(l->p, "this machine is too busy to see how long mappings live");
		}
	}
}

/* --- what it showed ---------------------------------------------------------------------------- */

/* `since`: the step that life is counted from, or SIZE_MAX: the one before the probe. */
static struct life_span span_of(const struct life_test *tests, size_t since)
{
	struct life_span span = { 0, UINT_MAX };

	for (size_t i = 0; i < AGES; i++) {
		const struct life_test *t = &tests[i];
		size_t probe = t->step_count - 1;
		size_t from = since < probe ? since : probe - 1;
		unsigned least = least_between(t, from, probe), most = most_between(t, from, probe);

		if (t->alive && least > span.low_ms)
			span.low_ms = least;
		if (!t->alive && most < span.high_ms)
			span.high_ms = most;
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

unsigned measure_lives_s(unsigned idle_s, unsigned stream_s)
{
	return ROUNDS * (STREAM_AGE_MS / 1000 + 1 + 2 * (idle_s > stream_s ? idle_s : stream_s));
}

/* What a mapping lives by that ends when it is idle. */
static void plan_idlers(struct lives *l, unsigned stream_ms)
{
	plan_stream(l, stream_ms);
	plan_refresh(l, STEP_OUT, STEP_PROBE);
	plan_refresh(l, STEP_IN, STEP_PROBE);
	plan_refresh(l, STEP_STRANGER, STEP_PROBE);
	plan_refresh(l, STEP_IN, STEP_PROBE_BY_STRANGER);
}

static void tell_idlers(const struct life_test *t, struct observation *seen)
{
	seen->stream = span_of(t, SIZE_MAX);
	t += AGES;
	seen->refreshed_outbound = most_live(t);
	t += REPEATS;
	seen->refreshed_inbound = most_live(t);
	t += REPEATS;
	seen->refreshed_by_stranger = most_live(t);
	t += REPEATS;
	seen->refreshed_for_stranger = most_live(t);
}

void measure_lives(struct probe *p, unsigned idle_ms, unsigned stream_ms, bool mortal, struct observation *seen)
{
	struct lives *l = calloc(1, sizeof *l);

	if (l == NULL) {
		probe_fail(p, "lifetimes");
		return;
	}
	l->p = p;
	l->idle_ms = idle_ms;
	l->friend = p->remote[0][0];
	l->stranger = seen->filtering == NAT_ENDPOINT_INDEPENDENT ? p->remote[2][0] : p->remote[0][1];
	plan_idle(l);
	if (mortal)
		plan_lifetime(l);
	else
		plan_idlers(l, stream_ms);
	run(l);
	seen->idle = span_of(l->tests, SIZE_MAX);
	if (mortal)
		seen->in_use = span_of(l->tests + AGES, 0);
	else
		tell_idlers(l->tests + AGES, seen);
	seen->lives_seen = true;
	free(l);
}
