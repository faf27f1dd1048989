/* Who has a place in the table of paths, and who gives way. */
#include "chat/peer/paths.h"
#include "suite.h"

#include <string.h>

static struct paths paths;

static struct endpoint ipv6(uint8_t network, uint8_t host)
{
	struct endpoint e = { .address.family = ADDRESS_IPV6,
		              .address.bytes = { 0x20, 0x01, 0x0d, 0xb8 },
		              .port = 1000 };

	e.address.bytes[7] = network;
	e.address.bytes[15] = host;
	return e;
}

/* Every place is taken by a path of that state, begun at that time and later. */
static void fill(enum path_state state)
{
	paths.end = PATHS_MAX;
	for (uint32_t i = 0; i < PATHS_MAX; i++)
		paths.list[i] = (struct path){
			.state = state, .peer = endpoint_ipv4(0xc6336400 + i, 9), .name = "bob", .begun_us = 1000 + i
		};
}

static void all_of_an_ipv6_network_is_one_neighbour(void)
{
	struct endpoint e;

	memset(&paths, 0, sizeof paths);
	for (uint8_t i = 0; i < PATHS_PER_ADDRESS; i++) {
		struct path *p;

		e = ipv6(1, i);
		p = paths_place_for_asker(&paths, &e);
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		*p = (struct path){ .state = PATH_PUNCHING, .peer = e };
	}
	e = ipv6(1, 100);
	CU_ASSERT_PTR_NULL(paths_place_for_asker(&paths, &e));
	e = ipv6(2, 100);
	CU_ASSERT_PTR_NOT_NULL(paths_place_for_asker(&paths, &e));
	e = ipv6(1, 3); /* has its place already */
	CU_ASSERT_PTR_NOT_NULL(paths_place_for_asker(&paths, &e));
	paths_to(&paths, &e)->wanted = true; /* is not counted any more */
	e = ipv6(1, 100);
	CU_ASSERT_PTR_NOT_NULL(paths_place_for_asker(&paths, &e));
}

/* They ask for all they can, and are punched to. */
static void eight_addresses_do_not_fill_the_table(void)
{
	struct endpoint honest = endpoint_ipv4(0xcb007101, 9);
	unsigned taken = 0;

	memset(&paths, 0, sizeof paths);
	for (uint32_t i = 0; i < 8 * 100; i++) {
		struct endpoint e = endpoint_ipv4(0x0a000000 + i % 8, (uint16_t)(1 + i));
		struct path *p = paths_place_for_asker(&paths, &e);

		if (p != NULL)
			*p = (struct path){ .state = ++taken % 2 == 0 ? PATH_PUNCHING : PATH_OPEN, .peer = e };
	}
	CU_ASSERT_EQUAL(taken, 8 * PATHS_PER_ADDRESS);
	CU_ASSERT_PTR_NOT_NULL(paths_place_for_asker(&paths, &honest));
	honest = paths.list[0].peer;
	honest.port = 9999;
	CU_ASSERT_PTR_NULL(paths_place_for_asker(&paths, &honest));
	paths.list[0].text_heard = 1; /* somebody talks there: another of that address may come */
	CU_ASSERT_PTR_NOT_NULL(paths_place_for_asker(&paths, &honest));
}

/* The place a new path of the user's gets; its path has ended. */
static struct path *taken(void)
{
	static struct effects fx;
	struct endpoint e = endpoint_ipv4(0xc0000201, 9);
	struct event event;
	struct path *p = paths_place_for_user(&paths, &fx, &e, 9000);

	if (p == NULL)
		return NULL;
	CU_ASSERT_TRUE(eventq_take(&fx.events, &event));
	CU_ASSERT_EQUAL(event.reason, REASON_TOO_MANY_PATHS);
	CU_ASSERT_EQUAL(memcmp(event.name, "bob", 4), 0); /* it is in no table any more that could tell */
	return p;
}

static void what_the_user_wants_gives_way_to_nobody(void)
{
	fill(PATH_PUNCHING);
	paths.list[0].wanted = true;
	paths.list[1].begun_us = 5000;
	CU_ASSERT_PTR_EQUAL(taken(), &paths.list[2]);
	CU_ASSERT_EQUAL(paths.list[2].state, PATH_FREE);
	fill(PATH_OPEN);
	paths.list[0].wanted = true;
	paths.list[1].text_heard = 1; /* somebody talks there */
	CU_ASSERT_PTR_EQUAL(taken(), &paths.list[2]);
	fill(PATH_OPEN);
	paths.list[7].state = PATH_PUNCHING;
	CU_ASSERT_PTR_EQUAL(taken(), &paths.list[7]);
	fill(PATH_CLOSING);
	CU_ASSERT_PTR_NULL(taken());
}

static void the_path_down_longest_makes_room(void)
{
	struct endpoint e = endpoint_ipv4(0xc0000201, 9);

	fill(PATH_OPEN);
	CU_ASSERT_PTR_NULL(paths_place(&paths, &e));
	paths.list[5] = (struct path){ .state = PATH_DOWN, .peer = paths.list[5].peer, .started_us = 70 };
	paths.list[6] = (struct path){ .state = PATH_DOWN, .peer = paths.list[6].peer, .started_us = 60 };
	paths.list[7] = (struct path){ .state = PATH_DOWN, .peer = paths.list[7].peer, .started_us = 80 };
	CU_ASSERT_PTR_EQUAL(paths_place(&paths, &e), &paths.list[6]);
	CU_ASSERT_EQUAL(paths.list[6].state, PATH_FREE);
}

SUITE(paths, TEST(all_of_an_ipv6_network_is_one_neighbour), TEST(eight_addresses_do_not_fill_the_table),
      TEST(what_the_user_wants_gives_way_to_nobody), TEST(the_path_down_longest_makes_room))
