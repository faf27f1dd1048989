#include "chat/rendezvous/roster.h"

#include <sodium.h>
#include <string.h>

#define GRACE_US 1000000u /* after a login, for its first request */

/*
 * What a bucket has, and a peer for who is behind it there: the place of a peer, some of its hash, and whether nobody
 * was behind it when it came (nobody comes there later). So who is not here is hardly ever looked for in the places,
 * which with a million peers are in no cache, but in the buckets alone.
 */
#define PLACE_BITS 23
#define LINK_PLACE ((1u << PLACE_BITS) - 1)
#define LINK_IS_LAST (1u << PLACE_BITS)
#define LINK_TAG (~(LINK_PLACE | LINK_IS_LAST))
static_assert(ROSTER_MAX_PEERS <= LINK_PLACE, "every place has its number");

static size_t bucket_count(uint32_t max_peers)
{
	return 2 * (size_t)max_peers;
}

size_t roster_memory_size(uint32_t max_peers)
{
	return (max_peers + 1) * sizeof(struct roster_peer) + (bucket_count(max_peers) + max_peers) * sizeof(uint32_t);
}

void roster_init(struct roster *r, void *memory, uint32_t max_peers, const uint8_t key[ROSTER_KEY_SIZE])
{
	struct roster_peer *peers = memory;

	r->peers = peers;
	r->buckets = (uint32_t *)(void *)(peers + 1 + max_peers);
	r->names = r->buckets + bucket_count(max_peers);
	r->max_peers = max_peers;
	r->untouched = ROSTER_NONE + 1;
	shares_init(&r->shares, max_peers, key);
	memcpy(r->key, key, sizeof r->key);
}

static uint32_t hash_of(const struct roster *r, const uint8_t *bytes, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t value;

	crypto_shorthash(hash, bytes, len, r->key);
	memcpy(&value, hash, sizeof value);
	return value;
}

static uint32_t hash_of_endpoint(const struct roster *r, const struct endpoint *where)
{
	uint8_t bytes[19] = { where->address.family, (uint8_t)(where->port >> 8), (uint8_t)where->port };

	memcpy(bytes + 3, where->address.bytes, sizeof where->address.bytes);
	return hash_of(r, bytes, sizeof bytes);
}

/* One of `count`, by the upper bits of the hash. */
static size_t scaled(uint32_t hash, size_t count)
{
	return (size_t)((uint64_t)hash * count >> 32);
}

static uint32_t *bucket_of(const struct roster *r, uint32_t hash)
{
	return &r->buckets[scaled(hash, bucket_count(r->max_peers))];
}

/* By the lower bits of the hash, which are not those that choose a bucket. */
static uint32_t tag_of(uint32_t hash)
{
	return hash << (PLACE_BITS + 1);
}

static struct roster_peer *peer_in(const struct roster *r, uint32_t link)
{
	return &r->peers[link & LINK_PLACE];
}

static uint32_t link_behind(const struct roster *r, uint32_t link)
{
	return (link & LINK_IS_LAST) != 0 ? ROSTER_NONE : peer_in(r, link)->next_in_bucket;
}

static uint32_t index_of(const struct roster *r, const struct roster_peer *p)
{
	return (uint32_t)(p - r->peers);
}

static void list_append(struct roster *r, struct roster_peer *p)
{
	struct roster_list *list = &r->lists[p->state];
	uint32_t i = index_of(r, p);

	p->older = list->newest;
	p->newer = ROSTER_NONE;
	if (list->newest != ROSTER_NONE)
		r->peers[list->newest].newer = i;
	else
		list->oldest = i;
	list->newest = i;
	list->count++;
}

static void list_take_out(struct roster *r, const struct roster_peer *p)
{
	struct roster_list *list = &r->lists[p->state];

	if (p->older != ROSTER_NONE)
		r->peers[p->older].newer = p->newer;
	else
		list->oldest = p->newer;
	if (p->newer != ROSTER_NONE)
		r->peers[p->newer].older = p->older;
	else
		list->newest = p->older;
	list->count--;
}

struct roster_peer *roster_find(const struct roster *r, const struct endpoint *where)
{
	uint32_t hash = hash_of_endpoint(r, where);

