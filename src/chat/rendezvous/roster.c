#include "chat/rendezvous/roster.h"

#include <sodium.h>
#include <string.h>

static uint32_t bucket_count(uint32_t max_peers)
{
	uint32_t count = 1;

	while (count < max_peers)
		count *= 2;
	return count;
}

size_t roster_memory_size(uint32_t max_peers)
{
	return max_peers * sizeof(struct roster_peer) + bucket_count(max_peers) * sizeof(uint32_t);
}

void roster_init(struct roster *r, void *memory, uint32_t max_peers, const uint8_t key[ROSTER_KEY_SIZE])
{
	uint32_t buckets = bucket_count(max_peers);
	struct roster_peer *peers = memory;

	*r = (struct roster){
		.peers = peers,
		.buckets = (uint32_t *)(void *)(peers + max_peers),
		.max_peers = max_peers,
		.bucket_mask = buckets - 1,
		.first_free = ROSTER_NONE,
		.here = { .oldest = ROSTER_NONE, .newest = ROSTER_NONE },
		.gone = { .oldest = ROSTER_NONE, .newest = ROSTER_NONE },
	};
	memcpy(r->key, key, sizeof r->key);
	for (uint32_t i = 0; i < buckets; i++)
		r->buckets[i] = ROSTER_NONE;
}

#define SHARE_MIN 1024u /* of a small roster a network may have as much as all */

static uint32_t hash_of(const struct roster *r, const uint8_t *bytes, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t value;

	crypto_shorthash(hash, bytes, len, r->key);
	memcpy(&value, hash, sizeof value);
	return value;
}

/* How many places the network of that address has. */
static uint32_t *held_by_network(struct roster *r, const struct endpoint *where)
{
	size_t len = where->address.family == ADDRESS_IPV4 ? 3 : 7;

	return &r->held[hash_of(r, where->address.bytes, len) % ROSTER_NETWORKS];
}

static bool network_has_its_share(struct roster *r, const struct endpoint *where)
{
	uint32_t share = r->max_peers / 8;

	return share >= SHARE_MIN && *held_by_network(r, where) >= share;
}

static uint32_t *bucket_of(const struct roster *r, const struct endpoint *where)
{
	uint8_t bytes[19] = { where->address.family, (uint8_t)(where->port >> 8), (uint8_t)where->port };

	memcpy(bytes + 3, where->address.bytes, sizeof where->address.bytes);
	return &r->buckets[hash_of(r, bytes, sizeof bytes) & r->bucket_mask];
}

static uint32_t index_of(const struct roster *r, const struct roster_peer *p)
{
	return (uint32_t)(p - r->peers);
}

static struct roster_list *list_of(struct roster *r, const struct roster_peer *p)
{
	return p->state == ROSTER_HERE ? &r->here : &r->gone;
}

static void list_append(struct roster *r, struct roster_peer *p)
{
	struct roster_list *list = list_of(r, p);
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
	struct roster_list *list = list_of(r, p);

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
	for (uint32_t i = *bucket_of(r, where); i != ROSTER_NONE; i = r->peers[i].next_in_bucket)
		if (endpoint_equal(&r->peers[i].where, where))
			return &r->peers[i];
	return NULL;
}

/* A place that nobody has, or ROSTER_NONE. */
static uint32_t take_place(struct roster *r)
{
	uint32_t place = r->first_free;

	if (place != ROSTER_NONE) {
		r->first_free = r->peers[place].next_in_bucket;
		return place;
	}
	return r->untouched < r->max_peers ? r->untouched++ : ROSTER_NONE;
}

struct roster_peer *roster_add(struct roster *r, const struct endpoint *where, uint64_t now_us)
{
	uint32_t *bucket = bucket_of(r, where);
	uint32_t place;
	struct roster_peer *p;

	if (network_has_its_share(r, where))
		return NULL;
	place = take_place(r);
	if (place == ROSTER_NONE && r->gone.count > 0) {
		roster_remove(r, &r->peers[r->gone.oldest]);
		place = take_place(r);
	}
	if (place == ROSTER_NONE)
		return NULL;
	p = &r->peers[place];
	*p = (struct roster_peer){
		.where = *where,
		.state = ROSTER_HERE,
		.heard_us = now_us,
		.next_in_bucket = *bucket,
	};
	*bucket = place;
	++*held_by_network(r, where);
	list_append(r, p);
	return p;
}

void roster_touch(struct roster *r, struct roster_peer *p, uint64_t now_us)
{
	list_take_out(r, p);
	p->heard_us = now_us;
	list_append(r, p);
}

void roster_leave(struct roster *r, struct roster_peer *p, uint64_t now_us)
{
	list_take_out(r, p);
	p->state = ROSTER_GONE;
	p->heard_us = now_us;
	list_append(r, p);
}

void roster_remove(struct roster *r, struct roster_peer *p)
{
	uint32_t *link = bucket_of(r, &p->where);
	uint32_t place = index_of(r, p);

	list_take_out(r, p);
	while (*link != place)
		link = &r->peers[*link].next_in_bucket;
	*link = p->next_in_bucket;
	--*held_by_network(r, &p->where);
	*p = (struct roster_peer){ .state = ROSTER_FREE, .next_in_bucket = r->first_free };
	r->first_free = place;
}

struct roster_peer *roster_oldest(const struct roster *r, enum roster_state state)
{
	uint32_t oldest = state == ROSTER_HERE ? r->here.oldest : r->gone.oldest;

	return oldest != ROSTER_NONE ? &r->peers[oldest] : NULL;
}

const struct roster_peer *roster_walk(const struct roster *r, uint32_t *at)
{
	while (*at < r->untouched) {
		const struct roster_peer *p = &r->peers[(*at)++];

		if (p->state == ROSTER_HERE)
			return p;
	}
	return NULL;
}
