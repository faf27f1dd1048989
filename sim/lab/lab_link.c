#include "lab/lab_link.h"

#include <stdio.h>
#include <stdlib.h>

/* Says which link, in what went wrong with it. */
static int fail(const struct lab *l, struct cable_link link, const char *why, char error[LAB_ERROR_SIZE])
{
	char name[TOPOLOGY_LINK_NAME_SIZE];

	snprintf(error, LAB_ERROR_SIZE, "the link %s: %.300s",
	         topology_link_name(lab_topology(l), link.node, link.link, name), why);
	return -1;
}

/* The cable that carries the link, once the world stands and it is carried. NULL with the reason in `error`. */
static struct cable *cable_of(struct lab *l, struct cable_link link, char error[LAB_ERROR_SIZE])
{
	const struct link *on_paper = &lab_topology(l)->nodes[link.node].links[link.link];

	if (lab_ready(l, error) != 0)
		return NULL;
	if (weather_needs_cable(&on_paper->weather))
		return lab_cable(l);
	fail(l, link,
	     "it is a bare cable; made with weather, be it \"fair\" (--link WHO:fair of `up`, link=\"fair\" in a "
	     "scenario), "
	     "it can be changed",
	     error);
	return NULL;
}

static void note(struct lab *l, struct cable_link link, const char *what)
{
	char name[TOPOLOGY_LINK_NAME_SIZE];

	lab_step(l, "link %s: %s", topology_link_name(lab_topology(l), link.node, link.link, name), what);
}

int lab_link_set(struct lab *l, struct cable_link link, const char *weather, char error[LAB_ERROR_SIZE])
{
	char why[CABLE_ERROR_SIZE], message[WEATHER_ERROR_SIZE];
	struct weather w;
	struct cable *c;

	if (weather_parse(weather, &w, message) != 0)
		return fail(l, link, message, error);
	if (!lab_stands(l)) {
		lab_plan_weather(l, link.node, link.link, &w);
		return 0;
	}
	c = cable_of(l, link, error);
	if (c == NULL)
		return -1;
	if (w.mtu != 0)
		return fail(l, link, "its mtu is what it was made with", error);
	note(l, link, weather);
	return cable_set_weather(c, link, &w, why) == 0 ? 0 : fail(l, link, why, error);
}

struct weather lab_link_weather(const struct lab *l, struct cable_link link)
{
	return lab_weather_of(l, &lab_topology(l)->nodes[link.node].links[link.link]);
}

int lab_link_blackhole(struct lab *l, struct cable_link link, bool on, char error[LAB_ERROR_SIZE])
{
	char why[CABLE_ERROR_SIZE];
	struct cable *c = cable_of(l, link, error);
	bool *is_hole = &lab_link_state(l, link.node, link.link)->is_hole;

	if (c == NULL || *is_hole == on)
		return c != NULL ? 0 : -1;
	note(l, link, on ? "a black hole" : "a black hole no longer");
	if (cable_blackhole(c, link, on, why) != 0)
		return fail(l, link, why, error);
	*is_hole = on;
	return 0;
}

static void note_way_out(struct lab *l, struct cable_link link, enum record_change what)
{
	const struct node *n = &lab_topology(l)->nodes[link.node];

	if (n->kind == NODE_BOX && n->link_count == 1)
		lab_note_change(l, link.node, what);
}

/* Who has another way out goes on by that: a box with rules for it. */
static int turn_to_way_out(struct lab *l, struct cable_link link, bool is_disabled, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[link.node];
	struct topology *next;
	int result;

	if (n->link_count == 1 || n->links[link.link].is_disabled == is_disabled)
		return 0;
	next = malloc(sizeof *next);
	if (next == NULL)
		return fail(l, link, "out of memory", error);
	*next = *lab_topology(l);
	next->nodes[link.node].links[link.link].is_disabled = is_disabled;
	result = lab_change(l, next, link.node, false, error);
	free(next);
	return result;
}

static int unplug(struct lab *l, struct cable *c, struct cable_link link, bool off, char error[LAB_ERROR_SIZE])
{
	char why[CABLE_ERROR_SIZE];

	if (cable_unplug(c, link, off, why) != 0)
		return fail(l, link, why, error);
	return world_await_links(lab_world(l), link.node) == 0
	           ? 0
	           : fail(l, link, "its carrier is not seen; see the log", error);
}

/* Nothing is lost of what is sent once it is up: the cable knows before. */
static int disable(struct lab *l, struct cable *c, struct cable_link link, bool off, char error[LAB_ERROR_SIZE])
{
	const char *device = lab_topology(l)->nodes[link.node].links[link.link].interface;
	const char *const argv[] = { "ip", "link", "set", "dev", device, off ? "down" : "up", NULL };
	char why[CABLE_ERROR_SIZE];

	return cable_disable(c, link, off, why) == 0 ? lab_command(l, link.node, argv, error)
	                                             : fail(l, link, why, error);
}

int lab_link_turn(struct lab *l, struct cable_link link, enum lab_link_down how, bool off, char error[LAB_ERROR_SIZE])
{
	static const char *const words[][2] = { { "up", "down" }, { "enabled", "disabled" } };
	struct lab_link_state *state = lab_link_state(l, link.node, link.link);
	bool *is_off = how == LAB_LINK_UNPLUGGED ? &state->is_down : &state->is_disabled;
	struct cable *c = cable_of(l, link, error);

	if (c == NULL || *is_off == off)
		return c != NULL ? 0 : -1;
	note(l, link, words[how][off]);
	if (off)
		note_way_out(l, link, RECORD_LINK_DOWN);
	*is_off = true; /* until it is wholly up */
	if ((how == LAB_LINK_UNPLUGGED ? unplug : disable)(l, c, link, off, error) != 0)
		return -1;
	*is_off = off;
	if (!off)
		note_way_out(l, link, RECORD_LINK_UP);
	if (how == LAB_LINK_UNPLUGGED)
		return 0;
	return lab_settle(l, error) == 0 ? turn_to_way_out(l, link, off, error) : -1;
}

int lab_link_add_rule(struct lab *l, struct cable_link link, const struct cable_rule *rule, char error[LAB_ERROR_SIZE])
{
	static const char *const kinds[] = {
		[CABLE_DROP] = "drops", [CABLE_DELAY] = "delays", [CABLE_PASS] = "passes"
	};
	char why[CABLE_ERROR_SIZE], what[256];
	struct cable *c = cable_of(l, link, error);

	if (c == NULL)
		return -1;
	snprintf(what, sizeof what, "%s \"%s\", from number %u, count %u", kinds[rule->kind], rule->filter, rule->from,
	         rule->count);
	note(l, link, what);
	return cable_add_rule(c, link, rule, why) == 0 ? 0 : fail(l, link, why, error);
}

int lab_link_clear_rules(struct lab *l, struct cable_link link, char error[LAB_ERROR_SIZE])
{
	char why[CABLE_ERROR_SIZE];
	struct cable *c = cable_of(l, link, error);

	if (c == NULL)
		return -1;
	note(l, link, "no rules any more");
	return cable_clear_rules(c, link, why) == 0 ? 0 : fail(l, link, why, error);
}
