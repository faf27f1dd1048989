#include "chat/rendezvous/credentials.h"
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

static struct roster_peer *who_makes_room(const struct roster *r, uint32_t i, uint64_t now_us)
{
	struct endpoint where = address(i);

	return roster_who_makes_room(r, &where, now_us);
}

static void as_many_as_there_is_room_for(void)
{
	void *memory = calloc(1, roster_memory_size(5));
	struct roster r = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 5, key);
	CU_ASSERT_PTR_NULL(roster_oldest(&r, ROSTER_NEW));
	CU_ASSERT_EQUAL(memcmp(r.key, key, sizeof key), 0); /* or whoever likes chooses addresses that collide */
	CU_ASSERT_EQUAL(memcmp(r.shares.key, key, sizeof key), 0);
	for (uint32_t i = 0; i < 5; i++) {
		CU_ASSERT_PTR_NULL(who_makes_room(&r, i, 2000000));
		CU_ASSERT_PTR_NOT_NULL(add(&r, i, i));
	}
	CU_ASSERT_PTR_NULL(add(&r, 5, 5));
	CU_ASSERT_EQUAL(roster_count(&r), 5);
	CU_ASSERT_EQUAL(walked(&r), 5);
	roster_touch(&r, find(&r, 2), ROSTER_GONE, 9);
	CU_ASSERT_EQUAL(roster_count(&r), 4);
	CU_ASSERT_EQUAL(walked(&r), 4);
	CU_ASSERT_FALSE(roster_is_logged_in(find(&r, 2)));
	free(memory);
}

/* Each server has its own, which comes from its secret alone. */
static void the_key_comes_of_the_secret(void)
{
	uint8_t secret[CREDENTIALS_SECRET_SIZE] = { 1 }, once[ROSTER_KEY_SIZE] = { 2 }, again[ROSTER_KEY_SIZE] = { 3 };

	credentials_roster_key(secret, once);
	credentials_roster_key(secret, again);
	CU_ASSERT_EQUAL(memcmp(once, again, sizeof once), 0);
	secret[CREDENTIALS_SECRET_SIZE - 1] = 1;
	credentials_roster_key(secret, again);
	CU_ASSERT_NOT_EQUAL(memcmp(once, again, sizeof once), 0);
}

/* First who is gone, then who has done nothing for longest, never who has done something. */
static void who_never_did_anything_makes_room(void)
{
	void *memory = calloc(1, roster_memory_size(5));
	struct roster r = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 5, key);
	for (uint32_t i = 0; i < 5; i++)
		add(&r, i, i);
	roster_touch(&r, find(&r, 0), ROSTER_HERE, 6);
	roster_touch(&r, find(&r, 1), ROSTER_HERE, 7);
	roster_touch(&r, find(&r, 2), ROSTER_NEW, 8); /* its login was repeated */
	CU_ASSERT_PTR_EQUAL(who_makes_room(&r, 100, 1000003), find(&r, 3));
	CU_ASSERT_PTR_NULL(who_makes_room(&r, 100, 1000002)); /* nobody for a second yet */
	roster_touch(&r, find(&r, 4), ROSTER_GONE, 9);
	for (uint32_t i = 4; i >= 2; i = i == 2 ? 0 : i == 4 ? 3 : 2) {
		struct roster_peer *p = who_makes_room(&r, 100 + i, 1000008);

		CU_ASSERT_PTR_EQUAL_FATAL(p, find(&r, i));
		roster_remove(&r, p);
		CU_ASSERT_PTR_NULL(who_makes_room(&r, 100 + i, 1000008));
		CU_ASSERT_PTR_NOT_NULL_FATAL(add(&r, 100 + i, 10));
		roster_touch(&r, find(&r, 100 + i), ROSTER_HERE, 10);
	}
	CU_ASSERT_PTR_NULL(who_makes_room(&r, 200, 2000000)); /* all have done something */
	CU_ASSERT_EQUAL(roster_count(&r), 5);
	free(memory);
}

