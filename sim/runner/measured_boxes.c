#include "runner/measured_boxes.h"

#include "io/clock.h"
#include "io/exit_status.h"
#include "io/signals.h"
#include "base/array.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int measured_boxes_add(struct measured_boxes *b, const char *spec, const char *sabotage, enum check_depth depth)
{
	char error[NAT_ERROR_SIZE];
	struct box_kind *k, **place;

	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->kinds[i]->spec, spec) == 0 && strcmp(b->kinds[i]->sabotage, sabotage) == 0)
			return (int)i;
	k = calloc(1, sizeof *k);
	if (k == NULL)
		return -1;
	k->child.fd = k->child.log_fd = -1;
	k->depth = depth;
	k->sabotage = strdup(sabotage);
	snprintf(k->spec, sizeof k->spec, "%s", spec);
	if (k->sabotage == NULL || nat_parse(spec, &k->nat, error) != 0 ||
	    (place = array_add(&b->kinds, &b->count, sizeof(struct box_kind *))) == NULL) {
		free(k->sabotage);
		free(k);
		return -1;
	}
	*place = k;
	return (int)b->count - 1;
}

/* In the child: the measurement's bytes are the message; its pointers are to constants of this same program. */
static void measure(int fd, void *argument)
{
	const struct box_kind *k = argument;
	struct measurement m;
	const char *from = (const char *)&m;
	size_t left = sizeof m;

	memset(&m, 0, sizeof m);
	if (check_here(&k->nat, k->sabotage[0] != '\0' ? k->sabotage : NULL, k->depth, &m) != 0)
		_exit(1);
	while (left > 0) {
		ssize_t wrote = write(fd, from, left);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			_exit(1);
		from += wrote;
		left -= (size_t)wrote;
	}
}

/* In seconds. */
static unsigned limit_of(const struct measured_boxes *b, const struct box_kind *k)
{
	return b->limit_s != 0 ? b->limit_s : check_limit_s(&k->nat, k->depth);
}

void measured_boxes_start(const struct measured_boxes *b, struct box_kind *k)
{
	k->state = child_start(&k->child, measure, k) == 0 ? BOX_IS_MEASURED : BOX_UNKNOWN;
	k->deadline_ms = clock_now_ms() + UINT64_C(1000) * limit_of(b, k);
}

/* `reason` may be empty: then the log says it. */
static void give_up(struct box_kind *k, const char *reason)
{
	char *log = child_log(&k->child);

	k->state = BOX_UNKNOWN;
	if (asprintf(&k->why, "%s%s%s", reason, reason[0] != '\0' ? "\n" : "", log != NULL ? log : "") < 0)
		k->why = NULL;
	free(log);
	child_clear(&k->child);
}

static void take_result(struct box_kind *k)
{
	const struct child *w = &k->child;
	char how[EXIT_STATUS_TEXT_SIZE], reason[EXIT_STATUS_TEXT_SIZE + 32] = "";

	if (w->status == 0 && w->len == sizeof k->measurement) {
		memcpy(&k->measurement, w->text, sizeof k->measurement);
		k->state = measurement_agrees(&k->measurement) ? BOX_AGREES : BOX_DIFFERS;
		child_clear(&k->child);
		return;
	}
	if (w->status != 1)
		snprintf(reason, sizeof reason, "its world %s", exit_status_text(w->status, how));
	give_up(k, reason);
}

bool measured_boxes_read(struct box_kind *k, bool ready)
{
	if (ready && child_read(&k->child)) {
		take_result(k);
		return true;
	}
	if (clock_now_ms() < k->deadline_ms)
		return false;
	child_kill(&k->child);
	give_up(k, "measuring it took longer than its time limit: something hangs, or was stopped");
	return true;
}

#define MEASURED_BOXES_AT_ONCE 64
#define TICK_MS 200 /* how often time limits are looked at */

