#include "lab/lab_roaming.h"

#include "lab/lab_box.h"
#include "lab/lab_fail.h"
#include "lab/lab_link.h"
#include "model/conntrack_entry.h"
#include "model/roaming.h"
#include "model/used_ports.h"
#include "world/host_processes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, const char *why, char error[LAB_ERROR_SIZE])
{
	snprintf(error, LAB_ERROR_SIZE, "%.200s %.300s", what, why);
	return -1;
}

/* A copy of the topology, to be changed; the world stands then. NULL with the reason in `error`. */
static struct topology *draft(struct lab *l, char error[LAB_ERROR_SIZE])
{
	struct topology *next;

	if (lab_ready(l, error) != 0)
		return NULL;
	next = malloc(sizeof *next);
	if (next == NULL)
		snprintf(error, LAB_ERROR_SIZE, "out of memory");
	else
		*next = *lab_topology(l);
	return next;
}

static bool is_carried(const struct lab *l, int node, int link)
{
	return weather_needs_cable(&lab_topology(l)->nodes[node].links[link].weather);
}

static int check_translates(const struct node *n, char error[LAB_ERROR_SIZE])
{
	return n->kind == NODE_BOX && n->nat.kind == NAT_TRANSLATE
	           ? 0
	           : fail(n->name, "translates nothing: it has no address or port of its own to change", error);
}

static int check_movable(const struct node *n, char error[LAB_ERROR_SIZE])
{
	return n->is_movable ? 0
	                     : fail(n->name, "cannot change its network: say interfaces={...} where it is made", error);
}