	for (uint32_t link = *bucket_of(r, hash); link != ROSTER_NONE; link = link_behind(r, link))
		if ((link & LINK_TAG) == tag_of(hash) && endpoint_equal(&peer_in(r, link)->where, where))
			return peer_in(r, link);
	return NULL;
}

bool roster_is_logged_in(const struct roster_peer *p)
{
	return p->state == ROSTER_NEW || p->state == ROSTER_HERE;
}

uint32_t roster_count(const struct roster *r)
{
	return r->lists[ROSTER_NEW].count + r->lists[ROSTER_HERE].count;
}

uint32_t roster_places(const struct roster *r)
{
	return r->untouched - 1;
}

static bool has_free_place(const struct roster *r)
{
	return r->first_free != ROSTER_NONE || r->untouched <= r->max_peers;
}

/* There has to be one. */
static uint32_t take_place(struct roster *r)
{
	uint32_t place = r->first_free;

	if (place == ROSTER_NONE)
		return r->untouched++;
	r->first_free = r->peers[place].next_in_bucket;
	return place;
}

#define CACHE_LINE 64u

/* What most requests look at is in the first two lines. Nobody waits for the bucket, which tells the place. */
void roster_expect(const struct roster *r, const struct endpoint *where)
{
	const uint8_t *place = (const uint8_t *)peer_in(r, *bucket_of(r, hash_of_endpoint(r, where)));

	__builtin_prefetch(place, 1);
	__builtin_prefetch(place + CACHE_LINE, 1);
}

void roster_expect_new(const struct roster *r, const struct endpoint *where)
{
	const uint8_t *place = (const uint8_t *)&r->peers[r->first_free != ROSTER_NONE ? r->first_free : r->untouched];

	__builtin_prefetch(bucket_of(r, hash_of_endpoint(r, where)), 1);
	for (size_t at = 0; has_free_place(r) && at < sizeof *r->peers; at += CACHE_LINE)
		__builtin_prefetch(place + at, 1);
}

struct roster_peer *roster_who_makes_room(const struct roster *r, const struct endpoint *where, uint64_t now_us)
{
	struct roster_peer *gone = roster_oldest(r, ROSTER_GONE), *idle = roster_oldest(r, ROSTER_NEW);

	if (has_free_place(r) || !shares_has_room(&r->shares, &where->address))
		return NULL;
	if (gone != NULL)
		return gone;
	return idle != NULL && idle->heard_us + GRACE_US <= now_us ? idle : NULL;
}

struct roster_peer *roster_add(struct roster *r, const struct endpoint *where, uint64_t now_us)
{
	uint32_t hash = hash_of_endpoint(r, where);
	uint32_t *bucket = bucket_of(r, hash);
	struct roster_peer *p;
	uint32_t place;

	if (!has_free_place(r) || !shares_has_room(&r->shares, &where->address))
		return NULL;
	place = take_place(r);
	p = &r->peers[place];
	*p = (struct roster_peer){
		.where = *where,
		.state = ROSTER_NEW,
		.heard_us = now_us,
		.next_in_bucket = *bucket,
	};
	*bucket = place | tag_of(hash) | (*bucket == ROSTER_NONE ? LINK_IS_LAST : 0);
	shares_take(&r->shares, &where->address);
	list_append(r, p);
	return p;
}

static uint32_t *bucket_of_bytes(const struct roster *r, const uint8_t bytes[NAME_SIZE])
{
	return &r->names[scaled(hash_of(r, bytes, NAME_SIZE), r->max_peers)];
}

static uint32_t *bucket_called(const struct roster *r, const uint8_t name[NAME_SIZE])
{
	uint8_t look[NAME_SIZE];

	name_look(name, look);
	return bucket_of_bytes(r, look);
}

static bool has_name(const struct roster_peer *p)
{
	return p->card.name[0] != 0;
}

/* Where a card stands: who has no name is called by its exchange key. */
static uint32_t *bucket_of_card(const struct roster *r, const struct card *card)
{
	return card->name[0] != 0 ? bucket_called(r, card->name) : bucket_of_bytes(r, card->exchange);
}

/* The latest that is called by the name, but for one. */
static struct roster_peer *called_beside(const struct roster *r, const uint8_t name[NAME_SIZE],
                                         const struct roster_peer *but)
{
	for (uint32_t i = *bucket_called(r, name); i != ROSTER_NONE; i = r->peers[i].next_called)
		if (&r->peers[i] != but && has_name(&r->peers[i]) && name_looks_like(r->peers[i].card.name, name))
			return &r->peers[i];
	return NULL;
}

