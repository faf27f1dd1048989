#include "cable/cable_turn.h"

#include "io/clock.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define PRIORITY (-10) /* beside who started it: a lab that is nice to others stays so */
#define AWAKE_NS 100000u
/*
 * Before everybody else, it must not stay awake for good: of a second that it leaves nothing of to others the kernel
 * takes back 50 ms in one piece. So it leaves them a moment now and then, too short for a frame to be late by much.
 */
#define AWAKE_MAX_NS 800000u
#define REST_NS 50000u
#define WAIT_NS 10000u /* a shorter ppoll() did not wait */
#define NS_PER_S UINT64_C(1000000000)

/* Whether it may run before everybody else, as root may. A lab that was started to be nice to others stays so. */
static bool may_be_first(void)
{
	int nice = getpriority(PRIO_PROCESS, 0);

	setpriority(PRIO_PROCESS, 0, nice + PRIORITY);
	return nice <= 0 && sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }) == 0;
}

void cable_turn_begin(struct cable_turn *t)
{
	*t = (struct cable_turn){ .may_be_first = may_be_first() };
	t->is_first = t->may_be_first;
	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
}

/*
 * Until the next frame is due; NULL: until something comes. The last moment is not slept through but waited for awake:
 * a processor that has to be woken first takes about as long as that, and a frame may not be late.
 */
static const struct timespec *patience(const struct frame *first, struct timespec *ts)
{
	uint64_t now_ns = clock_now_ns() + AWAKE_NS;
	uint64_t wait_ns = first != NULL && first->due_ns > now_ns ? first->due_ns - now_ns : 0;

	if (first == NULL)
		return NULL;
	*ts = (struct timespec){ .tv_sec = (time_t)(wait_ns / NS_PER_S), .tv_nsec = (long)(wait_ns % NS_PER_S) };
	return ts;
}

/*
 * Before everybody else while a frame waits for its time: who is woken in turn with others is late by their turns. Not
 * otherwise, or it would be woken for each frame alone.
 */
static void choose(struct cable_turn *t, bool frame_waits)
{
	bool wants = t->may_be_first && frame_waits;
	struct sched_param p = { .sched_priority = wants ? 1 : 0 };

	if (wants != t->is_first && sched_setscheduler(0, wants ? SCHED_FIFO : SCHED_OTHER, &p) == 0)
		t->is_first = wants;
}

/* Before everybody else it leaves the others their moment, unless it waited as long in the meantime. */
static void rest(struct cable_turn *t)
{
	uint64_t now_ns = clock_now_ns();

	if (!t->is_first || now_ns - t->rested_ns < AWAKE_MAX_NS)
		return;
	if (t->waited_ns < REST_NS)
		nanosleep(&(struct timespec){ .tv_nsec = REST_NS }, NULL);
	t->rested_ns = clock_now_ns();
	t->waited_ns = 0;
}

int cable_turn_wait(struct cable_turn *t, const struct frame *first, struct pollfd *polled, nfds_t count)
{
	const struct timespec *limit;
	uint64_t before_ns, took_ns;
	bool stays_awake;
	struct timespec ts;
	int status;

	choose(t, first != NULL);
	rest(t);
	before_ns = clock_now_ns();
	limit = patience(first, &ts);
	stays_awake = limit != NULL && ts.tv_sec == 0 && ts.tv_nsec == 0;
	status = ppoll(polled, count, limit, NULL);
	took_ns = clock_now_ns() - before_ns;
	t->waited_ns += !stays_awake && took_ns >= WAIT_NS ? took_ns : 0;
	return status;
}
