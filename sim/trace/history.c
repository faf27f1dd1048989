#include "trace/history.h"

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
struct history_taking {
	struct scene *scene;
	struct history *history;
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

static bool is_of_same_entry(const struct history_event *a, const struct history_event *b)
{
	return a->box == b->box && a->protocol == b->protocol && endpoint_equal(&a->orig_src, &b->orig_src) &&
	       endpoint_equal(&a->orig_dst, &b->orig_dst) && endpoint_equal(&a->reply_src, &b->reply_src) &&
	       endpoint_equal(&a->reply_dst, &b->reply_dst);
}

/*
 * The kernel dates an end, but not always what came before it, which then bears the time at which it was read: later
 * than the end of an entry that lived for a moment. The order of the lines is right.
 */
static void put_before_end(struct history *h, const struct history_event *end)
{
	for (size_t i = h->event_count, seen = 0; i-- > 0 && seen < LINES_AT_ONCE; seen++) {
		struct history_event *e = &h->events[i];

		if (!is_of_same_entry(e, end))
			continue;
		if (e->kind == RECORD_DESTROY)
			return;
		if (e->time_ns >= end->time_ns)
			e->time_ns = end->time_ns - 1;
	}
}

static bool take_mapping(const struct scene *s, struct history *h, const struct record_line *l)
{
	struct history_event e = { .time_ns = l->time_ns,
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
	struct history_event *event;

	if (e.kind == RECORD_DESTROY)
		put_before_end(h, &e);
	event = e.box >= 0 ? array_add(&h->events, &h->event_count, sizeof e) : NULL;
	if (event == NULL)
		return false;
	*event = e;
	return true;
}

/* The one that such a line ends. */
static struct history_lease *find_lease(const struct history *h, int box, const struct lease *lease)
{
	for (size_t i = 0; i < h->lease_count; i++)
		if (h->leases[i].box == box && h->leases[i].ended_ns == 0 && lease_same(&h->leases[i].lease, lease))
			return &h->leases[i];
	return NULL;
}

static bool take_lease(const struct scene *s, struct history *h, const struct record_line *l)
{
	int box = node_of(s, l->lease.box);
	struct history_lease *known = find_lease(h, box, &l->lease.lease);

	if (box < 0)
		return false;
	if (l->lease.event == RECORD_DESTROY) {
		if (known != NULL)
			known->ended_ns = l->time_ns;
		return true;
	}
	known = array_add(&h->leases, &h->lease_count, sizeof *known);
	if (known != NULL)
		*known = (struct history_lease){ .time_ns = l->time_ns, .box = box, .lease = l->lease.lease };
	return known != NULL;
}

static bool take_counter(const struct scene *s, struct history *h, const struct record_line *l)
{
	struct history_counter c = { .time_ns = l->time_ns,
		                     .node = node_of(s, l->counter.box),
		                     .counted = l->counter.counted,
		                     .packets = l->counter.packets,
		                     .bytes = l->counter.bytes };
	struct history_counter *counter = c.node >= 0 ? array_add(&h->counters, &h->counter_count, sizeof c) : NULL;

	if (counter == NULL)
		return false;
	memcpy(c.interface, l->counter.interface, sizeof c.interface);
	*counter = c;
	return true;
}

static bool take_step(struct history *h, const struct record_line *l)
{
	char text[STEP_TEXT_MAX];
	struct history_step *step = array_add(&h->steps, &h->step_count, sizeof *step);

	if (step == NULL)
		return false;
	step->time_ns = l->time_ns;
	step->text = strdup(escape(l->step.text, text, sizeof text));
	h->step_count -= step->text == NULL;
	return step->text != NULL;
}

static bool take_change(const struct scene *s, struct history *h, const struct record_line *l)
{
	int node = node_of(s, l->change.node);
	struct history_change *change = node >= 0 ? array_add(&h->changes, &h->change_count, sizeof *change) : NULL;

	if (change != NULL)
		*change = (struct history_change){ .time_ns = l->time_ns, .node = node, .what = l->change.what };
	return change != NULL;
}

static bool take_reboot(struct scene *s, const struct record_line *l)
{
	int node = node_of(s, l->reboot.box);

	if (node >= 0)
		s->nodes[node].rebooted = true;
	return node >= 0;
}

static bool take_rules(struct scene *s, const struct record_line *l)
{
	int node = node_of(s, l->rules.box);

	if (node >= 0)
		s->nodes[node].rules_changed = true;
	return node >= 0;
}

static bool take_network(struct scene *s, const struct record_line *l)
{
	int node = node_of(s, l->network.box);

	if (node >= 0)
		scene_add_networks(s, node, &l->network.ipv6_lan, &l->network.ipv6_outside);
	return node >= 0;
}

static bool take_gap(struct scene *s, const struct record_line *l)
{
	int node = node_of(s, l->gap.box);

	if (node >= 0)
		s->nodes[node].has_gap = true;
	return node >= 0;
}

static bool take_stop(struct history *h, const struct record_line *l)
{
	unsigned *stopped = array_add(&h->stopped, &h->stopped_count, sizeof *stopped);

	if (stopped != NULL)
		*stopped = l->stop.id;
	return stopped != NULL;
}

static bool is_stopped(const struct history *h, unsigned program)
{
	for (size_t i = 0; i < h->stopped_count; i++)
		if (h->stopped[i] == program)
			return true;
	return false;
}

static bool take_output(const struct scene *s, struct history *h, const struct record_line *l)
{
	char text[COMPLAINT_TEXT_MAX];
	int node = node_of(s, l->said.host);
	struct history_complaint *c;

	if (node < 0 || !complaint_is(l->said.text) || is_stopped(h, l->said.id))
		return true;
	escape(l->said.text, text, sizeof text);
	c = array_add(&h->complaints, &h->complaint_count, sizeof *c);
	if (c == NULL)
		return false;
	*c = (struct history_complaint){ .time_ns = l->time_ns, .node = node, .text = strdup(text) };
	h->complaint_count -= c->text == NULL;
	return c->text != NULL;
}

/* Other kinds are for others. */
static bool take(void *context, const struct record_line *l)
{
	const struct history_taking *t = context;

	if (l->type == RECORD_NODE)
		return take_node(t->scene, l);
	if (l->type == RECORD_INTERFACE)
		return take_stay(t->scene, node_of(t->scene, l->interface.node), &l->interface.now, l->time_ns);
	if (l->type == RECORD_NETWORK)
		return take_network(t->scene, l);
	if (l->type == RECORD_MAPPING)
		return take_mapping(t->scene, t->history, l);
	if (l->type == RECORD_LEASE)
		return take_lease(t->scene, t->history, l);
	if (l->type == RECORD_COUNTER)
		return take_counter(t->scene, t->history, l);
	if (l->type == RECORD_OUTPUT)
		return take_output(t->scene, t->history, l);
	if (l->type == RECORD_STOP)
		return take_stop(t->history, l);
	if (l->type == RECORD_REBOOT)
		return take_reboot(t->scene, l);
	if (l->type == RECORD_CHANGE)
		return take_change(t->scene, t->history, l);
	if (l->type == RECORD_LINK || l->type == RECORD_WEATHER)
		return link_fates_take(&t->history->links, t->scene, l);
	if (l->type == RECORD_RULES)
		return take_rules(t->scene, l);
	if (l->type == RECORD_GAP)
		return take_gap(t->scene, l);
	return l->type != RECORD_STEP || take_step(t->history, l);
}

int history_line(const char *line, size_t len, struct scene *s, struct history *out)
{
	struct history_taking t = { s, out };
	struct record_line l;
	bool is_good = record_line_read(line, len, &l) == 0 && take(&t, &l);

	record_line_free(&l);
	return is_good ? 0 : -1;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x, y;

	/* Every element of these lists begins with its time. */
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static void sort_list(void *list, size_t count, size_t size)
{
	if (list != NULL)
		qsort(list, count, size, by_time);
}

void history_sort(struct history *h)
{
	sort_list(h->events, h->event_count, sizeof *h->events);
	sort_list(h->counters, h->counter_count, sizeof *h->counters);
	sort_list(h->steps, h->step_count, sizeof *h->steps);
	sort_list(h->complaints, h->complaint_count, sizeof *h->complaints);
	link_fates_sort(&h->links);
}

bool history_has_change(const struct history *h, int node, enum record_change what, uint64_t from_ns, uint64_t to_ns)
{
	for (size_t i = 0; i < h->change_count; i++) {
		const struct history_change *c = &h->changes[i];

		if (c->node == node && c->what == what && c->time_ns >= from_ns && c->time_ns <= to_ns)
			return true;
	}
	return false;
}

bool history_is_link_down(const struct history *h, int box, uint64_t time_ns)
{
	bool is_down = false;

	for (size_t i = 0; i < h->change_count && h->changes[i].time_ns <= time_ns; i++)
		if (h->changes[i].node == box &&
		    (h->changes[i].what == RECORD_LINK_DOWN || h->changes[i].what == RECORD_LINK_UP))
			is_down = h->changes[i].what == RECORD_LINK_DOWN;
	return is_down;
}

int history_read(const char *path, struct scene *s, struct history *out)
{
	struct history_taking t = { s, out };
	int result;

	*out = (struct history){ 0 };
	result = record_read(path, take, &t, &out->flaws);
	history_sort(out);
	if (result != 0) {
		int error = errno;

		history_free(out);
		errno = error;
	}
	return result;
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->step_count; i++)
		free(h->steps[i].text);
	for (size_t i = 0; i < h->complaint_count; i++)
		free(h->complaints[i].text);
	free(h->complaints);
	free(h->stopped);
	free(h->changes);
	free(h->leases);
	link_fates_free(&h->links);
	free(h->steps);
	free(h->events);
	free(h->counters);
	*h = (struct history){ 0 };
}
