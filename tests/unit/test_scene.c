/* Whose interface it is, and which way a packet went there, by names and addresses alone. */
#include "suite.h"
#include "trace/scene.h"

#include <stdio.h>
#include <string.h>

static struct scene s; /* too large for a stack */

static struct endpoint endpoint(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static void give(const char *node, const char *address)
{
	struct endpoint e = endpoint(address);

	scene_add_address(&s, scene_find(&s, node), &e);
}

/* A home behind nat-a, as names tell it, and a server. */
static void begin(void)
{
	static const char *const names[] = { "nat-a lan", "nat-a wan", "alice eth0", "server eth0", "eth7" };

	memset(&s, 0, sizeof s);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		CU_ASSERT_EQUAL(scene_add_interface(&s, names[i], 1), (int)i);
	give("nat-a", "203.0.113.1:9");
	give("alice", "10.0.1.2:9");
	give("server", "198.51.100.1:9");
	s.nodes[scene_find(&s, "alice")].behind = scene_find(&s, "nat-a");
	s.nodes[scene_find(&s, "server")].behind = s.nodes[scene_find(&s, "nat-a")].behind = SCENE_INTERNET;
	scene_connect(&s);
}

static struct packet from_to(const char *src, const char *dst)
{
	return (struct packet){ .kind = PACKET_IP, .ip = { .src = endpoint(src), .dst = endpoint(dst) } };
}

static char direction(unsigned interface, const char *src, const char *dst)
{
	struct packet p = from_to(src, dst);

	return "?<>"[scene_direction(&s, interface, PCAPNG_DIRECTION_UNKNOWN, &p)];
}

static void names_tell_whose_it_is(void)
{
	begin();
	CU_ASSERT_EQUAL(s.node_count, 4);
	CU_ASSERT_EQUAL(s.nodes[s.interfaces[0].node].kind, NODE_BOX);
	CU_ASSERT_EQUAL(s.interfaces[0].node, s.interfaces[1].node);
	CU_ASSERT_EQUAL(s.interfaces[0].side, SCENE_LAN_SIDE);
	CU_ASSERT_EQUAL(s.interfaces[1].side, SCENE_WAN_SIDE);
	CU_ASSERT_EQUAL(s.interfaces[2].side, SCENE_HOST_SIDE);
	CU_ASSERT_EQUAL(s.nodes[s.interfaces[2].node].kind, NODE_HOST);
	CU_ASSERT_EQUAL(s.interfaces[4].side, SCENE_ANY_SIDE);
	CU_ASSERT_STRING_EQUAL(s.nodes[s.interfaces[4].node].name, "eth7");
	CU_ASSERT_EQUAL(scene_add_interface(&s, "Ethernet 2", 1), 5); /* one name, not two words */
	CU_ASSERT_STRING_EQUAL(s.nodes[s.interfaces[5].node].name, "Ethernet 2");
	CU_ASSERT_EQUAL(scene_add_interface(&s, NULL, 1), 6);
	CU_ASSERT_STRING_EQUAL(s.interfaces[6].name, "if6");
	CU_ASSERT_EQUAL(scene_add_interface(&s, "\033[2J eth0", 1), 7);
	CU_ASSERT_PTR_NULL(strchr(s.nodes[s.interfaces[7].node].name, '\033'));
}

static void what_says_nothing_is_asked_of_addresses(void)
{
	begin();
	CU_ASSERT_EQUAL(direction(0, "10.0.1.2:1", "198.51.100.1:2"),
	                '<'); /* the lan is not known: private is inside */
	CU_ASSERT_EQUAL(direction(0, "198.51.100.1:2", "10.0.1.2:1"), '>');
	CU_ASSERT_EQUAL(direction(0, "10.0.1.2:1", "10.0.1.3:1"), '?');
	CU_ASSERT_EQUAL(direction(0, "198.51.100.1:1", "198.51.100.2:1"), '?');
	CU_ASSERT_EQUAL(direction(1, "203.0.113.1:1", "198.51.100.1:2"), '>');
	CU_ASSERT_EQUAL(direction(1, "198.51.100.1:2", "203.0.113.1:1"), '<');
	CU_ASSERT_EQUAL(direction(1, "10.0.1.2:1", "198.51.100.9:2"), '>'); /* not translated, but from behind it */
	CU_ASSERT_EQUAL(direction(1, "198.51.100.1:1", "198.51.100.9:2"), '<');
	CU_ASSERT_EQUAL(direction(1, "192.0.2.7:1", "198.51.100.9:2"), '?'); /* of nobody, to nobody */
	CU_ASSERT_EQUAL(direction(2, "10.0.1.2:1", "198.51.100.1:2"), '>');
	CU_ASSERT_EQUAL(direction(2, "198.51.100.1:2", "10.0.1.2:1"), '<');
	CU_ASSERT_EQUAL(direction(2, "198.51.100.1:2", "198.51.100.9:1"), '?');
	s.nodes[0].lan = subnet_ipv4(0x0a000100, 24);
	CU_ASSERT_EQUAL(direction(0, "10.0.1.2:1", "10.0.2.2:1"), '<'); /* now it is: another's is outside */
	CU_ASSERT_EQUAL(direction(0, "10.0.1.1:1", "10.0.1.2:1"), '>'); /* the box itself */
	CU_ASSERT_EQUAL(direction(0, "10.0.1.2:1", "10.0.1.1:1"), '<');
}

/* An interface's own link address is learned from what it sends, and then tells. */
static void link_addresses_are_learned(void)
{
	struct packet out = from_to("10.0.1.2:1", "198.51.100.1:2"), in = from_to("198.51.100.9:2", "198.51.100.8:1");

	begin();
	out.has_macs = in.has_macs = true;
	out.src_mac[5] = 1;
	in.src_mac[5] = 2;
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_DIRECTION_UNKNOWN, &in), PCAPNG_DIRECTION_UNKNOWN);
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_DIRECTION_UNKNOWN, &out), PCAPNG_OUTBOUND);
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_DIRECTION_UNKNOWN, &in), PCAPNG_INBOUND);
	in.src_mac[5] = 1;
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_DIRECTION_UNKNOWN, &in), PCAPNG_OUTBOUND);
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_INBOUND, &in), PCAPNG_INBOUND); /* what is said goes first */
	in.has_macs = false;
	CU_ASSERT_EQUAL(scene_direction(&s, 2, PCAPNG_DIRECTION_UNKNOWN, &in), PCAPNG_DIRECTION_UNKNOWN);
}

