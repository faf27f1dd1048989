/* What becomes of a world that stands: links and rules that change, and what of that is noted. */
#include "lab/lab_internal.h"

#include "lab/lab_fail.h"
#include "lab/world_notes.h"

#include "evidence/record.h"
#include "observe/rule_counters.h"

#include "io/clock.h"
#include "io/log.h"

#include <stdio.h>

static bool is_same_place(const struct link *a, const struct link *b)
{
	return a->behind == b->behind && a->address_count == b->address_count &&
	       (a->address_count == 0 || address_equal(&a->addresses[0], &b->addresses[0]));
}

static void keep_count(void *dropped, const struct record_line *line)
{
	*(uint64_t *)dropped = line->counter.packets;
}

/* The lab whose boxes get rules, and which. */
struct ruled {
	struct lab *lab;
	bool boxes[TOPOLOGY_NODES];
};

static void note_ruling(void *context, int box)
{
	struct ruled *r = context;
	char why[RULE_COUNTERS_ERROR_SIZE];

	r->boxes[box] = true;
	if (rule_counters_read(&r->lab->world, box, keep_count, &r->lab->world.dropped_before[box], why) != 0)
		log_warning("what its rules had dropped is not counted: %s", why);
}

/* What goes is recorded before it is gone, what comes when it is there: no packet goes where nobody is. */
int lab_change(struct lab *l, const struct topology *next, int node, bool forgets, char error[LAB_ERROR_SIZE])
{
	static struct topology before;
	const struct link *links = next->nodes[node].links;
	struct node *now = &l->topology.nodes[node];
	struct ruled ruled = { .lab = l };
	const struct world_ruling ruling = { note_ruling, &ruled };
	bool moves[TOPOLOGY_LINKS] = { false };
	uint64_t since_ns = clock_wall_ns();
	int result;

	before = l->topology;

	for (size_t k = 0; k < now->link_count; k++) {
		moves[k] = !is_same_place(&now->links[k], &links[k]);
		if (!moves[k])
			continue;
		now->links[k].behind = TOPOLOGY_NOWHERE;
		now->links[k].address_count = 0;
		world_notes_interface(l->record, &l->topology, node, (int)k, 0);
	}
	result = world_change(&l->world, node, links, (const char *const *)l->sabotage, forgets, &ruling);
	l->topology = *next;
	for (size_t k = 0; k < now->link_count; k++)
		if (moves[k] && links[k].behind != TOPOLOGY_NOWHERE)
			world_notes_interface(l->record, &l->topology, node, (int)k, 0);
	world_notes_changes(l->record, &before, &l->topology, node, since_ns);
	for (int i = 0; i < (int)next->count; i++)
		if (ruled.boxes[i])
			lab_note_rules(l, i, "punchlab");
	if (result != 0)
		return lab_fail(error, now->name, "its interfaces could not be changed; see the log");
	return lab_dns_follow(l, error);
}

int lab_change_nat(struct lab *l, int box, const struct nat *nat, char error[LAB_ERROR_SIZE])
{
	int result = world_change_nat(&l->world, box, nat, (const char *const *)l->sabotage);

	l->topology.nodes[box].nat = *nat;
	lab_note_rules(l, box, "punchlab");
	return result == 0
	           ? 0
	           : lab_fail(error, l->topology.nodes[box].name, "its rules could not be changed; see the log");
}

void lab_note_change(struct lab *l, int node, enum record_change what)
{
	record_write(l->record, &(struct record_line){ .type = RECORD_CHANGE,
	                                               .change.node = l->topology.nodes[node].name,
	                                               .change.what = what });
}

void lab_note_reboot(struct lab *l, int box, uint64_t since_ns)
{
	rule_changes_ignore(&l->rule_changes, box);
	record_write(l->record, &(struct record_line){ .type = RECORD_REBOOT,
	                                               .reboot.box = l->topology.nodes[box].name,
	                                               .reboot.since_ns = since_ns });
}

void lab_note_rules(struct lab *l, int box, const char *by)
{
	rule_changes_ignore(&l->rule_changes, box);
	record_write(l->record, &(struct record_line){
				    .type = RECORD_RULES, .rules.box = l->topology.nodes[box].name, .rules.by = by });
}
