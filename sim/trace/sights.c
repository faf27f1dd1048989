#include "trace/sights.h"

#include "trace/hash.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_WAY 40 /* routers */
#define NEARLY_ALL 20  /* one packet in so many may be somebody else's */

static void name_it(struct sighted *i, size_t number, const struct source_interface *from)
{
	i->unnamed = from->said == NULL || from->said->name[0] == '\0' || from->link_index != 0;
	if (!i->unnamed)
		snprintf(i->label, sizeof i->label, "%s", from->said->name);
	else
		snprintf(i->label, sizeof i->label, "if%zu", from->link_index != 0 ? (size_t)from->link_index : number);
}

static struct sighted *find_interface(struct sights *s, const struct source_interface *from, unsigned interface)
{
	while (s->count <= interface) {
		struct sighted *i = &s->interfaces[s->count];

		i->sights = calloc(SIGHTS, sizeof *i->sights);
		i->view = calloc(1, sizeof *i->view);
		s->count++;
		if (i->sights == NULL || i->view == NULL)
			return NULL;
	}
	if (s->interfaces[interface].packets == 0) {
		struct sighted *i = &s->interfaces[interface];

		i->source = from->source;
		i->in_file = from->in_file;
		i->link_index = from->link_index;
		i->link_type = from->said != NULL ? from->said->link_type : 0;
		name_it(i, interface, from);
	}
	return &s->interfaces[interface];
}

void sights_forget(struct sights *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->interfaces[i].sights);
		s->interfaces[i].sights = NULL;
	}
}

void sights_free(struct sights *s)
{
	sights_forget(s);
	for (size_t i = 0; i < s->count; i++) {
		free(s->interfaces[i].view);
		s->interfaces[i] = (struct sighted){ 0 };
	}
	s->count = 0;
}

static struct sight_address *find_address(struct sighted *i, const struct endpoint *e)
{
	struct sight_address *a = i->addresses;

	for (size_t k = 0; k < i->address_count; k++, a++)
		if (endpoint_same_address(&a->address, e))
			return a;
	if (i->address_count == SIGHT_ADDRESSES)
		return NULL;
	i->address_count++;
	a->address = *e;
	a->address.port = 0;
	return a;
}

/* Systems begin with one of three hop limits. Who seems to be further away than any way is long has set one himself, as
 * traceroute does: he may be here, if nobody who is surely nearer is. */
static uint8_t hops_of(uint8_t ttl)
{
	uint8_t hops = (uint8_t)(ttl <= 64 ? 64 - ttl : ttl <= 128 ? 128 - ttl : 255 - ttl);

	return hops > LONGEST_WAY ? 1 : hops;
}

static void note_addresses(struct sighted *i, const struct packet *p, enum pcapng_direction direction)
{
	struct sight_address *src = find_address(i, &p->ip.src), *dst = find_address(i, &p->ip.dst);

	if (dst != NULL)
		dst->got++;
	if (src == NULL)
		return;
	src->sent++;
	src->sent_out += direction == PCAPNG_OUTBOUND;
	i->sent_out += direction == PCAPNG_OUTBOUND;
	if (src->sent == 1 || hops_of(p->ip.ttl) < src->hops)
		src->hops = hops_of(p->ip.ttl);
	if (!src->has_mac && p->has_macs) {
		src->has_mac = true;
		memcpy(src->mac, p->src_mac, sizeof src->mac);
	}
}

/* Of two packets that fall to one place the same one stays at every interface: so samples of them meet. */
static void note_packet(struct sighted *i, const struct pcapng_packet *raw, const struct packet *p)
{
	struct sight *at = &i->sights[hash_u64(p->key) & (SIGHTS - 1)];

	if (at->key == p->key) {
		at->twice = true;
		return;
	}
	if (at->key != 0 && at->key < p->key)
		return;
	*at = (struct sight){ .key = p->key,
		              .time_ns = raw->time_ns,
		              .src = p->ip.src,
		              .dst = p->ip.dst,
		              .ttl = p->ip.ttl,
		              .has_macs = p->has_macs };
	memcpy(at->src_mac, p->src_mac, sizeof at->src_mac);
	memcpy(at->dst_mac, p->dst_mac, sizeof at->dst_mac);
}

int sights_add(struct sights *s, const struct source_interface *from, unsigned interface,
               const struct pcapng_packet *raw, const struct packet *p)
{
	struct sighted *i;

	if (interface >= SCENE_INTERFACES || from->source >= SOURCES_MAX)
		return 0;
	i = find_interface(s, from, interface);
	if (i == NULL)
		return -1;
	i->from_ns = i->packets++ == 0 || raw->time_ns < i->from_ns ? raw->time_ns : i->from_ns;
	i->to_ns = raw->time_ns > i->to_ns ? raw->time_ns : i->to_ns;
	if (p == NULL)
		return 0;
	view_add(i->view, p, raw->time_ns);
	if (p->kind != PACKET_IP || p->to_many)
		return 0;
	note_addresses(i, p, raw->direction != PCAPNG_DIRECTION_UNKNOWN ? raw->direction : p->direction);
	note_packet(i, raw, p);
	return 0;
}

void sights_common(const struct sights *s, size_t a, size_t b, sights_visit *visit, void *context)
{
	const struct sight *x = s->interfaces[a].sights, *y = s->interfaces[b].sights;

	for (size_t i = 0; i < SIGHTS; i++)
		if (x[i].key != 0 && x[i].key == y[i].key)
			visit(context, &x[i], &y[i]);
}

static bool is_better(const struct sight_address *a, const struct sight_address *best)
{
	bool private = address_scope(&a->address.address) == ADDRESS_PRIVATE;
	bool best_private = best != NULL && address_scope(&best->address.address) == ADDRESS_PRIVATE;

	if (best == NULL || (a->sent > 0) != (best->sent > 0))
		return best == NULL || a->sent > 0;
	return a->hops != best->hops ? a->hops < best->hops : private && !best_private;
}

/* What came from two routers away was sent elsewhere. */
static bool may_be_its_own(const struct sighted *i, const struct sight_address *a, bool of_host)
{
	return a->sent == 0 ? i->sent_out == 0 : (a->sent_out > 0 || i->sent_out == 0) && a->hops < (of_host ? 1 : 2);
}

const struct sight_address *sights_own(const struct sighted *i, bool of_host)
{
	const struct sight_address *best = NULL;
	uint64_t all = 0;

	for (size_t k = 0; k < i->address_count; k++)
		all += i->addresses[k].sent;
	for (size_t k = 0; k < i->address_count; k++) {
		const struct sight_address *a = &i->addresses[k];

		if (may_be_its_own(i, a, of_host) && a->sent + a->got + all / NEARLY_ALL >= all && is_better(a, best))
			best = a;
	}
	return best;
}