struct roster_peer *roster_called(const struct roster *r, const uint8_t name[NAME_SIZE])
{
	return called_beside(r, name, NULL);
}

bool roster_has_namesake(const struct roster *r, const struct roster_peer *p)
{
	return called_beside(r, p->card.name, p) != NULL;
}

static bool has_key(const struct roster_peer *p, const uint8_t exchange[CARD_KEY_SIZE])
{
	return !has_name(p) && memcmp(p->card.exchange, exchange, CARD_KEY_SIZE) == 0;
}

struct roster_peer *roster_with_key(const struct roster *r, const uint8_t exchange[CARD_KEY_SIZE])
{
	for (uint32_t i = *bucket_of_bytes(r, exchange); i != ROSTER_NONE; i = r->peers[i].next_called)
		if (has_key(&r->peers[i], exchange))
			return &r->peers[i];
	return NULL;
}

/* It is found by its name, or key, no longer. No chain is walked: of one name and key any number can be here. */
static void forget_name(struct roster *r, struct roster_peer *p)
{
	if (!p->is_called)
		return;
	p->is_called = false;
	if (p->previous_called != ROSTER_NONE)
		r->peers[p->previous_called].next_called = p->next_called;
	else
		*bucket_of_card(r, &p->card) = p->next_called;
	if (p->next_called != ROSTER_NONE)
		r->peers[p->next_called].previous_called = p->previous_called;
}

/*
 * A run of a program is at one address: where it was before nobody looks for it. So no chain grows, however many log in
 * with one key.
 */
static void forget_same_key(struct roster *r, const struct card *card)
{
	struct roster_peer *before = card->name[0] == 0 ? roster_with_key(r, card->exchange) : NULL;

	if (before != NULL)
		forget_name(r, before);
}

void roster_call(struct roster *r, struct roster_peer *p)
{
	uint32_t *bucket;

	if (p->is_called)
		return;
	forget_same_key(r, &p->card);
	p->is_called = true;
	bucket = bucket_of_card(r, &p->card);
	p->previous_called = ROSTER_NONE;
	p->next_called = *bucket;
	if (*bucket != ROSTER_NONE)
		r->peers[*bucket].previous_called = index_of(r, p);
	*bucket = index_of(r, p);
}

void roster_touch(struct roster *r, struct roster_peer *p, enum roster_state state, uint64_t now_us)
{
	list_take_out(r, p);
	if (state == ROSTER_GONE)
		forget_name(r, p);
	p->state = (uint8_t)state;
	p->heard_us = now_us;
	list_append(r, p);
}

static void take_out_of_bucket(struct roster *r, const struct roster_peer *p)
{
	uint32_t *link = bucket_of(r, hash_of_endpoint(r, &p->where));

	while (peer_in(r, *link) != p)
		link = &peer_in(r, *link)->next_in_bucket;
	*link = p->next_in_bucket;
}

void roster_remove(struct roster *r, struct roster_peer *p)
{
	uint32_t place = index_of(r, p);

	list_take_out(r, p);
	forget_name(r, p);
	take_out_of_bucket(r, p);
	shares_give_back(&r->shares, &p->where.address);
	*p = (struct roster_peer){ .state = ROSTER_FREE, .next_in_bucket = r->first_free };
	r->first_free = place;
}

struct roster_peer *roster_oldest(const struct roster *r, enum roster_state state)
{
	uint32_t oldest = r->lists[state].oldest;

	return oldest != ROSTER_NONE ? &r->peers[oldest] : NULL;
}

const struct roster_peer *roster_walk_some(const struct roster *r, uint32_t *at, uint32_t *places)
{
	while (*places > 0 && *at < roster_places(r)) {
		const struct roster_peer *p = &r->peers[1 + (*at)++];

		(*places)--;
		if (roster_is_logged_in(p))
			return p;
	}
	return NULL;
}

const struct roster_peer *roster_walk(const struct roster *r, uint32_t *at)
{
	uint32_t all = UINT32_MAX;

	return roster_walk_some(r, at, &all);
}