static void addresses_have_names(void)
{
	static const char *const texts[][2] = {
		{ "198.51.100.1:7000", "server:7000" },
		{ "198.51.100.2:7000", "server-2:7000" },
		{ "10.0.1.1:53", "nat-a:53" },
		{ "192.0.2.9:7", "192.0.2.9:7" },
	};
	struct endpoint bare = endpoint("192.0.2.9:7"), named = endpoint("10.0.1.2:7");
	char text[SCENE_ENDPOINT_SIZE];

	begin();
	give("server", "198.51.100.2:9");
	s.nodes[0].lan = subnet_ipv4(0x0a000100, 24);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct endpoint e = endpoint(texts[i][0]);

		CU_ASSERT_STRING_EQUAL(scene_format(&s, &e, text), texts[i][1]);
	}
	bare.port = named.port = 0;
	CU_ASSERT_STRING_EQUAL(scene_format(&s, &bare, text), "192.0.2.9");
	CU_ASSERT_STRING_EQUAL(scene_format(&s, &named, text), "alice");
}

static void there_is_an_end_of_room(void)
{
	char name[32];
	struct endpoint e;

	memset(&s, 0, sizeof s);
	for (int i = 0; i < SCENE_NODES; i++) {
		snprintf(name, sizeof name, "n%d", i);
		CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, name, SCENE_INTERNET), i);
		CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, name, SCENE_INTERNET), i); /* the same again */
	}
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, "more", SCENE_INTERNET), -1);
	for (int i = 0; i < SCENE_INTERFACES; i++)
		CU_ASSERT_EQUAL(scene_add_interface(&s, "n1 eth0", 1), i);
	CU_ASSERT_EQUAL(scene_add_interface(&s, "n1 eth0", 1), -1);
	for (unsigned i = 0; i < SCENE_ADDRESSES + 3; i++) {
		e = endpoint_ipv4(0x0a000000 + i, 5);
		scene_add_address(&s, 1, &e);
		scene_add_address(&s, 1, &e);
	}
	CU_ASSERT_EQUAL(s.nodes[1].address_count, SCENE_ADDRESSES);
	CU_ASSERT_EQUAL(s.nodes[1].addresses[0].port, 0);
}

static void stays(int node, const char *interface, uint64_t since_ns, int behind, const char *address)
{
	struct scene_stay stay = {
		.since_ns = since_ns, .behind = behind, .addresses = { endpoint(address) }, .address_count = 1
	};

	CU_ASSERT_TRUE(scene_add_stay(&s, node, interface, &stay));
}

