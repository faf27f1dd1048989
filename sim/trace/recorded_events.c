#include "trace/recorded_events.h"

#include "base/array.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "trace/complaint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP_TEXT_MAX 512
#define COMPLAINT_TEXT_MAX 120
#define LINES_AT_ONCE 256 /* of conntrack's events, that are read in one turn */

/* What a line is taken into. */
struct taking {
	struct scene *scene;
	struct recorded_events *events;
};

static const char *escape(const char *text, char *out, size_t room)
{
	escape_text(out, room, text, strlen(text), ESCAPE_KEPT_ASCII);
	return out;
}

/* A box may not be known yet by its name alone: it is added, and told of later. */
static int place_of(struct scene *s, const char *behind)
{
	return behind != NULL ? scene_add_node(s, NODE_BOX, behind, SCENE_INTERNET) : SCENE_INTERNET;
}

static bool take_stay(struct scene *s, int node, const struct record_interface *i, uint64_t since_ns)
{
	struct scene_stay stay = { .since_ns = since_ns,
		                   .behind = i->is_unplugged ? SCENE_NOWHERE : place_of(s, i->behind),
		                   .address_count = i->address_count };

	for (size_t k = 0; k < i->address_count; k++)
		stay.addresses[k].address = i->addresses[k];
	return node >= 0 && (i->behind == NULL || stay.behind >= 0) && scene_add_stay(s, node, i->name, &stay);
}

static bool take_node(struct scene *s, const struct record_line *l)
{
	int box = place_of(s, l->node.behind), node;

	node = scene_add_node(s, l->node.kind, l->node.name, box);
	if (node < 0 || node == box)
		return false;
	s->nodes[node].behind = box;
	s->nodes[node].kind = l->node.kind;
	for (size_t i = 0; i < l->node.address_count; i++)
		scene_add_address(s, node, &(struct endpoint){ .address = l->node.addresses[i] });
	s->nodes[node].lan = l->node.lan;
	scene_add_networks(s, node, &l->node.ipv6_lan, &l->node.ipv6_outside);
	escape(l->node.nat != NULL ? l->node.nat : "", s->nodes[node].nat, sizeof s->nodes[node].nat);
	for (size_t i = 0; i < l->node.interface_count; i++)
		if (!take_stay(s, node, &l->node.interfaces[i], 0))
			return false;
	s->from_record = true;
	return true;
}

/* The node of that name, or -1. */
static int node_of(const struct scene *s, const char *name)
{
	char text[2 * SCENE_NAME_SIZE];

	text[utf8_fit(scene_escape_name(name, text), SCENE_NAME_SIZE - 1)] = '\0';
	return scene_find(s, text);
}

static bool is_of_same_entry(const struct recorded_mapping_event *a, const struct recorded_mapping_event *b)
{
	return a->box == b->box && a->protocol == b->protocol && endpoint_equal(&a->orig_src, &b->orig_src) &&
	       endpoint_equal(&a->orig_dst, &b->orig_dst) && endpoint_equal(&a->reply_src, &b->reply_src) &&
	       endpoint_equal(&a->reply_dst, &b->reply_dst);
}

/*
 * The kernel dates an end, but not always what came before it, which then bears the time at which it was read: later
 * than the end of an entry that lived for a moment. The order of the lines is right.
 */
static void put_before_end(struct recorded_events *r, const struct recorded_mapping_event *end)
{
	for (size_t i = r->mapping_event_count, seen = 0; i-- > 0 && seen < LINES_AT_ONCE; seen++) {
		struct recorded_mapping_event *e = &r->mapping_events[i];

		if (!is_of_same_entry(e, end))
			continue;
		if (e->kind == RECORD_DESTROY)
			return;
		if (e->time_ns >= end->time_ns)
			e->time_ns = end->time_ns - 1;
	}
}

static bool take_mapping(const struct scene *s, struct recorded_events *r, const struct record_line *l)
{
	struct recorded_mapping_event e = { .time_ns = l->time_ns,
		                            .box = node_of(s, l->mapping.box),
		                            .kind = l->mapping.event,
		                            .protocol = l->mapping.protocol,
		                            .replied = l->mapping.replied,
		                            .assured = l->mapping.assured,
		                            .timeout_s = l->mapping.timeout_s,
		                            .orig_src = l->mapping.orig.src,
		                            .orig_dst = l->mapping.orig.dst,
		                            .reply_src = l->mapping.reply.src,
		                            .reply_dst = l->mapping.reply.dst };
	struct recorded_mapping_event *event;

	if (e.kind == RECORD_DESTROY)
		put_before_end(r, &e);
	event = e.box >= 0 ? array_add(&r->mapping_events, &r->mapping_event_count, sizeof e) : NULL;
	if (event == NULL)
		return false;
	*event = e;
	return true;
}