/* Starts what may start; fills in what poll() is to wait for. Returns how many run. */
static size_t start_some(const struct measured_boxes *b, size_t jobs, struct pollfd *fds, struct box_kind **kinds)
{
	size_t running = 0;

	for (size_t i = 0; i < b->count; i++)
		if (b->kinds[i]->state == BOX_IS_MEASURED)
			kinds[running++] = b->kinds[i];
	for (size_t i = 0; i < b->count && running < jobs; i++) {
		if (b->kinds[i]->state != BOX_WAITS)
			continue;
		measured_boxes_start(b, b->kinds[i]);
		if (b->kinds[i]->state == BOX_IS_MEASURED)
			kinds[running++] = b->kinds[i];
	}
	for (size_t i = 0; i < running; i++)
		fds[i] = (struct pollfd){ .fd = kinds[i]->child.fd, .events = POLLIN };
	return running;
}

int measured_boxes_measure(struct measured_boxes *b, size_t jobs, int signal_fd)
{
	struct pollfd fds[MEASURED_BOXES_AT_ONCE + 1];
	struct box_kind *kinds[MEASURED_BOXES_AT_ONCE];
	size_t running;

	while ((running = start_some(b, jobs < MEASURED_BOXES_AT_ONCE ? jobs : MEASURED_BOXES_AT_ONCE, fds, kinds)) >
	       0) {
		fds[running] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
		if (poll(fds, running + 1, TICK_MS) < 0)
			continue;
		if (fds[running].revents != 0)
			return signals_take(signal_fd);
		for (size_t i = 0; i < running; i++)
			measured_boxes_read(kinds[i], fds[i].revents != 0);
	}
	return 0;
}

void measured_boxes_forget(struct measured_boxes *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->kinds[i]->why);
		b->kinds[i]->why = NULL;
		b->kinds[i]->measurement.count = 0;
		b->kinds[i]->state = BOX_WAITS;
	}
}

bool measured_boxes_is_settled(const struct box_kind *k)
{
	return k->state == BOX_AGREES || k->state == BOX_DIFFERS || k->state == BOX_UNKNOWN;
}

static void print_differences(FILE *out, const struct measurement *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].differs)
			fprintf(out, "%s: asked %s, measured %s\n", measurement_part_name(m->rows[i].part),
			        m->rows[i].asked, m->rows[i].measured);
}

char *measured_boxes_complaint(const struct box_kind *k, const char *name)
{
	char *text = NULL;
	size_t len = 0;
	char measured[NAT_TEXT_SIZE];
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	if (k->state == BOX_UNKNOWN) {
		fprintf(out, "%s (%s) could not be measured\n%s", name, k->spec, k->why != NULL ? k->why : "");
	} else {
		fprintf(out, "%s is not what it claims: asked %s, measured %s\n", name, k->spec,
		        nat_format(&k->measurement.measured, measured));
		print_differences(out, &k->measurement);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void measured_boxes_kill(struct measured_boxes *b)
{
	for (size_t i = 0; i < b->count; i++)
		child_doom(&b->kinds[i]->child);
	for (size_t i = 0; i < b->count; i++)
		child_kill(&b->kinds[i]->child);
}

void measured_boxes_clear(struct measured_boxes *b)
{
	measured_boxes_kill(b);
	for (size_t i = 0; i < b->count; i++) {
		struct box_kind *k = b->kinds[i];

		child_clear(&k->child);
		free(k->sabotage);
		free(k->why);
		free(k);
	}
	free(b->kinds);
	*b = (struct measured_boxes){ 0 };
}

struct box_totals measured_boxes_totals(const struct measured_boxes *b)
{
	struct box_totals totals = { 0 };

	for (size_t i = 0; i < b->count; i++) {
		totals.agree += b->kinds[i]->state == BOX_AGREES;
		totals.differ += b->kinds[i]->state == BOX_DIFFERS;
		totals.unknown += b->kinds[i]->state == BOX_UNKNOWN;
	}
	return totals;
}
