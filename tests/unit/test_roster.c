#include "chat/rendezvous/roster.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t key[ROSTER_KEY_SIZE] = { 1, 2, 3 };

static struct endpoint address(uint32_t i)
{
	return endpoint_ipv4(0x0a000000 + i / 50000, (uint16_t)(1 + i % 50000));
}

static struct roster_peer *add(struct roster *r, uint32_t i, uint64_t now_us)
{
	struct endpoint where = address(i);

	return roster_add(r, &where, now_us);
}

static struct roster_peer *find(const struct roster *r, uint32_t i)
{
	struct endpoint where = address(i);

	return roster_find(r, &where);
}

static uint32_t walked(const struct roster *r)
{
	uint32_t at = 0;
	uint32_t count = 0;

	while (roster_walk(r, &at) != NULL)
		count++;
	return count;
}

static void as_many_as_there_is_room_for(void)
{
	void *memory = malloc(roster_memory_size(5));
	struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 5, key);
	CU_ASSERT_PTR_NULL(roster_oldest(&r, ROSTER_HERE));
	CU_ASSERT_EQUAL(memcmp(r.key, key, sizeof key), 0); /* or whoever likes chooses addresses that collide */
	for (uint32_t i = 0; i < 5; i++)
		CU_ASSERT_PTR_NOT_NULL(add(&r, i, i));
	CU_ASSERT_PTR_NULL(add(&r, 5, 5));
	CU_ASSERT_EQUAL(r.here.count, 5);
	CU_ASSERT_EQUAL(walked(&r), 5);
	roster_leave(&r, find(&r, 2), 9);
	CU_ASSERT_EQUAL(walked(&r), 4);
	CU_ASSERT_EQUAL(find(&r, 2)->state, ROSTER_GONE);
	CU_ASSERT_PTR_NOT_NULL(add(&r, 5, 10)); /* who is gone makes room */
	CU_ASSERT_PTR_NULL(find(&r, 2));
	CU_ASSERT_PTR_NULL(add(&r, 6, 10));
	free(memory);
}

static void the_silent_are_found_without_a_search(void)
{
	void *memory = malloc(roster_memory_size(4));
	struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 4, key);
	for (uint32_t i = 0; i < 4; i++)
		add(&r, i, i);
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_HERE), find(&r, 0));
	roster_touch(&r, find(&r, 0), 10);
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_HERE), find(&r, 1));
	roster_remove(&r, find(&r, 1));
	roster_leave(&r, find(&r, 2), 11);
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_HERE), find(&r, 3));
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_GONE), find(&r, 2));
	roster_remove(&r, find(&r, 3));
	roster_remove(&r, find(&r, 0));
	CU_ASSERT_PTR_NULL(roster_oldest(&r, ROSTER_HERE));
	roster_remove(&r, find(&r, 2));
	CU_ASSERT_PTR_NULL(roster_oldest(&r, ROSTER_GONE));
	CU_ASSERT_EQUAL(walked(&r), 0);
	free(memory);
}

/* Against a plain table, with peers that come, go and are touched at random. */
static void it_agrees_with_a_plain_table(void)
{
	enum { MANY = 300, ROOM = 200 };
	void *memory = malloc(roster_memory_size(ROOM));
	uint8_t here[MANY] = { 0 };
	uint32_t count = 0;
	uint32_t dice = 12345;
	struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, ROOM, key);
	for (uint32_t step = 0; step < 20000; step++) {
		uint32_t i;

		dice = dice * 1664525u + 1013904223u;
		i = (dice >> 8) % MANY;
		CU_ASSERT_EQUAL_FATAL(find(&r, i) != NULL, here[i]);
		if (!here[i]) {
			bool added = add(&r, i, step) != NULL;

			CU_ASSERT_EQUAL_FATAL(added, count < ROOM);
			here[i] = added;
			count += added;
		} else if (dice & 0x80) {
			roster_remove(&r, find(&r, i));
			here[i] = 0;
			count--;
		} else {
			roster_touch(&r, find(&r, i), step);
		}
		CU_ASSERT_EQUAL_FATAL(r.here.count, count);
	}
	CU_ASSERT_EQUAL(walked(&r), count);
	for (uint64_t last = 0; r.here.count > 0;) {
		struct roster_peer *oldest = roster_oldest(&r, ROSTER_HERE);

		CU_ASSERT_TRUE_FATAL(oldest->heard_us >= last);
		last = oldest->heard_us;
		roster_remove(&r, oldest);
	}
	free(memory);
}

/* One host has 64,000 ports; two of them leave room for others all the same. */
static void a_network_has_no_more_than_its_share(void)
{
	void *memory = malloc(roster_memory_size(65536));
	struct endpoint honest = endpoint_ipv4(0xc6336401, 1000), neighbour = endpoint_ipv4(0x0a0000ff, 9);
	struct endpoint next = endpoint_ipv4(0x0a000100, 9);
	struct endpoint six = { .address = { ADDRESS_IPV6, { 0x20, 1, 0x0d, 0xb8, 0, 0, 0 } } };
	struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 65536, key);
	for (uint32_t host = 0; host < 2; host++)
		for (uint32_t port = 1; port < 65536; port++) {
			struct endpoint e = endpoint_ipv4(0x0a000000 + host * 65536, (uint16_t)port);

			CU_ASSERT_EQUAL(roster_add(&r, &e, 1) != NULL, port <= 8192);
		}
	CU_ASSERT_EQUAL(r.here.count, 2 * 8192);
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &honest, 2));
	CU_ASSERT_PTR_NULL(roster_add(&r, &neighbour, 2)); /* of the same /24 */
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &next, 2));
	roster_remove(&r, roster_find(&r, &(struct endpoint){ .address = address_ipv4(0x0a000000), .port = 7 }));
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &neighbour, 3)); /* a place was given back */
	for (uint32_t i = 1; i <= 8193; i++) {                 /* one /56: its last byte counts for nothing */
		six.address.bytes[7] = (uint8_t)i;
		six.port = (uint16_t)i;
		CU_ASSERT_EQUAL(roster_add(&r, &six, 4) != NULL, i <= 8192);
	}
	six.address.bytes[6] = 1;
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &six, 4));
	free(memory);
	memory = malloc(roster_memory_size(8191)); /* a small one is anybody's */
	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 8191, key);
	for (uint32_t i = 0; i < 8191; i++)
		CU_ASSERT_PTR_NOT_NULL(add(&r, i, 1));
	free(memory);
}

SUITE(roster, TEST(a_network_has_no_more_than_its_share), TEST(as_many_as_there_is_room_for),
      TEST(the_silent_are_found_without_a_search), TEST(it_agrees_with_a_plain_table))