static void the_silent_are_found_without_a_search(void)
{
	void *memory = calloc(1, roster_memory_size(4));
	struct roster r = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 4, key);
	for (uint32_t i = 0; i < 4; i++)
		roster_touch(&r, add(&r, i, i), ROSTER_HERE, i);
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_HERE), find(&r, 0));
	roster_touch(&r, find(&r, 0), ROSTER_HERE, 10);
	CU_ASSERT_PTR_EQUAL(roster_oldest(&r, ROSTER_HERE), find(&r, 1));
	roster_remove(&r, find(&r, 1));
	roster_touch(&r, find(&r, 2), ROSTER_GONE, 11);
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
	void *memory = calloc(1, roster_memory_size(ROOM));
	uint8_t here[MANY] = { 0 };
	uint32_t count = 0;
	uint32_t dice = 12345;
	struct roster r = { 0 };

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
			roster_touch(&r, find(&r, i), ROSTER_NEW, step);
		}
		CU_ASSERT_EQUAL_FATAL(roster_count(&r), count);
	}
	CU_ASSERT_EQUAL(walked(&r), count);
	for (uint64_t last = 0; roster_count(&r) > 0;) {
		struct roster_peer *oldest = roster_oldest(&r, ROSTER_NEW);

		CU_ASSERT_TRUE_FATAL(oldest->heard_us >= last);
		last = oldest->heard_us;
		roster_remove(&r, oldest);
	}
	free(memory);
}

/*
 * Each place is far away in memory. So that one is looked at shows here: all claim to be who is looked for.
 */
static void who_is_not_here_is_not_looked_for_in_the_places(void)
{
	enum { PEERS = 1000 };
	void *memory = calloc(1, roster_memory_size(PEERS));
	uint32_t looked_at = 0;
	static struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, PEERS, key);
	for (uint32_t i = 0; i < PEERS; i++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(roster_add(&r, &(struct endpoint){ address_ipv4(i * 256), 5 }, i));
	for (uint32_t i = 0; i < PEERS; i++) {
		for (uint32_t place = 1; place <= PEERS; place++)
			r.peers[place].where = address(i);
		looked_at += find(&r, i) != NULL;
	}
	CU_ASSERT_TRUE(looked_at < PEERS / 100);
	free(memory);
}

/* How many of the ports of that address find a place. */
static uint32_t places_for_all_ports_of(struct roster *r, uint32_t host)
{
	uint32_t found = 0;

	for (uint32_t port = 1; port < 65536; port++) {
		struct endpoint e = endpoint_ipv4(host, (uint16_t)port);

		found += roster_add(r, &e, 1) != NULL;
	}
	return found;
}

static void no_host_and_no_network_has_more_than_its_share(void)
{
	void *memory = calloc(1, roster_memory_size(65536));
	struct endpoint neighbour = endpoint_ipv4(0x0a0000ff, 9), next = endpoint_ipv4(0x0a000100, 9);
	struct endpoint six = { .address = { ADDRESS_IPV6, { 0x20, 1, 0x0d, 0xb8 } } };
	static struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 65536, key);
	for (uint32_t host = 0; host < 16; host++)
		CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000000 + host), 512);
	CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000010), 0); /* the /24 has its 8,192 */
	CU_ASSERT_PTR_NULL(roster_add(&r, &neighbour, 2));
	CU_ASSERT_PTR_NULL(roster_who_makes_room(&r, &neighbour, 2000000));
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &next, 2));
	roster_remove(&r, roster_find(&r, &(struct endpoint){ .address = address_ipv4(0x0a000000), .port = 7 }));
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &neighbour, 3)); /* a place was given back */
	for (uint32_t i = 0; i <= 512; i++) {                  /* all of a /64 is one host */
		six.address.bytes[15] = (uint8_t)i;
		six.port = (uint16_t)(1 + i);
		CU_ASSERT_EQUAL(roster_add(&r, &six, 4) != NULL, i < 512);
	}
	for (uint32_t i = 512; i <= 8192; i++) { /* and a /56 one network */
		six.address.bytes[7] = (uint8_t)(i / 512);
		six.port = (uint16_t)(1 + i);
		CU_ASSERT_EQUAL(roster_add(&r, &six, 4) != NULL, i < 8192);
	}
	six.address.bytes[6] = 1;
	CU_ASSERT_PTR_NOT_NULL(roster_add(&r, &six, 4));
	free(memory);
}

/* A small roster is anybody's, but for one host alone. */
static void of_a_small_roster_one_may_have_256(void)
{
	void *memory = calloc(1, roster_memory_size(1000));
	static struct roster r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 1000, key);
	CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000000), 256);
	CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000001), 256);
	CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000002), 256);
	CU_ASSERT_EQUAL(places_for_all_ports_of(&r, 0x0a000003), 232);
	free(memory);
}

