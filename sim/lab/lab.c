#include "lab/lab.h"

#include "lab/lab_internal.h"

#include "lab/lab_dns.h"
#include "lab/lab_evidence.h"
#include "lab/lab_fail.h"
#include "lab/world_notes.h"

#include "cable/cable.h"
#include "observe/capture.h"
#include "evidence/record.h"
#include "model/roaming.h"
#include "model/topology_ipv6.h"
#include "observe/rule_changes.h"
#include "observe/rule_counters.h"
#include "world/command.h"

#include "io/clock.h"
#include "io/log.h"
#include "base/shell.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packets sent by the lab itself before the recorder has its turn: an answer to each fits the least ring, too. */
#define BURST 64

/* How long programs may take to heed SIGTERM, at the end. */
#define PROGRAM_PATIENCE_MS 1000

struct lab *lab_new(const struct lab_settings *settings)
{
	struct lab *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->settings = *settings;
	l->topology.plan = settings->addresses;
	l->topology.families = settings->families;
	l->began_ns = clock_wall_ns();
	return l;
}

void lab_spare_comments(struct lab *l)
{
	l->spares_comments = true;
}

const struct topology *lab_topology(const struct lab *l)
{
	return &l->topology;
}

struct lab_dns *lab_dns_of(struct lab *l)
{
	return &l->dns;
}

const struct world *lab_world(const struct lab *l)
{
	return &l->world;
}

bool lab_stands(const struct lab *l)
{
	return l->ready || l->failed;
}

struct cable *lab_cable(const struct lab *l)
{
	return l->cable;
}

struct lab_link_state *lab_link_state(struct lab *l, int node, int link)
{
	return &l->link_states[node][link];
}

double lab_now_s(const struct lab *l)
{
	return (double)(clock_wall_ns() - l->began_ns) / 1e9;
}

bool lab_is_late(const struct lab *l)
{
	return clock_now_ms() >= l->settings.deadline_ms;
}

void lab_step(struct lab *l, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	utf8_vprint(text, sizeof text, format, args);
	va_end(args);
	record_write(l->record, &(struct record_line){ .type = RECORD_STEP, .step.text = text });
}

/* --- the world for real ------------------------------------------------------------------------ */

static void tell_boxes(const struct lab *l)
{
	char spec[NAT_TEXT_SIZE];

	if (l->settings.uses_box == NULL)
		return;
	for (size_t i = 0; i < l->topology.count; i++) {
		const struct node *n = &l->topology.nodes[i];

		if (n->kind == NODE_BOX)
			l->settings.uses_box(l->settings.argument, n->name, nat_format(&n->nat, spec),
			                     l->sabotage[i] != NULL ? l->sabotage[i] : "");
	}
}

/* Links to the internet that were given no weather of their own have that of the settings. */
struct weather lab_weather_of(const struct lab *l, const struct link *link)
{
	char error[WEATHER_ERROR_SIZE];
	struct weather w = link->weather;

	if (l->settings.weather != NULL && link->behind == TOPOLOGY_INTERNET && w.mtu == 0 &&
	    !weather_needs_cable(&w) && weather_parse(l->settings.weather, &w, error) != 0)
		return link->weather;
	return w;
}

static void spread_weather(struct lab *l)
{
	for (size_t i = 0; i < l->topology.count; i++)
		for (size_t k = 0; k < l->topology.nodes[i].link_count; k++) {
			struct weather w = lab_weather_of(l, &l->topology.nodes[i].links[k]);

			topology_set_weather(&l->topology, (int)i, (int)k, &w);
		}
}

/* A box that maps ports for who asks, by miniupnpd, or -1. */
static int find_mapper(const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->nodes[i].kind == NODE_BOX && nat_maps_ports(&t->nodes[i].nat))
			return (int)i;
	return -1;
}

