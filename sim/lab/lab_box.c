#include "lab/lab_box.h"

#include "lab/lab_fail.h"

#include "check/check.h"
#include "io/clock.h"
#include "observe/rule_counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 64 /* of a command line, the end included */

int lab_reboot(struct lab *l, int box, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	uint64_t since_ns = clock_wall_ns();
	int result;

	if (lab_ready(l, error) != 0)
		return -1;
	lab_step(l, "%s: reboot", t->nodes[box].name);
	result = world_reboot(lab_world(l), box);
	lab_note_reboot(l, box, since_ns);
	return result == 0 ? 0 : lab_fail(error, t->nodes[box].name, "could not be rebooted; see the log");
}

int lab_iptables(struct lab *l, int box, const char *words, char error[LAB_ERROR_SIZE])
{
	const char *argv[WORDS] = { "iptables", "-w" };
	char *copy = strdup(words), *rest = NULL;
	size_t count = 2;
	int result;

	if (copy == NULL)
		return lab_fail(error, "iptables", "out of memory");
	for (char *w = strtok_r(copy, " ", &rest); w != NULL && count + 1 < WORDS; w = strtok_r(NULL, " ", &rest))
		argv[count++] = w;
	result = lab_command(l, box, argv, error);
	if (result == 0)
		lab_note_rules(l, box, argv[0]);
	free(copy);
	return result;
}

/* What is tracked in other zones than 0 are no mappings, unless the box has nothing but mappings there (nat_rules.h).
 */
const struct process *lab_mappings(struct lab *l, int box, char error[LAB_ERROR_SIZE])
{
	const bool all = lab_topology(l)->nodes[box].nat.transport[NAT_UDP].by_port;
	const char *const argv[] = { "conntrack", "-L", "-p", "udp", all ? NULL : "-w", "0", NULL };
	const struct process_options o = { .argv = argv };
	const struct process *p = lab_run(l, box, &o, error);
	int status = 0;

	if (p == NULL)
		return NULL;
	while (!process_ended(p, &status) && lab_wait(l, UINT64_MAX))
		continue;
	if (process_ended(p, &status) && status == 0)
		return p;
	if (status == 0)
		snprintf(error, LAB_ERROR_SIZE, "conntrack -L does not end");
	else
		snprintf(error, LAB_ERROR_SIZE, "conntrack -L ended with status %d", status);
	return NULL;
}

/* Who is told of counters, by names. */
struct counter_reader {
	void (*found)(void *argument, const char *name, uint64_t packets);
	void *argument;
};

static void take_counter(void *reader, const struct record_line *line)
{
	const struct counter_reader *r = reader;
	char name[RECORD_COUNTER_NAME_SIZE];

	r->found(r->argument, record_counter_name(line, name), line->counter.packets);
}

int lab_counters(struct lab *l, int node, void (*found)(void *argument, const char *name, uint64_t packets),
                 void *argument, char error[LAB_ERROR_SIZE])
{
	struct counter_reader reader = { found, argument };
	char why[RULE_COUNTERS_ERROR_SIZE];

	if (lab_flush(l, error) != 0)
		return -1;
	if (counters_read_interfaces(lab_world(l), node, take_counter, &reader) != 0)
		return lab_fail(error, "counters", strerror(errno));
	if (lab_topology(l)->nodes[node].kind == NODE_BOX &&
	    rule_counters_read(lab_world(l), node, take_counter, &reader, why) != 0)
		return lab_fail(error, "counters", why);
	return 0;
}

int lab_check(const char *spec, const char *sabotage, struct measurement *out, char error[LAB_ERROR_SIZE])
{
	struct nat nat;

	if (nat_parse(spec, &nat, error) != 0)
		return -1;
	if (check_box(&nat, sabotage, CHECK_QUICK, out) == 0)
		return 0;
	return lab_fail(error, spec, "the box could not be measured; see the log");
}

int lab_only_box(const struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	const struct node *nodes = lab_topology(l)->nodes;
	int box = topology_way_out(lab_topology(l), host)->behind;

	if (box < 0 || nodes[box].links[0].behind < 0)
		return box;
	snprintf(error, LAB_ERROR_SIZE, "%s: the oracle knows one box in front of a host, not more", nodes[host].name);
	return -2;
}
