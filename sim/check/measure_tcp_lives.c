#include "check/measure.h"

#include "io/clock.h"

#include <limits.h>
#include <poll.h>

/*
 * How long the box keeps a connection of TCP that stands, one that is being opened, and the mapping of one that was
 * reset, where that shows: where others than its other end are let in. Each test has a socket of its own and is looked
 * at once, as looking may refresh it. All are opened first. What counts is when a test was really opened and looked at,
 * so that a busy machine sees less closely, but nothing wrong.
 */
enum tcp_test_kind { ESTABLISHED, OPENING, RESET, KINDS };

struct tcp_test {
	enum tcp_test_kind kind;
	int inside, outside;
	int looker; /* who looks: the other end, or one that filtering lets in as long as there is a mapping */
	struct endpoint mapped;
	uint64_t opened_before_ms, opened_after_ms;
	unsigned age_ms; /* at which to look */
	bool looked;
};

#define AGES 4
#define BEFORE_MS 250
#define AFTER_MS 350
#define HALF(ms) ((ms) / 2)
#define TESTS (2 * AGES + 1)

struct tcp_lives {
	struct probe *p;
	struct tcp_test tests[TESTS];
	size_t count;
	struct life_span spans[KINDS];
};

/* The inside host's SYN gets no answer, and is not repeated. */
static struct endpoint open_half(struct probe *p, int inside, int outside)
{
	struct endpoint mapped = probe_call_silent(p, inside, outside);

	probe_hang_up(p, inside);
	return mapped;
}

static void open_test(struct tcp_lives *l, enum tcp_test_kind kind, unsigned age_ms)
{
	struct tcp_test *t = &l->tests[l->count++];
	struct probe *p = l->p;

	*t = (struct tcp_test){ .kind = kind, .age_ms = age_ms, .opened_before_ms = clock_now_ms() };
	t->inside = probe_socket(p, p->hosts[0], 0);
	t->outside = kind == OPENING ? probe_socket(p, p->server, 0) : p->remote[0][0];
	t->looker = kind == RESET ? p->remote[0][1] : t->outside;
	t->mapped = kind == OPENING ? open_half(p, t->inside, t->outside) : probe_map(p, t->inside, t->outside);
	if (kind == RESET) {
		probe_hang_up(p, t->inside);
		probe_fence(p);
	}
	t->opened_after_ms = clock_now_ms();
}

/* Ages around `life_ms`, the one that is asked for. */
static void open_tests(struct tcp_lives *l, enum tcp_test_kind kind, unsigned life_ms)
{
	const unsigned ages[AGES] = { HALF(life_ms), life_ms - BEFORE_MS, life_ms + AFTER_MS, 2 * life_ms };

	for (size_t i = 0; i < AGES - (life_ms > 5000); i++)
		open_test(l, kind, ages[i]);
}

static struct tcp_test *next_test(struct tcp_lives *l)
{
	struct tcp_test *next = NULL;

	for (size_t i = 0; i < l->count; i++) {
		struct tcp_test *t = &l->tests[i];

		if (!t->looked &&
		    (next == NULL || t->opened_after_ms + t->age_ms < next->opened_after_ms + next->age_ms))
			next = t;
	}
	return next;
}

/*
 * Of one that is being opened a SYN of the other end is let in as long as it is kept. That is all that can be seen:
 * what answered it would be a new end of the inside host's, whose numbers the box takes for wrong ones.
 */
static bool lets_in(struct probe *p, const struct tcp_test *t)
{
	int watch = probe_watch_syns(p, p->hosts[0]);

	(void)probe_send(p, t->outside, t->mapped);
	probe_fence(p);
	return probe_syn_seen(p, p->hosts[0], watch, probe_local(p, t->inside)).address.family != ADDRESS_NONE;
}

static void look_at(struct tcp_lives *l, struct tcp_test *t)
{
	struct life_span *span = &l->spans[t->kind];
	uint64_t before = clock_now_ms(), after;
	bool lives = t->kind == OPENING ? lets_in(l->p, t) : probe_reaches(l->p, t->looker, t->mapped, t->inside);

	after = clock_now_ms();
	t->looked = true;
	if (lives && before - t->opened_after_ms > span->low_ms)
		span->low_ms = (unsigned)(before - t->opened_after_ms);
	if (!lives && after - t->opened_before_ms < span->high_ms)
		span->high_ms = (unsigned)(after - t->opened_before_ms);
}

static void wait_until(uint64_t when_ms)
{
	uint64_t now;

	while ((now = clock_now_ms()) < when_ms)
		(void)poll(NULL, 0, (int)(when_ms - now));
}

void measure_tcp_lives(struct probe *p, unsigned established_ms, unsigned transitory_ms, struct observation *seen)
{
	struct tcp_lives l = { .p = p };
	struct tcp_test *t;

	for (int i = 0; i < KINDS; i++)
		l.spans[i].high_ms = UINT_MAX;
	open_tests(&l, ESTABLISHED, established_ms);
	if (seen->simultaneous || !seen->simultaneous_seen) /* else the other end's SYN never comes in */
		open_tests(&l, OPENING, transitory_ms);
	if (seen->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT && transitory_ms < established_ms)
		open_test(&l, RESET, transitory_ms + AFTER_MS);
	while ((t = next_test(&l)) != NULL && !probe_failed(p)) {
		wait_until(t->opened_after_ms + t->age_ms);
		look_at(&l, t);
	}
	seen->lives_seen = true;
	seen->stream = l.spans[ESTABLISHED];
	seen->idle = l.spans[OPENING];
	seen->closing_seen = l.spans[RESET].high_ms != UINT_MAX || l.spans[RESET].low_ms != 0;
	seen->closing_ends = l.spans[RESET].high_ms != UINT_MAX;
}

unsigned measure_tcp_lives_s(unsigned established_s)
{
	return 2 * established_s + 1;
}