/* miniupnpd maps nothing behind an address that does not count as public, and says nothing of it to us. */
static int refuse_mappers(const struct lab *l, char error[LAB_ERROR_SIZE])
{
	int box = find_mapper(&l->topology);

	if (box < 0 || l->topology.plan != ADDRESS_PLAN_DOCUMENTATION)
		return 0;
	return lab_fail(
	    error, l->topology.nodes[box].name,
	    "upnp, nat-pmp and pcp need ordinary addresses, those of the documentation do not count as public");
}

static int await_capture(struct lab *l, char error[LAB_ERROR_SIZE])
{
	if (l->capture != NULL && capture_wait(l->capture) == 0)
		return 0;
	return lab_fail(error, "the capture could not be started", "see its log");
}

/* Who announces himself as soon as his box has its rules (SSDP's "alive") is captured from his first packet on. */
static int finish_world(struct lab *l, const char *const *sabotage, char error[LAB_ERROR_SIZE])
{
	bool speaks = find_mapper(&l->topology) >= 0;

	if (speaks && await_capture(l, error) != 0)
		return -1;
	if (world_finish(&l->world, sabotage) != 0)
		return lab_fail(error, "the world could not be built", "see its log");
	return speaks ? 0 : await_capture(l, error);
}

static int start(struct lab *l, char error[LAB_ERROR_SIZE])
{
	char record[PATH_MAX], trace[PATH_MAX];
	const char *const *sabotage = (const char *const *)l->sabotage;
	int begun;

	snprintf(record, sizeof record, "%s/trace.jsonl", l->settings.folder);
	snprintf(trace, sizeof trace, "%s/trace.pcapng", l->settings.folder);
	spread_weather(l);
	if (refuse_mappers(l, error) != 0 || topology_check_ipv6(&l->topology, error) != 0)
		return -1;
	if (roaming_lease(&l->topology, error) != 0)
		return -1;
	tell_boxes(l);
	l->record = record_open(record);
	if (l->record == NULL)
		return lab_fail(error, record, strerror(errno));
	begun = world_begin(&l->world, &l->topology);
	l->topology = l->world.topology; /* temporary addresses are known now */
	world_notes_begin(l->record, &l->topology, l->settings.scenario, l->settings.file);
	if (begun != 0)
		return lab_fail(error, "the world could not be built", "see its log");
	if (topology_needs_cable(&l->topology)) {
		l->cable = cable_start(&l->world, l->record, l->settings.seed);
		if (l->cable == NULL)
			return lab_fail(error, "the cable could not be started", "see its log");
	}
	l->capture = capture_begin(&l->world, trace, l->record, l->cable != NULL ? cable_fence_socket(l->cable) : -1);
	if (finish_world(l, sabotage, error) != 0)
		return -1;
	rule_changes_open(&l->rule_changes, &l->world);
	l->group = process_group_new(&l->world, l->record, l->settings.folder);
	return l->group != NULL ? 0 : lab_fail(error, "programs cannot be started", strerror(errno));
}

int lab_ready(struct lab *l, char error[LAB_ERROR_SIZE])
{
	if (l->ready)
		return 0;
	if (l->failed)
		return lab_fail(error, "the world", "could not be built");
	l->failed = start(l, error) != 0;
	l->ready = !l->failed;
	if (l->ready && lab_dns_start(l, error) != 0) {
		l->ready = false;
		l->failed = true;
	}
	return l->ready ? 0 : -1;
}

/* --- what goes on in it ------------------------------------------------------------------------ */

/* The record has it from before anybody could use it. */
static int follow_temporary(struct lab *l, int host, uint64_t since_ns, char error[LAB_ERROR_SIZE])
{
	int news = world_follow_temporary(&l->world, host);

	if (news < 0)
		return lab_fail(error, l->topology.nodes[host].name, "its temporary address is not known; see the log");
	if (news == 0)
		return 0;
	l->topology.nodes[host] = l->world.topology.nodes[host];
	world_notes_interface(l->record, &l->topology, host, 0, since_ns);
	return lab_dns_follow(l, error);
}