/* Of more addresses of our own than there are numbers, the rest is "any". */
static void doors_have_numbers(void)
{
	struct doors d = { .count = 0 };
	struct endpoint any = endpoint_ipv4(0, 5000), many;

	for (uint32_t i = 1; i < 300; i++) {
		uint8_t number;

		many = endpoint_ipv4(0x0a000000 + i, 5000);
		number = doors_number(&d, &many);
		CU_ASSERT_TRUE(endpoint_equal(&d.list[number], number < DOORS_MAX - 2 ? &many : &any));
		CU_ASSERT_EQUAL(doors_number(&d, &many), number);
	}
	many = endpoint_ipv4(0x0a000001, 5000);
	CU_ASSERT_EQUAL(doors_number(&d, &many), 0);
	many = (struct endpoint){ .address = { ADDRESS_IPV6, { 0x20, 1 } }, .port = 5000 };
	CU_ASSERT_EQUAL(doors_number(&d, &many), DOORS_MAX - 1);
	CU_ASSERT_EQUAL(d.count, DOORS_MAX);
}

static struct roster_peer *add_with_key(struct roster *r, uint32_t i, uint8_t exchange, const char *name)
{
	struct roster_peer *p = add(r, i, i);

	if (p == NULL)
		abort();
	memset(p->card.exchange, exchange, sizeof p->card.exchange);
	name_pad(name, p->card.name);
	roster_call(r, p);
	return p;
}

/* How many stand in all the chains together. */
static uint32_t called(const struct roster *r)
{
	uint32_t count = 0;

	for (uint32_t b = 0; b < r->max_peers; b++)
		for (uint32_t i = r->names[b]; i != ROSTER_NONE; i = r->peers[i].next_called)
			count++;
	return count;
}

/* Where a run was before nobody looks for it, and it takes no place there: one key does not make a chain long. */
static void who_has_no_name_is_found_by_its_key(void)
{
	uint8_t seven[CARD_KEY_SIZE], eight[CARD_KEY_SIZE], bob[NAME_SIZE];
	void *memory = calloc(1, roster_memory_size(64));
	struct roster_peer *latest = NULL, *named, *other;
	struct roster r = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 64, key);
	memset(seven, 7, sizeof seven);
	memset(eight, 8, sizeof eight);
	name_pad("bob", bob);
	CU_ASSERT_PTR_NULL(roster_with_key(&r, seven));
	other = add_with_key(&r, 0, 8, "");
	named = add_with_key(&r, 1, 7, "bob"); /* is found by the name alone */
	CU_ASSERT_PTR_NULL(roster_with_key(&r, seven));
	for (uint32_t i = 2; i < 60; i++)
		latest = add_with_key(&r, i, 7, "");
	CU_ASSERT_EQUAL(called(&r), 3);
	CU_ASSERT_PTR_EQUAL(roster_with_key(&r, seven), latest);
	CU_ASSERT_PTR_EQUAL(roster_with_key(&r, eight), other);
	CU_ASSERT_PTR_EQUAL(roster_called(&r, bob), named);
	roster_remove(&r, find(&r, 2)); /* one that stands there no longer */
	CU_ASSERT_PTR_EQUAL(roster_with_key(&r, seven), latest);
	roster_touch(&r, latest, ROSTER_GONE, 100);
	CU_ASSERT_PTR_NULL(roster_with_key(&r, seven));
	CU_ASSERT_EQUAL(called(&r), 2);
	roster_remove(&r, latest);
	roster_remove(&r, other);
	CU_ASSERT_PTR_NULL(roster_with_key(&r, eight));
	CU_ASSERT_PTR_EQUAL(roster_called(&r, bob), named);
	free(memory);
}

/*
 * Who goes is taken out between its neighbours, however many have the same name and key: a walk would not come so far
 * here, as the chain ends behind the latest.
 */
static void who_goes_is_not_looked_for_among_its_namesakes(void)
{
	enum { PEERS = 100 };
	void *memory = calloc(1, roster_memory_size(PEERS));
	static struct roster r;
	struct roster_peer *latest;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, PEERS, key);
	for (uint32_t i = 0; i < PEERS; i++)
		add_with_key(&r, i, 7, "bob");
	latest = find(&r, PEERS - 1);
	latest->next_called = ROSTER_NONE;
	roster_touch(&r, find(&r, 50), ROSTER_GONE, PEERS);
	CU_ASSERT_PTR_EQUAL(&r.peers[find(&r, 51)->next_called], find(&r, 49));
	roster_remove(&r, find(&r, 49));
	CU_ASSERT_PTR_EQUAL(&r.peers[find(&r, 51)->next_called], find(&r, 48));
	roster_remove(&r, find(&r, 0)); /* the first that came is the last of the chain */
	CU_ASSERT_EQUAL(find(&r, 1)->next_called, ROSTER_NONE);
	free(memory);
}