/* The one that such a line ends. */
static struct recorded_lease *find_lease(const struct recorded_events *r, int box, const struct lease *lease)
{
	for (size_t i = 0; i < r->lease_count; i++)
		if (r->leases[i].box == box && r->leases[i].ended_ns == 0 && lease_same(&r->leases[i].lease, lease))
			return &r->leases[i];
	return NULL;
}

static bool take_lease(const struct scene *s, struct recorded_events *r, const struct record_line *l)
{
	int box = node_of(s, l->lease.box);
	struct recorded_lease *known = find_lease(r, box, &l->lease.lease);

	if (box < 0)
		return false;
	if (l->lease.event == RECORD_DESTROY) {
		if (known != NULL)
			known->ended_ns = l->time_ns;
		return true;
	}
	known = array_add(&r->leases, &r->lease_count, sizeof *known);
	if (known != NULL)
		*known = (struct recorded_lease){ .time_ns = l->time_ns, .box = box, .lease = l->lease.lease };
	return known != NULL;
}

static bool take_counter(const struct scene *s, struct recorded_events *r, const struct record_line *l)
{
	struct recorded_counter c = { .time_ns = l->time_ns,
		                      .node = node_of(s, l->counter.box),
		                      .counted = l->counter.counted,
		                      .packets = l->counter.packets,
		                      .bytes = l->counter.bytes };
	struct recorded_counter *counter = c.node >= 0 ? array_add(&r->counters, &r->counter_count, sizeof c) : NULL;

	if (counter == NULL)
		return false;
	memcpy(c.interface, l->counter.interface, sizeof c.interface);
	*counter = c;
	return true;
}

static bool take_step(struct recorded_events *r, const struct record_line *l)
{
	char text[STEP_TEXT_MAX];
	struct recorded_step *step = array_add(&r->steps, &r->step_count, sizeof *step);

	if (step == NULL)
		return false;
	step->time_ns = l->time_ns;
	step->text = strdup(escape(l->step.text, text, sizeof text));
	r->step_count -= step->text == NULL;
	return step->text != NULL;
}

static bool take_change(const struct scene *s, struct recorded_events *r, const struct record_line *l)
{
	int node = node_of(s, l->change.node);
	struct recorded_change *change = node >= 0 ? array_add(&r->changes, &r->change_count, sizeof *change) : NULL;

	if (change != NULL)
		*change = (struct recorded_change){ .time_ns = l->time_ns, .node = node, .what = l->change.what };
	return change != NULL;
}

/* What changes how a box is seen from then on. */
static bool take_of_box(struct scene *s, const char *box, const struct record_line *l)
{
	int node = node_of(s, box);

	if (node < 0)
		return false;
	if (l->type == RECORD_NETWORK)
		scene_add_networks(s, node, &l->network.ipv6_lan, &l->network.ipv6_outside);
	s->nodes[node].rebooted |= l->type == RECORD_REBOOT;
	s->nodes[node].rules_changed |= l->type == RECORD_RULES;
	s->nodes[node].has_gap |= l->type == RECORD_GAP;
	return true;
}

static bool take_stop(struct recorded_events *r, const struct record_line *l)
{
	unsigned *stopped = array_add(&r->stopped, &r->stopped_count, sizeof *stopped);

	if (stopped != NULL)
		*stopped = l->stop.id;
	return stopped != NULL;
}

static bool is_stopped(const struct recorded_events *r, unsigned program)
{
	for (size_t i = 0; i < r->stopped_count; i++)
		if (r->stopped[i] == program)
			return true;
	return false;
}

static bool take_output(const struct scene *s, struct recorded_events *r, const struct record_line *l)
{
	char text[COMPLAINT_TEXT_MAX];
	int node = node_of(s, l->said.host);
	struct recorded_complaint *c;

	if (node < 0 || !complaint_is(l->said.text) || is_stopped(r, l->said.id))
		return true;
	escape(l->said.text, text, sizeof text);
	c = array_add(&r->complaints, &r->complaint_count, sizeof *c);
	if (c == NULL)
		return false;
	*c = (struct recorded_complaint){ .time_ns = l->time_ns, .node = node, .text = strdup(text) };
	r->complaint_count -= c->text == NULL;
	return c->text != NULL;
}

