#include "runner/runner.h"

#include "result/run_folder.h"
#include "io/signals.h"
#include "runner/scenario_run.h"
#include "trace/explain.h"

#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOBS_PER_CPU 6 /* scenarios mostly wait; measured: more gain nothing, fewer leave processors idle */
#define TICK_MS 200    /* how often the line of progress may change */
#define LEAVE_MORE 3   /* than may run: the kernel takes a world down more slowly than one is made */
#define WATCHED (2 * SCENARIO_JOBS_MOST + LEAVE_MORE + 1)

struct whole_run {
	const struct runner_options *options;
	char folder[PATH_MAX];
	size_t there; /* so much of options->out there was before */
	struct scenario_run *runs;
	size_t count, next, running;
	size_t taken;     /* jobs of those that run: a scenario may take several */
	size_t scenarios; /* of which each has count / scenarios runs */
	size_t leaving;   /* scenarios that are over, and whose worlds are being taken down: others run meanwhile */
	struct measured_boxes boxes;
	struct run_output *report;
	struct totals totals;
	size_t done;
	int signal_fd;
	int signal; /* that interrupted the run, or 0 */
};

static unsigned jobs_that_suit(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long jobs = JOBS_PER_CPU * (cpus > 0 ? cpus : 1);

	return (unsigned)(jobs < SCENARIO_JOBS_MOST ? jobs : SCENARIO_JOBS_MOST);
}

/* The comments are for who looks into what is kept. The report and the audit read every capture: they get what they
 * got.
 */
static bool spares_comments(const struct runner_options *o)
{
	return o->keep != KEEP_ALL && !o->audit && o->report.html_path == NULL;
}

static int make_runs(struct whole_run *run, const struct scenario_suite *suite)
{
	const struct runner_options *o = run->options;

	run->scenarios = suite->count;
	run->count = suite->count * o->repeat;
	run->runs = calloc(run->count, sizeof *run->runs);
	if (run->runs == NULL) {
		log_error("out of memory");
		return -1;
	}
	for (size_t i = 0; i < run->count; i++) {
		const struct scenario *s = suite->scenarios[i % suite->count];
		unsigned own = s->timeout_s != 0 ? s->timeout_s : RUNNER_TIMEOUT_S;
		struct scenario_run *t = &run->runs[i];

		t->index = i;
		t->place = i / suite->count * suite->loaded + s->place;
		t->repeat = o->repeat > 1 ? (unsigned)(i / suite->count) + 1 : 0;
		t->process = (struct scenario_process){ .scenario = s,
			                                .audit = o->audit,
			                                .verbose = o->report.details_of_all,
			                                .spares_comments = spares_comments(o),
			                                .weather = o->weather,
			                                .seed = o->seed + (o->next_seeds ? i / suite->count : 0),
			                                .addresses = o->addresses,
			                                .timeout_s = o->timeout_s != 0 ? o->timeout_s : own };
	}
	return 0;
}

/* --- verdicts ---------------------------------------------------------------------------------- */

static void count(struct totals *t, enum outcome_result result)
{
	switch (result) {
	case OUTCOME_PASSED: t->passed++; break;
	case OUTCOME_FAILED: t->failed++; break;
	case OUTCOME_SKIPPED: t->skipped++; break;
	}
}

static bool is_kept(const struct whole_run *run, const struct scenario_run *t)
{
	enum runner_keep keep = run->options->keep;

	return keep == KEEP_ALL || (keep == KEEP_FAILED && t->outcome.result == OUTCOME_FAILED);
}

/* Of a scenario that fails at times one that passed is kept, too: until it is known, the first that did. */
static bool is_spare(const struct whole_run *run, const struct scenario_run *t)
{
	if (run->options->keep != KEEP_FAILED || t->repeat == 0 || t->outcome.result != OUTCOME_PASSED)
		return false;
	for (size_t i = t->index % run->scenarios; i < run->count; i += run->scenarios)
		if (run->runs[i].is_spare)
			return false;
	return true;
}

static bool all_repeats_passed(const struct whole_run *run, size_t scenario)
{
	for (size_t i = scenario % run->scenarios; i < run->count; i += run->scenarios)
		if (run->runs[i].state == SCENARIO_RUN_REPORTED && run->runs[i].outcome.result != OUTCOME_PASSED)
			return false;
	return true;
}

/* Once its verdict is given, or where there will be none: what is lost now is told on the log, or nobody knew. */
static void add_comments_late(struct scenario_run *t)
{
	const char *lost = t->outcome.lost;
	size_t told = t->state == SCENARIO_RUN_REPORTED && lost != NULL ? strlen(lost) : 0;

	scenario_run_add_comments(t);
	scenario_run_look_for_trace(t);
	lost = t->outcome.lost;
	if (lost != NULL && strlen(lost) > told)
		log_warning("%s: %s", t->process.scenario->name, lost);
}

/* Those of scenarios that did not waver. */
static void remove_spares(struct whole_run *run)
{
	for (size_t i = 0; run->scenarios != 0 && i < run->count; i++) {
		struct scenario_run *t = &run->runs[i];

		if (t->is_spare && all_repeats_passed(run, i))
			run_folder_remove(t->folder);
		else if (t->is_spare)
			add_comments_late(t);
	}
}