int lab_unplug(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[node];
	struct topology *next = check_movable(n, error) == 0 ? draft(l, error) : NULL;
	bool is_out = n->links[link].behind == TOPOLOGY_NOWHERE;
	int result = 0;

	if (next == NULL || is_out) {
		free(next);
		return is_out ? fail(n->links[link].interface, "is not plugged in", error) : -1;
	}
	lab_step(l, "%s: unplug %s", n->name, n->links[link].interface);
	if (is_carried(l, node, link))
		result = lab_link_turn(l, (struct cable_link){ node, link }, LAB_LINK_UNPLUGGED, true, error);
	roaming_unplug(next, node, link);
	if (result == 0)
		result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

/* Whether it can be plugged in there, before anything is done. */
static int check_plug(struct lab *l, int node, int link, int behind, char error[LAB_ERROR_SIZE])
{
	struct topology *tried = check_movable(&lab_topology(l)->nodes[node], error) == 0 ? draft(l, error) : NULL;
	int result = tried != NULL ? roaming_plug(tried, node, link, behind, error) : -1;

	free(tried);
	return result;
}

int lab_plug(struct lab *l, int node, int link, int behind, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	const struct node *n = &t->nodes[node];
	struct topology *next;
	int result;

	if (check_plug(l, node, link, behind, error) != 0 ||
	    (n->links[link].behind != TOPOLOGY_NOWHERE && lab_unplug(l, node, link, error) != 0))
		return -1;
	next = draft(l, error);
	if (next == NULL)
		return -1;
	lab_step(l, "%s: plug %s in %s", n->name, n->links[link].interface,
	         behind >= 0 ? t->nodes[behind].name : "at the internet");
	result = roaming_plug(next, node, link, behind, error);
	if (result == 0 && is_carried(l, node, link))
		result = lab_link_turn(l, (struct cable_link){ node, link }, LAB_LINK_UNPLUGGED, false, error);
	if (result == 0)
		result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

int lab_route(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[node];
	struct topology *next;
	int result;

	if (n->links[link].behind == TOPOLOGY_NOWHERE)
		return fail(n->links[link].interface, "is unplugged: no way out", error);
	next = draft(l, error);
	if (next == NULL)
		return -1;
	lab_step(l, "%s: the way out is %s", n->name, n->links[link].interface);
	roaming_prefer(next, node, link);
	result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

int lab_renumber(struct lab *l, int box, bool keep_flows, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[box];
	struct topology *next;
	int result;

	next = check_translates(n, error) == 0 ? draft(l, error) : NULL;
	if (next == NULL)
		return -1;
	result = roaming_renumber(next, box, error);
	if (result == 0) {
		lab_step(l, "%s: renumber%s", n->name, keep_flows ? ", and flows are kept" : "");
		lab_note_change(l, box, RECORD_RENUMBERED);
		result = lab_change(l, next, box, !keep_flows, error);
	}
	free(next);
	return result == 0 ? lab_settle(l, error) : -1;
}

/* --- other ports ------------------------------------------------------------------------------- */

/* Tells of each of the UDP entries that a box has just now. `take` returns -1 with a message to end it. */
static int visit_entries(struct lab *l, int box,
                         int (*take)(struct lab *l, int box, const struct conntrack_entry *e, void *context,
                                     char *error),
                         void *context, char error[LAB_ERROR_SIZE])
{
	const struct process *p = lab_mappings(l, box, error);
	const char *line;
	int stream, result = p != NULL ? 0 : -1;

	for (size_t i = 0; result == 0 && (line = process_line(p, i, &stream)) != NULL; i++) {
		struct conntrack_entry e;

		if (stream == 1 && conntrack_entry_parse(line, &e) == 0)
			result = take(l, box, &e, context, error);
	}
	return result;
}

static int take_port(struct lab *l, int box, const struct conntrack_entry *e, void *used, char *error)
{
	(void)l;
	(void)box;
	(void)error;
	used_ports_add(used, e->reply_dst.port);
	return 0;
}

int lab_rebind(struct lab *l, int box, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[box];
	struct nat nat = n->nat;
	struct used_ports used = { .bits = { 0 } };

	if (check_translates(n, error) != 0 || lab_ready(l, error) != 0 ||
	    visit_entries(l, box, take_port, &used, error) != 0)
		return -1;
	nat.transport[NAT_UDP].ports = NAT_PORTS_RANDOM;
	if (nat.transport[NAT_TCP].ports == NAT_PORTS_SEQUENTIAL) /* a range as wide as the gap, port by port */
		nat.transport[NAT_TCP].ports = NAT_PORTS_RANDOM;
	if (used_ports_widest_gap(&used, &nat.port_low, &nat.port_high) < NAT_RANGE_MIN)
		return fail(n->name, "has no 64 ports in a row that none of its mappings has", error);
	lab_step(l, "%s: rebind", n->name);
	lab_note_change(l, box, RECORD_REBOUND);
	return lab_change_nat(l, box, &nat, error);
}

/* --- answers that are lost ---------------------------------------------------------------------- */

#define FORGOTTEN "forgotten" /* a set of inside address, its port, outside address */

static int take_flow(struct lab *l, int box, const struct conntrack_entry *e, void *lan, char *error)
{
	bool is_outbound = subnet_contains(lan, &e->src.address);
	const struct endpoint *inside = is_outbound ? &e->src : &e->reply_src;
	char own[ADDRESS_TEXT_SIZE], other[ADDRESS_TEXT_SIZE], flow[2 * ADDRESS_TEXT_SIZE + 16];
	const char *const add[] = { "ipset", "add", FORGOTTEN, flow, "-exist", NULL };

	snprintf(flow, sizeof flow, "%s,udp:%u,%s", address_format(&inside->address, own), (unsigned)inside->port,
	         address_format(is_outbound ? &e->dst.address : &e->src.address, other));
	return lab_command(l, box, add, error);
}

/* Whatever passes either way keeps a flow in the set; what nothing passes for so long is as good as new. */
int lab_forget_answers(struct lab *l, int box, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[box];
	const char *wan = topology_way_out(lab_topology(l), box)->interface;
	char life[16], keep_out[160], keep_in[160], drop[160];
	const char *const create[] = {
		"ipset", "create", FORGOTTEN, "hash:ip,port,ip", "timeout", life, "-exist", NULL
	};
	struct subnet lan = n->lan;

	snprintf(life, sizeof life, "%u", nat_stream_timeout_s(&n->nat));
	snprintf(keep_out, sizeof keep_out,
	         "-I FORWARD -o %s -p udp -m set --match-set " FORGOTTEN " src,src,dst -j SET --add-set " FORGOTTEN
	         " src,src,dst --exist",
	         wan);
	snprintf(drop, sizeof drop, "-I FORWARD -i %s -p udp -m set --match-set " FORGOTTEN " dst,dst,src -j DROP",
	         wan);
	snprintf(keep_in, sizeof keep_in,
	         "-I FORWARD -i %s -p udp -m set --match-set " FORGOTTEN " dst,dst,src -j SET --add-set " FORGOTTEN
	         " dst,dst,src --exist",
	         wan);
	if (check_translates(n, error) != 0 || lab_ready(l, error) != 0)
		return -1;
	lab_step(l, "%s: forgets the answers of its flows", n->name);
	lab_note_change(l, box, RECORD_FORGOT_ANSWERS);
	if (lab_command(l, box, create, error) != 0 || visit_entries(l, box, take_flow, &lan, error) != 0 ||
	    lab_iptables(l, box, keep_out, error) != 0 || lab_iptables(l, box, drop, error) != 0)
		return -1;
	return lab_iptables(l, box, keep_in, error);
}

/* --- a lid that is closed ----------------------------------------------------------------------- */

static int set_interfaces(struct lab *l, int host, bool up, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[host];

	for (size_t k = 0; k < n->link_count; k++) {
		const char *const argv[] = { "ip", "link", "set", n->links[k].interface, up ? "up" : "down", NULL };

		if (lab_command(l, host, argv, error) != 0)
			return -1;
	}
	return up ? lab_settle(l, error) : 0;
}

/* The programs first: none of them is to see the network go. */
int lab_close_lid(struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	if (lab_ready(l, error) != 0)
		return -1;
	lab_step(l, "%s: its lid is closed", lab_topology(l)->nodes[host].name);
	lab_note_change(l, host, RECORD_SLEEPS);
	if (host_processes_stop(lab_world(l)->netns_fds[host]) != 0)
		return lab_fail(error, "its programs cannot be stopped", strerror(errno));
	return set_interfaces(l, host, false, error);
}

int lab_open_lid(struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	lab_step(l, "%s: its lid is opened", lab_topology(l)->nodes[host].name);
	lab_note_change(l, host, RECORD_WAKES);
	if (set_interfaces(l, host, true, error) != 0)
		return -1;
	if (host_processes_continue(lab_world(l)->netns_fds[host]) != 0)
		return lab_fail(error, "its programs cannot go on", strerror(errno));
	return 0;
}
