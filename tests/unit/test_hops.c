/*
 * Where a packet last seen at one point may be seen next, point by point: in a world of two homes, without directions
 * or with boxes that nobody looked at, of one in another, of one that moved, and of a capture of one's own.
 * tests/unit/sentences/hops has it.
 */
#include "beyond.h"
#include "said.h"
#include "suite.h"
#include "trace/scene.h"

#include <stdlib.h>
#include <string.h>

static struct scene *s;

static void node(enum node_kind kind, const char *name, const char *behind)
{
	CU_ASSERT_TRUE(scene_add_node(s, kind, name, behind == NULL ? SCENE_INTERNET : scene_find(s, behind)) >= 0);
}

static void tell(struct said *said, const char *title)
{
	static const char *const words[] = { "none", "link", "routed", "box", "gap" };
	static const char *const ways[] = { "?", "in", "out" };

	scene_connect(s);
	said_title(said, title);
	for (unsigned a = 0; a < s->interface_count * 3; a++)
		for (unsigned b = 0; b < s->interface_count * 3; b++)
			if (scene_hop(s, a, b) != SCENE_NO_HOP)
				fprintf(said->f, "%s %s > %s %s: %s\n", s->interfaces[a / 3].name, ways[a % 3],
				        s->interfaces[b / 3].name, ways[b % 3], words[scene_hop(s, a, b)]);
}

static void see(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_TRUE(scene_add_interface(s, names[i], 1) >= 0);
	beyond_scene(s);
}

#define SEE(...)                                                                                                       \
	do {                                                                                                           \
		static const char *const names[] = { __VA_ARGS__ };                                                    \
		see(names, sizeof names / sizeof names[0]);                                                            \
	} while (0)

static void two_homes(void)
{
	memset(s, 0, sizeof *s);
	s->from_record = true;
	node(NODE_BOX, "home", NULL);
	node(NODE_BOX, "flat", NULL);
	node(NODE_HOST, "alice", "home");
	node(NODE_HOST, "bob", "flat");
	node(NODE_HOST, "server", NULL);
}

static void every_hop(void)
{
	const struct scene_stay away = { .since_ns = 50, .behind = 1 };
	struct said said;

	s = calloc(1, sizeof *s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	said_begin(&said);
	two_homes();
	SEE("alice eth0", "home lan", "home wan", "flat wan", "bob eth0", "server eth0");
	tell(&said, "two homes, of one the lan is not seen");
	two_homes();
	SEE("alice eth0", "bob eth0");
	tell(&said, "the hosts alone");
	two_homes();
	CU_ASSERT_TRUE(scene_add_stay(s, 2, "wlan0", &away));
	SEE("alice wlan0", "home lan", "flat lan", "server eth0");
	tell(&said, "alice moves to the flat");
	two_homes();
	node(NODE_BOX, "room", "home");
	node(NODE_HOST, "carol", "room");
	SEE("carol eth0", "room lan", "home lan", "home wan", "server eth0");
	tell(&said, "a home in a home");
	memset(s, 0, sizeof *s);
	SEE("router lan", "router wan", "eth1", "pc eth0");
	tell(&said, "a capture of one's own");
	said_end(&said, "tests/unit/sentences/hops");
	free(s);
}

SUITE(hops, TEST(every_hop))