/* What became of every two hosts, out of the trace: the place to look at first. */
static void add_why(struct scenario_run *t)
{
	char path[PATH_MAX];
	const char *trace = scenario_run_trace(t, path);

	t->why = trace != NULL ? explain_file(trace) : NULL;
}

static void give_verdict(struct whole_run *run, struct scenario_run *t)
{
	char path[PATH_MAX];
	struct verdict v = {
		.index = t->index,
		.place = t->place,
		.scenario = t->process.scenario,
		.repeat = t->repeat,
		.repeats = run->options->repeat,
		.outcome = &t->outcome,
		.seconds = t->seconds,
		.folder = t->folder,
		.weather = t->process.weather,
		.seed = t->outcome.has_weather ? t->process.seed : run->options->seed,
		.addresses = t->process.addresses,
		.audit = run->options->audit,
		.timeout_s = run->options->timeout_s,
	};
	bool kept;

	scenario_run_judge(t, &run->boxes);
	scenario_run_record(t);
	kept = is_kept(run, t);
	t->is_spare = is_spare(run, t);
	if (kept)
		scenario_run_add_comments(t);
	if (kept || t->is_spare)
		scenario_run_look_for_trace(t);
	if (t->outcome.result == OUTCOME_FAILED)
		add_why(t);
	v.why = t->why;
	v.trace = kept ? scenario_run_trace(t, path) : NULL;
	v.spare = t->is_spare ? scenario_run_trace(t, path) : NULL;
	count(&run->totals, t->outcome.result);
	t->state = SCENARIO_RUN_REPORTED;
	run->done++;
	run_output_verdict(run->report, &v);
	if (!kept && !t->is_spare && t->folder != NULL)
		run_folder_remove(t->folder);
}

static void give_verdicts(struct whole_run *run)
{
	for (size_t i = 0; i < run->next; i++)
		if (scenario_run_is_decided(&run->runs[i], &run->boxes))
			give_verdict(run, &run->runs[i]);
}

/* --- the loop ---------------------------------------------------------------------------------- */

/* Starting a world takes a moment, and many of them longer than whoever presses Ctrl-C waits. */
static bool is_interrupted(struct whole_run *run)
{
	if (run->signal == 0)
		run->signal = signals_take(run->signal_fd);
	return run->signal != 0;
}

static void add_running(struct whole_run *run, bool does, unsigned jobs)
{
	run->running += does;
	run->taken += does ? jobs : 0;
}

static void take_running(struct whole_run *run, bool ended, unsigned jobs)
{
	run->running -= ended;
	run->taken -= ended ? jobs : 0;
}

/* For the next scenario, in their order; one that takes more than there are runs alone. */
static bool has_room(const struct whole_run *run, size_t limit)
{
	return run->next < run->count && run->leaving < limit + LEAVE_MORE &&
	       (run->taken == 0 || run->taken + run->runs[run->next].process.scenario->jobs <= limit);
}

/* Boxes go before scenarios: verdicts wait for them. */
static void start_more(struct whole_run *run, size_t limit)
{
	for (size_t i = 0; i < run->boxes.count && run->taken < limit && !is_interrupted(run); i++) {
		struct box_kind *k = run->boxes.kinds[i];

		if (k->state != BOX_WAITS)
			continue;
		measured_boxes_start(&run->boxes, k);
		add_running(run, k->state == BOX_IS_MEASURED, 1);
	}
	while (has_room(run, limit) && !is_interrupted(run)) {
		struct scenario_run *t = &run->runs[run->next++];

		t->process.worlds = (unsigned)(limit / t->process.scenario->jobs);
		scenario_run_start(t, run->folder);
		add_running(run, t->state == SCENARIO_RUN_RUNS, t->process.scenario->jobs);
	}
}

/* What poll() waits for: the signals first, then each running child. */
struct watch {
	struct pollfd fds[WATCHED];
	struct scenario_run *runs[WATCHED]; /* NULL where it is a box */
	struct box_kind *kinds[WATCHED];    /* NULL where it is a scenario */
	size_t count;
};

