/* The networks behind boxes, as a record tells of them: also of those that a box gets later. */
#include "suite.h"
#include "trace/recorded_events.h"
#include "trace/scene.h"

#include <stdio.h>
#include <string.h>

static struct scene s; /* too large for a stack */
static struct recorded_events r;

static struct endpoint at(const char *text)
{
	struct endpoint e = { .port = 0 };

	CU_ASSERT_EQUAL_FATAL(address_parse(text, &e.address), 0);
	return e;
}

static void tell(const char *line)
{
	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, strlen(line), &s, &r), 0);
}

#define HOME                                                                                                           \
	"{\"type\":\"node\",\"name\":\"home\",\"kind\":\"box\",\"behind\":null,\"addresses\":[\"33.33.33.1\","         \
	"\"2333::3\"],\"lan\":\"10.0.1.0/24\",\"ipv6_lan\":\"%s\"%s}"
#define ALICE                                                                                                          \
	"{\"type\":\"node\",\"name\":\"alice\",\"kind\":\"host\",\"behind\":\"home\",\"addresses\":[\"10.0.1.2\",%s]}"
#define NETWORK "{\"type\":\"network\",\"t\":5,\"box\":\"home\",%s}"
#define MOVED                                                                                                          \
	"{\"type\":\"interface\",\"t\":5,\"node\":\"alice\",\"interface\":\"eth0\",\"behind\":\"home\","               \
	"\"addresses\":[\"10.0.1.2\",%s]}"

static void begin(const char *lan, const char *outside, const char *alice)
{
	char line[512];

	memset(&s, 0, sizeof s);
	memset(&r, 0, sizeof r);
	snprintf(line, sizeof line, HOME, lan, outside);
	tell(line);
	snprintf(line, sizeof line, ALICE, alice);
	tell(line);
}

static void renumber(const char *networks, const char *alice)
{
	char line[512];

	snprintf(line, sizeof line, NETWORK, networks);
	tell(line);
	snprintf(line, sizeof line, MOVED, alice);
	tell(line);
}

static bool is_called(const char *address, const char *name)
{
	struct endpoint e = at(address);
	char text[SCENE_ENDPOINT_SIZE];

	return strcmp(scene_format(&s, &e, text), name) == 0;
}

static bool in_lan(const char *address)
{
	struct endpoint e = at(address);

	return scene_in_lan(&s, scene_find(&s, "home"), &e);
}

/* What was sent from an address that is deprecated is the box's, too. */
static void a_box_has_each_network_that_it_got(void)
{
	begin("2444:0:3::/64", "", "\"2444:0:3::4\"");
	CU_ASSERT_FALSE(in_lan("2444:0:103::9"));
	CU_ASSERT_TRUE(is_called("2444:0:103::1", "2444:0:103::1"));
	renumber("\"ipv6_lan\":\"2444:0:103::/64\"", "\"2444:0:103::4\"");
	CU_ASSERT_TRUE(in_lan("2444:0:103::9"));
	CU_ASSERT_TRUE(in_lan("2444:0:3::9"));
	CU_ASSERT_FALSE(in_lan("2444:0:203::9"));
	CU_ASSERT_TRUE(in_lan("10.0.1.9"));
	CU_ASSERT_TRUE(is_called("2444:0:103::1", "home"));
	CU_ASSERT_TRUE(is_called("2444:0:3::1", "home"));
	recorded_events_free(&r);
}

static void a_place_outside_is_one_with_the_new_prefix(void)
{
	begin("fd44:0:3:3::/64", ",\"ipv6_outside\":\"2444:0:3::/48\"", "\"fd44:0:3:3::4\",\"2444:0:3:d903::4\"");
	renumber("\"ipv6_lan\":\"fd44:0:3:3::/64\",\"ipv6_outside\":\"2444:0:103::/48\"",
	         "\"fd44:0:3:3::4\",\"2444:0:103:d803::4\"");
	CU_ASSERT_TRUE(is_called("fd44:0:3:3::4", "alice"));
	CU_ASSERT_TRUE(is_called("2444:0:3:d903::4", "alice-outside"));
	CU_ASSERT_TRUE(is_called("2444:0:103:d803::4", "alice-2-outside"));
	CU_ASSERT_EQUAL(s.nodes[scene_find(&s, "home")].ipv6_lans.count, 1);
	recorded_events_free(&r);
}

static void there_is_an_end_of_room(void)
{
	begin("2444:0:3::/64", "", "\"2444:0:3::4\"");
	for (unsigned i = 1; i < SCENE_NETWORKS + 4; i++) {
		char network[64], alice[64];

		snprintf(network, sizeof network, "\"ipv6_lan\":\"2444:0:%x03::/64\"", i);
		snprintf(alice, sizeof alice, "\"2444:0:%x03::4\"", i);
		renumber(network, alice);
	}
	CU_ASSERT_EQUAL(s.nodes[scene_find(&s, "home")].ipv6_lans.count, SCENE_NETWORKS);
	recorded_events_free(&r);
}

static void a_box_that_is_not_known_has_none(void)
{
	static const char line[] = "{\"type\":\"network\",\"t\":5,\"box\":\"cafe\",\"ipv6_lan\":\"2444:0:5::/64\"}";

	begin("2444:0:3::/64", "", "\"2444:0:3::4\"");
	CU_ASSERT_NOT_EQUAL(recorded_events_take_line(line, strlen(line), &s, &r), 0);
	recorded_events_free(&r);
}

SUITE(scene_lan, TEST(a_box_has_each_network_that_it_got), TEST(a_place_outside_is_one_with_the_new_prefix),
      TEST(there_is_an_end_of_room), TEST(a_box_that_is_not_known_has_none))