/* A phone leaves its home for the box of a flat, which stands behind a carrier's: what it had, it had there alone. */
static void who_moves_was_behind_each(void)
{
	enum { PHONE, HOME, CARRIER, FLAT, PC, NODES };
	static const char *const names[NODES] = { "phone", "home", "carrier", "flat", "pc" };
	static const struct {
		int node, box;
		bool behind;
	} places[] = {
		{ PHONE, HOME, true },    { PHONE, FLAT, true }, { PHONE, CARRIER, true }, { PC, HOME, true },
		{ PC, CARRIER, false },   { PC, FLAT, false },   { FLAT, CARRIER, true },  { FLAT, HOME, false },
		{ CARRIER, FLAT, false }, { HOME, HOME, true },  { PHONE, PC, false },
	};
	static const struct {
		int box;
		const char *address;
		bool behind;
	} addresses[] = {
		{ HOME, "[2001:db8:1::2]:1", true },  { CARRIER, "[2001:db8:1::2]:1", false },
		{ HOME, "[2001:db8:2::2]:1", false }, { CARRIER, "[2001:db8:2::2]:1", true },
		{ FLAT, "[2001:db8:2::2]:1", true },  { HOME, "[2001:db8:1::9]:1", true }, /* the pc's */
		{ FLAT, "[2001:db8:1::9]:1", false }, { HOME, "[2001:db8:1::8]:1", false },
		{ FLAT, "10.0.7.9:1", true },         { CARRIER, "10.0.7.9:1", true }, /* in the flat's lan, nobody's */
		{ HOME, "10.0.7.9:1", false },
	};

	memset(&s, 0, sizeof s);
	for (int i = 0; i < NODES; i++)
		CU_ASSERT_EQUAL(
		    scene_add_node(&s, i == PHONE || i == PC ? NODE_HOST : NODE_BOX, names[i], SCENE_INTERNET), i);
	s.nodes[PHONE].behind = s.nodes[PC].behind = HOME;
	s.nodes[FLAT].behind = CARRIER;
	s.nodes[FLAT].lan = subnet_ipv4(0x0a000700, 24);
	give("pc", "[2001:db8:1::9]:1");
	stays(PHONE, "wlan0", 0, HOME, "[2001:db8:1::2]:1");
	stays(PHONE, "wlan0", 50, FLAT, "[2001:db8:2::2]:1");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		CU_ASSERT_EQUAL(scene_is_behind(&s, places[i].node, places[i].box), places[i].behind);
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct endpoint e = endpoint(addresses[i].address);

		CU_ASSERT_EQUAL(scene_is_address_behind(&s, addresses[i].box, &e), addresses[i].behind);
	}
	CU_ASSERT_EQUAL(scene_wire(&s, PHONE, 0, 49), HOME);
	CU_ASSERT_EQUAL(scene_wire(&s, PHONE, 0, 50), FLAT);
}

/* A node has so many interfaces; those that it has may move on as long as there is room for that. */
static void there_is_an_end_of_moving(void)
{
	struct scene_stay stay = { .behind = SCENE_INTERNET };
	char name[16];

	memset(&s, 0, sizeof s);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, "phone", SCENE_INTERNET), 0);
	for (int i = 0; i < TOPOLOGY_LINKS; i++) {
		snprintf(name, sizeof name, "eth%d", i);
		CU_ASSERT_TRUE(scene_add_stay(&s, 0, name, &stay));
		CU_ASSERT_EQUAL(scene_find_link(&s, 0, name), i);
	}
	CU_ASSERT_FALSE(scene_add_stay(&s, 0, "eth9", &stay));
	while (s.stay_count < SCENE_STAYS)
		CU_ASSERT_TRUE_FATAL(scene_add_stay(&s, 0, "eth0", &stay));
	CU_ASSERT_FALSE(scene_add_stay(&s, 0, "eth0", &stay));
	CU_ASSERT_EQUAL(s.nodes[0].link_count, TOPOLOGY_LINKS);
}

/* What a box does not translate is known on the internet: the way to it leads to the outermost box. */
static void the_way_to_who_is_behind_a_firewall(void)
{
	static const struct {
		const char *dst;
		int next; /* -1: nobody */
	} rows[] = {
		{ "[2001:db8:3000::7]:1", 1 }, /* has it on the internet */
		{ "[2600::2]:1", 2 },          /* behind the inner wall, which is behind the outer */
		{ "[fd00::2]:1", -1 },         /* no address of the internet */
		{ "[2600::3]:1", -1 },
	};

	memset(&s, 0, sizeof s);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, "server", SCENE_INTERNET), 0);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, "other", SCENE_INTERNET), 1);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_BOX, "outer", SCENE_INTERNET), 2);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_BOX, "inner", 2), 3);
	CU_ASSERT_EQUAL(scene_add_node(&s, NODE_HOST, "alice", 3), 4);
	give("other", "[2001:db8:3000::7]:1");
	give("alice", "[2600::2]:1");
	give("alice", "[fd00::2]:1");
	CU_ASSERT_EQUAL(scene_add_interface(&s, "server eth0", 1), 0);
	CU_ASSERT_EQUAL(scene_add_interface(&s, "inner lan", 1), 1);
	scene_connect(&s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct endpoint dst = endpoint(rows[i].dst);

		CU_ASSERT_EQUAL(scene_next_node(&s, 0, &dst, 1), rows[i].next);
	}
}

SUITE(scene, TEST(there_is_an_end_of_moving), TEST(who_moves_was_behind_each),
      TEST(the_way_to_who_is_behind_a_firewall), TEST(names_tell_whose_it_is),
      TEST(what_says_nothing_is_asked_of_addresses), TEST(link_addresses_are_learned), TEST(addresses_have_names),
      TEST(there_is_an_end_of_room))