/* The latest of those that are here and called by that name; NULL for none. */
static struct roster_peer *latest_of(const struct roster *r, const struct roster_peer *const by_age[], uint32_t count,
                                     const char *name)
{
	uint8_t padded[NAME_SIZE];

	name_pad(name, padded);
	for (uint32_t i = count; i-- > 0;)
		if (by_age[i] != NULL && by_age[i]->is_called && memcmp(by_age[i]->card.name, padded, NAME_SIZE) == 0)
			return &r->peers[by_age[i] - r->peers];
	return NULL;
}

/* Whoever goes, whether by logout or not, and in whatever order, the others of a name are found as they were. */
static void names_are_found_whoever_goes(void)
{
	enum { ROOM = 64, STEPS = 4000 };
	static const char *const names[] = { "ann", "bob", "carol" };
	static const struct roster_peer *by_age[STEPS];
	void *memory = calloc(1, roster_memory_size(ROOM));
	uint32_t dice = 4711, here = 0;
	struct roster r = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, ROOM, key);
	for (uint32_t step = 0; step < STEPS; step++) {
		uint8_t name[NAME_SIZE];
		uint32_t who;

		dice = dice * 1664525u + 1013904223u;
		who = step > 0 ? (dice >> 8) % step : 0;
		who = step > ROOM ? step - 1 - who % ROOM : who;
		if (roster_count(&r) < ROOM / 2 && r.lists[ROSTER_GONE].count < ROOM / 2) {
			by_age[step] = add_with_key(&r, step, 7, names[(dice >> 4) % 3]);
			here++;
		}
		if (by_age[who] != NULL && (dice & 0x100) != 0) {
			here -= by_age[who]->is_called;
			roster_touch(&r, &r.peers[by_age[who] - r.peers], ROSTER_GONE, step);
		} else if (by_age[who] != NULL) {
			here -= by_age[who]->is_called;
			roster_remove(&r, &r.peers[by_age[who] - r.peers]);
			by_age[who] = NULL;
		}
		CU_ASSERT_EQUAL_FATAL(called(&r), here);
		for (unsigned i = 0; i < 3; i++) {
			name_pad(names[i], name);
			CU_ASSERT_PTR_EQUAL_FATAL(roster_called(&r, name), latest_of(&r, by_age, step + 1, names[i]));
		}
	}
	free(memory);
}

/* Most places of a roster can be empty, and a walk is to take no longer for it than it is given. */
static void a_walk_can_be_gone_on_with(void)
{
	void *memory = calloc(1, roster_memory_size(10));
	struct roster r = { 0 };
	uint32_t at = 0, places = 4;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	roster_init(&r, memory, 10, key);
	for (uint32_t i = 0; i < 6; i++)
		CU_ASSERT_PTR_NOT_NULL(add(&r, i, i));
	for (uint32_t i = 1; i < 5; i++)
		roster_remove(&r, find(&r, i));
	CU_ASSERT_PTR_EQUAL(roster_walk_some(&r, &at, &places), find(&r, 0));
	CU_ASSERT_EQUAL(places, 3);
	CU_ASSERT_PTR_NULL(roster_walk_some(&r, &at, &places));
	CU_ASSERT_EQUAL(places, 0);
	places = 4;
	CU_ASSERT_PTR_EQUAL(roster_walk_some(&r, &at, &places), find(&r, 5));
	CU_ASSERT_PTR_NULL(roster_walk_some(&r, &at, &places));
	CU_ASSERT_TRUE(places > 0); /* it was the end */
	free(memory);
}

SUITE(roster, TEST(a_walk_can_be_gone_on_with), TEST(the_key_comes_of_the_secret),
      TEST(who_goes_is_not_looked_for_among_its_namesakes), TEST(names_are_found_whoever_goes),
      TEST(who_has_no_name_is_found_by_its_key), TEST(no_host_and_no_network_has_more_than_its_share),
      TEST(of_a_small_roster_one_may_have_256), TEST(as_many_as_there_is_room_for),
      TEST(who_never_did_anything_makes_room), TEST(the_silent_are_found_without_a_search),
      TEST(it_agrees_with_a_plain_table), TEST(who_is_not_here_is_not_looked_for_in_the_places),
      TEST(doors_have_numbers))