/* Other kinds are for others. */
static bool take(void *context, const struct record_line *l)
{
	const struct taking *t = context;

	if (l->type == RECORD_NODE)
		return take_node(t->scene, l);
	if (l->type == RECORD_INTERFACE)
		return take_stay(t->scene, node_of(t->scene, l->interface.node), &l->interface.now, l->time_ns);
	if (l->type == RECORD_NETWORK)
		return take_of_box(t->scene, l->network.box, l);
	if (l->type == RECORD_MAPPING)
		return take_mapping(t->scene, t->events, l);
	if (l->type == RECORD_LEASE)
		return take_lease(t->scene, t->events, l);
	if (l->type == RECORD_COUNTER)
		return take_counter(t->scene, t->events, l);
	if (l->type == RECORD_OUTPUT)
		return take_output(t->scene, t->events, l);
	if (l->type == RECORD_STOP)
		return take_stop(t->events, l);
	if (l->type == RECORD_REBOOT)
		return take_of_box(t->scene, l->reboot.box, l);
	if (l->type == RECORD_CHANGE)
		return take_change(t->scene, t->events, l);
	if (l->type == RECORD_LINK || l->type == RECORD_WEATHER)
		return link_fates_take(&t->events->links, t->scene, l);
	if (l->type == RECORD_RULES)
		return take_of_box(t->scene, l->rules.box, l);
	if (l->type == RECORD_GAP)
		return take_of_box(t->scene, l->gap.box, l);
	return l->type != RECORD_STEP || take_step(t->events, l);
}

int recorded_events_take_line(const char *line, size_t len, struct scene *s, struct recorded_events *out)
{
	struct taking t = { s, out };
	struct record_line l;
	bool is_good = record_line_read(line, len, &l) == 0 && take(&t, &l);

	record_line_free(&l);
	return is_good ? 0 : -1;
}

int recorded_by_time(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static void sort_list(void *list, size_t count, size_t size)
{
	if (list != NULL)
		qsort(list, count, size, recorded_by_time);
}

void recorded_events_sort(struct recorded_events *r)
{
	sort_list(r->mapping_events, r->mapping_event_count, sizeof *r->mapping_events);
	sort_list(r->counters, r->counter_count, sizeof *r->counters);
	sort_list(r->steps, r->step_count, sizeof *r->steps);
	sort_list(r->complaints, r->complaint_count, sizeof *r->complaints);
	link_fates_sort(&r->links);
}

bool recorded_events_has_change(const struct recorded_events *r, int node, enum record_change what, uint64_t from_ns,
                                uint64_t to_ns)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct recorded_change *c = &r->changes[i];

		if (c->node == node && c->what == what && c->time_ns >= from_ns && c->time_ns <= to_ns)
			return true;
	}
	return false;
}

bool recorded_events_is_link_down(const struct recorded_events *r, int box, uint64_t time_ns)
{
	bool is_down = false;

	for (size_t i = 0; i < r->change_count && r->changes[i].time_ns <= time_ns; i++)
		if (r->changes[i].node == box &&
		    (r->changes[i].what == RECORD_LINK_DOWN || r->changes[i].what == RECORD_LINK_UP))
			is_down = r->changes[i].what == RECORD_LINK_DOWN;
	return is_down;
}

int recorded_events_read(const char *path, struct scene *s, struct recorded_events *out)
{
	struct taking t = { s, out };
	int result;

	*out = (struct recorded_events){ 0 };
	result = record_read(path, take, &t, &out->flaws);
	recorded_events_sort(out);
	if (result != 0) {
		int error = errno;

		recorded_events_free(out);
		errno = error;
	}
	return result;
}

void recorded_events_free(struct recorded_events *r)
{
	for (size_t i = 0; i < r->step_count; i++)
		free(r->steps[i].text);
	for (size_t i = 0; i < r->complaint_count; i++)
		free(r->complaints[i].text);
	free(r->complaints);
	free(r->stopped);
	free(r->changes);
	free(r->leases);
	link_fates_free(&r->links);
	free(r->steps);
	free(r->mapping_events);
	free(r->counters);
	*r = (struct recorded_events){ 0 };
}