int lab_settle(struct lab *l, char error[LAB_ERROR_SIZE])
{
	if (lab_ready(l, error) != 0)
		return -1;
	if (world_settle(&l->world) != 0)
		return lab_fail(error, "the world", "its routes are not kept; see the log");
	for (int i = 0; i < (int)l->topology.count; i++)
		if (l->topology.nodes[i].has_temporary && follow_temporary(l, i, clock_wall_ns(), error) != 0)
			return -1;
	return 0;
}

int lab_renew_temporary(struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &l->topology.nodes[host];
	uint64_t since_ns;

	if (lab_settle(l, error) != 0)
		return -1;
	if (n->links[0].temporary_count == 0)
		return lab_fail(error, n->name, "it has no temporary address: say temporary=true where it is made");
	lab_step(l, "%s: a new temporary address", n->name);
	since_ns = clock_wall_ns();
	if (world_renew_temporary(&l->world, host) != 0)
		return lab_fail(error, n->name, "the kernel made no temporary address; see the log");
	return follow_temporary(l, host, since_ns, error);
}

struct process *lab_run(struct lab *l, int node, const struct process_options *options, char error[LAB_ERROR_SIZE])
{
	return lab_settle(l, error) == 0 ? process_start(l->group, node, options, error) : NULL;
}

struct process *lab_program(const struct lab *l, size_t index)
{
	return l->group != NULL ? process_of(l->group, index) : NULL;
}

bool lab_wait(struct lab *l, uint64_t until_ms)
{
	uint64_t deadline = until_ms < l->settings.deadline_ms ? until_ms : l->settings.deadline_ms;

	rule_changes_record(&l->rule_changes, &l->world, l->record);
	if (clock_now_ms() >= deadline)
		return false;
	return process_pump(l->group, deadline) == 0;
}

void lab_pump(struct lab *l)
{
	if (l->group != NULL && process_pump(l->group, 0) != 0)
		return; /* nothing came */
}

void lab_watch(struct lab *l)
{
	if (l->capture != NULL)
		capture_watch(l->capture);
}

int lab_command(struct lab *l, int node, const char *const *argv, char error[LAB_ERROR_SIZE])
{
	struct command c = { .argv = argv, .netns_fd = -1 };
	char line[256];

	if (lab_settle(l, error) != 0)
		return -1;
	shell_line(argv, line, sizeof line);
	lab_step(l, "%s: %s", l->topology.nodes[node].name, line);
	if (world_run(&l->world, node, &c) == 0)
		return 0;
	c.output[strcspn(c.output, "\n")] = '\0';
	return lab_fail(error, line, c.output[0] != '\0' ? c.output : "failed");
}

long lab_count(struct lab *l, const char *interface, const char *filter, double since_s, char error[LAB_ERROR_SIZE])
{
	uint64_t since_ns = since_s > 0 ? l->began_ns + (uint64_t)(since_s * 1e9) : 0;

	if (lab_ready(l, error) != 0)
		return -1;
	l->burst = 0;
	return capture_count(l->capture, interface, filter, since_ns, error);
}

int lab_flush(struct lab *l, char error[LAB_ERROR_SIZE])
{
	if (lab_ready(l, error) != 0)
		return -1;
	l->burst = 0;
	if (capture_flush(l->capture) != 0)
		return lab_fail(error, "the capture is not whole", capture_problem(l->capture));
	return 0;
}

int lab_note_sent(struct lab *l, size_t packets, char error[LAB_ERROR_SIZE])
{
	l->burst += packets;
	return l->burst < BURST ? 0 : lab_catch_up(l, error);
}

int lab_catch_up(struct lab *l, char error[LAB_ERROR_SIZE])
{
	l->burst = 0;
	if (capture_catch_up(l->capture) != 0)
		return lab_fail(error, "the capture is not whole", capture_problem(l->capture));
	return 0;
}

const char *lab_folder(const struct lab *l)
{
	return l->settings.folder;
}

/* --- its end ----------------------------------------------------------------------------------- */

