#include "runner/scenario_run.h"

#include "evidence/record.h"
#include "lab/lab_evidence.h"
#include "nat/oracle.h"
#include "runner/scenario_message.h"
#include "result/run_folder.h"

#include "io/clock.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(struct scenario_run *t, const char *what, const char *why)
{
	char message[512];

	utf8_print(message, sizeof message, "%s%s", what, why);
	outcome_fail(&t->outcome, message);
	t->has_outcome = true;
}

/* What the lab and the scenario logged, beside its trace. */
static void keep_log(const struct scenario_run *t, const char *log)
{
	char path[PATH_MAX];
	FILE *out = NULL;

	if (t->folder != NULL && snprintf(path, sizeof path, "%s/log.txt", t->folder) < PATH_MAX)
		out = fopen(path, "we");
	if (out != NULL && (fputs(log, out) < 0 || fclose(out) != 0))
		log_warning("%s: %s", path, strerror(errno));
}

static void end(struct scenario_run *t)
{
	char *log = child_log(&t->child);

	t->state = SCENARIO_RUN_ENDED;
	if (t->ended_ms == 0)
		t->ended_ms = clock_now_ms();
	t->seconds = (double)(t->ended_ms - t->began_ms) / 1000;
	if (log != NULL) {
		keep_log(t, log);
		outcome_add_details(&t->outcome, "log:");
		outcome_add_details(&t->outcome, log);
	}
	free(log);
	child_clear(&t->child);
}

void scenario_run_start(struct scenario_run *t, const char *run)
{
	char folder[PATH_MAX];

	t->began_ms = clock_now_ms();
	t->state = SCENARIO_RUN_RUNS;
	t->child.fd = t->child.log_fd = -1;
	if (run_folder_make_scenario(run, t->index + 1, t->process.scenario->name, folder) != 0)
		fail(t, "its output folder could not be made: ", strerror(errno));
	else if ((t->folder = strdup(folder)) == NULL)
		fail(t, "out of memory", "");
	if (!t->has_outcome) {
		t->process.folder = t->folder;
		if (child_start(&t->child, scenario_process_run, &t->process) == 0)
			return;
		fail(t, "its world could not be made: ", strerror(errno));
	}
	end(t);
}

/* For whom the messages are. */
struct message_taking {
	struct scenario_run *run;
	struct measured_boxes *boxes;
};

static void take_box(void *context, const struct scenario_message_box *told)
{
	struct scenario_run *t = ((const struct message_taking *)context)->run;
	struct scenario_run_box *b = &t->boxes[t->box_count];

	if (t->box_count == TOPOLOGY_NODES)
		return;
	b->kind = measured_boxes_add(((const struct message_taking *)context)->boxes, told->spec, told->sabotage,
	                             CHECK_QUICK);
	if (b->kind < 0) {
		fail(t, "a box whose kind cannot be measured: ", told->spec);
		return;
	}
	snprintf(b->name, sizeof b->name, "%s", told->name);
	t->box_count++;
}

/* One that failed for another reason keeps that. */
static void take_outcome(void *context, struct outcome *o)
{
	struct scenario_run *t = ((const struct message_taking *)context)->run;

	t->lacks_comments =
	    t->process.spares_comments && o->result != OUTCOME_FAILED; /* as it was when that was decided */
	if (t->has_outcome)
		outcome_clear(o);
	else
		t->outcome = *o;
	t->has_outcome = true;
}

void scenario_run_read(struct scenario_run *t, struct measured_boxes *boxes)
{
	struct message_taking taking = { t, boxes };
	const struct scenario_message_receiver receiver = { &taking, take_box, take_outcome };
	bool ended = child_read(&t->child);
	char how[EXIT_STATUS_TEXT_SIZE];

	if (t->child.text != NULL)
		t->read += scenario_message_read(t->child.text + t->read, t->child.len - t->read, &receiver);
	if (t->child.is_leaving && t->ended_ms == 0)
		t->ended_ms = clock_now_ms();
	if (!ended)
		return;
	if (!t->has_outcome)
		fail(t, "its process ", exit_status_text(t->child.status, how));
	end(t);
}

uint64_t scenario_run_deadline_ms(const struct scenario_run *t)
{
	return t->began_ms + UINT64_C(1000) * (t->process.timeout_s + SCENARIO_RUN_GRACE_S);
}

void scenario_run_kill(struct scenario_run *t)
{
	char limit[32];

	child_kill(&t->child);
	snprintf(limit, sizeof limit, "%u s", t->process.timeout_s);
	fail(t, "killed: it did not end by itself after its time limit of ", limit);
	end(t);
}

bool scenario_run_is_decided(const struct scenario_run *t, const struct measured_boxes *boxes)
{
	if (t->state != SCENARIO_RUN_ENDED)
		return false;
	for (size_t i = 0; i < t->box_count; i++)
		if (!measured_boxes_is_settled(boxes->kinds[t->boxes[i].kind]))
			return false;
	return true;
}

/* The first line of a complaint is the message, the rest details. */
static void complain(struct scenario_run *t, char *complaint)
{
	char *rest = strchr(complaint, '\n');

	if (rest != NULL)
		*rest++ = '\0';
	outcome_fail(&t->outcome, complaint);
	if (rest != NULL)
		outcome_add_details(&t->outcome, rest);
}

/* The NAT of the scenario's box of that name as it was measured; "" is no box. NULL: there is none. */
static const struct nat *measured_nat(const struct scenario_run *t, const struct measured_boxes *boxes,
                                      const char *name)
{
	static const struct nat open_nat = { .kind = NAT_OPEN };

	if (name[0] == '\0')
		return &open_nat;
	for (size_t i = 0; i < t->box_count; i++)
		if (strcmp(t->boxes[i].name, name) == 0)
			return &boxes->kinds[t->boxes[i].kind]->measurement.measured;
	return NULL;
}