static void watch_add(struct watch *w, int fd, struct scenario_run *scenario, struct box_kind *kind)
{
	w->fds[w->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
	w->runs[w->count] = scenario;
	w->kinds[w->count] = kind;
	w->count++;
}

static void watch_all(struct whole_run *run, struct watch *w)
{
	w->count = 0;
	watch_add(w, run->signal_fd, NULL, NULL);
	for (size_t i = 0; i < run->boxes.count; i++)
		if (run->boxes.kinds[i]->state == BOX_IS_MEASURED)
			watch_add(w, run->boxes.kinds[i]->child.fd, NULL, run->boxes.kinds[i]);
	for (size_t i = 0; i < run->next; i++)
		if (run->runs[i].state == SCENARIO_RUN_RUNS)
			watch_add(w, run->runs[i].child.fd, &run->runs[i], NULL);
}

/* Its time limit is over with its last word: how long the kernel takes to clear up is not its business. */
static void take_from_scenario(struct whole_run *run, struct scenario_run *t, bool ready, uint64_t now_ms)
{
	bool was_over = t->ended_ms != 0;

	if (ready)
		scenario_run_read(t, &run->boxes);
	if (t->state == SCENARIO_RUN_RUNS && t->ended_ms == 0 && now_ms >= scenario_run_deadline_ms(t))
		scenario_run_kill(t);
	take_running(run, !was_over && t->ended_ms != 0, t->process.scenario->jobs);
	run->leaving += !was_over && t->ended_ms != 0;
	run->leaving -= t->state == SCENARIO_RUN_ENDED;
}

static void take(struct whole_run *run, const struct watch *w)
{
	uint64_t now = clock_now_ms();

	if (w->fds[0].revents != 0 && is_interrupted(run))
		return;
	for (size_t i = 1; i < w->count; i++) {
		struct scenario_run *t = w->runs[i];

		if (t == NULL) {
			take_running(run, measured_boxes_read(w->kinds[i], w->fds[i].revents != 0), 1);
			continue;
		}
		take_from_scenario(run, t, w->fds[i].revents != 0, now);
	}
}

static void loop(struct whole_run *run)
{
	size_t asked = run->options->jobs != 0 ? run->options->jobs : jobs_that_suit();
	size_t limit = asked < SCENARIO_JOBS_MOST ? asked : SCENARIO_JOBS_MOST;
	struct watch w;

	while (run->done < run->count && run->signal == 0) {
		start_more(run, limit);
		if (run->signal != 0)
			return;
		give_verdicts(run);
		run_output_progress(run->report, run->done, run->running);
		watch_all(run, &w);
		if (run->running + run->leaving > 0 && poll(w.fds, w.count, TICK_MS) > -1)
			take(run, &w);
	}
}

static int exit_status(const struct whole_run *run)
{
	if (run->signal != 0)
		return 128 + run->signal;
	return run->totals.failed == 0 && run_output_wavering(run->report) == 0 ? 0 : 1;
}

/* What still runs when the run was interrupted: all are told before the end of the first is waited for. */
static void stop_all(struct whole_run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->runs[i].state == SCENARIO_RUN_RUNS)
			child_doom(&run->runs[i].child);
	measured_boxes_kill(&run->boxes);
	for (size_t i = 0; i < run->count; i++)
		if (run->runs[i].state == SCENARIO_RUN_RUNS)
			child_kill(&run->runs[i].child);
	/* Those that were over, and whose boxes were still being measured, leave what they had. */
	for (size_t i = 0; i < run->count; i++)
		if (run->runs[i].state != SCENARIO_RUN_REPORTED)
			add_comments_late(&run->runs[i]);
	run->totals.not_run = run->count - run->done;
}

static void clear(struct whole_run *run)
{
	for (size_t i = 0; run->runs != NULL && i < run->count; i++)
		scenario_run_clear(&run->runs[i]);
	free(run->runs);
	if (run->signal_fd >= 0)
		close(run->signal_fd);
	measured_boxes_clear(&run->boxes);
}

/*
 * Opens all that must be there before anything is started. Whatever fails, results of earlier runs are as they were:
 * OUT/latest is moved late, files are emptied last. What is open then is for others to close.
 */
static int prepare(struct whole_run *run, const struct scenario_suite *suite)
{
	run->report = run_output_open(&run->options->report, suite->count * run->options->repeat);
	if (run->report == NULL || make_runs(run, suite) != 0)
		return -1;
	signal(SIGPIPE, SIG_IGN); /* whoever reads standard output may have enough; the files get all */
	run->signal_fd = signals_hold();
	if (run->signal_fd < 0) {
		log_error("signals: %s", strerror(errno));
		return -1;
	}
	run->there = run_folder_there(run->options->out);
	return run_folder_make_run(run->options->out, run->folder) == 0 ? run_output_begin(run->report) : -1;
}

/* The summary, and what is left of the folder. */
static int finish(struct whole_run *run, double seconds)
{
	const struct runner_options *o = run->options;
	struct box_totals boxes = measured_boxes_totals(&run->boxes);
	bool gone = run_folder_remove_empty_run(o->out, run->folder);
	int status = exit_status(run);

	if (gone)
		run_folder_remove_made(o->out, run->there);
	if (run_output_close(run->report, &run->totals, &boxes, gone ? NULL : run->folder, seconds) != 0 && status == 0)
		status = 1;
	return status;
}

int runner_run(const struct scenario_suite *suite, const struct runner_options *options)
{
	struct whole_run run = { .options = options, .signal_fd = -1, .boxes.limit_s = options->timeout_s };
	uint64_t began = clock_now_ms();
	int status = 2;

	if (prepare(&run, suite) == 0) {
		loop(&run);
		stop_all(&run);
		remove_spares(&run);
		status = finish(&run, (double)(clock_now_ms() - began) / 1000);
	} else {
		run_output_abandon(run.report);
	}
	clear(&run);
	return status;
}