static void free_all(struct lab *l)
{
	for (size_t i = 0; i < TOPOLOGY_NODES; i++)
		free(l->sabotage[i]);
	free(l);
}

/* What programs said and is not in its file, of which the log has the reason where it could not be written. */
static void note_lost_output(const struct lab *l, char lost[LAB_ERROR_SIZE])
{
	const struct process *p;
	char name[PROCESS_NAME_SIZE];

	for (size_t i = 0; (p = lab_program(l, i)) != NULL; i++) {
		uint64_t size;
		const char *path = process_file(p, &size);

		if (!process_output_is_whole(p))
			snprintf(lost, LAB_ERROR_SIZE, "not all that %s said could be written", process_name(p, name));
		else if (lab_evidence_look_for(path, size, lost) != 0)
			return;
	}
}

static void end_programs(const struct lab *l, char lost[LAB_ERROR_SIZE])
{
	if (l->group == NULL)
		return;
	process_group_end(l->group, PROGRAM_PATIENCE_MS);
	note_lost_output(l, lost);
	process_group_free(l->group);
}

/* Nothing is under way any more when the rules' counters are read. */
static int record_rules(struct lab *l, char error[LAB_ERROR_SIZE])
{
	char reason[RULE_COUNTERS_ERROR_SIZE] = "the capture does not end";

	if (l->capture == NULL || !l->settings.audit)
		return 0;
	if (capture_flush(l->capture) != 0 || rule_counters_record(&l->world, l->record, reason) != 0)
		return lab_fail(error, "the rules' counters could not be read", reason);
	return 0;
}

/* A box that was not what it was to be makes no verdict. */
static int look_for_reapers(const struct lab *l, char error[LAB_ERROR_SIZE])
{
	int dead = l->ready ? world_find_dead_reaper(&l->world) : -1;

	return dead < 0
	           ? 0
	           : lab_fail(error, l->world.topology.nodes[dead].name, "what ends its mappings died; see the log");
}

static int end_capture(const struct lab *l, char error[LAB_ERROR_SIZE])
{
	char path[PATH_MAX], problem[CAPTURE_ERROR_SIZE];
	uint64_t size;

	if (capture_stop(l->capture, &size, problem) != 0)
		return lab_fail(error, "the capture is not whole", problem);
	snprintf(path, sizeof path, "%s/trace.pcapng", l->settings.folder);
	return lab_evidence_look_for(path, size, error);
}

/* An earlier reason stays: what is wrong with the record may follow from it. */
static int end_record(const struct lab *l, bool is_whole, char error[LAB_ERROR_SIZE])
{
	int record_errno = record_error(l->record), result = 0;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/trace.jsonl", l->settings.folder);
	if (record_errno != 0)
		result = lab_fail(error, "the record could not be written", strerror(record_errno));
	else if (is_whole)
		result = lab_evidence_look_for(path, record_length(l->record), error);
	record_close(l->record);
	return result;
}

int lab_end(struct lab *l, struct lab_left *left, char error[LAB_ERROR_SIZE])
{
	int result = look_for_reapers(l, error);
	bool is_whole;

	*left = (struct lab_left){ .has_trace = false };
	if (l->ready)
		world_tell_refused(&l->world);
	end_programs(l, left->lost);
	rule_changes_record(&l->rule_changes, &l->world, l->record);
	rule_changes_close(&l->rule_changes);
	if (record_rules(l, error) != 0)
		result = -1;
	is_whole = l->capture == NULL || end_capture(l, error) == 0;
	cable_stop(l->cable);
	if (l->record != NULL && end_record(l, result == 0 && is_whole, error) != 0)
		is_whole = false;
	left->has_trace = l->capture != NULL && is_whole;
	if (!is_whole)
		result = -1;
	if (result == 0 && left->has_trace && !l->spares_comments)
		lab_evidence_annotate(l->settings.folder, left->lost);
	if (result == 0 && left->has_trace && l->settings.audit)
		result = lab_evidence_audit(l->settings.folder, error);
	free_all(l);
	return result;
}