/* Tells the scenario's cell, if it has one, what must come of the punch. */
static void tell_cell(struct outcome *o, const struct outcome_punch *p, const struct oracle *said)
{
	bool depends = said->verdict == ORACLE_DEPENDS;

	/* Of several punches one is enough. */
	if (o->cell == NULL || json_is_true(json_object_get(o->cell, "expected")))
		return;
	outcome_tell(&o->cell, "expected", json_boolean(depends ? p->opened : said->verdict == ORACLE_OPEN));
	if (depends)
		outcome_tell(&o->cell, "note", json_string(said->why));
}

static struct oracle oracle_of(const struct nat *a, const struct nat *b, const struct outcome_punch *p)
{
	const struct nat own_a = nat_ipv6(a), own_b = nat_ipv6(b);
	bool is_ipv6 = p->family == ADDRESS_IPV6;

	if (p->boxes[0][0] != '\0' && strcmp(p->boxes[0], p->boxes[1]) == 0)
		return oracle_hairpin(is_ipv6 ? &own_a : a, p->protocol);
	return oracle_punch(is_ipv6 ? &own_a : a, is_ipv6 ? &own_b : b, p->protocol);
}

/* Compares what came of a punch with what the oracle says. Where that depends on who comes first, it only says so. */
static void ask_oracle(struct scenario_run *t, struct outcome_punch *p, const struct measured_boxes *boxes)
{
	const struct nat *a = measured_nat(t, boxes, p->boxes[0]), *b = measured_nat(t, boxes, p->boxes[1]);
	struct oracle said;
	char message[512];

	if (a == NULL || b == NULL)
		return;
	said = oracle_of(a, b, p);
	p->oracle = said.verdict;
	p->has_oracle = true;
	tell_cell(&t->outcome, p, &said);
	if (said.verdict == ORACLE_DEPENDS || p->opened == (said.verdict == ORACLE_OPEN))
		return;
	snprintf(message, sizeof message, "the punch %s, but by what was measured of the boxes it must %s: %s",
	         p->opened ? "opened" : "stayed shut", p->opened ? "stay shut" : "open", said.why);
	outcome_fail(&t->outcome, message);
}

void scenario_run_judge(struct scenario_run *t, const struct measured_boxes *boxes)
{
	for (size_t i = 0; i < t->outcome.punch_count && t->outcome.result == OUTCOME_PASSED; i++)
		ask_oracle(t, &t->outcome.punches[i], boxes);
	for (size_t i = 0; i < t->box_count; i++) {
		const struct box_kind *k = boxes->kinds[t->boxes[i].kind];
		char *complaint;

		if (k->state == BOX_AGREES || t->outcome.result == OUTCOME_SKIPPED)
			continue;
		complaint = measured_boxes_complaint(k, t->boxes[i].name);
		if (complaint != NULL)
			complain(t, complaint);
		free(complaint);
	}
}

/* The path of a file in its folder, if it is there, or NULL. */
static const char *evidence(const struct scenario_run *t, const char *name, char *path)
{
	if (t->folder == NULL || snprintf(path, PATH_MAX, "%s/%s", t->folder, name) >= PATH_MAX)
		return NULL;
	return access(path, R_OK) == 0 ? path : NULL;
}

void scenario_run_record(struct scenario_run *t)
{
	const struct outcome *o = &t->outcome;
	char path[PATH_MAX];
	struct record *r = evidence(t, "trace.jsonl", path) != NULL ? record_open(path) : NULL;

	if (r == NULL)
		return;
	record_write(r, &(struct record_line){ .type = RECORD_RESULT,
	                                       .result.passed = o->result != OUTCOME_FAILED,
	                                       .result.message = o->message,
	                                       .result.at = o->at,
	                                       .result.seconds = t->seconds });
	if (record_error(r) != 0)
		fail(t, "the record could not be written: ", strerror(record_error(r)));
	record_close(r);
}

void scenario_run_add_comments(struct scenario_run *t)
{
	char path[PATH_MAX], lost[LAB_ERROR_SIZE] = "";

	if (!t->lacks_comments || evidence(t, "trace.pcapng", path) == NULL)
		return;
	t->lacks_comments = false;
	lab_evidence_annotate(t->folder, lost);
	if (lost[0] != '\0')
		outcome_lose(&t->outcome, lost);
}

void scenario_run_look_for_trace(struct scenario_run *t)
{
	static const char *const files[] = { "trace.pcapng", "trace.jsonl" };
	char path[PATH_MAX], lost[PATH_MAX + 64];

	for (size_t i = 0; t->outcome.has_trace && i < sizeof files / sizeof *files; i++) {
		if (evidence(t, files[i], path) != NULL)
			continue;
		t->outcome.has_trace = false; /* said once */
		utf8_print(lost, sizeof lost, "%s: it was removed since the scenario ended", path);
		outcome_lose(&t->outcome, lost);
	}
}

const char *scenario_run_trace(const struct scenario_run *t, char *path)
{
	return evidence(t, "trace.pcapng", path);
}

void scenario_run_clear(struct scenario_run *t)
{
	if (t->state == SCENARIO_RUN_RUNS) {
		child_kill(&t->child);
		child_clear(&t->child);
	}
	outcome_clear(&t->outcome);
	free(t->why);
	free(t->folder);
	t->folder = NULL;
}
